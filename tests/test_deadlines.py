"""An invocation that ends: what stalls for ever is broken off in time, given back, and worked again."""

from __future__ import annotations

import asyncio
import time

import pytest

from parley.core.clock import Deadline
from parley.core.outcome import Outcome
from parley.errors import DeadlineExceeded, RetryableError
from parley.inbound.email_ledger import email_run
from parley.inbound.replies import SECONDS_TO_SEND
from parley.mail.email import DeliveryId
from tests.inbound.test_pipeline import BOX, MAILBOX, World, eml
from tests.support import DEMO, FakeBackend, FakeClock, FakeMail, FakeSender, MemoryRunTable

MARGIN = 0.5
BACKEND = (
    "find_mailbox",
    "check_email_blacklisted",
    "list_meetings",
    "put_meeting",
    "put_insights",
    "put_message",
    "put_email",
)
TABLE = ("create", "get", "items", "replace")


def stalling(kind, *methods):
    """A fake of that kind whose methods of these names never answer, until told."""

    class Stalling(kind):
        stalled = True

    def never(name):
        async def method(self, *args, **options):
            if self.stalled:
                await asyncio.Event().wait()
            return await getattr(kind, name)(self, *args, **options)

        return method

    for name in methods:
        setattr(Stalling, name, never(name))
    return Stalling


class StalledMail(FakeMail):
    stalled = True

    def open(self, bucket, key):
        if not self.stalled:
            return super().open(bucket, key)

        class Never:
            async def __aenter__(self):
                await asyncio.Event().wait()

            async def __aexit__(self, *error):
                return None

        return Never()


def world_where(what, method):
    world = World()
    if what == "backend":
        world.backend = world.pipeline.backend = stalling(FakeBackend, method)(MAILBOX)
        return world, world.backend
    if what == "table":
        world.table = stalling(MemoryRunTable, method)()
        world.pipeline.runs._table = world.table
        return world, world.table
    if what == "mail":
        world.mail = world.pipeline.mail = StalledMail()
        return world, world.mail
    world.sender = world.pipeline.sender = stalling(FakeSender, "send")()
    return world, world.sender


async def deliver(world, *, seconds, margin=MARGIN):
    """One delivery under a deadline on the real clock, as the loop's timers are."""
    world.clock = world.pipeline.clock = world.pipeline.runs._clock = time.time
    deadline = Deadline(time.time() + seconds, time.time, margin)
    async with asyncio.timeout(seconds):
        return await world.deliver(eml(In_Reply_To="<earlier@acme.test>"), fresh=False, deadline=deadline)


async def stalls_and_recovers(what, method):
    world, stalling_one = world_where(what, method)
    with pytest.raises(DeadlineExceeded):
        await deliver(world, seconds=SECONDS_TO_SEND + 0.7)
    assert world.sender.sent == [] or method in {"put_email", "put_message"}
    claim = world.table.rows.get((email_run(DEMO, BOX, DeliveryId("d1")).pk, "claim"))
    released = claim is None or claim["lease_until"] == 0
    # A run that cannot even be written stays leased; its lease ends by itself.
    assert released is (method != "replace")
    stalling_one.stalled = False
    if not released:
        await asyncio.sleep(max(0.0, claim["lease_until"] - time.time() + 0.05))
    (report,) = await deliver(world, seconds=60)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == len(world.backend.of("meeting")) == 1


async def test_whatever_stalls_the_work_is_given_back_in_time_and_done_by_the_next():
    cases = [("mail", "open"), *(("backend", m) for m in BACKEND), *(("table", m) for m in TABLE)]
    # Side by side: each of them waits for its whole invocation to pass.
    await asyncio.gather(*(stalls_and_recovers(*case) for case in cases))


async def test_a_send_without_an_answer_is_broken_off_in_time_to_be_recorded():
    world, sender = world_where("sender", "send")
    (report,) = await deliver(world, seconds=SECONDS_TO_SEND + 1)
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["reply"]["status"] == "ambiguous"
    sender.stalled = False
    await deliver(world, seconds=60)
    assert world.sender.sent == []


async def test_no_effect_is_begun_without_the_time_to_end_it():
    world = World()
    with pytest.raises(DeadlineExceeded, match="store the results"):
        await deliver(world, seconds=SECONDS_TO_SEND, margin=MARGIN)
    assert world.backend.puts == {}
    assert world.sender.sent == []


async def test_an_invocation_that_is_over_begins_nothing():
    world = World()
    with pytest.raises(RetryableError):
        await deliver(world, seconds=MARGIN - 0.1)
    assert world.table.rows == {}


async def test_a_limit_passes_on_what_is_not_its_own():
    deadline = Deadline(FakeClock()() + 60, FakeClock())
    with pytest.raises(TimeoutError):
        async with deadline.limit("work"):
            raise TimeoutError
    with pytest.raises(TimeoutError):
        async with deadline.limit("work"), asyncio.timeout(0):
            await asyncio.sleep(1)


async def test_cleanup_end_by_themselves_before_the_invocation_does():
    deadline = Deadline(time.time() + 0.6, time.time, margin=0.6)
    said = []
    async with asyncio.timeout(10):
        async with deadline.cleanup():
            said.append("begun")
            await asyncio.Event().wait()
            said.append("never")
    assert said == ["begun"]
