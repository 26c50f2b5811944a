"""The rules analyser as a whole: what it finds in a small sales call, and what it leaves alone."""

from __future__ import annotations

from datetime import date

from parley.analysis import rules
from parley.models.transcript import Segment, Transcript

CONTEXT = rules.Context(date=date(2026, 11, 20))


def talk(*rows):
    return Transcript("test", tuple(Segment(i, text, who, i * 10.0, i * 10.0 + 9) for i, (who, text) in enumerate(rows)))


def actions(*rows, context=CONTEXT):
    return rules.action_items(talk(*rows), context)


def test_a_promise_belongs_to_its_speaker():
    (item,) = actions(("Dana Reyes", "Yeah, so I'll send the deck to Jennifer by Wednesday, and then we can see."))
    assert (item.text, item.owner, item.due_date) == ("Send the deck to Jennifer", "Dana Reyes", "2026-11-25")
    assert item.evidence.quote in "Yeah, so I'll send the deck to Jennifer by Wednesday, and then we can see."
    assert item.evidence.verified
    assert item.source == "rules"
