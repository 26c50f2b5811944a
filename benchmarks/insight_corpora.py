"""Meetings with lists of what they came to, from the optional corpora."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.insight_scoring import Said
from parley.errors import TranscriptError
from parley.transcripts import parse_transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Meeting:
    name: str
    transcript: Transcript
    actions: list[Said]
    decisions: list[Said]


def folder() -> Path:
    """Where the corpora are, whether or not they are there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpora"
    return Path(os.environ.get("PARLEY_CORPORA") or beside)


def zoom(root: Path) -> Iterator[Meeting]:
    """Zoom calls with machine-made, timed lists."""
    for gold in sorted((root / "ethereum-pm").glob("**/tldr.json")):
        transcript = _read(gold.with_name("transcript.vtt"))
        if transcript:
            lists = json.loads(gold.read_text(encoding="utf-8"))
            actions = [_timed(row, "action") for row in lists.get("action_items", [])]
            yield Meeting(
                gold.parent.name,
                transcript,
                actions,
                [_timed(row, "decision") for row in lists.get("decisions", [])],
            )


def _timed(row: dict[str, Any], key: str) -> Said:
    return Said(row[key], _seconds(row.get("timestamp")), owner=row.get("owner"))


def _seconds(stamp: str | None) -> float | None:
    """`00:27:17` in seconds; None for anything else."""
    parts = (stamp or "").split(":")
    if not all(part.isdigit() for part in parts):
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return float(total)


def mail(root: Path) -> Iterator[Meeting]:
    """Minutes as mailed to a list, without their header block, and what they mark."""
    yield from _marked(root, "email.log")


def irc(root: Path) -> Iterator[Meeting]:
    """The same meetings as raw chat."""
    yield from _marked(root, "irc.log")


def _marked(root: Path, filename: str) -> Iterator[Meeting]:
    index = root / "w3c-ccg-meetings" / "gold_index.json"
    rows = json.loads(index.read_text(encoding="utf-8")) if index.exists() else []
    for row in rows:
        transcript = _read(index.parent / row["meeting"] / filename)
        if transcript:
            actions, resolutions = map(_untimed, (row["actions"], row["resolutions"]))
            yield Meeting(row["meeting"], transcript, actions, resolutions)


def _untimed(texts: list[str]) -> list[Said]:
    return [Said(text) for text in texts]


def logs(root: Path) -> Iterator[Meeting]:
    """Chat logs of another group; the gold is every line that begins with a label and a colon."""
    for path in sorted((root / "json-ld-minutes").glob("**/irc.log")):
        transcript = _read(path)
        if transcript:
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Meeting(
                str(path.parent.name), transcript, _lines(text, "action"), _lines(text, "resolved|resolution")
            )


def _lines(text: str, label: str) -> list[Said]:
    found = re.findall(
        rf"^\S*(?: \S+)?[ \t]+<(?!trackbot|RRSAgent|Zakim)[^>]+>[ \t]+(?:{label}):[ \t]*(.+)$",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return [Said(line) for line in dict.fromkeys(found)]


def _read(path: Path) -> Transcript | None:
    try:
        content = path.read_bytes()
        return parse_transcript(without_header(content), filename=path.name)
    except (OSError, TranscriptError):
        return None


def without_header(content: bytes) -> bytes:
    """A mailed log begins with the very lists that are to be found: all up to the block "Present:" goes."""
    text = content.decode("utf-8", "replace")
    match = re.search(r"^Present:.*?\n\s*\n", text, re.MULTILINE | re.DOTALL)
    return text[match.end() :].encode() if match else content
