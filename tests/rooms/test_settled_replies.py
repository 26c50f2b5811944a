"""A reply's whole life over the real API and the real tables: sent, settled by what SES says, suppressed."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from local.template import load_template
from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable
from parley.analysis.machine import TranscriptMachine
from parley.bootstrap.delivery_events import open_settlement
from parley.core.clock import Deadline
from parley.inbound.delivery_events import Settlement
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.inbound.pipeline import Pipeline
from parley.ledger.outbox import OutboxState
from parley.mail.email import DeliveryId, EmailEvent, ThreadId
from parley.mail.outgoing import SendUnknown
from parley.preparation.preparer import Preparer
from parley.settings import DeliverySettings
from tests.inbound.test_delivery_events import Turns
from tests.inbound.test_pipeline import eml
from tests.rooms.conftest import aws_session
from tests.rooms.erasing import erasing_world
from tests.support import DEMO, FakeMail, FakeSender

BOX = "meetings@parley.local"
SARAH = "sarah@acme.test"
FROM = "assistant@parley.local"


class Life:
    """The pipeline, and the settlement as its Lambda opens it, over one API and one runs table."""

    def __init__(self, api, pipeline, settlement):
        self.api = api
        self.pipeline = pipeline
        self.settlement = settlement

    async def deliver(self, raw):
        delivery = uuid.uuid4().hex
        self.pipeline.mail.objects[f"raw/{delivery}"] = raw
        event = EmailEvent(
            message_id=DeliveryId(delivery),
            thread_id=ThreadId(""),
            sender=SARAH,
            recipient=BOX,
            subject="",
            key=f"raw/{delivery}",
            recipients=(BOX,),
        )
        (report,) = await self.pipeline.deliver(event, deadline=Deadline(time.time() + 60, time.time))
        return email_run(DEMO, BOX, event.message_id), report

    async def record(self, key):
        return (await self.api.call("GET", f"/emails/{key.run_id}"))[1]

    async def messages(self, key):
        thread = (await self.record(key))["email"]["thread_id"]
        return (await self.api.call("GET", f"/conversations/{thread}"))[1]["messages"]

    async def hear(self, key, kind, **about):
        """One message of a batch, that must not come back."""
        entry = await self.pipeline.runs.outbox(key, "reply")
        mail = {
            "messageId": f"ses-{entry.tag}",
            "timestamp": "2026-03-03T10:00:02.000Z",
            "destination": [SARAH],
            "tags": {"parley-reply": [entry.tag]},
        }
        detail = {"eventType": kind, "mail": mail, kind.lower(): about}
        body = json.dumps({"source": "aws.ses", "region": "eu-west-1", "detail": detail})
        batch = {"Records": [{"messageId": "m", "eventSource": "aws:sqs", "body": body}]}
        assert await self.settlement.take(batch, seconds=30) == {"batchItemFailures": []}


@asynccontextmanager
async def living(api, moto_url):
    table, key = f"runs-{uuid.uuid4().hex}", "a ledger's key"
    async with AsyncExitStack() as resources:
        dynamodb = await resources.enter_async_context(
            aws_session().client("dynamodb", endpoint_url=moto_url)
        )
        await dynamodb.create_table(**load_template().table("RunsTable").create_arguments(table))
        http = await resources.enter_async_context(aiohttp.ClientSession())
        pipeline = Pipeline(
            runs=EmailLedger(DynamoRunTable(dynamodb, table), clock=time.time, key=key.encode()),
            mail=FakeMail(),
            backend=APIClient(http, base_url=api.base_url, token=api.tokens["pipeline"]),
            sender=FakeSender(),
            machine=TranscriptMachine(None),
            preparer=lambda: Preparer(None),
            clock=time.time,
            reply_from=FROM,
        )
        settings = DeliverySettings(
            runs_table=table,
            api_base_url=api.base_url,
            api_auth_token=api.tokens["pipeline"],
            reply_from=FROM,
            ledger_key=key,
        )
        opened = open_settlement(settings, session=aws_session())
        yield Life(api, pipeline, await resources.enter_async_context(opened))


@pytest.fixture
async def life(api, moto_url, monkeypatch):
    # What the AWS SDK reads for itself: the function's clients are made without options.
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    async with living(api, moto_url) as life:
        yield life


async def test_an_ambiguous_send_is_settled_stored_and_threaded(life):
    life.pipeline.sender.ends = [SendUnknown("no answer")]
    key, _ = await life.deliver(eml(Message_ID="<first@acme.test>"))
    assert (await life.record(key))["reply"]["status"] == "ambiguous"
    assert [m["direction"] for m in await life.messages(key)] == ["inbound"]

    await asyncio.gather(life.hear(key, "Send"), life.hear(key, "Delivery"))

    settled = await life.pipeline.runs.outbox(key, "reply")
    record = await life.record(key)
    (_, outbound) = sorted(await life.messages(key), key=lambda m: m["direction"])
    assert (settled.state, record["reply"]["status"]) == (OutboxState.SENT, "sent")
    assert settled.sent_id == outbound["message_id"] == f"<ses-{settled.tag}@eu-west-1.amazonses.com>"
    assert (outbound["from"], outbound["to"]) == (FROM, [SARAH])
    assert (outbound["text"], outbound["meeting_id"]) == (record["reply"]["text"], record["meeting_id"])

    answer = eml(
        "Thanks!", vtt=None, Subject="Other", Message_ID="<second@acme.test>", In_Reply_To=settled.sent_id
    )
    second, _ = await life.deliver(answer)
    assert (await life.record(second))["email"]["thread_id"] == record["email"]["thread_id"]
    ids = [m["message_id"] for m in await life.messages(key)]
    assert {"<first@acme.test>", settled.sent_id, "<second@acme.test>"} <= set(ids)


async def test_a_send_that_was_seen_is_the_same_message_when_ses_confirms_it(life):
    key, _ = await life.deliver(eml(Message_ID="<seen@acme.test>"))
    before = await life.messages(key)
    sent = await life.pipeline.runs.outbox(key, "reply")
    assert len(before) == 2
    await life.hear(key, "Delivery")
    after = await life.messages(key)
    assert [{**m, "message_id": 0} for m in after] == [{**m, "message_id": 0} for m in before]
    assert sent.sent_id in {m["message_id"] for m in after}


async def test_a_hard_bounce_ends_the_writing_and_not_the_work(life):
    key, _ = await life.deliver(eml(Message_ID="<one@acme.test>"))
    await life.hear(key, "Bounce", bounceType="Permanent", bounceSubType="NoEmail")
    assert (await life.record(key))["reply"]["status"] == "failed"
    _, block, _ = await life.api.call("GET", f"/suppressions/{SARAH}")
    assert (block["address"], block["reason"][:25]) == (SARAH, "bounced for good (NoEmail")
    assert (await life.api.call("GET", f"/blacklist/{SARAH}"))[0] == 404

    second, report = await life.deliver(eml("Another call.", Message_ID="<two@acme.test>"))
    record = await life.record(second)
    assert (report.outcome, record["reply"]["status"]) == ("processed", "suppressed")
    assert record["insights"]["action_items"]
    assert len(life.pipeline.sender.sent) == 1


async def test_another_tenants_list_is_not_touched(life):
    key, _ = await life.deliver(eml(Message_ID="<mine@acme.test>"))
    await life.hear(key, "Complaint", complaintFeedbackType="abuse")
    assert (await life.api.call("GET", f"/suppressions/{SARAH}"))[0] == 200
    assert (await life.api.call("GET", f"/suppressions/{SARAH}", by="other"))[0] == 404


@pytest.mark.parametrize("moment", ["get_email", "put_email", "put_message", "put_suppression"])
@pytest.mark.parametrize("who", ["person", "mail"])
async def test_an_erasure_in_the_middle_of_a_bounce_leaves_no_word_of_the_reply(stores, moment, who):
    async with erasing_world(stores) as world:
        world.sender.ends = [SendUnknown("no answer")]
        (report,) = await world.deliver(eml(Message_ID="<gone@acme.test>", To=BOX), sender=SARAH)
        erased = []
        whole = getattr(world.pipeline.backend, moment)

        async def late(*args):
            if not erased:
                subject = {"address": SARAH} if who == "person" else {"run_id": report.run_id}
                erased.append(await world.erase(**subject))
            return await whole(*args)

        settlement = Settlement(
            runs=world.pipeline.runs,
            backend=Turns(world.pipeline.backend, itertools.cycle([0]), **{moment: late}),
            clock=world.clock,
            reply_from=FROM,
        )
        entry = await world.pipeline.runs.outbox(
            email_run(DEMO, BOX, DeliveryId(world.deliveries[0])), "reply"
        )
        mail = {"messageId": "x", "destination": [SARAH], "tags": {"parley-reply": [entry.tag]}}
        event = {"eventType": "Bounce", "mail": mail, "bounce": {"bounceType": "Permanent"}}
        await settlement.take(event, seconds=30)
        assert erased[0]["complete"] is True
        left = await world.where("pricing sheet", "Ann Berg", SARAH)
        assert [one for one in left if "suppression" not in one] == []
