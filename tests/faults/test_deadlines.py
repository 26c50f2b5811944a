"""Dependencies that never answer, one after the other, in a short invocation.

The worker answers before its deadline, at which it would be killed, and gives
the message back with its lease released; a send that nobody answered is
recorded as ambiguous.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.cases import BACK, DIED, DONE, Case, Delivery, Verdict
from tests.faults.lanes import open_lanes
from tests.faults.proxy import Action, Fault

pytestmark = pytest.mark.slow
LANES = 4
"""They mostly wait."""
BRIEF = Delivery(seconds=6.0)
LONGER = Delivery(seconds=10.5)
"""Enough to send in, and not for much else."""
SOON = Delivery(apart=30.0)
"""Long before the lease of a dead owner would end: only one that was given back lets this delivery in."""

BEFORE_THE_SEND = {
    "api:GET /mailboxes?address": BRIEF,
    "dynamodb:PutItem:run:claim": BRIEF,
    "s3:GetObject": BRIEF,
    "dynamodb:PutItem:content": BRIEF,
    "api:GET /blacklist/{id}": BRIEF,
    "api:*": BRIEF,
    "dynamodb:*": BRIEF,
    "api:PUT /meetings/{id}": LONGER,
    "dynamodb:PutItem:outbox:intent": LONGER,
}
SEND = "ses:SendRawEmail"
AFTER_THE_SEND = ("dynamodb:PutItem:outbox:sent", "api:PUT /emails/{id}", "dynamodb:PutItem:run:finish")


def stalled(label: str, first: Delivery) -> Case:
    return Case("invite", (Fault(Action.STALL, label, nth=None),), deliveries=(first, SOON))


async def stall_all() -> dict[str, Verdict]:
    firsts = BEFORE_THE_SEND | dict.fromkeys((SEND, *AFTER_THE_SEND), LONGER)
    async with open_lanes(LANES) as lanes:
        verdicts = await lanes.judge([stalled(label, first) for label, first in firsts.items()])
    return dict(zip(firsts, verdicts, strict=True))


@pytest.fixture(scope="module")
def verdicts(processes: None) -> dict[str, Verdict]:
    return asyncio.run(stall_all())


@pytest.mark.parametrize("label", BEFORE_THE_SEND)
def test_what_stalls_before_the_send_is_given_back_in_time(verdicts, label):
    verdict = verdicts[label]
    assert verdict.violations == [], verdict.log
    assert verdict.ends == [BACK, DONE]
    assert (verdict.replies, verdict.sent) == (["sent"], 1)
    told = [(turn, status) for request, turn, status in verdict.requests if request.startswith("sqs:")]
    assert told == [(0, 200)], "the queue is told when to bring it back"


def test_a_send_that_stalls_is_ambiguous_in_time(verdicts):
    verdict = verdicts[SEND]
    assert verdict.violations == [], verdict.log
    assert DIED not in verdict.ends
    assert (verdict.replies, verdict.sent) == (["ambiguous"], 0)


@pytest.mark.parametrize("label", AFTER_THE_SEND)
def test_what_stalls_after_the_send_never_sends_again(verdicts, label):
    verdict = verdicts[label]
    assert verdict.violations == [], verdict.log
    assert verdict.ends == [BACK, DONE]
    assert verdict.sent == 1
    assert verdict.replies in (["sent"], ["ambiguous"])
