"""Who owes what by when."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import MOST_ITEMS, Extractor, clean, known_owner, proof, real_date
from parley.analysis.insight import ActionItem
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    owner: str | None
    due_date: str | None
    quote: str
    segment: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    items: list[Draft]


def build(answer: Answer, transcript: Transcript) -> tuple[ActionItem, ...]:
    return tuple(
        ActionItem(
            text=clean(draft.text, transcript),
            owner=known_owner(draft.owner, transcript),
            due_date=real_date(draft.due_date),
            evidence=proof(draft.quote, draft.segment, transcript),
            source="model",
        )
        for draft in answer.items[:MOST_ITEMS]
        if draft.text.strip()
    )


EXTRACTOR: Extractor[Answer, tuple[ActionItem, ...]] = Extractor(
    "action_items", Answer, tuple[ActionItem, ...], build
)
