"""What a function does to the runs table is what its role allows: no more is granted, and nothing is missing."""

from __future__ import annotations

import json

import pytest

from parley.analysis.machine import TranscriptMachine
from parley.errors import RetryableError
from parley.inbound.delivery_events import Settlement
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.erasure import EmailEraser
from parley.inbound.intake import Intake
from parley.inbound.scheduled import ScheduledTasks
from parley.inbound.sweep import EmailSweeper
from parley.insights.analyst import Analyst
from parley.insights.worker import Worker
from parley.llm.gateway import Gateway
from parley.mail.outgoing import SendUnknown
from tests.inbound.test_pipeline import BOX, MAILBOX, World, eml
from tests.ledger.test_sweep import DAY, HOUR, FakeQueue, FakeRaw
from tests.support import MemoryRunTable
from tests.test_metrics import Half, Handed, Jobs, Settled, no_nap
from tests.test_template import RESOURCES, listed, statements

ACTIONS = {
    "create": "dynamodb:PutItem",
    "replace": "dynamodb:PutItem",
    "get": "dynamodb:GetItem",
    "items": "dynamodb:Query",
    "remove": "dynamodb:DeleteItem",
}


class Watched(MemoryRunTable):
    """The table, and what was asked of it: (action, index or "")."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def __getattribute__(self, name):
        if name in ACTIONS:
            self.asked.add((ACTIONS[name], ""))
        return super().__getattribute__(name)

    async def find(self, index, value, *, limit):
        self.asked.add(("dynamodb:Query", str(index)))
        return await super().find(index, value, limit=limit)


def granted(role):
    """What the role allows on the runs table, an action on an index only where it can be one."""
    found = set()
    for statement in statements(RESOURCES[role]):
        for action in (one for one in listed(statement["Action"]) if one.startswith("dynamodb:")):
            for resource in listed(statement["Resource"]):
                index = resource.get("Fn::Sub", "").partition("/index/")[2]
                if not index or action == "dynamodb:Query":
                    found.add((action, index))
    return found


def watched_world():
    world = World()
    world.table = Watched()
    world.pipeline.runs = EmailLedger(world.table, clock=world.clock)
    return world


async def inbound(world):
    """Mail that is answered, sent twice, left in the unknown, and that fails once among others."""
    await world.deliver(eml())
    await world.deliver(eml(), fresh=False)
    await world.deliver(eml(), delivery="d2")
    world.sender.ends = [SendUnknown("dropped")]
    await world.deliver(eml(Message_ID="<m3@acme.test>"), delivery="d3")
    world.backend.refuse = {"meeting"}
    with pytest.raises(RetryableError):
        await world.deliver(eml(Message_ID="<m4@acme.test>"), delivery="d4")
    world.backend.refuse = set()
    intake = Intake(pipeline=world.pipeline, queue=Handed(), clock=world.clock)
    await intake.take({"Records": [_again("d1"), _again("d3")]}, seconds=60)


def _again(delivery):
    body = f'{{"notificationType": "Received", "mail": {{"messageId": "{delivery}"}}, "receipt": {{"recipients": ["{BOX}"]}}}}'
    attributes = {"ApproximateReceiveCount": "2"}
    return {"eventSource": "aws:sqs", "messageId": delivery, "body": body, "attributes": attributes}


async def delivery_events(world):
    """A bounce of a reply, and a delivery of the same."""
    plain = MemoryRunTable()
    world.pipeline.runs = EmailLedger(plain, clock=world.clock)
    await world.deliver(eml())
    world.table.rows = plain.rows
    [tag] = [row["name"] for (_, sk), row in plain.rows.items() if sk.startswith("outbox#")]
    settlement = Settlement(
        runs=EmailLedger(world.table, clock=world.clock),
        backend=Settled(MAILBOX),
        clock=world.clock,
        reply_from="assistant@parley.test",
    )
    mail = {"messageId": "s", "destination": ["sarah@acme.test"], "tags": {"parley-reply": [tag]}}
    for kind, about in (("Delivery", {}), ("Bounce", {"bounceType": "Permanent"})):
        detail = {"eventType": kind, "mail": mail, kind.lower(): about}
        await settlement.take({"source": "aws.ses", "region": "eu-west-1", "detail": detail}, seconds=60)


class NoRaw:
    async def remove(self, bucket, key):
        return 1


async def scheduled(world):
    """A lost mail, an abandoned run, and a run that is old."""
    plain = MemoryRunTable()
    world.pipeline.runs = EmailLedger(plain, clock=world.clock)
    await world.deliver(eml())
    world.backend.refuse = {"meeting"}
    with pytest.raises(RetryableError):
        await world.deliver(eml(Message_ID="<m4@acme.test>"), delivery="d4")
    world.table.rows = plain.rows
    # A step, as a model's answer is.
    [claim] = [row for row in plain.rows.values() if row.get("outcome") == "processed"]
    world.table.rows[claim["pk"], "step#1#analysis"] = {
        "pk": claim["pk"],
        "sk": "step#1#analysis",
        "value": "1",
    }
    world.clock.forward(30 * DAY)
    raw = FakeRaw(world.clock)
    raw.put("raw/lost", age=HOUR)
    sweeper = EmailSweeper(table=world.table, raw=raw, queue=FakeQueue(), clock=world.clock)
    eraser = EmailEraser(world.table, NoRaw(), clock=world.clock)
    rounds = ScheduledTasks(sweeper=sweeper, eraser=eraser, retention=28 * DAY, clock=world.clock)
    answer = await rounds.run(seconds=300)
    assert (answer["mail"]["requeued"], answer["runs"]["requeued"], answer["forgotten"]) == (1, 1, 1)


async def analysis_jobs(world):
    """A job, and a copy of it that finds the answers recorded."""
    analyst = Analyst(
        machine=TranscriptMachine(Gateway(Half(), sleep=no_nap)),
        ledger=EmailLedger(world.table, clock=world.clock),
    )
    worker = Worker(analyst=analyst, backend=Jobs(), queue=Handed(), clock=world.clock)
    record = {"messageId": "m", "body": json.dumps({"job_id": "job_1", "tenant": "demo"})}
    for _ in range(2):
        assert await worker.take({"Records": [record]}, seconds=60) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("role", "work"),
    [
        ("InboundEmailRole", inbound),
        ("DeliveryEventsRole", delivery_events),
        ("ScheduledRole", scheduled),
        ("AnalysisJobsRole", analysis_jobs),
    ],
)
async def test_a_role_allows_what_its_function_does_and_no_more(role, work):
    world = watched_world()
    await work(world)
    assert world.table.asked == granted(role)
