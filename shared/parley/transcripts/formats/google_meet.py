"""Google Meet's transcript document: a heading, attendees, times on lines of their own, `Name: text`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts.formats import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

_NOTICE = "this editable transcript was computer generated"
_ENDED = re.compile(r"(?:transcription|meeting) ended after \d", re.IGNORECASE)
_TITLE = re.compile(r"transcript", re.IGNORECASE)


def sniff(file: InputFile) -> bool:
    return file.is_text and is_meet(file.lines)


def is_meet(lines: Sequence[str]) -> bool:
    return any(_is_notice(line) or _ENDED.match(line.strip()) for line in lines)


def read(file: InputFile) -> Iterable[Statement]:
    return statements(file.lines)


def statements(lines: Sequence[str]) -> Iterable[Statement]:
    """What stands between the title `Transcript` and the line that says when it ended."""
    title = max((n + 1 for n, line in enumerate(lines) if _TITLE.fullmatch(line.strip(" *#\t"))), default=0)
    body = [line for line in lines[title:] if not _is_notice(line)]
    ended = next((n for n, line in enumerate(body) if _ENDED.match(line.strip())), len(body))
    return plain.statements(body[:ended])


def _is_notice(line: str) -> bool:
    return line.strip().lower().startswith(_NOTICE)
