"""Amazon Transcribe's JSON: a standard job, Call Analytics, and Bedrock Data Automation's audio."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from parley.transcripts import fields
from parley.transcripts.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.source import Source

_MILLI = 1000
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - what Japanese and Chinese jobs write


def sniff(source: Source) -> bool:
    found = fields.record(source.json)
    results = fields.record(found.get("results"))
    calls = fields.records(found.get("Transcript"))
    return bool(
        results.get("items")
        or results.get("audio_segments")
        or any("ParticipantRole" in turn or "BeginOffsetMillis" in turn for turn in calls[:5])
        or (found.get("audio_segments") and "metadata" in found)
    )


def read(source: Source) -> Iterable[Statement]:
    found = fields.record(source.json)
    results = fields.record(found.get("results"))
    if found.get("Transcript"):
        return _call(fields.records(found["Transcript"]))
    if found.get("audio_segments"):
        return _automation(fields.records(found["audio_segments"]))
    if results.get("audio_segments"):
        return _segments(fields.records(results["audio_segments"]))
    return _items(results)


def _call(turns: list[dict[str, Any]]) -> Iterator[Statement]:
    for turn in turns:
        start, end = (
            fields.number(turn.get(key), _MILLI) for key in ("BeginOffsetMillis", "EndOffsetMillis")
        )
        yield Statement(
            fields.text(turn.get("Content")), fields.text(turn.get("ParticipantRole")), start, end
        )


def _automation(segments: list[dict[str, Any]]) -> Iterator[Statement]:
    for segment in segments:
        speaker = fields.record(segment.get("speaker"))
        name = fields.text(fields.first(speaker, ("speaker_name", "speaker_label")))
        keys = ("start_timestamp_millis", "end_timestamp_millis")
        start, end = (fields.number(segment.get(key), _MILLI) for key in keys)
        yield Statement(fields.text(segment.get("text")), name, start, end)


def _segments(segments: list[dict[str, Any]]) -> Iterator[Statement]:
    for segment in segments:
        start, end = (fields.number(segment.get(key)) for key in ("start_time", "end_time"))
        name = fields.text(segment.get("speaker_label"))
        yield Statement(fields.text(segment.get("transcript")), name, start, end)


def _items(results: dict[str, Any]) -> Iterator[Statement]:
    """Words and punctuation; a statement ends where the speaker's segment does, else the sentence."""
    places = _places(results)
    gathered = ""
    opened: tuple[str, Any] | None = None
    start = end = None
    for item in fields.records(results.get("items")):
        word = _word(item)
        if item.get("type") == "punctuation":
            gathered += word
            if not places and word in _SENTENCE_ENDS:
                yield Statement(gathered, opened[0] if opened else None, start, end)
                gathered, opened = "", None
            continue
        place = places.get(fields.text(item.get("start_time"))) or (
            fields.text(item.get("speaker_label")),
            None,
        )
        if opened != place:
            yield Statement(gathered, opened[0] if opened else None, start, end)
            gathered, opened, start = "", place, fields.number(item.get("start_time"))
        gathered = f"{gathered} {word}"
        end = fields.number(item.get("end_time"))
    yield Statement(gathered, opened[0] if opened else None, start, end)


def _word(item: dict[str, Any]) -> str:
    alternatives = fields.records(item.get("alternatives"))
    return fields.text(alternatives[0].get("content")) if alternatives else ""


def _places(results: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Start time of a word: (speaker or channel, number of the segment it stands in)."""
    labels = fields.record(results.get("speaker_labels"))
    channels = fields.records(fields.record(results.get("channel_labels")).get("channels"))
    spoken = (
        (fields.text(item.get("start_time")), (fields.text(segment.get("speaker_label")), number))
        for number, segment in enumerate(fields.records(labels.get("segments")))
        for item in fields.records(segment.get("items"))
    )
    heard = (
        (fields.text(item.get("start_time")), (fields.text(channel.get("channel_label")), None))
        for channel in channels
        for item in fields.records(channel.get("items"))
    )
    return dict(chain(heard, spoken))
