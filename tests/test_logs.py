"""What the log says: one line a step, with ids and times, and not a word that anybody wrote."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import replace

import pytest

from parley.errors import RetryableError
from parley.inbound.intake import Intake
from parley.ledger.claims import MAX_ATTEMPTS
from parley.mail.email import RunState
from parley.mail.outgoing import SendRefused, SendRejected, SendUnknown
from tests.inbound.test_pipeline import BOX, MAILBOX, World, eml
from tests.support import FakeBackend

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
PERSONAL = (
    "@",
    "sarah",
    "chen",
    "ann berg",
    "bo lind",
    "pilot",
    "pricing",
    "secret subject",
    "private words",
    "call.vtt",
)


class Lines(logging.Handler):
    """Every record as the runtime writes it: the message and what `extra` added."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        extra = {k: v for k, v in vars(record).items() if k not in STANDARD}
        error = str(record.exc_info[1]) if record.exc_info else ""
        self.lines.append({"message": record.getMessage(), "level": record.levelname, "exc": error, **extra})


@contextmanager
def log_lines():
    handler, logger = Lines(), logging.getLogger("parley")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


async def test_each_step_is_one_line_with_its_run_tenant_thread_attempt_and_time():
    world = World()
    with log_lines() as lines:
        await world.deliver(eml())
    steps = [line for line in lines if line["message"] == "step"]
    assert [line["step"] for line in steps] == [str(s) for s in RunState if s is not RunState.RECEIVED]
    record = world.record()
    for line in steps:
        assert line["run_id"] == record["run_id"]
        assert (line["tenant"], line["attempt"]) == ("demo", 1)
        assert line["ms"] >= 0
    assert steps[-1]["thread_id"] == record["email"]["thread_id"]
    (end,) = [line for line in lines if line["message"] == "run finished"]
    assert (end["outcome"], end["reason"], end["reply"], end["route"]) == (
        "processed",
        None,
        "sent",
        "transcript",
    )
    assert (end["retries"], end["fallbacks"], end["llm_calls"]) == (0, 0, 0)


async def test_time_in_a_line_is_the_time_that_the_step_took():
    world = World()
    opened = world.mail.open

    def slowly(bucket, key):
        world.clock.forward(2.5)
        return opened(bucket, key)

    world.mail.open = slowly
    with log_lines() as lines:
        await world.deliver(eml())
    took = {line["step"]: line["ms"] for line in lines if line["message"] == "step"}
    assert took["parsed"] == 2500
    assert took["gated"] == 0


async def test_a_run_that_fails_for_good_is_counted_with_the_attempts_it_took():
    world = World()
    world.backend.broken = {"meeting"}
    with log_lines() as lines:
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(RetryableError):
                await world.deliver(eml(), fresh=False)
    failed = [line for line in lines if line["message"] == "attempt failed"]
    assert [line["attempt"] for line in failed] == list(range(1, MAX_ATTEMPTS + 1))
    (end,) = [line for line in lines if line["message"] == "run finished"]
    assert (end["outcome"], end["reason"], end["retries"]) == (
        "failed",
        "attempts_exhausted",
        MAX_ATTEMPTS - 1,
    )


def secret(**headers):
    return eml("private words", Subject="Secret subject of Sarah", **headers)


class Buggy(FakeBackend):
    """Raises what no adapter would: an error that quotes the email."""

    async def put_meeting(self, tenant, meeting_id, body):
        raise ValueError(f"cannot store {body} of sarah@acme.test")


def worlds():
    yield "processed", World(), secret()
    yield "own parser's trouble", World(), secret().replace(b"text/vtt", b"text/vtt; charset=pricing")
    yield "unreadable file", World(), eml("private words", vtt="WEBVTT\n\nno cues but pricing")
    yield "quarantined", World(replace(MAILBOX, require_auth=True)), secret()
    yield "automated", World(), secret(Auto_Submitted="auto-replied")
    yield "two senders", World(), secret(From="Sarah <sarah@acme.test>, b@acme.test")
    yield "blacklisted", World(blacklist=("sarah@acme.test",)), secret()
    for end in (
        SendRefused("SES throttles: Throttling"),
        SendRejected("to sarah@acme.test"),
        SendUnknown("sarah@"),
    ):
        world = World()
        world.sender.ends = [end]
        yield type(end).__name__, world, secret()
    for refused in ("meeting", "insights", "message", "email", "contact"):
        world = World()
        world.backend.refuse = {refused}
        yield f"no {refused}", world, secret()
    buggy = World()
    buggy.backend = buggy.pipeline.backend = Buggy(MAILBOX)
    yield "our bug", buggy, secret()
    yield "absent", World(), None


class NoQueue:
    async def put_off(self, message, *, seconds):
        raise RetryableError("cannot change the visibility")

    async def hand_back(self, message, *, seconds):
        raise RetryableError("cannot change the visibility")


@pytest.mark.parametrize(("world", "raw"), [pytest.param(w, raw, id=name) for name, w, raw in worlds()])
async def test_no_address_subject_or_body_reaches_any_log(world, raw):
    if raw is not None:
        world.mail.objects["raw/d1"] = raw
    intake = Intake(pipeline=world.pipeline, queue=NoQueue(), clock=world.clock)
    body = {
        "notificationType": "Received",
        "mail": {
            "messageId": "d1",
            "commonHeaders": {"from": ["Sarah Chen <sarah@acme.test>"], "subject": "Secret subject"},
        },
        "receipt": {"recipients": [BOX]},
    }
    with log_lines() as lines:
        for receives in (1, 2, 9):
            record = {
                "messageId": "q1",
                "receiptHandle": "h",
                "body": json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:inbound",
            }
            await intake.take({"Records": [record]}, seconds=60)
    assert lines
    for line in lines:
        shown = json.dumps(line, default=repr).lower()
        assert not [word for word in PERSONAL if word in shown], line
