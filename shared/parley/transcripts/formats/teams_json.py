"""The JSON that Teams' web client loads: `entries` with `speakerDisplayName` and offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.transcripts import json_fields
from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile


def sniff(file: InputFile) -> bool:
    entries = _entries(file)
    return any("speakerDisplayName" in one or "startOffset" in one for one in entries[:5])


def read(file: InputFile) -> Iterable[Statement]:
    return (_statement(one) for one in _entries(file))


def _entries(file: InputFile) -> list[dict[str, Any]]:
    return json_fields.records(json_fields.record(file.json).get("entries"))


def _statement(one: dict[str, Any]) -> Statement:
    start, end = (
        parse_seconds(json_fields.text(one.get(name))) if one.get(name) else None
        for name in ("startOffset", "endOffset")
    )
    name = json_fields.text(one.get("speakerDisplayName")) or None
    return Statement(json_fields.text(one.get("text")), name, start, end)
