"""What differs between two records, and nothing else."""

from __future__ import annotations

from parley.core.diff import differences, insight_differences, reply_difference

ITEM = {"text": "Send the sheet", "owner": "Ann", "due_date": None}
USAGE = {"llm_calls": 1, "input_tokens": 2, "output_tokens": 3, "cost_usd": 0.1}


def record(**fields):
    return {"outcome": "processed", "reason": None, "route": "transcript", "usage": USAGE, **fields}


def test_the_same_record_differs_in_nothing():
    one = record(insights={"action_items": [ITEM], "summary": {"text": "x"}}, reply={"text": "Hi"})
    assert differences(one, one) == {
        "changed": False,
        "outcome": ["processed", "processed"],
        "reason": [None, None],
        "route": ["transcript", "transcript"],
        "insights": {},
        "reply": "",
        "usage": USAGE,
    }


def test_another_end_is_a_change():
    found = differences(record(outcome="quarantined", reason="spam", route=None), record())
    assert found["changed"]
    assert (found["outcome"], found["reason"]) == (["quarantined", "processed"], ["spam", None])
    assert found["route"] == [None, "transcript"]


def test_items_are_added_removed_and_changed():
    new = {"text": "Book a room", "owner": None}
    found = insight_differences(
        {"action_items": [ITEM, {"text": "Gone"}]}, {"action_items": [new, {**ITEM, "owner": "Bo"}]}
    )
    assert found == {
        "action_items": {
            "added": [new],
            "removed": [{"text": "Gone"}],
            "changed": [{"item": "Send the sheet", "owner": ["Ann", "Bo"]}],
        }
    }


def test_topics_go_by_their_name_and_order_is_no_difference():
    a, b = {"topic": "Price"}, {"topic": "Dates"}
    assert insight_differences({"key_topics": [a, b]}, {"key_topics": [b, a]}) == {}


def test_items_that_say_the_same_are_counted():
    found = insight_differences(
        {"risks": [{"text": "Late"}]}, {"risks": [{"text": "Late"}, {"text": "Late"}]}
    )
    assert found["risks"]["added"] == [{"text": "Late"}]


def test_a_summary_is_one_item_whatever_it_says():
    found = insight_differences({"summary": {"text": "old"}}, {"summary": {"text": "new"}})
    assert found["summary"] == {"added": [], "removed": [], "changed": [{"text": ["old", "new"]}]}


def test_what_an_extractor_failed_to_give_is_missing_not_empty():
    found = insight_differences({"risks": None}, {"risks": []})
    assert found["risks"]["missing"] == [True, False]
    assert differences(record(insights={"risks": None}), record(insights={"risks": []}))["changed"]


def test_no_insights_against_some_are_all_added():
    found = differences(
        record(insights=None), record(insights={"risks": [{"text": "Late"}], "summary": None})
    )
    assert found["insights"] == {
        "risks": {"added": [{"text": "Late"}], "removed": [], "changed": [], "missing": [True, False]}
    }


def test_a_reply_differs_line_by_line():
    old = {"to": "a@b.test", "subject": "Re: x", "text": "one\ntwo\nthree"}
    lines = reply_difference(old, {**old, "text": "one\n2\nthree"}).splitlines()
    assert {"-two", "+2"} <= set(lines)
    assert " one" in lines
    assert reply_difference(old, None).count("\n-") == 6
    assert "+Subject: Re: y" in reply_difference(old, {**old, "subject": "Re: y"})
