"""Sample mails with accidents, through the whole pipeline: always an outcome, never more than one reply."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.core.outcome import Outcome
from parley.mail.mailbox import Mailbox, Purpose
from tests.hostile.build import BOX
from tests.hostile.judge import ATTRIBUTES, HEADERS, TAGS, hold_what_a_run_promises, shape
from tests.hostile.mutations import SAMPLES, mutated
from tests.inbound.test_pipeline import World
from tests.support import DEMO

OPEN = Mailbox(BOX, DEMO, Purpose.MEETINGS, members=("*",), require_auth=False, answer_unauthenticated=True)


async def work(raw: bytes) -> World:
    world = World(OPEN)
    (report,) = await world.deliver(raw)
    hold_what_a_run_promises(world, report, tenant=str(DEMO))
    assert len(world.sender.sent) <= (report.outcome is Outcome.PROCESSED)
    if world.sender.sent:
        sender = world.record()["email"]["from"]
        ((recipient, _),) = world.sender.sent
        assert recipient == sender
        answer = world.message()
        assert {name.lower() for name in answer} <= HEADERS
        assert len(answer["To"].addresses) == 1
        page = shape(answer.get_body(("html",)).get_content())
        assert page.tags <= TAGS
        assert page.attributes <= ATTRIBUTES
    return world


def test_the_samples_are_what_is_mutated():
    assert len(SAMPLES) >= 10
    outcomes = {str(asyncio.run(work(raw)).record()["outcome"]) for raw in SAMPLES.values()}
    assert outcomes >= {"processed", "refused"}


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_a_sample_with_accidents_ends_with_an_outcome(raw):
    asyncio.run(work(raw))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_with_an_outcome(raw):
    asyncio.run(work(raw))
