"""The embedded analyser: no network, no model, and never without an answer.

Pure functions from a transcript to insights, `source` "rules" throughout. Each
piece of evidence is cut from the transcript itself, so it is verified by
construction. All of it is linear in the transcript.
"""

from collections.abc import Callable
from typing import Any

from parley.analysis.rules import actions, followups, topics
from parley.analysis.rules import decisions as decided
from parley.analysis.rules import risks as hazards
from parley.analysis.rules import sentiment as mood
from parley.analysis.rules import summary as overview
from parley.analysis.rules.actions import action_items
from parley.analysis.rules.context import Context
from parley.analysis.rules.decisions import decisions
from parley.analysis.rules.followups import follow_ups
from parley.analysis.rules.reading import Reading
from parley.analysis.rules.risks import risks
from parley.analysis.rules.sentiment import sentiment
from parley.analysis.rules.summary import summary
from parley.analysis.rules.topics import key_topics

FROM_READING: dict[str, Callable[[Reading], Any]] = {
    "summary": overview.from_reading,
    "action_items": actions.from_reading,
    "key_topics": topics.from_reading,
    "decisions": decided.from_reading,
    "sentiment": mood.from_reading,
    "follow_ups": followups.from_reading,
    "risks": hazards.from_reading,
}
"""Each insight by its extractor's name, over one reading that all may share."""

__all__ = [
    "FROM_READING",
    "Context",
    "Reading",
    "action_items",
    "decisions",
    "follow_ups",
    "key_topics",
    "risks",
    "sentiment",
    "summary",
]
