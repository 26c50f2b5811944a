"""Otter, Teams and their like: `Name  0:03` (or the name, then the time), what was said below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts import speaker_headings
from parley.transcripts.speaker_headings import Heading
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


def sniff(file: InputFile) -> bool:
    return file.is_text and _style(file.lines) is not None


def read(file: InputFile) -> Iterable[Statement]:
    return speaker_headings.statements(file.lines, _style(file.lines) or _after)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are of this format; else an empty list."""
    style = _style(lines)
    return list(speaker_headings.statements(lines, style)) if style else []


def _style(lines: Sequence[str]) -> speaker_headings.Matcher | None:
    """The way of heading that this text uses, if it has one."""
    for match in (_after, _stacked, _before):
        found = [said for said in speaker_headings.statements(lines, match) if said.text.strip()]
        times = [said.start for said in found if said.start is not None]
        if (
            len(found) > 1
            and times == sorted(times)
            and _people(found, match)
            and _covers(lines, match, len(found))
        ):
            return match
    return None


def _people(found: Sequence[Statement], match: speaker_headings.Matcher) -> bool:
    """Somebody speaks twice, or all the names look like nothing but names."""
    names = [said.speaker or "" for said in found]
    if match is _before and len(set(names)) == 1:
        return False  # an agenda: `8:30 breakfast`
    if len(set(names)) < len(names):
        return True
    return all(name.replace(" ", "").replace("-", "").isalpha() and name.istitle() for name in names)


def _covers(lines: Sequence[str], match: speaker_headings.Matcher, found: int) -> bool:
    """No heading stands above nothing, but for a few: else these are lines of speech with a time."""
    total = sum(1 for number in range(len(lines)) if match(lines, number))
    stamped = sum(1 for line in lines if _ALONE.match(line.strip()))
    return found * 5 >= total * 4 and (match is not _before or stamped <= total * 1.2)


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
