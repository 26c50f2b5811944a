"""Deepgram's JSON: utterances, paragraphs or words of one or several channels, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.json_words import Word, join_words, merge_channels
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile

_WORD = ("punctuated_word", "word")


def sniff(file: InputFile) -> bool:
    channels = _channels(file)
    return any(json_fields.records(channel.get("alternatives")) for channel in channels)


def read(file: InputFile) -> Iterable[Statement]:
    channels = _channels(file)
    utterances = json_fields.records(_results(file).get("utterances"))
    if utterances:
        return [_utterance(one, several=len(channels) > 1) for one in utterances]
    if len(channels) > 1:
        return merge_channels((f"Channel {n}", _words(_best(one))) for n, one in enumerate(channels))
    best = _best(channels[0]) if channels else {}
    return _paragraphs(best) or join_words(_words(best))


def _results(file: InputFile) -> dict[str, Any]:
    return json_fields.record(json_fields.record(file.json).get("results"))


def _channels(file: InputFile) -> list[dict[str, Any]]:
    return json_fields.records(_results(file).get("channels"))


def _best(channel: dict[str, Any]) -> dict[str, Any]:
    """The first alternative, which the service holds to be the likeliest."""
    return next(iter(json_fields.records(channel.get("alternatives"))), {})


def _utterance(one: dict[str, Any], *, several: bool) -> Statement:
    speaker = f"Channel {one.get('channel')}" if several else _speaker(one)
    return Statement(json_fields.text(one.get("transcript")), speaker, *_times(one))


def _paragraphs(best: dict[str, Any]) -> list[Statement]:
    listed = json_fields.records(json_fields.record(best.get("paragraphs")).get("paragraphs"))
    return [Statement(_sentences(one), _speaker(one), *_times(one)) for one in listed]


def _sentences(paragraph: dict[str, Any]) -> str:
    sentences = json_fields.records(paragraph.get("sentences"))
    return " ".join(json_fields.text(one.get("text")) for one in sentences)


def _words(best: dict[str, Any]) -> list[Word]:
    """The words; of an answer without any the whole text as one."""
    found = [
        Word(
            json_fields.text(json_fields.first(one, ("punctuated_word", "word"))), _speaker(one), *_times(one)
        )
        for one in json_fields.records(best.get("words"))
    ]
    return found or [Word(json_fields.text(best.get("transcript")))]


def _times(one: dict[str, Any]) -> tuple[float | None, float | None]:
    return json_fields.number(one.get("start")), json_fields.number(one.get("end"))


def _speaker(one: dict[str, Any]) -> str | None:
    number = one.get("speaker")
    return f"Speaker {number}" if number is not None else None
