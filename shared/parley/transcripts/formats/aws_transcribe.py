"""Amazon Transcribe's JSON: a standard job, Call Analytics, and Bedrock Data Automation's audio."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import InputFile

_MILLI = 1000
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - what Japanese and Chinese jobs write


def sniff(file: InputFile) -> bool:
    found = json_fields.record(file.json)
    results = json_fields.record(found.get("results"))
    calls = json_fields.records(found.get("Transcript"))
    return bool(
        results.get("items")
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


def _items(results: dict[str, Any]) -> Iterator[Statement]:
    """Words and punctuation; a statement ends where the speaker's segment does, else the sentence."""
    places = _places(results)
    gathered = ""
    opened: tuple[str, Any] | None = None
    start = end = None
    for item in json_fields.records(results.get("items")):
        word = _word(item)
        if item.get("type") == "punctuation":
            gathered += word
            if not places and word in _SENTENCE_ENDS:
                yield Statement(gathered, opened[0] if opened else None, start, end)
                gathered, opened = "", None
            continue
        place = places.get(json_fields.text(item.get("start_time"))) or (
            json_fields.text(item.get("speaker_label")),
            None,
        )
        if opened != place:
            yield Statement(gathered, opened[0] if opened else None, start, end)
            gathered, opened, start = "", place, json_fields.number(item.get("start_time"))
        gathered = f"{gathered} {word}"
        end = json_fields.number(item.get("end_time"))
    yield Statement(gathered, opened[0] if opened else None, start, end)


def _word(item: dict[str, Any]) -> str:
    alternatives = json_fields.records(item.get("alternatives"))
    return json_fields.text(alternatives[0].get("content")) if alternatives else ""


def _places(results: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Start time of a word: (speaker or channel, number of the segment it stands in)."""
    labels = json_fields.record(results.get("speaker_labels"))
    channels = json_fields.records(json_fields.record(results.get("channel_labels")).get("channels"))
    spoken = (
        (json_fields.text(item.get("start_time")), (json_fields.text(segment.get("speaker_label")), number))
        for number, segment in enumerate(json_fields.records(labels.get("segments")))
        for item in json_fields.records(segment.get("items"))
    )
    heard = (
        (json_fields.text(item.get("start_time")), (json_fields.text(channel.get("channel_label")), None))
        for channel in channels
        for item in json_fields.records(channel.get("items"))
    )
    return dict(chain(heard, spoken))
