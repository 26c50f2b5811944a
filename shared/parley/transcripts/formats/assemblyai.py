"""AssemblyAI's JSON: utterances, sentences or words, with times in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.json_words import Word, join_words
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile

_MILLI = 1000
_OWN = frozenset({"audio_duration", "audio_url", "acoustic_model", "speech_model", "language_model"})


def sniff(file: InputFile) -> bool:
    """A file with one of AssemblyAI's own fields beside the lists of what was said."""
    found = json_fields.record(file.json)
    return bool(_OWN & found.keys()) and any(_lists(found))


def read(file: InputFile) -> Iterable[Statement]:
    utterances, sentences, words = _lists(json_fields.record(file.json))
    said = utterances or sentences
    if said:
        return (Statement(*_values(one)) for one in said)
    return join_words(Word(*_values(one)) for one in words)


def _lists(found: dict[str, Any]) -> tuple[list[dict[str, Any]], ...]:
    lists = (json_fields.records(found.get(name)) for name in ("utterances", "sentences", "words"))
    return tuple([one for one in items if json_fields.text(one.get("text"))] for items in lists)


def _values(one: dict[str, Any]) -> tuple[str, str | None, float | None, float | None]:
    label = json_fields.text(one.get("speaker"))
    name = f"Speaker {label}" if len(label) == 1 else label
    start, end = (json_fields.number(one.get(name), _MILLI) for name in ("start", "end"))
    return json_fields.text(one.get("text")), name or None, start, end
