"""One module and one row an extractor. The rows' order is the order of the reply."""

from __future__ import annotations

from typing import Any

from parley.analysis.extractors import (
    action_items,
    decisions,
    follow_ups,
    key_topics,
    risks,
    sentiment,
    summary,
)
from parley.analysis.extractors.base import Extractor

EXTRACTORS: tuple[Extractor[Any, Any], ...] = (
    summary.EXTRACTOR,
    action_items.EXTRACTOR,
    key_topics.EXTRACTOR,
    decisions.EXTRACTOR,
    sentiment.EXTRACTOR,
    follow_ups.EXTRACTOR,
    risks.EXTRACTOR,
)
