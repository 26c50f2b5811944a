"""Messages put into a queue: all of them, in batches, or an error that says so."""

import json

import aioboto3
import pytest

from parley.adapters.sqs import SqsSender
from parley.errors import ConfigError, RetryableError


@pytest.fixture
async def queue(aws):
    async with aioboto3.Session().client("sqs", **aws) as client:
        url = (await client.create_queue(QueueName="outlet"))["QueueUrl"]
        yield client, url
        await client.delete_queue(QueueUrl=url)


async def bodies(client, url):
    found = []
    while got := (await client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)).get("Messages"):
        found += [json.loads(message["Body"]) for message in got]
    return found


@pytest.mark.parametrize("count", [0, 1, 10, 25])
async def test_every_message_arrives(queue, count):
    client, url = queue
    await SqsSender(client, url).send([{"number": n} for n in range(count)])
    assert sorted(body["number"] for body in await bodies(client, url)) == list(range(count))


async def test_a_queue_that_is_not_there_is_the_operators(queue):
    client, url = queue
    with pytest.raises(ConfigError, match="put messages into the queue"):
        await SqsSender(client, url + "-gone").send([{}])


class Choosy:
    """SQS when it takes a part of a batch: an answer with status 200."""

    async def send_message_batch(self, **request):
        return {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "Code": "InternalError"}]}


async def test_a_message_that_was_not_taken_is_an_error_though_the_batch_was():
    with pytest.raises(RetryableError, match="refused 1 messages: InternalError"):
        await SqsSender(Choosy(), "url").send([{}, {}])
