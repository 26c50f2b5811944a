"""Recall.ai's JSON: a list of participants' turns, each with its words; times in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile


def sniff(file: InputFile) -> bool:
    """Turns with a participant or a speaker, and words with `start_timestamp`."""
    turns = _turns(file)
    return bool(turns) and all(
        ("participant" in turn or "speaker" in turn) and "start_timestamp" in _words(turn)[0]
        for turn in turns
    )


def read(file: InputFile) -> Iterable[Statement]:
    return sorted((_statement(turn) for turn in _turns(file)), key=lambda one: one.start or 0.0)


def _turns(file: InputFile) -> list[dict[str, Any]]:
    """The turns that have words; the list stands alone or below `transcript`."""
    found = file.json
    listed = found.get("transcript") if isinstance(found, dict) else found
    return [turn for turn in json_fields.records(listed) if _words(turn)]


def _words(turn: dict[str, Any]) -> list[dict[str, Any]]:
    return json_fields.records(turn.get("words"))


def _statement(turn: dict[str, Any]) -> Statement:
    words = _words(turn)
    person = json_fields.record(turn.get("participant"))
    name = json_fields.text(person.get("name") or turn.get("speaker"))
    if not name and person.get("id") is not None:
        name = f"Participant {person['id']}"
    text = " ".join(json_fields.text(word.get("text")) for word in words)
    return Statement(text, name or None, _time(words[0], "start"), _time(words[-1], "end"))


def _time(word: dict[str, Any], which: str) -> float | None:
    """Seconds from the beginning: `{"relative": 3.0}`, or the number alone in older exports."""
    value = word.get(f"{which}_timestamp")
    return json_fields.number(value.get("relative") if isinstance(value, dict) else value)
