"""The rules analyzer: no network, no model, and never without an answer.

Pure functions from a transcript to insights, `source` "rules" throughout. Each
piece of evidence is cut from the transcript itself, so it is verified by
construction. All of it is linear in the transcript.
"""

from collections.abc import Callable
from typing import Any

from parley.analysis.meeting_context import MeetingContext
from parley.analysis.rules.action_items import action_items, find_action_items
from parley.analysis.rules.decisions import decisions, find_decisions
from parley.analysis.rules.follow_ups import find_follow_ups, follow_ups
from parley.analysis.rules.key_topics import find_key_topics, key_topics
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.analysis.rules.risks import find_risks, risks
from parley.analysis.rules.sentiment import assess_sentiment, sentiment
from parley.analysis.rules.summary import summary, write_summary

RULES: dict[str, Callable[[ParsedTranscript], Any]] = {
    "summary": write_summary,
    "action_items": find_action_items,
    "key_topics": find_key_topics,
    "decisions": find_decisions,
    "sentiment": assess_sentiment,
    "follow_ups": find_follow_ups,
    "risks": find_risks,
}
"""The rule of each insight, by its extractor's name, over one parsed transcript that all share."""

__all__ = [
    "RULES",
    "MeetingContext",
    "ParsedTranscript",
    "action_items",
    "decisions",
    "follow_ups",
    "key_topics",
    "risks",
    "sentiment",
    "summary",
]
