"""What the classifier sees of a sentence: its words, and its neighbours' words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_TOKEN = lazy_compile(r"[^\W_]+(?:['\-][^\W_]+)*|[?!]")
# "I will" and "I'll" are one wording.
_SHORT = {"ll": "will", "m": "am", "re": "are", "ve": "have", "d": "would"}
_MOST_TOKENS = 40
MOST_FEATURES = 250
_NEAR, _EDGE = 8, 2
_LONG_WORD, _PREFIX, _SUFFIX = 4, 4, 3
_LENGTH_STEP, _LONGEST = 4, 6


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence as the classifier takes it."""

    speaker: str | None
    tokens: tuple[str, ...]


def tokens(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Lower-case words, `?` and `!`. A participant's name is NAME, what holds a digit NUM."""
    found: list[str] = []
    for token in _TOKEN.findall(text)[:_MOST_TOKENS]:
        word = token.lower()
        head, _, tail = word.partition("'")
        if word in names or head in names:
            found.append("NAME")
            word = _SHORT.get(tail, "")
        elif not word.isalpha() and any(c.isdigit() for c in word):
            word = "NUM"
        elif tail in _SHORT:
            found.append(head)
            word = _SHORT[tail]
        if word:
            found.append(word)
    return tuple(found[:_MOST_TOKENS])


def features(talk: Sequence[Spoken], at: int, *, pair: bool) -> list[str]:
    """The features that hold of sentence `at`, each once, at most MOST_FEATURES. `pair`: two people speak."""
    spoken = talk[at]
    said = ("<", *spoken.tokens, ">")
    found = dict.fromkeys(spoken.tokens)
    found.update(dict.fromkeys(f"{a} {b}" for a, b in pairwise(said)))
    found.update(dict.fromkeys(f"{a} {b} {c}" for a, b, c in zip(said, said[1:], said[2:], strict=False)))
    for word in spoken.tokens:
        if len(word) > _LONG_WORD:
            found[f"^{word[:_PREFIX]}"] = None
            found[f"${word[-_SUFFIX:]}"] = None
    found[f"len{min(_LONGEST, len(spoken.tokens) // _LENGTH_STEP)}"] = None
    found["pair" if pair else "many"] = None
    found.update(dict.fromkeys(_before(talk, at)))
    found.update(dict.fromkeys(_after(talk, at)))
    return list(found)[:MOST_FEATURES]


def _before(talk: Sequence[Spoken], at: int) -> list[str]:
    if at == 0:
        return []
    near = talk[at - 1]
    same = near.speaker == talk[at].speaker
    mark = "P=" if same else "P/"
    return [
        "psame" if same else "pother",
        *(f"{mark}{word}" for word in near.tokens[-_NEAR:]),
        *(f"{mark}<{word}" for word in near.tokens[:_EDGE]),
    ]


def _after(talk: Sequence[Spoken], at: int) -> list[str]:
    if at + 1 == len(talk):
        return []
    near = talk[at + 1]
    same = near.speaker == talk[at].speaker
    mark = "N=" if same else "N/"
    return [
        "nsame" if same else "nother",
        *(f"{mark}{word}" for word in near.tokens[:_NEAR]),
        f"{mark}<{' '.join(near.tokens[:_EDGE])}",
    ]
