"""Meetings labelled turn by turn (evals/data/GUIDE.md), as the analyser reads them."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parley.analysis.acts.features import Spoken
from parley.analysis.meeting_context import MeetingContext
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.analysis.rules.sentence_acts import spoken
from parley.transcripts.parser import parse_transcript

DATA = Path(__file__).with_name("data")
_TAKES_ON = {"commit", "request", "assign", "offer", "reassign", "accept"}
_SETTLES = {"decide", "agree", "against", "propose"}
_LEAST = 8
"""So many characters of a labelled clause in a sentence make it the sentence's act, or half of the clause."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """`head`, `turns` and `end` are the file's; `acts`, `task` and `decision` stand beside each sentence."""

    path: Path
    head: dict[str, Any]
    turns: list[dict[str, Any]]
    end: dict[str, Any]
    parsed: ParsedTranscript
    talk: tuple[Spoken, ...]
    acts: list[frozenset[str]]
    task: list[bool]
    decision: list[bool]

    @property
    def author(self) -> str:
        return str(self.head["author"])


def read_meetings(folder: Path = DATA) -> list[Meeting]:
    """All `AUTHOR/NAME.jsonl` below `folder`, in the order of their paths."""
    return [read_meeting(path) for path in sorted(folder.glob("*/*.jsonl"))]


def read_meeting(path: Path) -> Meeting:
    """One file: head, turns, and what a careful reader would write down."""
    head, *turns, end = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    transcript = parse_transcript(_rendered(turns).encode(), filename="transcript.txt")
    parsed = ParsedTranscript.parse(
        transcript, MeetingContext(date=datetime.date.fromisoformat(head["date"]))
    )
    items, decisions = ({entry["id"] for entry in end[key]} for key in ("items", "decisions"))
    labels = [_labels(turns, sentence) for sentence in parsed.sentences]
    return Meeting(
        path, head, turns, end, parsed, spoken(parsed),
        [frozenset(act for act, _ in found) for found in labels],
        [any(act in _TAKES_ON and of in items for act, of in found) for found in labels],
        [any(act in _SETTLES and of in decisions for act, of in found) for found in labels],
    )  # fmt: skip


def _rendered(turns: list[dict[str, Any]]) -> str:
    def clock(seconds: float) -> str:
        return f"{int(seconds) // 3600:02d}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"

    return "".join(f"[{clock(turn['t'])}] {turn['s']}: {turn['x']}\n" for turn in turns)


def _labels(turns: list[dict[str, Any]], sentence: Any) -> set[tuple[str, str | None]]:
    """The acts whose clause stands in the sentence, each with its item or decision."""
    found = set()
    for piece in sentence.pieces:
        turn = turns[piece.segment.index]
        for act in turn["a"]:
            at = turn["x"].find(act["q"])
            shared = min(piece.end, at + len(act["q"])) - max(piece.start, at)
            if at >= 0 and shared >= min(_LEAST, len(act["q"]) / 2):
                found.add((act["act"], act.get("item")))
    return found
