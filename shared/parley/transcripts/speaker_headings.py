"""Transcripts in which a line of its own names the speaker, and the words follow below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from parley.transcripts.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator


class Heading(NamedTuple):
    speaker: str | None
    start: float | None
    lines: int = 1


Matcher = Callable[[Sequence[str], int], Heading | None]


def headings(lines: Sequence[str], match: Matcher) -> int:
    """How many headings there are that words follow."""
    return sum(1 for said in statements(lines, match) if said.text.strip())


def statements(lines: Sequence[str], match: Matcher) -> Iterator[Statement]:
    """One statement a heading, up to the next heading; what stands above the first is left out."""
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
