"""What endangers the outcome, the date or the relationship."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import MOST_ITEMS, Extractor, clean, proof
from parley.analysis.insight import Risk, Severity
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    severity: Severity
    quote: str
    segment: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    items: list[Draft]


def build(answer: Answer, transcript: Transcript) -> tuple[Risk, ...]:
    return tuple(
        Risk(
            clean(draft.text, transcript),
            draft.severity,
            proof(draft.quote, draft.segment, transcript),
            "model",
        )
        for draft in answer.items[:MOST_ITEMS]
        if draft.text.strip()
    )


EXTRACTOR: Extractor[Answer, tuple[Risk, ...]] = Extractor("risks", Answer, tuple[Risk, ...], build)
