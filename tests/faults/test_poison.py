"""One email that cannot be worked among ten: the other nine end once, and it ends where a person finds it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aioboto3
import pytest

from local.poller import Batch, Poller, failed_ids
from local.template import load_template
from parley.adapters.sqs import SqsQueue
from parley.bootstrap.inbound_email import open_intake
from parley.core.outcome import Outcome
from parley.inbound.email_ledger import email_run
from parley.inbound.intake import Intake
from parley.inbound.routes import ROUTES
from parley.ledger.claims import MAX_ATTEMPTS
from parley.mail.email import DeliveryId, Reason
from parley.settings import PipelineSettings
from tests.faults.sim import Sim, new_loop
from tests.faults.test_model import transcript
from tests.faults.zygote import _prepared as prepared
from tests.inbound.test_pipeline import BOX, World, eml
from tests.support import DEMO

ROOT = Path(__file__).resolve().parents[2]
TEN = 10
SECONDS = 180.0
MARK = "poison"
BOUND = 3
"""Receives within which an innocent neighbour of a mail that kills must have ended."""


@dataclass(frozen=True)
class Queues:
    """A queue of its own with the template's redrive policy, and its dead letters."""

    sqs: Any
    url: str
    dead: str
    most_receives: int

    @property
    def arn(self) -> str:
        return f"arn:aws:sqs:eu-west-1:123456789012:{self.url.rpartition('/')[2]}"

    async def send(self, body: object) -> None:
        await self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(body))

    async def receive(self, url: str | None = None) -> list[dict[str, Any]]:
        answer = await self.sqs.receive_message(
            QueueUrl=url or self.url, MaxNumberOfMessages=TEN, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", ()))

    async def come_back(self, messages: list[dict[str, Any]]) -> None:
        """As if the visibility time-out were over."""
        for message in messages:
            await self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            await self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    async def redrive(self) -> list[str]:
        """Dead letters go back as new messages; answers their bodies."""
        letters = await self.receive(self.dead)
        for letter in letters:
            await self.send(json.loads(letter["Body"]))
        return [letter["Body"] for letter in letters]


async def make_queues(sqs: Any) -> Queues:
    declared = load_template().queue("EmailsQueue")
    assert declared.max_receive_count
    name = uuid.uuid4().hex
    dead = (await sqs.create_queue(QueueName=f"{name}-dead"))["QueueUrl"]
    arn = (await sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"]))["Attributes"][
        "QueueArn"
    ]
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": declared.max_receive_count}
    attributes = {"VisibilityTimeout": str(declared.visibility_timeout), "RedrivePolicy": json.dumps(policy)}
    url = (await sqs.create_queue(QueueName=name, Attributes=attributes))["QueueUrl"]
    return Queues(sqs, url, dead, declared.max_receive_count)


def notification(delivery: str, box: str = BOX) -> dict[str, Any]:
    return {
        "notificationType": "Received",
        "mail": {"messageId": delivery, "commonHeaders": {"from": ["a@acme.test"], "to": [box]}},
        "receipt": {"recipients": [box]},
    }


def name_of(number: int, poison: int) -> str:
    return f"{MARK}-{number}" if number == poison else f"mail-{number}"


# -- a mail on which we always fail ----------------------------------------------------------


class Buggy:
    """A route with a bug that one email meets."""

    name = "buggy"

    def takes(self, job):
        if MARK in job.email.subject:
            raise ZeroDivisionError


@dataclass
class InProcess:
    """An execution environment whose pipeline is a world in memory."""

    world: World
    intake: Intake

    async def invoke(self, event: Any) -> Any:
        return await self.intake.take(event, seconds=SECONDS)

    async def close(self) -> None: ...


@pytest.mark.parametrize("poison", [0, 5])
async def test_a_mail_on_which_we_always_fail_costs_its_neighbours_nothing(aws, poison):
    async with aioboto3.Session().client("sqs", **aws) as sqs:
        queues, world = await make_queues(sqs), World()
        world.pipeline.routes = (Buggy(), *ROUTES)
        for number in range(TEN):
            name = name_of(number, poison)
            world.mail.objects[f"raw/{name}"] = eml(Subject=name, Message_ID=f"<{name}@acme.test>")
            await queues.send(notification(name))

        async def client() -> Any:
            return sqs

        intake = Intake(pipeline=world.pipeline, queue=SqsQueue(client), clock=world.clock)
        poller = Poller(
            sqs=sqs,
            queue_url=queues.url,
            queue_arn=queues.arn,
            source=load_template().function("InboundEmail").sources[0],
            new_environment=lambda: InProcess(world, intake),
            come_back=0,
        )
        batches: list[Batch] = []
        while messages := await queues.receive():
            batches.append(await poller.process(InProcess(world, intake), messages))
        # The nine were worked in the first batch and never seen again.
        assert [len(batch.records) for batch in batches] == [TEN] + [1] * (queues.most_receives - 1)
        assert len(world.sender.sent) == len(world.backend.of("insights")) == TEN - 1
        ends = {r["email"]["subject"]: (r["outcome"], r["reason"]) for r in world.backend.of("email")}
        mark = name_of(poison, poison)
        assert ends.pop(mark) == ("failed", "attempts_exhausted")
        assert set(ends.values()) == {("processed", None)}
        key = email_run(DEMO, BOX, DeliveryId(mark))
        finished = await world.pipeline.runs.was_email_processed(key)
        assert finished is not None
        assert (finished.outcome, finished.reason) == (Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
        # Attempts end before receives do: the bug is met so often, and no more.
        assert world.mail.opened == TEN - 1 + MAX_ATTEMPTS

        world.pipeline.routes = ROUTES
        assert len(await queues.redrive()) == 1
        (messages,) = [await queues.receive()]
        batch = await poller.process(InProcess(world, intake), messages)
        assert batch.failed == frozenset()
        assert {r["outcome"] for r in world.backend.of("email")} == {"processed"}
        assert len(world.sender.sent) == TEN
        assert await queues.receive() == []


# -- a mail that kills its worker ------------------------------------------------------------


@pytest.mark.parametrize("poison", range(TEN))
def test_a_mail_that_kills_its_worker_takes_no_neighbour_along_whatever_the_order(poison):
    loop, sim = new_loop(), Sim(model=False)
    for number in range(TEN):
        sim.deliver(transcript(name_of(number, poison).replace("-", ""), (BOX,)))
    deadly = f"d{poison}"
    sim.deadly = {f"raw/{deadly}"}
    ended_by: dict[str, int] = {}
    receives = 0
    while sim.queue.waiting:
        sim.clock.forward(max(0.0, min(m.visible_at for m in sim.queue.waiting.values()) - sim.clock()))
        loop.run_until_complete(sim.work((), seed=receives))
        receives += 1
        for (_, _, run_id), record in list(sim.backend.puts.items()):
            if record.get("outcome") == "processed":
                ended_by.setdefault(run_id, receives)
    assert len(ended_by) == TEN - 1
    assert max(ended_by.values()) <= BOUND
    assert [letter.delivery for letter in sim.queue.dead] == [deadly]
    assert len(sim.wire.sent) == TEN - 1
    (key,) = sim.runs_of(sim.deliveries[deadly], BOX)
    claim = sim.claim_of(key)
    assert claim
    assert (claim["outcome"], claim["reason"]) == ("failed", "attempts_exhausted")
    sim.deadly = set()
    sim.queue.redrive()
    loop.run_until_complete(sim.drain())
    assert len(sim.wire.sent) == TEN
    loop.close()


class Deadly:
    """A route on which the process dies for real."""

    name = "deadly"

    def takes(self, job):
        if MARK in job.email.subject:
            os.kill(os.getpid(), signal.SIGKILL)


class Children:
    """Execution environments, each a process forked from one that has imported everything."""

    def __init__(self, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.faults.test_poison"]
        self._env = env
        self._nursery = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def work(self, event: dict[str, Any], offset: float, *, kills: bool) -> dict[str, Any] | None:
        """A child's answer; None when it was killed."""
        assert self._nursery.stdin
        assert self._nursery.stdout
        job = {"env": self._env, "event": event, "offset": offset, "kills": kills}
        self._nursery.stdin.write(json.dumps(job) + "\n")
        self._nursery.stdin.flush()
        answer = json.loads(self._nursery.stdout.readline())
        assert answer != "failed", "the child ended by itself"
        return answer

    def close(self) -> None:
        self._nursery.communicate()


def nursery() -> None:
    """Forks a child for each job on standard input, and says how it ended."""
    session = prepared()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sys.stdout.write(json.dumps(asyncio.run(work(json.loads(line), session))) + "\n")
                sys.stdout.flush()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if status != 0:
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            sys.stdout.write(json.dumps(None if killed else "failed") + "\n")
            sys.stdout.flush()


async def work(job: dict[str, Any], session: Any) -> Any:
    """What a child does: one invocation with the clients of its environment."""
    os.environ.update(job["env"])
    clock = lambda: time.time() + job["offset"]  # noqa: E731  # it is passed, not called here
    async with open_intake(PipelineSettings.from_env(), clock=clock, session=session) as intake:
        if job["kills"]:
            intake.pipeline.routes = (Deadly(), *ROUTES)
        return await intake.take(job["event"], seconds=SECONDS)


@pytest.fixture
def children(stack) -> Iterator[Children]:
    found = Children(stack.env)
    yield found
    found.close()


def records(queues: Queues, messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queues.arn,
            }
            for message in messages
        ]
    }


async def test_a_mail_that_really_kills_its_worker_is_alone_in_the_dead_letters(
    stack, children, fresh_sample
):
    names, ids = [], []
    for number in range(TEN):
        raw, message_id = fresh_sample("zoom-vtt.eml")
        if number == 0:
            raw = b"\n".join(
                b"Subject: " + MARK.encode() if line.startswith(b"Subject:") else line
                for line in raw.split(b"\n")
            )
        names.append(stack.store(raw))
        ids.append(message_id)
    options = {
        "endpoint_url": stack.where["aws_endpoint_url"],
        "region_name": stack.env["AWS_REGION"],
        "aws_access_key_id": stack.env["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": stack.env["AWS_SECRET_ACCESS_KEY"],
    }
    async with aioboto3.Session().client("sqs", **options) as sqs:
        queues = await make_queues(sqs)
        for name in names:
            await queues.send(stack.s3_event(name))
        rounds = await until_empty(stack, children, queues, names)
        assert rounds <= queues.most_receives + 1
        assert len(await queues.redrive()) == 1
        messages = await queues.receive()
        answer = children.work(records(queues, messages), rounds * 2 * SECONDS, kills=False)
        assert answer == {"batchItemFailures": []}
    assert {stack.result(name)["outcome"] for name in names} == {"processed"}
    assert [len(stack.sent(answering=one)) for one in ids] == [1] * TEN


async def until_empty(stack: Any, children: Children, queues: Queues, names: list[str]) -> int:
    """Work the queue as Lambda would, in a new process each time; how many it took."""
    rounds = 0
    while messages := await queues.receive():
        rounds += 1
        # Each time-out of the queue outlives each lease.
        answer = children.work(records(queues, messages), rounds * 2 * SECONDS, kills=True)
        stay = frozenset(message["MessageId"] for message in messages)
        if answer is not None:
            stay = failed_ids(answer, stay)
        await queues.delete([m for m in messages if m["MessageId"] not in stay])
        await queues.come_back([m for m in messages if m["MessageId"] in stay])
        if rounds == BOUND:
            assert {stack.result(name)["outcome"] for name in names[1:]} == {"processed"}
    return rounds


if __name__ == "__main__":
    nursery()
