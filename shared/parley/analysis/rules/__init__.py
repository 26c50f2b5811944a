"""The embedded analyser: no network, no model, and never without an answer.

Pure functions from a transcript to insights, `source` "rules" throughout. Each
piece of evidence is cut from the transcript itself, so it is verified by
construction. All of it is linear in the transcript.
"""

from parley.analysis.rules.actions import action_items
from parley.analysis.rules.context import Context
from parley.analysis.rules.decided import decisions
from parley.analysis.rules.followups import follow_ups
from parley.analysis.rules.hazards import risks
from parley.analysis.rules.mood import sentiment
from parley.analysis.rules.overview import summary
from parley.analysis.rules.topics import key_topics

__all__ = [
    "Context",
    "action_items",
    "decisions",
    "follow_ups",
    "key_topics",
    "risks",
    "sentiment",
    "summary",
]
