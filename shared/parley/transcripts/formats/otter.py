"""Otter's exports and their like: `Name  0:03` (or the name, then the time), what was said below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts.speaker_headings import Heading, statements, timed_statements
from parley.transcripts.speaker_names import could_be_name
from parley.transcripts.timestamps import parse_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

_TIME = r"\d{1,3}:\d{2}(?::\d{2})?"
_AFTER = re.compile(rf"(\S[^\n]{{0,79}}?)[\s|•·,-]+[\[(]?({_TIME})[\])]?:?", re.ASCII)
_BEFORE = re.compile(rf"[\[(]?({_TIME})[\])]?[\s|•·-]+(\S[^\n]{{0,79}}?):?", re.ASCII)
_ALONE = re.compile(rf"[\[(]?({_TIME})[\])]?", re.ASCII)
_LONGEST = 120
_MOST_STAMPED = 1.2


def sniff(file: InputFile) -> bool:
    return file.is_text and bool(find_statements(file.lines))


def read(file: InputFile) -> Iterable[Statement]:
    return find_statements(file.lines) or statements(file.lines, _after)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are of this format; else an empty list."""
    return timed_statements(lines, (_after, _stacked)) or _unless_agenda(lines)


def _unless_agenda(lines: Sequence[str]) -> list[Statement]:
    """`0:03 Name` above the words; `8:30 Breakfast` with one name, or times on many other lines, is none."""
    said = timed_statements(lines, (_before,))
    stamped = sum(1 for line in lines if _ALONE.match(line.strip()))
    agenda = len({one.speaker for one in said}) == 1 or stamped > len(said) * _MOST_STAMPED
    return [] if agenda else said


def _after(lines: Sequence[str], number: int) -> Heading | None:
    line = _bare(lines[number])
    match = _AFTER.fullmatch(line) if len(line) < _LONGEST else None
    return _heading(match[1], match[2]) if match else None


def _before(lines: Sequence[str], number: int) -> Heading | None:
    line = _bare(lines[number])
    match = _BEFORE.fullmatch(line) if len(line) < _LONGEST else None
    return _heading(match[2], match[1]) if match else None


def _stacked(lines: Sequence[str], number: int) -> Heading | None:
    """The name on one line, the time alone on the next."""
    below = _ALONE.fullmatch(_bare(lines[number + 1])) if number + 1 < len(lines) else None
    found = _heading(_bare(lines[number]).rstrip(":"), below[1]) if below else None
    return found._replace(lines=2) if found else None


def _heading(name: str, time: str) -> Heading | None:
    name = name.strip().rstrip(":")
    start = parse_seconds(time)
    if start is None or _ALONE.match(name) or not could_be_name(name):
        return None
    return Heading(name, start)


def _bare(line: str) -> str:
    return line.strip().strip("*_#").strip()
