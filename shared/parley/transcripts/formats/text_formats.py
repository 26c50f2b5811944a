"""The rows for text, for use inside containers: what Word and PDF files hold is one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.transcripts.formats import (
    google_meet,
    irc,
    jitsi_chat,
    otter,
    plain,
    sbv,
    srt,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.input_file import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parley.transcripts.statement import Statement

ROWS: tuple[tuple[Callable[[Source], bool], Callable[[Source], Iterable[Statement]]], ...] = (
    (webvtt.sniff, webvtt.read),
    (srt.sniff, srt.read),
    (sbv.sniff, sbv.read),
    (zoom_chat.sniff, zoom_chat.read),
    (zoom_captions.sniff, zoom_captions.read),
    (google_meet.sniff, google_meet.read),
    (jitsi_chat.sniff, jitsi_chat.read),
    (irc.sniff, irc.read),
    (otter.sniff, otter.read),
    (plain.sniff, plain.read),
)


def statements(lines: Sequence[str]) -> list[Statement]:
    """By the first row that knows these lines; empty where none does."""
    source = Source("\n".join(lines).encode("utf-8", "replace"))
    return next((list(read(source)) for sniff, read in ROWS if source.content.strip() and sniff(source)), [])
