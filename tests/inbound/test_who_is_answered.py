"""Nobody turns a mailbox on others: forged senders get no answer, and senders outside only so many in an hour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.clock import HOUR
from parley.core.outcome import Outcome
from parley.inbound.email_ledger import email_run
from parley.inbound.facts import MOST_ANSWERS_OUTSIDE
from parley.mail.email import Verdicts
from tests.inbound.test_pipeline import MAILBOX, World, eml
from tests.support import DEMO

CAREFUL = replace(MAILBOX, answer_unauthenticated=False)
AUTHENTIC = Verdicts(spam="PASS", virus="PASS", spf="PASS", dkim="PASS", dmarc="PASS")


async def outsider(world, number, *, verdicts=AUTHENTIC):
    raw = eml(From=f"guest{number}@else.test", Message_ID=f"<{number}@else.test>")
    await world.deliver(raw, delivery=f"d{number}", verdicts=verdicts)
    return next(
        one for one in world.backend.of("email") if one["email"]["from"] == f"guest{number}@else.test"
    )


def world_of(mailbox):
    world = World(mailbox)
    world.backend.users = {"sarah@acme.test"}
    return world


@pytest.mark.parametrize("verdict", ["FAIL", "GRAY", "absent"])
async def test_a_sender_who_is_not_authentic_is_worked_and_not_answered(verdict):
    world = world_of(CAREFUL)
    verdicts = None if verdict == "absent" else replace(AUTHENTIC, dmarc=verdict)
    await world.deliver(eml(), verdicts=verdicts)
    record = world.record()
    assert (record["outcome"], record["reply"]) == (Outcome.PROCESSED, None)
    assert "not answered" in record["detail"]
    assert "answer_unauthenticated" in record["detail"]
    assert record["insights"]["action_items"]
    assert not world.sender.sent


@pytest.mark.parametrize(
    ("mailbox", "verdicts"),
    [(CAREFUL, AUTHENTIC), (MAILBOX, None), (replace(MAILBOX, require_auth=True), AUTHENTIC)],
    ids=["authentic", "the mailbox says so", "required"],
)
async def test_everybody_else_is_answered(mailbox, verdicts):
    world = world_of(mailbox)
    await world.deliver(eml(), verdicts=verdicts)
    assert world.record()["detail"] is None
    assert len(world.sender.sent) == 1


async def fill(world):
    """As many answers outside as one mailbox gives, as if they were older runs of other senders."""
    for number in range(MOST_ANSWERS_OUTSIDE):
        claim = await world.pipeline.runs.claim(
            email_run_of(world, f"old{number}"), lease_until=world.clock() + 60, fresh=True, about={}
        )
        await world.pipeline.runs.count_run(claim, MAILBOX.address)


def email_run_of(world, delivery):
    return email_run(DEMO, MAILBOX.address, delivery)


async def test_senders_outside_get_only_so_many_answers_in_an_hour_and_own_people_all():
    world = world_of(MAILBOX)
    assert (await outsider(world, 1))["reply"]["status"] == "sent"
    await fill(world)
    capped = await outsider(world, 2)
    assert (capped["outcome"], capped["reply"]) == (Outcome.PROCESSED, None)
    assert f"{MOST_ANSWERS_OUTSIDE} answers" in capped["detail"]
    await world.deliver(eml(), delivery="own", verdicts=AUTHENTIC)
    assert [recipient for recipient, _ in world.sender.sent] == ["guest1@else.test", "sarah@acme.test"]
    world.clock.forward(2 * HOUR)
    assert (await outsider(world, 3))["reply"]["status"] == "sent"


async def test_an_answer_outside_is_counted_once_however_often_it_is_tried():
    world = world_of(MAILBOX)
    for _ in range(3):
        await outsider(world, 1)
    counted = [pk for pk, _ in world.table.rows if "#sender#" in pk]
    assert len(counted) == len({"under the sender", "under the mailbox"})
