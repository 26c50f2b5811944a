"""Mail whose notification never came, on the real stack: found, put into the queue, worked once."""

import json
import time
from contextlib import asynccontextmanager

import aioboto3
import pytest

from local.environment import in_place
from local.resource_names import queue_url
from parley.bootstrap.scheduled import open_scheduled
from parley.settings import ScheduledSettings
from tests.running_stack import MAILBOX, running_stack

HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module")
def lonely(processes):
    """A stack of its own: a sweep an hour ahead would find what other tests have yet to announce."""
    with running_stack() as stack:
        yield stack


@asynccontextmanager
async def rounds(stack):
    """`go(ahead)`: what `scheduled` would do in so many seconds from now."""
    ahead = 0.0
    with in_place(stack.env):
        opening = open_scheduled(
            ScheduledSettings.from_env(), clock=lambda: time.time() + ahead, session=aioboto3.Session()
        )
        async with opening as opened:
            opened.sweeper.raw.most = 7

            async def go(seconds):
                nonlocal ahead
                ahead = seconds
                return await opened.run(seconds=60)

            yield go


async def test_mail_without_a_notification_is_found_and_worked_once(lonely, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = lonely.store(raw)
    async with rounds(lonely) as go:
        assert (await go(0))["mail"]["requeued"] == 0
        first = await go(HOUR)
        assert first["mail"]["complete"]
        assert first["mail"]["requeued"] >= 1
        # The next sweep comes at once, while the copy is in the queue or being worked.
        assert (await go(HOUR))["mail"]["requeued"] == 0
        assert lonely.wait(delivery)["outcome"] == "processed"
        assert (await go(HOUR))["mail"]["requeued"] == 0
    assert len(lonely.sent(answering=message_id)) == 1


async def test_many_lost_mails_are_all_found_over_many_pages_and_batches(lonely):
    body = b"From: a@example.org\nTo: meetings@parley.local\nSubject: Lost %d\n\nHello"
    s3 = lonely.client("s3")
    for number in range(30):
        s3.put_object(Bucket=lonely.env["S3_BUCKET"], Key=f"raw/lost{number:016}", Body=body % number)
    async with rounds(lonely) as go:
        assert (await go(HOUR))["mail"]["requeued"] == 30
        assert (await go(HOUR))["mail"]["requeued"] == 0


def test_the_queue_takes_what_the_function_sends(lonely):
    """EMAILS_QUEUE_URL is the queue that inbound_email is fed by."""
    url = lonely.env["EMAILS_QUEUE_URL"]
    assert url == queue_url(lonely.where["aws_endpoint_url"], "EmailsQueue")
    with lonely.handlers(function="scheduled") as [handler]:
        answer = handler({})
    assert set(answer) == {"runs", "waiting", "mail", "forgotten"}
    assert json.dumps(answer)


async def test_an_abandoned_run_is_worked_to_its_end(lonely, fresh_sample):
    """Its worker died before the last write, and its message is gone. Last: it sweeps far ahead of the clock."""
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = lonely.store(raw)
    with lonely.handlers() as [handler]:
        handler(lonely.s3_event(delivery))
    table = lonely.client("dynamodb")
    [key] = _claims_of(lonely, delivery)
    _reopen(table, lonely.env["RUNS_TABLE"], key)
    async with rounds(lonely) as go:
        answer = await go(8 * HOUR)
    assert answer["runs"]["requeued"] == 1
    assert answer["waiting"]["abandoned"]["count"] == 1
    _wait_for_end(table, lonely.env["RUNS_TABLE"], key)
    assert len(lonely.sent(answering=message_id)) == 1


def _claims_of(stack, delivery):
    found = stack.client("dynamodb").query(
        TableName=stack.env["RUNS_TABLE"],
        IndexName="delivery",
        KeyConditionExpression="delivery = :d",
        ExpressionAttributeValues={":d": {"S": delivery}},
    )["Items"]
    return [{"pk": row["pk"], "sk": row["sk"]} for row in found]


def _reopen(table, name, key):
    """As a worker leaves a run that is killed after all its effects, before the last write."""
    table.update_item(
        TableName=name,
        Key=key,
        UpdateExpression="SET #state = :open, waiting = :waiting, lease_until = :past REMOVE outcome, reason, finished_at",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={
            ":open": {"S": "open"},
            ":waiting": {"S": "run#open"},
            ":past": {"N": "0"},
        },
    )


def _wait_for_end(table, name, key):
    end = time.monotonic() + 60
    while table.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"]["state"]["S"] != "finished":
        assert time.monotonic() < end
        time.sleep(0.1)


async def test_what_is_old_is_forgotten_and_a_late_copy_sends_nothing(lonely, fresh_sample):
    """The raw mail and the steps go, the ledger stays. After all others: its clock is a month ahead."""
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = lonely.store(raw)
    notification = {
        "notificationType": "Received",
        "mail": {"messageId": delivery},
        "receipt": {"recipients": [MAILBOX]},
    }
    with lonely.handlers() as [handler]:
        [first] = handler(notification)["results"]
        async with rounds(lonely) as go:
            assert (await go(27 * DAY))["forgotten"] == 0
            assert (await go(29 * DAY))["forgotten"] >= 1
        [late] = handler(notification)["results"]
    listed = lonely.client("s3").list_objects_v2(Bucket=lonely.env["S3_BUCKET"], Prefix=f"raw/{delivery}")
    assert listed["KeyCount"] == 0
    assert (late["run_id"], late["outcome"]) == (first["run_id"], "duplicate")
    assert len(lonely.sent(answering=message_id)) == 1
    [key] = _claims_of(lonely, delivery)
    kept = lonely.client("dynamodb").query(
        TableName=lonely.env["RUNS_TABLE"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": key["pk"]},
    )["Items"]
    assert {row["sk"]["S"] for row in kept} == {"claim", "outbox#reply"}
    assert not [row for row in kept if "message" in row or "event" in row]
