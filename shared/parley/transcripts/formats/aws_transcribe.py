"""Amazon Transcribe's JSON: a standard job, Call Analytics, and Bedrock Data Automation's audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.json_words import Word, join_words, merge_channels
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import InputFile

_MILLI = 1000


def sniff(file: InputFile) -> bool:
    found = json_fields.record(file.json)
    results = json_fields.record(found.get("results"))
    calls = json_fields.records(found.get("Transcript"))
    return bool(
        (isinstance(results.get("items"), list) and results["items"])
        or results.get("channel_labels")
        or results.get("audio_segments")
        or any("ParticipantRole" in turn or "BeginOffsetMillis" in turn for turn in calls[:5])
        or (found.get("audio_segments") and "metadata" in found)
    )


def read(file: InputFile) -> Iterable[Statement]:
    found = json_fields.record(file.json)
    results = json_fields.record(found.get("results"))
    if found.get("Transcript"):
        return _call(json_fields.records(found["Transcript"]))
    if found.get("audio_segments"):
        return _automation(json_fields.records(found["audio_segments"]))
    if results.get("audio_segments"):
        return _segments(json_fields.records(results["audio_segments"]))
    return _items(results)


def _call(turns: list[dict[str, Any]]) -> Iterator[Statement]:
    for turn in turns:
        start, end = (
            json_fields.number(turn.get(key), _MILLI) for key in ("BeginOffsetMillis", "EndOffsetMillis")
        )
        yield Statement(
            json_fields.text(turn.get("Content")), json_fields.text(turn.get("ParticipantRole")), start, end
        )


def _automation(segments: list[dict[str, Any]]) -> Iterator[Statement]:
    for segment in segments:
        speaker = json_fields.record(segment.get("speaker"))
        name = json_fields.text(json_fields.first(speaker, ("speaker_name", "speaker_label")))
        keys = ("start_timestamp_millis", "end_timestamp_millis")
        start, end = (json_fields.number(segment.get(key), _MILLI) for key in keys)
        yield Statement(json_fields.text(segment.get("text")), name, start, end)


def _segments(segments: list[dict[str, Any]]) -> Iterator[Statement]:
    for segment in segments:
        start, end = (json_fields.number(segment.get(key)) for key in ("start_time", "end_time"))
        name = json_fields.text(segment.get("speaker_label"))
        yield Statement(json_fields.text(segment.get("transcript")), name, start, end)


def _items(results: dict[str, Any]) -> Iterable[Statement]:
    """Words and punctuation of a standard job: one after the other, or those of each channel."""
    channels = json_fields.records(json_fields.record(results.get("channel_labels")).get("channels"))
    if channels:
        return merge_channels(
            (_name(channel), map(_word, json_fields.records(channel.get("items")))) for channel in channels
        )
    places = _places(results)
    items = json_fields.records(results.get("items"))
    return join_words(_word(item, *_place(item, places)) for item in items)


def _name(channel: dict[str, Any]) -> str:
    return json_fields.text(channel.get("channel_label"))


def _place(item: dict[str, Any], places: dict[str, tuple[str, Any]]) -> tuple[str | None, Any]:
    """The speaker of a word, and the number of the segment that it stands in."""
    own = (json_fields.text(item.get("speaker_label")) or None, None)
    return places.get(json_fields.text(item.get("start_time")), own)


def _word(item: dict[str, Any], speaker: str | None = None, turn: object = None) -> Word:
    best = next(iter(json_fields.records(item.get("alternatives"))), {})
    start, end = (json_fields.number(item.get(key)) for key in ("start_time", "end_time"))
    attached = item.get("type") == "punctuation"
    return Word(json_fields.text(best.get("content")), speaker, start, end, attached, turn)


def _places(results: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Start time of a word: (speaker, number of the segment it stands in)."""
    labels = json_fields.record(results.get("speaker_labels"))
    return {
        json_fields.text(item.get("start_time")): (json_fields.text(segment.get("speaker_label")), number)
        for number, segment in enumerate(json_fields.records(labels.get("segments")))
        for item in json_fields.records(segment.get("items"))
    }
