"""Whisper's JSON: OpenAI's and its relatives' `segments` in seconds, whisper.cpp's `transcription`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile

_MILLI = 1000
_OWN = frozenset({"seek", "avg_logprob", "no_speech_prob", "compression_ratio", "temperature", "tokens"})


def sniff(file: InputFile) -> bool:
    """Segments with the decoder's own figures, word-aligned ones (WhisperX), or whisper.cpp's offsets."""
    found = json_fields.record(file.json)
    segments = json_fields.records(found.get("segments"))[:5]
    pieces = json_fields.records(found.get("transcription"))[:5]
    timed = any({"start", "end", "text"} <= one.keys() for one in segments)
    own = any(_OWN & one.keys() for one in segments) or "word_segments" in found
    seconds = "text" in found and any(isinstance(one.get("end"), float) for one in segments)
    return (timed and (own or seconds)) or any("offsets" in one and "timestamps" in one for one in pieces)


def read(file: InputFile) -> Iterable[Statement]:
    found = json_fields.record(file.json)
    pieces = json_fields.records(found.get("transcription"))
    if pieces:
        return (_piece(one) for one in pieces)
    return (_segment(one) for one in json_fields.records(found.get("segments")))


def _piece(one: dict[str, Any]) -> Statement:
    offsets = json_fields.record(one.get("offsets"))
    start, end = (json_fields.number(offsets.get(name), _MILLI) for name in ("from", "to"))
    return Statement(json_fields.text(one.get("text")), _speaker(one), start, end)


def _segment(one: dict[str, Any]) -> Statement:
    start, end = (json_fields.number(one.get(name)) for name in ("start", "end"))
    return Statement(json_fields.text(one.get("text")), _speaker(one), start, end)


def _speaker(one: dict[str, Any]) -> str | None:
    return json_fields.text(one.get("speaker")) or None
