"""What was decided, agreed or resolved."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import MOST_ITEMS, Extractor, clean, proof
from parley.analysis.insight import Decision
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    quote: str
    segment: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    items: list[Draft]


def build(answer: Answer, transcript: Transcript) -> tuple[Decision, ...]:
    return tuple(
        Decision(clean(draft.text, transcript), proof(draft.quote, draft.segment, transcript), "model")
        for draft in answer.items[:MOST_ITEMS]
        if draft.text.strip()
    )


EXTRACTOR: Extractor[Answer, tuple[Decision, ...]] = Extractor(
    "decisions", Answer, tuple[Decision, ...], build
)
