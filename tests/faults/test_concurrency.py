"""Copies at once, owners that die, and zombies: over a real wire, one of everything."""

from __future__ import annotations

import itertools
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import aioboto3
import pytest

from local.template import load_template
from parley.adapters.dynamo import DynamoRunTable
from parley.core.outcome import Outcome
from parley.errors import RetryableError
from parley.ledger.outbox import OutboxState
from tests.e2e.test_invites import invite
from tests.faults.sim import SECONDS, Fault, Mode, Sim
from tests.faults.test_model import invite as invited
from tests.faults.test_model import question, transcript
from tests.inbound.test_pipeline import BOX, World

COPIES = 50
ENVIRONMENTS = 5
LEASE_OVER = 190.0


# -- copies at once --------------------------------------------------------------------------


def until_done(handler, event):
    """As Lambda's own retries: what is busy comes back."""
    end = time.monotonic() + 60
    while True:
        try:
            return handler(event)["results"][0]["outcome"]
        except RetryableError:
            assert time.monotonic() < end
            time.sleep(0.05)


def batch_until_done(stack, handler, bodies):
    """As SQS would: what is named as failed comes back; answers how many came back at least once."""
    came_back, receives = 0, 1
    while bodies:
        answer = handler(stack.sqs_event(*bodies, receive_count=receives))
        failed = {int(item["itemIdentifier"].removeprefix("m")) for item in answer["batchItemFailures"]}
        came_back = max(came_back, len(failed))
        bodies = [bodies[index] for index in sorted(failed)]
        receives += 1
        assert receives < 100
        time.sleep(0.05)
    return came_back


def check_one_of_everything(stack, delivery, message_id, meetings_before):
    result = stack.result(delivery)
    assert (result["outcome"], result["reply"]["status"]) == ("processed", "sent")
    assert len(stack.all("/meetings")) == meetings_before + 1
    assert stack.get(f"/meetings/{result['meeting_id']}/insights")["version"] == 1
    assert len(stack.sent(answering=message_id)) == 1


def test_fifty_copies_in_several_environments_are_one_of_everything(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    before = len(stack.all("/meetings"))
    event = stack.s3_event(delivery)
    with stack.handlers(ENVIRONMENTS) as handlers, ThreadPoolExecutor(COPIES) as threads:
        turns = [handlers[n % ENVIRONMENTS] for n in range(COPIES)]
        outcomes = list(threads.map(lambda handler: until_done(handler, event), turns))
    assert sorted(outcomes) == ["duplicate"] * (COPIES - 1) + ["processed"]
    check_one_of_everything(stack, delivery, message_id, before)


def test_fifty_copies_within_batches_are_one_of_everything_and_the_busy_come_back(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    before = len(stack.all("/meetings"))
    bodies = [stack.s3_event(delivery)] * (COPIES // ENVIRONMENTS)
    with stack.handlers(ENVIRONMENTS) as handlers, ThreadPoolExecutor(ENVIRONMENTS) as threads:
        came_back = list(threads.map(lambda handler: batch_until_done(stack, handler, bodies), handlers))
    # Within the batch that holds the claim all others are busy; the other batches may come late.
    assert max(came_back) >= len(bodies) - 1
    check_one_of_everything(stack, delivery, message_id, before)


def test_one_email_in_ten_deliveries_at_once_is_handled_once(stack, fresh_sample):
    raw, message_id = fresh_sample("srt.eml")
    before = len(stack.all("/meetings"))
    deliveries = [
        stack.store(b"Received: from mx%d.example by b.example; now\r\n%s" % (n, raw)) for n in range(10)
    ]
    with stack.handlers(ENVIRONMENTS) as handlers, ThreadPoolExecutor(10) as threads:
        outcomes = list(
            threads.map(
                lambda at: until_done(handlers[at[0] % ENVIRONMENTS], stack.s3_event(at[1])),
                enumerate(deliveries),
            )
        )
    assert sorted(outcomes) == ["duplicate"] * 9 + ["processed"]
    check_one_of_everything(stack, deliveries[outcomes.index("processed")], message_id, before)


def test_updates_of_one_invite_at_once_leave_the_organizers_last_word(stack):
    uid, title = uuid.uuid4().hex, f"Review {uuid.uuid4().hex[:8]}"
    said = [
        ("REQUEST", 0, "20251006T130000Z"),
        ("REQUEST", 1, "20251007T130000Z"),
        ("CANCEL", 2, "20251007T130000Z"),
    ]
    mails = [invite(uid, method=m, sequence=s, start=at, title=title) for m, s, at in said]
    events = [stack.s3_event(stack.store(raw)) for raw in mails * 2]
    with stack.handlers(ENVIRONMENTS) as handlers, ThreadPoolExecutor(len(events)) as threads:
        outcomes = list(
            threads.map(lambda at: until_done(handlers[at[0] % ENVIRONMENTS], at[1]), enumerate(events))
        )
    assert sorted(outcomes) == ["duplicate"] * 3 + ["processed"] * 3
    (meeting,) = [m for m in stack.all("/meetings") if m["ical_uid"] == uid]
    assert (meeting["status"], meeting["sequence"]) == ("cancelled", 2)
    assert meeting["scheduled_time"] == "2025-10-07T13:00:00"


# -- takeovers and zombies -------------------------------------------------------------------


@pytest.fixture
async def new_table(aws):
    """Makes runs tables over a real wire, each empty."""
    async with aioboto3.Session().client("dynamodb", **aws) as client:

        async def make() -> DynamoRunTable:
            name = f"runs-{uuid.uuid4().hex}"
            await client.create_table(**load_template().table("RunsTable").create_arguments(name))
            return DynamoRunTable(client, name)

        yield make


async def standing(sim: Sim) -> tuple[dict, OutboxState, int]:
    """All rows of the run but its reply, the reply's state, and how many left the house."""
    (key,) = sim.runs_of(sim.deliveries["d0"], BOX)
    rows = {row["sk"]: row for row in await sim.table.items(key.pk)}
    return rows, OutboxState(rows.pop("outbox#reply")["state"]), len(sim.wire.sent)


def written(sim: Sim) -> dict:
    """What the API shows but for how the reply stands."""
    puts = {key: dict(body) for key, body in sim.backend.puts.items() if key[0] != "message"}
    for (kind, *_), body in puts.items():
        if kind == "email":
            body.pop("reply")
    return puts


async def trace(table: DynamoRunTable) -> list[tuple[str, str]]:
    """The effects of an email that nothing disturbs."""
    sim = Sim(model=False, table=table)
    sim.deliver(transcript("t", (BOX,)))
    await sim.work(())
    assert [body["outcome"] for body in sim.backend.of("email")] == ["processed"]
    return sim.last.trace


async def test_a_zombie_that_wakes_after_the_takeover_changes_nothing(new_table):
    effects = await trace(await new_table())
    ours = [at for at, (service, _) in enumerate(effects) if service in {"table", "ses"}]
    assert len(ours) > 10
    for at, mode in itertools.product(ours, (Mode.FREEZE_BEFORE, Mode.FREEZE_AFTER)):
        where = f"{mode} ({at}: {effects[at]})"
        sim = Sim(model=False, table=await new_table())
        delivery = sim.deliver(transcript("t", (BOX,)))
        await sim.work((Fault(at, mode),))
        assert sim.frozen, where
        sim.clock.forward(LEASE_OVER)
        sim.queue.put(delivery)
        await sim.drain()
        before, api = await standing(sim), written(sim)
        assert before[0]["claim"]["outcome"] == Outcome.PROCESSED, where
        await sim.wake(0)
        after = await standing(sim)
        assert (after[0], written(sim)) == (before[0], api), where
        # It had taken the send before it was replaced, and nobody else may take it: it may end it.
        ends = {before[1]} | ({OutboxState.SENT} if before[1] is OutboxState.AMBIGUOUS else set())
        assert after[1] in ends, where
        assert after[2] <= 1, where
        assert not sim.wire.unintended, where
        assert len(sim.backend.insights) == 1, where


async def test_while_its_owner_lives_a_copy_is_busy_and_afterwards_it_takes_over(new_table):
    sim = Sim(model=False, table=await new_table())
    delivery = sim.deliver(transcript("t", (BOX,)))
    await sim.work((Fault(8, Mode.FREEZE_AFTER),))
    sim.queue.put(delivery)
    await sim.work(())
    waits: list[float] = []
    while not sim.backend.of("email"):
        (_, copy) = sim.queue.waiting.values()
        waits.append(copy.visible_at - sim.clock())
        sim.clock.forward(waits[-1] + 1)
        await sim.work(())
    # It asks soon, and then waits longer than the invocation: its last word must not meet a successor.
    assert waits[:2] == pytest.approx([5, 30], abs=1)
    assert len(waits) == 3
    assert SECONDS < sum(waits) < LEASE_OVER
    assert [body["outcome"] for body in sim.backend.of("email")] == ["processed"]
    await sim.close()


# -- out of order ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
async def test_the_mails_of_a_conversation_are_one_thread_in_any_order(order):
    world = World()
    for place in order:
        await world.deliver(question(0, place).raw, delivery=f"d{place}")
    assert len({message["thread_id"] for message in world.backend.of("message")}) == 1
    # One how-to a thread, whoever asks first.
    assert len(world.sender.sent) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
async def test_invite_updates_make_the_same_meeting_in_any_order(order):
    updates = [(0, False), (1, False), (1, True), (2, False)]
    sim = Sim(model=False)
    for index in order:
        sequence, cancel = updates[index]
        sim.deliver(invited(0, sequence, cancel=cancel))
        await sim.drain()
    (meeting,) = sim.backend.of("meeting")
    assert (meeting["sequence"], meeting["status"], meeting["title"]) == (2, "scheduled", "Review 0 at 2")
    assert meeting["scheduled_time"] == "2026-03-06T13:00:00"


async def test_an_email_that_is_tried_again_stays_in_its_thread_and_keeps_its_reply():
    sim = Sim(model=False)
    sim.deliver(question(0, 1))
    await sim.work((Fault(("ses", 0), Mode.DIE_BEFORE),))
    sim.deliver(question(0, 0))
    await sim.work(())
    await sim.drain()
    # One how-to a thread: the first that began has it, and its reply is not left where nobody looks.
    (entry,) = sim.outbox()
    assert entry.state in {OutboxState.SENT, OutboxState.AMBIGUOUS}
    assert len({body["email"]["thread_id"] for body in sim.backend.of("email")}) == 1
