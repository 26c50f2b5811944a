"""Which of two reports of one run stands, in whichever order they come."""

from __future__ import annotations

import itertools

import pytest

from parley.conversations.kinds import EMAIL
from parley.ledger.outbox import OutboxState
from parley.mail.email import RunState

STATES = [str(state) for state in RunState]


def report(*, states=9, outcome="processed", reply=None, generation=None):
    body = {"states": STATES[:states], "outcome": outcome, "reply": reply and {"status": reply}}
    return body if generation is None else {**body, "generation": generation}


LATER_AND_LATER = [
    {},
    report(states=2, outcome=None),
    report(states=7, outcome=None),
    report(states=3, outcome="failed"),
    report(states=8, outcome="failed", reply="draft"),
    report(states=8, outcome="failed", reply="ambiguous"),
    report(states=4, outcome="refused"),
    report(reply="draft"),
    report(reply="ambiguous"),
    report(reply="sent"),
    report(reply="failed"),
    report(states=2, outcome=None, generation=2),
    report(states=4, outcome="refused", generation=2),
    report(reply="sent", generation=2),
    report(reply="failed", generation=2),
    report(states=4, outcome="refused", generation=30),
]


def test_a_report_from_later_on_ranks_higher():
    ranks = [EMAIL.rank(body) for body in LATER_AND_LATER]
    assert ranks == sorted(set(ranks))


def test_what_is_no_news_of_a_reply_ranks_alike_so_that_the_last_word_stands():
    silent = [None, "draft", "suppressed", "novel", 7, {}]
    assert len({EMAIL.rank(report(reply=status)) for status in silent}) == 1


def test_the_first_generation_need_not_be_named():
    assert EMAIL.rank(report(generation=1)) == EMAIL.rank(report())


@pytest.mark.parametrize("junk", [-5, 0, "2", None, 1.5, [], 10**30])
def test_junk_for_a_generation_is_a_number_all_the_same(junk):
    assert EMAIL.rank(report(generation=junk)) >= EMAIL.rank(report())
    assert len(str(EMAIL.rank(report(generation=junk)))) < 38


async def put(api, body):
    status, stands, _ = await api.call("PUT", "/emails/r-1", by="pipeline", json=body)
    assert status == 200
    return stands


@pytest.mark.parametrize("first", ["ambiguous", "sent", "failed"])
async def test_what_ses_said_of_a_reply_outlasts_a_late_report_of_the_pipeline(api, first):
    order = ["ambiguous", "sent", "failed"]
    for status in (first, *order, *reversed(order)):
        await put(api, report(reply=status))
    assert (await api.call("GET", "/emails/r-1"))[1]["reply"] == {"status": "failed"}


async def test_a_record_that_was_read_mended_and_put_back_is_the_same_but_for_the_reply(api):
    whole = report(reply="ambiguous", generation=2) | {"insights": {"risks": []}, "usage": {"llm_calls": 1}}
    await put(api, whole)
    _, read, _ = await api.call("GET", "/emails/r-1", by="pipeline")
    await put(api, {**read, "reply": {"status": "sent"}})
    _, mended, _ = await api.call("GET", "/emails/r-1", by="pipeline")
    assert mended == {**read, "reply": {"status": "sent"}}
    assert whole.items() <= {**mended, "reply": {"status": "ambiguous"}}.items()


def test_every_end_of_a_reply_has_its_place():
    shown = {"sent", "failed", "ambiguous", "draft", "suppressed"}
    ranks = {status: EMAIL.rank(report(reply=status)) for status in shown}
    assert {str(state) for state in OutboxState} - shown == {"intent", "sending"}
    pairs = itertools.combinations(("draft", "ambiguous", "sent", "failed"), 2)
    assert all(ranks[low] < ranks[high] for low, high in pairs)
