"""JSON that holds a list of turns: Fireflies' sentences, or any tool's `{speaker, text, start}`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields, timestamps
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import InputFile

_TEXT = (
    "text",
    "raw_text",
    "content",
    "sentence",
    "transcript",
    "utterance",
    "words",
    "body",
    "message",
    "value",
)
_SPEAKER = (
    "speaker_name", "speakerName", "speaker", "participant", "participant_name", "name", "user", "author",
    "from", "speaker_label", "speakerLabel", "speaker_id", "speakerId", "channel",
)  # fmt: skip
_NAME = ("name", "display_name", "displayName", "speaker_name", "speaker_label", "label", "email", "id")
_START = (
    "start_time",
    "startTime",
    "start",
    "start_timestamp",
    "startTimestamp",
    "begin",
    "timestamp",
    "time",
    "offset",
)
_END = ("end_time", "endTime", "end", "end_timestamp", "endTimestamp")
_START_MS = (
    "start_ms",
    "startMs",
    "start_time_ms",
    "startTimeMs",
    "startMillis",
    "begin_ms",
    "start_timestamp_millis",
)
_END_MS = ("end_ms", "endMs", "end_time_ms", "endTimeMs", "endMillis", "end_timestamp_millis")
_MILLI = 1000
_DAY = 24 * 60 * 60
_LOOKED_AT = 5_000


def sniff_fireflies(file: InputFile) -> bool:
    """Sentences with `speaker_name`: what Fireflies' API and its export have in common."""
    return any(
        "speaker_name" in item and ("text" in item or "raw_text" in item) for item in _turns(file.json)[:5]
    )


def sniff(file: InputFile) -> bool:
    return bool(_turns(file.json))


def read(file: InputFile) -> Iterable[Statement]:
    turns = _turns(file.json)
    scale = _scale(turns)
    return (_statement(turn, scale) for turn in turns)


def _turns(found: Any) -> list[dict[str, Any]]:
    """The longest list of objects that mostly have words in them, at any depth that is looked at."""
    best: list[dict[str, Any]] = []
    for items in _lists(found):
        worded = [
            item for item in items if isinstance(json_fields.first(item, _TEXT), str) and _is_turn(item)
        ]
        if len(worded) * 5 >= len(items) * 4 and len(worded) > len(best):
            best = worded
    return best


def _is_turn(item: dict[str, Any]) -> bool:
    return json_fields.first(item, (*_SPEAKER, *_START, *_START_MS)) is not None


def _lists(found: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of objects, nearest first; the search has an end, however deep the file is."""
    waiting: deque[Any] = deque([found])
    for _ in range(_LOOKED_AT):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, dict):
            waiting.extend(child for child in value.values() if isinstance(child, dict | list))
        elif isinstance(value, list):
            items = json_fields.records(value)
            if items:
                yield items
                waiting.extend(
                    child for item in items[:20] for child in item.values() if isinstance(child, list)
                )


def _statement(turn: dict[str, Any], scale: float) -> Statement:
    start = _time(turn, _START, _START_MS, scale)
    end = _time(turn, _END, _END_MS, scale)
    return Statement(json_fields.text(json_fields.first(turn, _TEXT)), _speaker(turn), start, end)


def _speaker(turn: dict[str, Any]) -> str | None:
    value = json_fields.first(turn, _SPEAKER)
    if isinstance(value, dict):
        value = json_fields.first(value, _NAME)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"Speaker {value}"
    return json_fields.text(value) or None


def _time(turn: dict[str, Any], keys: tuple[str, ...], milli: tuple[str, ...], scale: float) -> float | None:
    exact = json_fields.number(json_fields.first(turn, milli), _MILLI)
    if exact is not None:
        return exact
    value = json_fields.first(turn, keys)
    written = timestamps.parse_seconds(value) if isinstance(value, str) else None
    return written if written is not None else json_fields.number(value, scale)


def _scale(turns: list[dict[str, Any]]) -> float:
    """Whole numbers that would be longer than a day as seconds are milliseconds."""
    times = [json_fields.first(turn, _END) or json_fields.first(turn, _START) for turn in turns]
    whole = [time for time in times if isinstance(time, int) and not isinstance(time, bool)]
    return _MILLI if whole and len(whole) == len(times) and max(whole) > _DAY else 1
