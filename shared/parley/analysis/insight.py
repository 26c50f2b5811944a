"""What a meeting came to, each item with the sentence that proves it.

The shape is seed 001's, and more. `source` is "model" or "rules".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["model", "rules"]
Severity = Literal["low", "medium", "high"]
SentimentLabel = Literal["positive", "neutral", "negative", "mixed"]
RelationshipHealth = Literal["strong", "stable", "at_risk"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`quote` stands in segment `segment` byte for byte, or `verified` is False.

    `segment` is 0-based; `start` is that segment's start in seconds, or None.
    """

    quote: str
    speaker: str | None = None
    segment: int | None = None
    start: float | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    text: str


@dataclass(frozen=True, slots=True)
class ActionItem:
    """`owner` is None where the text does not settle it; `due_date` is YYYY-MM-DD or None."""

    text: str
    owner: str | None
    due_date: str | None
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True)
class KeyTopic:
    topic: str
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True)
class Decision:
    text: str
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True)
class Sentiment:
    """`score` lies in -1..1; `relationship_health` is None where nothing shows it."""

    label: SentimentLabel
    score: float
    relationship_health: RelationshipHealth | None
    evidence: Evidence | None
    source: Source


@dataclass(frozen=True, slots=True)
class FollowUp:
    text: str
    due_date: str | None
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True)
class Risk:
    text: str
    severity: Severity
    evidence: Evidence
    source: Source


@dataclass(frozen=True, slots=True)
class Insights:
    """One field an extractor; None where that extractor failed (see `Analysis.errors`).

    Lists are in the order worth showing.
    """

    summary: Summary | None
    action_items: tuple[ActionItem, ...] | None
    key_topics: tuple[KeyTopic, ...] | None
    decisions: tuple[Decision, ...] | None
    sentiment: Sentiment | None
    follow_ups: tuple[FollowUp, ...] | None
    risks: tuple[Risk, ...] | None
