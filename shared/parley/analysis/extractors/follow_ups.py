"""Which next contacts would keep things moving."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import MOST_ITEMS, Extractor, clean, proof, real_date
from parley.analysis.insight import FollowUp
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    due_date: str | None
    quote: str
    segment: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    items: list[Draft]


def build(answer: Answer, transcript: Transcript) -> tuple[FollowUp, ...]:
    return tuple(
        FollowUp(
            clean(draft.text, transcript),
            real_date(draft.due_date),
            proof(draft.quote, draft.segment, transcript),
            "model",
        )
        for draft in answer.items[:MOST_ITEMS]
        if draft.text.strip()
    )


EXTRACTOR: Extractor[Answer, tuple[FollowUp, ...]] = Extractor(
    "follow_ups", Answer, tuple[FollowUp, ...], build
)
