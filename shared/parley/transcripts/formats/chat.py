"""Chats copied from Slack, Teams or Discord: the name and the wall clock, what was written below.

Sarah Chen  10:00 AM        Sarah Chen          [Thursday 10:00 AM] Sarah Chen
Good afternoon.               10:00 AM          Good afternoon.
Good afternoon.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.core.lazy_regex import lazy_compile
from parley.transcripts.speaker_headings import Heading, statements, timed_statements
from parley.transcripts.speaker_names import could_be_name
from parley.transcripts.timestamps import HALF, SPACE, parse_wall_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

# A weekday, a date, or any word before "at"; a day or AM is required.
_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4},?"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun|today|yesterday)[a-z]{0,6},?"
_NAMED_DAY = rf"{_WEEKDAY}|[^\W\d]{{2,12}}{SPACE}(?:at|um|à)"
_WHEN = rf"(?:({_DATE}|{_NAMED_DAY}){SPACE}+)?(\d{{1,2}}:\d{{2}}(?::\d{{2}})?){HALF}"
_BETWEEN = rf"(?:{SPACE}{{2,}}|\t+|{SPACE}*[,|•·\u2014\u2013-]{SPACE}*|{SPACE}*[\[(]|{SPACE})"
_AFTER = lazy_compile(rf"(\S[^\n]{{0,79}}?){_BETWEEN}{_WHEN}[\])]?:?", re.IGNORECASE)
_BEFORE = lazy_compile(rf"[\[(]{_WHEN}[\])]{SPACE}*[-\u2013]?{SPACE}*(\S[^\n]{{0,79}}?):?", re.IGNORECASE)
_ALONE = lazy_compile(rf"[\[(]?{_WHEN}[\])]?", re.IGNORECASE)
_LONGEST = 160


def sniff(file: InputFile) -> bool:
    return file.is_text and bool(find_statements(file.lines))


def read(file: InputFile) -> Iterable[Statement]:
    return find_statements(file.lines) or statements(file.lines, _after)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are of this format; else an empty list."""
    return timed_statements(lines, (_after, _stacked, _before))


def _after(lines: Sequence[str], number: int) -> Heading | None:
    match = _match(_AFTER, lines[number])
    return _heading(match[1], *match.groups()[1:]) if match else None


def _before(lines: Sequence[str], number: int) -> Heading | None:
    match = _match(_BEFORE, lines[number])
    return _heading(match[4], *match.groups()[:3]) if match else None


def _stacked(lines: Sequence[str], number: int) -> Heading | None:
    """The name on one line, the time alone on the next."""
    match = _match(_ALONE, lines[number + 1]) if number + 1 < len(lines) else None
    found = _heading(lines[number].strip(), *match.groups()) if match else None
    return found._replace(lines=2) if found else None


def _match(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    line = line.strip().strip("*_").strip()
    return pattern.fullmatch(line) if len(line) < _LONGEST else None


def _heading(name: str, day: str | None, time: str, half: str | None) -> Heading | None:
    start = parse_wall_clock(time, half)
    if start is None or not (day or half) or not could_be_name(name) or _ALONE.match(name):
        return None
    return Heading(name, start)
