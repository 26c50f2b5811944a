"""Formats in which the speaker stands on a line of its own, above what was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_ORPHANS = 0.2


class Heading(NamedTuple):
    """`start` is in seconds; `lines` is how many lines the heading takes."""

    speaker: str | None
    start: float | None
    lines: int = 1


Matcher = Callable[[Sequence[str], int], Heading | None]


def count_headings(lines: Sequence[str], match: Matcher) -> int:
    """The number of headings with text below them."""
    return sum(1 for said in statements(lines, match) if said.text.strip())


def statements(lines: Sequence[str], match: Matcher) -> Iterator[Statement]:
    """One statement for each heading and the lines below it; lines above the first heading are left out."""
    heading: Heading | None = None
    gathered: list[str] = []
    number = 0
    while number < len(lines):
        found = match(lines, number)
        if found is None:
            gathered.append(lines[number])
            number += 1
            continue
        if heading is not None:
            yield Statement("\n".join(gathered), heading.speaker, heading.start)
        heading, gathered = found, []
        number += found.lines
    if heading is not None:
        yield Statement("\n".join(gathered), heading.speaker, heading.start)


def timed_statements(lines: Sequence[str], matchers: Sequence[Matcher]) -> list[Statement]:
    """The statements by the first kind of heading that the text uses throughout; empty where it uses none.

    The times must not fall, the names must be people's, and hardly a heading may stand above nothing.
    """
    for match in matchers:
        said = list(statements(lines, match))
        worded = [one for one in said if one.text.strip()]
        times = [one.start for one in worded if one.start is not None]
        orphans = len(said) - len(worded)
        if (
            len(worded) > 1
            and times == sorted(times)
            and orphans <= _MOST_ORPHANS * len(said)
            and _are_people([one.speaker or "" for one in worded])
        ):
            return said
    return []


def _are_people(names: Sequence[str]) -> bool:
    """Whether somebody speaks twice, or all the names look like nothing but names."""
    if len(set(names)) < len(names):
        return True
    return all(name.replace(" ", "").replace("-", "").isalpha() and name.istitle() for name in names)
