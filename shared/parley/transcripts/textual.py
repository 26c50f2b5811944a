"""The rows for text, for use inside containers: what Word and PDF files hold is one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.transcripts import (
    irc,
    jitsi_chat,
    meet,
    otter,
    plain,
    sbv,
    subrip,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parley.transcripts.statement import Statement

ROWS: tuple[tuple[Callable[[Source], bool], Callable[[Source], Iterable[Statement]]], ...] = (
    (webvtt.sniff, webvtt.read),
    (subrip.sniff, subrip.read),
    (sbv.sniff, sbv.read),
    (zoom_chat.sniff, zoom_chat.read),
    (zoom_captions.sniff, zoom_captions.read),
    (meet.sniff, meet.read),
    (jitsi_chat.sniff, jitsi_chat.read),
    (irc.sniff, irc.read),
    (otter.sniff, otter.read),
    (plain.sniff, plain.read),
)


def statements(lines: Sequence[str]) -> list[Statement]:
    """By the first row that knows these lines; empty where none does."""
    source = Source("\n".join(lines).encode("utf-8", "replace"))
    return next((list(read(source)) for sniff, read in ROWS if source.content.strip() and sniff(source)), [])
