"""The operating commands as a person calls them, and what they work on, put there on purpose."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

from local.cli import main
from local.environment import in_place
from local.results import run_of
from parley.adapters.dynamo import from_wire, to_wire
from parley.core.clock import Deadline
from parley.core.ids import RunId
from parley.errors import RetryableError
from parley.ledger.claims import MAX_ATTEMPTS
from parley.mail.email import DeliveryId, EmailEvent, ThreadId, Verdicts
from parley.mail.inbound_events import to_notification
from tests.running_stack import MAILBOX, MAILBOXES, RunningStack

PROVEN = Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def parley(stack: RunningStack, *arguments: str, **environ: str) -> Done:
    """The command line in the environment of a stack; "" takes a variable away."""
    out, err = io.StringIO(), io.StringIO()
    with in_place(stack.env | environ), _loggers_as_they_were(), redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return Done(code, out.getvalue(), err.getvalue())


@contextmanager
def _loggers_as_they_were() -> Iterator[None]:
    """A command sets its logs up for its process; here other tests follow."""
    loggers = [logging.getLogger(name) for name in ("parley", "local")]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    try:
        yield
    finally:
        for one, handlers, level, propagate in before:
            one.handlers[:] = handlers
            one.setLevel(level)
            one.propagate = propagate


def rows(done: Done) -> list[dict[str, Any]]:
    """The objects that a command with --json printed."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def row_of(done: Done, **wanted: str) -> dict[str, Any] | None:
    """The one row with these fields; None where there is none."""
    found = [row for row in rows(done) if wanted.items() <= row.items()]
    assert len(found) <= 1
    return found[0] if found else None


def run_id(delivery: str, mailbox: str = MAILBOX) -> RunId:
    return run_of(mailbox, delivery, known=MAILBOXES).run_id


def event_of(delivery: str, *, to: str = MAILBOX, verdicts: Verdicts | None = PROVEN) -> EmailEvent:
    """What SES would announce of an email in raw/."""
    return EmailEvent(
        message_id=DeliveryId(delivery),
        thread_id=ThreadId(""),
        sender="someone@example.org",
        recipient=to,
        subject="x",
        key=f"raw/{delivery}",
        recipients=(to,),
        verdicts=verdicts,
    )


def deliver(stack: RunningStack, event: EmailEvent, *, times: int = 1, **changed: Any) -> None:
    """Work an email here, against the stack, with a pipeline in which something is changed; then it may fail."""
    with in_place(stack.env):
        asyncio.run(_deliver(event, times, changed))


async def _deliver(event: EmailEvent, times: int, changed: dict[str, Any]) -> None:
    from parley.bootstrap.inbound_email import open_intake
    from parley.settings import PipelineSettings

    async with open_intake(PipelineSettings.from_env()) as intake:
        pipeline = replace(intake.pipeline, **changed)
        for _ in range(times):
            deadline = Deadline(intake.clock() + 60, intake.clock)
            try:
                await pipeline.deliver(event, deadline=deadline, fresh=False)
            except RetryableError:
                continue


def fail(stack: RunningStack, delivery: str, *, to: tuple[str, ...] = (MAILBOX,)) -> str:
    """An email announced whose object never comes, until its attempts are used; its letter is dead."""
    event = replace(event_of(delivery), recipients=to)
    deliver(stack, event, times=MAX_ATTEMPTS)
    return dead_letter(stack, json.dumps(to_notification(event)))


def dead_letter(stack: RunningStack, body: str) -> str:
    """Put a message where SQS puts what came back too often; answers its id."""
    sqs = stack.client("sqs")
    return sqs.send_message(QueueUrl=dead_letters_url(stack), MessageBody=body)["MessageId"]


def dead_letters_url(stack: RunningStack) -> str:
    [url] = stack.client("sqs").list_queues(QueueNamePrefix="parley-EmailsDeadLetters")["QueueUrls"]
    return url


def change(stack: RunningStack, delivery: str, sk: str = "claim", **fields: Any) -> None:
    """What a death at the right moment would have left in the runs table."""
    dynamodb, table = stack.client("dynamodb"), stack.env["RUNS_TABLE"]
    key = {"pk": {"S": f"demo#run#{run_id(delivery)}"}, "sk": {"S": sk}}
    item = from_wire(dynamodb.get_item(TableName=table, Key=key).get("Item", key))
    dynamodb.put_item(TableName=table, Item=to_wire({**item, **fields}))


def everything(stack: RunningStack) -> dict[str, Any]:
    """Both tables, the bucket, and all that was sent."""
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    tables = {
        name: sorted(
            json.dumps(row, sort_keys=True, default=repr) for row in _scan(dynamodb, stack.env[name])
        )
        for name in ("RUNS_TABLE", "DATA_TABLE")
    }
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=stack.env["S3_BUCKET"])
    objects = [(one["Key"], one["ETag"]) for page in pages for one in page.get("Contents", ())]
    return {**tables, "bucket": objects, "sent": [str(message) for message in stack.sent()]}


def _scan(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]
