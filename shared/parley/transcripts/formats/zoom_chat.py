"""Zoom's chat: `00:03:42 Name: text` with tabs, or `10:02:11 From Name to Everyone: text`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from parley.transcripts.input_file import InputFile

_HEAD = 400
_TABBED = re.compile(r"(\d{1,2}:\d{2}:\d{2})\t\s*([^\t\n]{1,200}?)\s*:(?:\t|$)")
_FROM = re.compile(
    r"(?:\d{4}-\d\d-\d\d )?(\d{1,2}:\d{2}:\d{2})\s+From\s+"
    r"(\S[^\n]{0,200}?)(?:\s+to\s+[^:\n]{1,120})?\s*:(?:\s|$)",
    re.IGNORECASE,
)
_REACTION = re.compile(r"Reacted to .|Removed an? .{1,40} (?:reaction )?from .", re.IGNORECASE)
_REPLY = re.compile(r"Replying to .", re.IGNORECASE)


class _Message(NamedTuple):
    start: float | None
    speaker: str
    lines: list[str]


def sniff(file: InputFile) -> bool:
    """The first line of the file is a message: nothing else begins so."""
    if not file.is_text:
        return False
    first = next((line for line in file.lines[:20] if line.strip()), "")
    return _opening(first) is not None


def read(file: InputFile) -> Iterable[Statement]:
    return statements(file.lines)


def statements(lines: Sequence[str]) -> list[Statement]:
    """Reactions are no statements; a reply is its own words, without those it answers."""
    return [Statement(_said(found.lines), found.speaker, found.start) for found in _messages(lines)]


def _messages(lines: Sequence[str]) -> Iterator[_Message]:
    """Lines that begin no message belong to the one above."""
    message: _Message | None = None
    for line in lines:
        opened = _opening(line)
        if opened is not None:
            if message is not None:
                yield message
            message = opened
        elif message is not None:
            message.lines.append(line)
    if message is not None:
        yield message


def _opening(line: str) -> _Message | None:
    match = _TABBED.match(line[:_HEAD]) or _FROM.match(line[:_HEAD])
    if match is None:
        return None
    return _Message(parse_seconds(match[1]), match[2], [line[match.end() :]])


def _said(lines: list[str]) -> str:
    first = lines[0].strip()
    if _REACTION.match(first):
        return ""
    if not _REPLY.match(first):
        return "\n".join(lines)
    closing = next((n for n, line in enumerate(lines) if line.rstrip().endswith(('"', "”"))), 0)
    return "\n".join(lines[closing + 1 :])
