"""The tone of the meeting, and what it says about the relationship."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import Extractor, proof
from parley.analysis.insight import RelationshipHealth, Sentiment, SentimentLabel
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Answer:
    label: SentimentLabel
    score: float
    relationship_health: RelationshipHealth | None
    quote: str | None
    segment: int | None


def build(answer: Answer, transcript: Transcript) -> Sentiment:
    score = max(-1.0, min(1.0, answer.score))
    evidence = proof(answer.quote, answer.segment, transcript) if answer.quote else None
    return Sentiment(answer.label, score, answer.relationship_health, evidence, "model")


EXTRACTOR: Extractor[Answer, Sentiment] = Extractor("sentiment", Answer, Sentiment, build)
