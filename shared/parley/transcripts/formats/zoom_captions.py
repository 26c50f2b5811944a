"""Zoom's saved closed captions: `[Name] 11:02:09`, then what was said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts import speaker_headings
from parley.transcripts.speaker_headings import Heading
from parley.transcripts.timestamps import parse_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_HEADING = re.compile(r"\[([^\n]{1,80})\](?:\s+(\d{1,2}:\d{2}:\d{2}))?", re.ASCII)


def sniff(file: InputFile) -> bool:
    """Most blocks are headed so, and none of the names is a time."""
    if not file.is_text or not file.text.lstrip().startswith("["):
        return False
    return speaker_headings.count_headings(file.lines, _heading) > 1


def read(file: InputFile) -> Iterable[Statement]:
    return statements(file.lines)


def statements(lines: Sequence[str]) -> list[Statement]:
    return list(speaker_headings.statements(lines, _heading))


def _heading(lines: Sequence[str], number: int) -> Heading | None:
    match = _HEADING.fullmatch(lines[number].strip())
    if match is None or _CLOCK.match(match[1]) or not any(char.isalpha() for char in match[1]):
        return None
    if match[2] is None and number and lines[number - 1].strip():
        return None  # without a time it must open a block: `[laughter]` does not
    return Heading(match[1], parse_seconds(match[2]) if match[2] else None)
