"""Speechmatics' JSON (`json-v2`): words and punctuation with speakers, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.json_words import Word, join_words, merge_channels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

_UNKNOWN = "UU"


def sniff(file: InputFile) -> bool:
    """A list of results, each a word or a mark with its alternatives."""
    results = _results(file)
    return bool(results) and all(
        isinstance(one.get("type"), str) and isinstance(one.get("alternatives"), list) for one in results
    )


def read(file: InputFile) -> Iterable[Statement]:
    words = [word for one in _results(file) if (word := _word(one)).text]
    channels = dict.fromkeys(str(word.turn) for word in words if word.turn)
    if len(channels) > 1:
        return merge_channels((name, [word for word in words if word.turn == name]) for name in channels)
    return join_words(words)


def _results(file: InputFile) -> list[dict[str, Any]]:
    return json_fields.records(json_fields.record(file.json).get("results"))


def _word(one: dict[str, Any]) -> Word:
    best = next(iter(json_fields.records(one.get("alternatives"))), {})
    label = json_fields.text(best.get("speaker"))
    channel = json_fields.text(one.get("channel")) or None
    start, end = (json_fields.number(one.get(name)) for name in ("start_time", "end_time"))
    speaker = (label if label != _UNKNOWN else None) or channel
    attached = one.get("attaches_to") == "previous" or one.get("type") == "punctuation"
    return Word(json_fields.text(best.get("content")), speaker, start, end, attached, channel)
