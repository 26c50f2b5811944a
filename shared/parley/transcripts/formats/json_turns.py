"""JSON that holds a list of turns: Fireflies' sentences, or any tool's `{speaker, text, start}`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from parley.errors import TranscriptError
from parley.transcripts import json_fields, timestamps
from parley.transcripts.json_words import Word, join_words
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
    "from", "speaker_label", "speakerLabel", "speakerDisplayName", "displayName", "channel",
)  # fmt: skip
_SPEAKER_ID = ("speaker_id", "speakerId", "participant_id", "participantId", "user_id", "userId")
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
_SLOWEST, _FASTEST = 0.02, 12.0
"""Words a second that a conversation may have, pauses counted."""
_MANY, _A_WORD = 8, 1.2


def sniff_fireflies(file: InputFile) -> bool:
    """Sentences with `speaker_name`: what Fireflies' API and its export have in common."""
    return any(
        "speaker_name" in item and ("text" in item or "raw_text" in item) for item in _turns(file.json)[:5]
    )


def sniff(file: InputFile) -> bool:
    return bool(_turns(file.json))


def read(file: InputFile) -> Iterable[Statement]:
    """The turns in order. Raises TranscriptError where words would be lost or the unit of time is open."""
    best = _best(file.json)
    if best is None:
        return ()
    _refuse_loss(file.json, best)
    scale = time_scale(best.turns)
    ids: dict[str, int] = {}
    said = [_statement(turn, scale, ids) for turn in best.turns]
    if not _are_words(said):
        return said
    return join_words(Word(one.text, one.speaker, one.start, one.end) for one in said)


def _are_words(said: Sequence[Statement]) -> bool:
    """Whether the list holds one word a turn."""
    return len(said) >= _MANY and sum(len(one.text.split()) for one in said) <= len(said) * _A_WORD


def _turns(found: Any) -> list[dict[str, Any]]:
    """The turns of the list of objects that holds the most words; [] where no list has turns."""
    best = _best(found)
    return best.turns if best else []


class _Listed(NamedTuple):
    """A list of turns; `place` is the way to it, without the numbers of the lists above."""

    turns: list[dict[str, Any]]
    place: tuple[str, ...]

    @property
    def weight(self) -> tuple[int, int]:
        """Most words first; of equal ones those in the fewest turns: words stand beside sentences."""
        words = sum(len(json_fields.text(json_fields.first(turn, _TEXT)).split()) for turn in self.turns)
        return words, -len(self.turns)


def _listed(found: Any) -> list[_Listed]:
    """Every list of objects that mostly have words in them, at any depth that is looked at."""
    kept = []
    for items, place in _lists(found):
        worded = [
            item for item in items if isinstance(json_fields.first(item, _TEXT), str) and _is_turn(item)
        ]
        if worded and len(worded) * 5 >= len(items) * 4:
            kept.append(_Listed(worded, place))
    return kept


def _best(found: Any) -> _Listed | None:
    return max(_listed(found), key=lambda one: one.weight, default=None)


def _refuse_loss(found: Any, best: _Listed) -> None:
    """Raise TranscriptError where the words are spread over several lists of one kind."""
    others = [one for one in _listed(found) if one.place == best.place and one.turns is not best.turns]
    if any(one.turns != best.turns for one in others):
        where = ".".join(best.place) or "the list"
        raise TranscriptError(
            f"The JSON keeps its words in several lists ({where}), in a form that is not known: "
            "send the transcript as .vtt, .srt or .txt."
        )


def _is_turn(item: dict[str, Any]) -> bool:
    return json_fields.first(item, (*_SPEAKER, *_SPEAKER_ID, *_START, *_START_MS)) is not None


def _lists(found: Any) -> Iterator[tuple[list[dict[str, Any]], tuple[str, ...]]]:
    """Every list of objects, nearest first; the search has an end, however deep the file is."""
    waiting: deque[tuple[Any, tuple[str, ...]]] = deque([(found, ())])
    for _ in range(_LOOKED_AT):
        if not waiting:
            return
        value, place = waiting.popleft()
        if isinstance(value, dict):
            waiting.extend((v, (*place, k)) for k, v in value.items() if isinstance(v, dict | list))
        elif isinstance(value, list):
            items = json_fields.records(value)
            if items:
                yield items, place
                waiting.extend(
                    (v, (*place, k)) for item in items[:20] for k, v in item.items() if isinstance(v, list)
                )


def _statement(turn: dict[str, Any], scale: float, ids: dict[str, int]) -> Statement:
    start = _time(turn, _START, _START_MS, scale)
    end = _time(turn, _END, _END_MS, scale)
    return Statement(json_fields.text(json_fields.first(turn, _TEXT)), _speaker(turn, ids), start, end)


def _speaker(turn: dict[str, Any], ids: dict[str, int]) -> str | None:
    """The name, or `Speaker N` where only a number or an id says who it was."""
    value = json_fields.first(turn, _SPEAKER)
    if isinstance(value, dict):
        value = json_fields.first(value, _NAME)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"Speaker {value}"
    if name := json_fields.text(value):
        return name
    ident = json_fields.first(turn, _SPEAKER_ID)
    if isinstance(ident, int) and not isinstance(ident, bool):
        return f"Speaker {ident}"
    ident = json_fields.text(ident)
    return f"Speaker {ids.setdefault(ident, len(ids) + 1)}" if ident else None


def _time(turn: dict[str, Any], keys: tuple[str, ...], milli: tuple[str, ...], scale: float) -> float | None:
    exact = json_fields.number(json_fields.first(turn, milli), _MILLI)
    if exact is not None:
        return exact
    value = json_fields.first(turn, keys)
    written = timestamps.parse_seconds(value) if isinstance(value, str) else None
    return written if written is not None else json_fields.number(value, scale)


def time_scale(turns: Sequence[dict[str, Any]]) -> float:
    """How many units of the times make a second: 1, or 1000 for milliseconds.

    Fractions are seconds. Whole numbers are what makes the pace of the words that
    of speech. Raises TranscriptError where neither does.
    """
    spans = [(json_fields.first(turn, _START), json_fields.first(turn, _END)) for turn in turns]
    times = [time for span in spans for time in span if _is_whole(time) and time >= 0]
    given = [time for span in spans for time in span if time is not None and not isinstance(time, bool)]
    if len(times) != len(given) or len(set(times)) < 2:  # noqa: PLR2004 - no time passes
        return 1
    if max(times) > _DAY:
        return _MILLI
    lengths = sum(end - start for start, end in spans if _is_whole(start) and _is_whole(end) and end > start)
    words = sum(len(json_fields.text(json_fields.first(turn, _TEXT)).split()) for turn in turns)
    pace = words / (lengths or max(times) - min(times))
    for scale in (1, _MILLI):
        if _SLOWEST <= pace * scale <= _FASTEST:
            return scale
    raise TranscriptError(
        "The JSON does not tell whether its times are seconds or milliseconds: "
        "send the transcript as .vtt, .srt or .txt."
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
