"""The rows of FORMATS that read text. Word and PDF files hold text in one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.transcripts.formats import (
    chat,
    google_meet,
    irc,
    jitsi_chat,
    name_headings,
    otter,
    plain,
    sbv,
    srt,
    table,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.formats.base import Format
from parley.transcripts.input_file import InputFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.transcripts.transcript import Statement

TEXT_FORMATS: tuple[Format, ...] = (
    Format("webvtt", webvtt.sniff, webvtt.read),
    Format("srt", srt.sniff, srt.read),
    Format("sbv", sbv.sniff, sbv.read),
    Format("zoom-chat", zoom_chat.sniff, zoom_chat.read),
    Format("zoom-captions", zoom_captions.sniff, zoom_captions.read),
    Format("meet", google_meet.sniff, google_meet.read),
    Format("jitsi-chat", jitsi_chat.sniff, jitsi_chat.read),
    Format("irc", irc.sniff, irc.read),
    Format("chat", chat.sniff, chat.read),
    Format("otter", otter.sniff, otter.read),
    Format("table", table.sniff, table.read),
    Format("plain", plain.sniff, plain.read),
    Format("name-headings", name_headings.sniff, name_headings.read),
)


def statements(lines: Sequence[str]) -> list[Statement]:
    """Read lines in the first text format that accepts them; an empty list where none does."""
    file = InputFile("\n".join(lines).encode("utf-8", "replace"))
    if not file.content.strip():
        return []
    return next((list(row.read(file)) for row in TEXT_FORMATS if row.sniff(file)), [])
