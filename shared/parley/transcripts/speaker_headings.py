"""Formats in which the speaker stands on a line of its own, above what was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator


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
