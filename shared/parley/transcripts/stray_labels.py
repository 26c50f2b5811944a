"""Find the titles, banners and footers that look like `Name: text` but are no part of the talk.

CAUTION: This mail comes from outside.     once, apart, above the talk

Ann: Hello.                                the talk: from the first to the last line
Bob: Hi.                                   of those who speak more than once
Ann: Let us begin.

Confidentiality Notice: For you alone.     once, apart, below the talk
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from parley.transcripts.label_words import NOTICES
from parley.transcripts.line_parser import Line

_FEW_SPOKEN = 2
_FEW_BETWEEN = 2
_ACRONYM = 2
_SPACED = 5


class _Talk(NamedTuple):
    """`spaced`: blank lines stand between some statements; `wrapped`: many statements take several lines."""

    first: int
    last: int
    spaced: bool
    wrapped: bool
    capitals: bool


def stray_labels(lines: Sequence[Line], names: Collection[str]) -> frozenset[int]:
    """The numbers of the lines that begin with a name of `names` and stand apart from the talk."""
    found = [
        n for n, line in enumerate(lines) if not line.indent and line.prefix in names and not line.speaker
    ]
    counts = Counter(lines[n].prefix for n in found)
    talk = _talk(lines, found, counts)
    if talk is None:
        return frozenset()
    once = (n for n in found if counts[lines[n].prefix] == 1 and not talk.first <= n <= talk.last)
    return frozenset(n for n in once if _is_apart(lines, n, talk))


def _talk(lines: Sequence[Line], found: Sequence[int], counts: Counter[str | None]) -> _Talk | None:
    certain = {n for n, line in enumerate(lines) if line.speaker or line.stamp}
    core = sorted(certain.union(n for n in found if counts[lines[n].prefix] > 1)) or _longest_run(
        lines, found
    )
    if len(core) < _FEW_SPOKEN:
        return None
    between = [lines[a + 1 : b] for a, b in pairwise(core)]
    blanks = sum(1 for gap in between if any(not line.text for line in gap))
    wraps = sum(1 for gap in between if any(line.text for line in gap))
    capitals = all((lines[n].prefix or "").isupper() for n in core)
    return _Talk(core[0], core[-1], blanks * _SPACED >= len(between), wraps * 3 >= len(between), capitals)


def _longest_run(lines: Sequence[Line], found: Sequence[int]) -> list[int]:
    """Of labels that stand in one paragraph: where nobody speaks twice, these are the talk."""
    runs: list[list[int]] = []
    for n in found:
        if runs and all(line.text for line in lines[runs[-1][-1] : n]):
            runs[-1].append(n)
        else:
            runs.append([n])
    return max(runs, key=len, default=[])


def _is_apart(lines: Sequence[Line], number: int, talk: _Talk) -> bool:
    name = lines[number].prefix or ""
    if _is_notice(name, talk):
        return True
    gap = lines[number + 1 : talk.first] if number < talk.first else lines[talk.last + 1 : number]
    others = sum(1 for line in gap if line.text and not line.prefix)
    if not talk.spaced and any(not line.text for line in gap):
        return True
    # Lines without a name above the talk are a summary; below it they may be speech.
    return number < talk.first and others >= _FEW_BETWEEN and not talk.wrapped


def _is_notice(name: str, talk: _Talk) -> bool:
    """Capitals where nobody else's name has them, brackets, or the words that notices begin with."""
    words = [word.strip("[]()*!").lower() for word in name.split()]
    shouted = name.isupper() and len(name) > _ACRONYM and not talk.capitals
    return shouted or name.startswith("[") or words[0] in NOTICES or words[-1] in NOTICES
