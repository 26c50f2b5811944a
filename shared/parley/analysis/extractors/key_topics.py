"""What the meeting spent its time on."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import MOST_ITEMS, Extractor, clean, proof
from parley.analysis.insight import KeyTopic
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Draft:
    topic: str
    quote: str
    segment: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    items: list[Draft]


def build(answer: Answer, transcript: Transcript) -> tuple[KeyTopic, ...]:
    return tuple(
        KeyTopic(clean(draft.topic, transcript), proof(draft.quote, draft.segment, transcript), "model")
        for draft in answer.items[:MOST_ITEMS]
        if draft.topic.strip()
    )


EXTRACTOR: Extractor[Answer, tuple[KeyTopic, ...]] = Extractor(
    "key_topics", Answer, tuple[KeyTopic, ...], build
)
