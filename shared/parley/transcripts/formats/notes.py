"""Prose without speakers: each paragraph or list item is a statement.

A file is read so where the caller names this format, in Markdown, and where the file's
name calls it a transcript, minutes or notes of a meeting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import InputFile

_CALLS_ITSELF = re.compile(
    r"transcript|minutes|meeting|notes|caption|subtitle|standup|stand-up|recap", re.IGNORECASE
)
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_MARKS = re.compile(r"^[\s#>*_=|-]+")
_LEAST_WORDS = 20


def sniff(file: InputFile) -> bool:
    named = file.suffix in {".txt", ".text", ".log"} and _CALLS_ITSELF.search(file.filename or "")
    wanted = bool(named) or file.suffix == ".md"
    return wanted and file.is_text and len(file.text.split()) >= _LEAST_WORDS


def read(file: InputFile) -> Iterable[Statement]:
    return _paragraphs(file.lines)


def _paragraphs(lines: Iterable[str]) -> Iterator[Statement]:
    gathered: list[str] = []
    for line in lines:
        if gathered and (not line.strip() or _ITEM.match(line) or line.startswith("#")):
            yield _statement(gathered)
            gathered = []
        if line.strip():
            gathered.append(line)
    yield _statement(gathered)


def _statement(lines: list[str]) -> Statement:
    return Statement(_MARKS.sub("", "\n".join(lines)))
