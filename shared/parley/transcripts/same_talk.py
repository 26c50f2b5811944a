"""Tell whether two transcripts are of one talk: exports in two formats, or a recording and its chat."""

from __future__ import annotations

import re
from dataclasses import replace

from parley.transcripts.transcript import Segment, Transcript

CHATS = frozenset({"zoom-chat", "chat"})
_RUN = 4
_MOST = 0.8
_WORD = re.compile(r"\w+")


def is_same_talk(one: Transcript, other: Transcript) -> bool:
    """Whether somebody speaks in both, and most runs of four words of the shorter stand in the longer."""
    if one.speakers and other.speakers and not set(one.speakers) & set(other.speakers):
        return False
    first, second = _runs(one), _runs(other)
    fewer = min(len(first), len(second))
    return fewer > 0 and len(first & second) >= _MOST * fewer


def _runs(transcript: Transcript) -> set[tuple[str, ...]]:
    words = _WORD.findall(" ".join(one.text for one in transcript.segments).casefold())
    return {tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1)}


def belong_together(recording: str | None, chat: str | None) -> bool:
    """Whether the chat's file is named like the recording's: `sync.transcript.vtt`, `sync_newChat.txt`."""
    stem = (recording or "").partition(".")[0].casefold()
    return bool(stem) and (chat or "").casefold().startswith(stem)


def with_chat(recording: Transcript, chat: Transcript) -> Transcript:
    """The recording, then what was written in its chat, without the chat's times, which count otherwise."""
    first = len(recording.segments)
    written = (Segment(first + n, one.text, one.speaker) for n, one in enumerate(chat.segments))
    return replace(recording, segments=(*recording.segments, *written))
