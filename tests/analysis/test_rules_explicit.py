"""Lines that say themselves that they are actions, decisions or topics."""

from __future__ import annotations

import pytest

from parley.analysis.rules import analyzer as rules
from parley.transcripts.transcript import Segment, Transcript

CONTEXT = rules.MeetingContext()


def log(*rows):
    return Transcript("test", tuple(Segment(i, text, who) for i, (who, text) in enumerate(rows)))


@pytest.mark.parametrize(
    "line",
    [
        "ACTION: Bob to write the minutes",
        "action: bob to write the minutes",
        "Action #3: Bob to write the minutes",
        "ACTION ITEM: Bob to write the minutes",
        "ACTION Bob to write the minutes",
        "[ACTION] Bob to write the minutes",
        "**AI: Bob to write the minutes**",
        "- Action : @bob will write the minutes.",
        "ACTION: Bob: write the minutes",
    ],
)
def test_spellings_of_an_action(line):
    (item,) = rules.action_items(log(("Carol Dean", line), ("Bob", "ok")), CONTEXT)
    assert (item.text, item.owner) == ("Write the minutes", "Bob")
    assert item.evidence.quote in line


@pytest.mark.parametrize(
    "label", ["RESOLVED", "RESOLUTION", "Resolution #2", "AGREED", "Decision", "Consensus"]
)
def test_spellings_of_a_decision(label):
    (decision,) = rules.decisions(log(("Carol Dean", f"{label}: keep the old format")), CONTEXT)
    assert decision.text == "Keep the old format"


@pytest.mark.parametrize(
    ("who", "line"),
    [
        ("Carol", "Action Items: https://example.org/actions"),
        ("Carol", "Topic: Action Items"),
        ("Carol", "ACTION-12: write the minutes"),
        ("Carol", "ACTION: none"),
        ("Carol", "PROPOSED: adopt the new format"),
        ("Carol", "PROPOSAL: adopt the new format"),
        ("trackbot", "ACTION: Bob to write the minutes"),
    ],
)
def test_traps(who, line):
    assert rules.action_items(log((who, line)), CONTEXT) == ()
    assert rules.decisions(log((who, line)), CONTEXT) == ()


def test_a_label_that_a_format_took_for_a_speaker():
    (item,) = rules.action_items(log(("ACTION", "Bob to write the minutes")), CONTEXT)
    assert item.text == "Write the minutes"


def test_continuation_lines_and_corrections_belong_to_the_item():
    lines = log(
        ("Carol", "ACTION: Bob to write the minuets"),
        ("Carol", "... and send them round"),
        ("Dan", "s/minuets/minutes/"),
    )
    (item,) = rules.action_items(lines, CONTEXT)
    assert item.text == "Write the minutes and send them round"


def test_a_list_below_a_heading():
    found = rules.action_items(
        log((None, "Action items:"), (None, "- Bob to write"), (None, "1. Ann to send the bill")), CONTEXT
    )
    assert [(item.owner, item.text) for item in found] == [("Bob", "Write"), ("Ann", "Send the bill")]


def test_several_names_are_nobodys():
    (item,) = rules.action_items(log(("Carol", "ACTION: Ann and Bob to write the minutes")), CONTEXT)
    assert item.owner is None


def test_a_verb_before_to_is_no_name():
    (item,) = rules.action_items(log(("Carol", "ACTION: respond to the customer")), CONTEXT)
    assert (item.owner, item.text) == (None, "Respond to the customer")


def test_marked_topics_come_in_order():
    topics = rules.key_topics(
        log(("Carol", "Topic: Budget"), ("Carol", "Subtopic: Travel"), ("Carol", "Topic: Hiring")), CONTEXT
    )
    assert [topic.topic for topic in topics] == ["Budget", "Travel", "Hiring"]


def test_said_twice_is_shown_once():
    twice = log(("Carol", "RESOLVED: keep it simple"), ("Carol", "Resolved: Keep it simple."))
    assert len(rules.decisions(twice, CONTEXT)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Every editorial change is merged by one editor",
            "Every non-editorial change is merged by two editors",
        ),
        ("The gateway MUST take bearer tokens", "The gateway MUST take key-bound tokens"),
        ("We publish the draft on 3 May", "We publish the draft on 10 May"),
        ("Keep the old logo on the site", "Keep the new logo on the site"),
        ("The chair may vote", "The chair may not vote"),
    ],
)
def test_marked_decisions_that_are_merely_alike_are_two(one, other):
    found = rules.decisions(log(("Carol", f"RESOLVED: {one}"), ("Carol", f"RESOLVED: {other}")), CONTEXT)
    assert [decision.text for decision in found] == [one, other]
    again = rules.decisions(log(("Carol", f"RESOLVED: {one}"), ("Carol", f"RESOLVED: {one}.")), CONTEXT)
    assert len(again) == 1
