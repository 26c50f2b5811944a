import asyncio
import json

import boto3
import pytest

from local.poller import Poller, failed_ids
from local.template import QueueSource

IDS = frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": "nobody"}]}, IDS),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, IDS),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, IDS),
        ({"batchItemFailures": [{"wrongKey": "a"}]}, IDS),
        ({"batchItemFailures": "a"}, IDS),
        ("text", IDS),
    ],
)
def test_answers_are_read_by_lambdas_rules(answer, failed):
    assert failed_ids(answer, IDS) == frozenset(failed)


class Environment:
    """Answers each event with what `work` says of it."""

    def __init__(self, work):
        self.work = work
        self.events = []
        self.closed = False

    async def invoke(self, event):
        self.events.append(event)
        return self.work(event)

    async def close(self):
        self.closed = True


class Waiting:
    """An environment that is at work until it is let go."""

    def __init__(self, go):
        self.go = go
        self.batches = 0

    async def invoke(self, event):
        self.batches += 1
        await self.go.wait()

    async def close(self):
        pass


class Threaded:
    """boto3's client as the poller awaits it."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        return lambda **arguments: asyncio.to_thread(getattr(self.client, name), **arguments)


@pytest.fixture
def queue(aws, request):
    """A queue that redrives after two receives: (client, its URL, its dead letters' URL)."""
    sqs = boto3.client("sqs", **aws)
    name = "q-" + str(abs(hash(request.node.name)))
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "600"})
    return sqs, url["QueueUrl"], dead


def poller(sqs, url, environment, *, seen, come_back=None, concurrency=1):
    return Poller(
        sqs=Threaded(sqs),
        queue_url=url,
        queue_arn="arn:queue",
        source=QueueSource(queue="Q", batch_size=10, partial_failures=True, maximum_concurrency=None),
        new_environment=lambda: environment,
        on_batch=seen.put_nowait,
        come_back=come_back,
        concurrency=concurrency,
        long_poll=1,
    )


async def run_until(polling, condition):
    task = asyncio.create_task(polling.run())
    try:
        return await asyncio.wait_for(condition, 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition):
    while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
        await asyncio.sleep(0.05)


def left(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return tuple(int(found[name]) for name in names)


async def test_a_batch_looks_as_lambda_hands_it_over_and_is_deleted(queue):
    sqs, url, _ = queue
    for n in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=f"body {n}")
    seen, environment = asyncio.Queue(), Environment(lambda _: {"batchItemFailures": []})
    batch = await run_until(poller(sqs, url, environment, seen=seen), seen.get())
    assert sorted(record["body"] for record in batch.records) == ["body 0", "body 1", "body 2"]
    record = batch.records[0]
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", "arn:queue")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert left(sqs, url) == (0, 0)
    assert environment.closed


async def test_only_what_is_named_stays(queue):
    sqs, url, _ = queue
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    def work(event):
        bad = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}

    seen = asyncio.Queue()
    batch = await run_until(poller(sqs, url, Environment(work), seen=seen), seen.get())
    assert len(batch.failed) == 1
    assert left(sqs, url) == (0, 1)


async def test_a_handler_that_raises_keeps_the_whole_batch(queue):
    sqs, url, _ = queue
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    def work(_event):
        raise ValueError("broken")

    seen = asyncio.Queue()
    batch = await run_until(poller(sqs, url, Environment(work), seen=seen), seen.get())
    assert str(batch.error) == "broken"
    assert len(batch.failed) == len(batch.records)
    assert left(sqs, url) == (0, 2)


async def test_what_fails_too_often_is_a_dead_letter(queue):
    sqs, url, dead = queue
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    seen = asyncio.Queue()
    environment = Environment(
        lambda e: {"batchItemFailures": [{"itemIdentifier": e["Records"][0]["messageId"]}]}
    )

    dead_lettered = until(lambda: left(sqs, dead) == (1, 0))
    await run_until(poller(sqs, url, environment, seen=seen, come_back=0), dead_lettered)
    assert [e["Records"][0]["attributes"]["ApproximateReceiveCount"] for e in environment.events] == [
        "1",
        "2",
    ]
    assert left(sqs, url) == (0, 0)


async def test_a_second_environment_is_made_only_while_the_first_is_at_work(queue):
    sqs, url, _ = queue
    go, made, seen = asyncio.Event(), [], asyncio.Queue()

    def new():
        made.append(Waiting(go))
        return made[-1]

    polling = poller(sqs, url, None, seen=seen, concurrency=2)
    polling.new_environment = new

    async def both_at_work():
        sqs.send_message(QueueUrl=url, MessageBody="first")
        await until(lambda: len(made) == 1)
        sqs.send_message(QueueUrl=url, MessageBody="second")
        await until(lambda: len(made) == 2)
        go.set()
        await seen.get()
        await seen.get()
        sqs.send_message(QueueUrl=url, MessageBody="third")
        await seen.get()

    await run_until(polling, both_at_work())
    assert sorted(one.batches for one in made) == [1, 2]
