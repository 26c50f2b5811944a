"""A service that refuses or is away for an hour: no email is lost, none fails, each is answered once."""

from __future__ import annotations

import json
import logging

import pytest

from parley.core.clock import Deadline
from parley.inbound.intake import Intake
from parley.ledger.gauges import Gauges
from parley.ledger.outbox import OutboxState, waits_as
from parley.ledger.table import Index
from parley.mail.email import DeliveryId, EmailEvent, ThreadId
from parley.mail.inbound_events import to_notification
from tests.adapters.test_ses import ACCEPTED, Adversary, error, sender
from tests.inbound.test_pipeline import BOX, World, eml

HOUR = 3600
MOST_RECEIVES = 8
SANDBOX = error("MessageRejected").replace(">m<", ">Email address is not verified. b@acme.test<")
REASONS = {
    "sandbox or unverified sender": (400, SANDBOX),
    "no permission": (403, error("AccessDenied")),
    "expired token": (403, error("ExpiredToken")),
    "rotated key": (403, error("InvalidClientTokenId")),
    "missing configuration set": (400, error("ConfigurationSetDoesNotExist")),
    "throttling": (400, error("Throttling")),
    "daily quota": (400, error("LimitExceededException")),
    "sending paused": (400, error("AccountSendingPausedException")),
}


class Queue:
    """SQS on the test's clock: visibility, receives, delays, and the dead letters after eight receives."""

    def __init__(self, clock, *deliveries: str) -> None:
        self.clock = clock
        self.messages: list[list] = [[clock(), 0, self.body(one), one] for one in deliveries]
        self.dead: list[str] = []

    @staticmethod
    def body(delivery: str) -> str:
        event = EmailEvent(
            message_id=DeliveryId(delivery),
            thread_id=ThreadId("t"),
            sender="sarah@acme.test",
            recipient=BOX,
            subject="Pilot call",
            key=f"raw/{delivery}",
            recipients=(BOX,),
        )
        return json.dumps(to_notification(event))

    async def hand_back(self, message, *, seconds):
        assert 1 <= seconds <= 900
        next(one for one in self.messages if one[3] == message.message_id)[0] = self.clock() + seconds

    async def put_off(self, message, *, seconds):
        for one in message.emails:
            ident = f"{message.message_id}+"
            self.messages.append([self.clock() + seconds, 0, json.dumps(to_notification(one)), ident])

    async def work(self, intake) -> None:
        """Receive whatever is due, in the order of time, until the queue is empty."""
        while self.messages:
            one = min(self.messages)
            self.clock.now = max(self.clock.now, one[0])
            one[1] += 1
            if one[1] > MOST_RECEIVES:
                self.dead.append(one[3])
                self.messages.remove(one)
                continue
            one[0] = self.clock() + 1080
            record = {
                "messageId": one[3],
                "receiptHandle": "r",
                "body": one[2],
                "eventSourceARN": "arn:aws:sqs:eu-west-1:1:emails",
                "attributes": {"ApproximateReceiveCount": str(one[1])},
            }
            answer = await intake.take({"Records": [{**record, "eventSource": "aws:sqs"}]}, seconds=180)
            if not answer["batchItemFailures"]:
                self.messages.remove(one)


@pytest.fixture
def world():
    made = World()
    for number in range(3):
        raw = eml(Message_ID=f"<m{number}@acme.test>")
        made.mail.objects[f"raw/d{number}"] = raw
    return made


async def worked(world, until, mend, outage=HOUR):
    """Work three emails; at `outage` seconds `mend` is called once."""
    queue, began, mended = Queue(world.clock, "d0", "d1", "d2"), world.clock(), []

    class Mending(Intake):
        async def take(self, event, *, seconds):
            if not mended and world.clock() - began >= outage:
                mended.append(mend())
            elif not mended:
                await until()
            return await super().take(event, seconds=seconds)

    await queue.work(Mending(pipeline=world.pipeline, queue=queue, clock=world.clock, jitter=lambda: 1.0))
    assert mended
    assert queue.dead == []
    assert {one["outcome"] for one in world.backend.of("email")} == {"processed"}
    return world.clock() - began


@pytest.mark.parametrize("reason", REASONS)
async def test_ses_refuses_for_an_hour_and_every_answer_goes_out_once(aws, world, caplog, reason):
    caplog.set_level(logging.INFO)
    adversary = Adversary(*REASONS[reason])
    refused, held = [], []

    async def until():
        waiting = await Gauges(table=world.table, clock=world.clock).gauge(
            Deadline(world.clock() + 60, world.clock)
        )
        held.append(waiting["held"].count)

    def mend():
        refused.extend(adversary.taken)
        adversary.status, adversary.body = 200, ACCEPTED
        adversary.taken = []

    async with sender(adversary, aws) as made:
        world.pipeline.sender = made
        seconds = await worked(world, until, mend)
    assert len(adversary.taken) == 3
    assert len({one["Tags.member.1.Value"] for one in adversary.taken}) == 3
    assert held[-1] == 3
    assert len(refused) <= 3 * 16
    assert seconds <= HOUR + 2 * 900
    assert not await world.table.find(Index.WAITING, waits_as(OutboxState.INTENT), limit=9)
    claims = [item for (_, sk), item in world.table.rows.items() if sk == "claim" and "attempts" in item]
    assert {item["attempts"] for item in claims} == {1}
    # Nor did one fail in between, which a copy that comes as new would have worked again.
    ends = [one.outcome for one in caplog.records if one.message == "run finished"]
    assert ends == ["processed"] * 3


async def test_an_api_that_is_away_for_an_hour_costs_no_attempt(world):
    world.backend.refuse = {"meeting", "email", "message"}

    async def until():
        pass

    await worked(world, until, world.backend.refuse.clear)
    assert len(world.sender.sent) == 3


async def test_an_api_that_is_away_for_a_night_takes_nothing_to_the_dead_letters(world):
    world.backend.refuse = {"meeting", "email", "message"}

    async def until():
        pass

    await worked(world, until, world.backend.refuse.clear, outage=10 * HOUR)
    assert len(world.sender.sent) == 3


async def test_what_only_this_message_is_to_blame_for_is_rejected_at_once(aws, world):
    adversary = Adversary(400, error("MessageRejected"))
    async with sender(adversary, aws) as made:
        world.pipeline.sender = made
        await world.deliver(eml())
    assert world.record()["reply"]["status"] == "failed"
    assert len(adversary.taken) == 1
