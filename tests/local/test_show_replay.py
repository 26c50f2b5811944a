"""A replay and a rehearsal as a person reads them."""

from __future__ import annotations

import io

import pytest

from local.show_replay import show_dry_run, show_replay

REPLAYED = {
    "run_id": "run_1",
    "outcome": ["failed", "processed"],
    "reason": ["attempts_exhausted", None],
    "reply": None,
    "insights": None,
    "dead_letters_deleted": None,
}
SAME = {
    "run_id": "run_1",
    "changed": False,
    "outcome": ["processed", "processed"],
    "reason": [None, None],
    "route": ["transcript", "transcript"],
    "insights": {},
    "reply": "",
    "usage": {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0},
}


def shown(show, result):
    out = io.StringIO()
    show(out, result)
    return out.getvalue()


def test_a_replay_that_found_nothing_to_say_is_one_line():
    assert shown(show_replay, REPLAYED) == "run_1  failed → processed\n"


def test_a_run_that_had_not_ended_says_so():
    assert "not ended → processed" in shown(show_replay, {**REPLAYED, "outcome": [None, "processed"]})


@pytest.mark.parametrize(
    ("insights", "says"),
    [
        ({"ours": True, "edited_by": None}, "version 2 of meeting_1 is this run's"),
        ({"ours": False, "edited_by": "user_1"}, "version 2 of meeting_1 stands: a person has edited it"),
        ({"ours": False, "edited_by": None}, "version 2 of meeting_1 stands: another run wrote it"),
    ],
)
def test_whose_insights_stand_is_said(insights, says):
    found = {"meeting_id": "meeting_1", "version": [1, 2], **insights}
    assert says in shown(show_replay, {**REPLAYED, "insights": found})


def test_what_stopped_it_and_what_became_of_reply_and_letter_are_said():
    result = {**REPLAYED, "reason": [None, "spam"], "reply": {"said": "sent now"}, "dead_letters_deleted": 1}
    text = shown(show_replay, result)
    assert "reason: spam" in text
    assert "reply: sent now" in text
    assert "its dead letter is deleted" in text


def test_a_rehearsal_without_a_difference_says_so():
    assert shown(show_dry_run, SAME) == "run_1\n  nothing would differ\n"


def test_every_kind_of_difference_is_shown():
    added = {"text": "Book a room", "owner": "Bo"}
    insights = {
        "action_items": {
            "added": [added],
            "removed": [{"topic": "Gone"}],
            "changed": [{"item": "Send it", "owner": ["Ann", None]}],
        },
        "risks": {"added": [], "removed": [], "changed": [], "missing": [True, False]},
    }
    result = {
        **SAME,
        "changed": True,
        "outcome": ["quarantined", "processed"],
        "insights": insights,
        "reply": "--- recorded\n+++ now\n-old\n+new",
        "usage": {"llm_calls": 2, "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.25},
    }
    lines = [line.strip() for line in shown(show_dry_run, result).splitlines()]
    for line in (
        "outcome: quarantined → processed",
        "+ Bo: Book a room",
        "- Gone",
        "Send it",
        "- owner: Ann",
        "+ owner: none",
        "missing: yes → no",
        "-old",
        "+new",
        "2 model calls, 0.2500 USD",
    ):
        assert line in lines


def test_what_strangers_wrote_cannot_steer_the_terminal():
    insights = {"risks": {"added": [{"text": "bad\x1b[2Jrisk"}], "removed": [], "changed": []}}
    result = {**SAME, "changed": True, "insights": insights, "reply": "+\x1b]0;title\x07"}
    text = shown(show_dry_run, result)
    assert "\x1b" not in text
    assert "\x07" not in text
