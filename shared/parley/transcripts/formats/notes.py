"""Prose without speakers: a paragraph or a list item is a statement. Only where it is asked for by
name, in Markdown, or where the file calls itself a transcript, minutes or notes of a meeting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.transcripts.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import Source

_CALLS_ITSELF = re.compile(
    r"transcript|minutes|meeting|notes|caption|subtitle|standup|stand-up|recap", re.IGNORECASE
)
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_MARKS = re.compile(r"^[\s#>*_=|-]+")
_LEAST_WORDS = 20


def sniff(source: Source) -> bool:
    named = source.suffix in {".txt", ".text", ".log"} and _CALLS_ITSELF.search(source.filename or "")
    wanted = bool(named) or source.suffix == ".md"
    return wanted and source.is_text and len(source.text.split()) >= _LEAST_WORDS


def read(source: Source) -> Iterable[Statement]:
    return _paragraphs(source.lines)


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
