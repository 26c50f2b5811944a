"""The dead-letter queue as the commands use it: no letter is lost, and none is kept from others."""

from __future__ import annotations

import json

import pytest

from local.dead_letters import AT_ONCE, DeadLetters


class Queue:
    """As much of SQS as is asked: what is received stays hidden until it is given back."""

    def __init__(self, *bodies):
        self.letters = {str(n): body for n, body in enumerate(bodies)}
        self.hidden = set()
        self.calls = []
        self.refuse = False

    async def receive_message(self, *, MaxNumberOfMessages, **options):  # noqa: N803  # the SDK's names
        free = [ident for ident in self.letters if ident not in self.hidden][:MaxNumberOfMessages]
        self.hidden |= set(free)
        stamp = {"SentTimestamp": "1760000000000", "ApproximateReceiveCount": "9"}
        return {"Messages": [self._message(ident, stamp) for ident in free]} if free else {}

    def _message(self, ident, stamp):
        return {
            "MessageId": ident,
            "ReceiptHandle": f"r{ident}",
            "Body": self.letters[ident],
            "Attributes": stamp,
            "MessageAttributes": {"kept": {"DataType": "String", "StringValue": "yes"}},
        }

    async def send_message(self, **message):
        if self.refuse:
            raise OSError("no connection")
        self.calls.append(("send", message))

    async def delete_message(self, *, QueueUrl, ReceiptHandle):  # noqa: N803
        self.calls.append(("delete", ReceiptHandle))
        self.letters.pop(ReceiptHandle.removeprefix("r"))

    async def change_message_visibility_batch(self, *, QueueUrl, Entries):  # noqa: N803
        assert len(Entries) <= AT_ONCE
        assert {entry["VisibilityTimeout"] for entry in Entries} == {0}
        self.hidden -= {entry["ReceiptHandle"].removeprefix("r") for entry in Entries}


def dead_letters(queue):
    return DeadLetters(sqs=queue, source_url="source", url="dead")


async def test_all_letters_are_seen_once_and_given_back():
    queue = Queue(*(json.dumps({"Event": "s3:TestEvent"}) for _ in range(25)))
    letters = dead_letters(queue)
    assert len({one.message_id for one in await letters.letters()}) == 25
    assert len(queue.hidden) == 25
    await letters.give_back()
    assert queue.hidden == set()


async def test_no_more_than_the_limit_is_shown():
    letters = dead_letters(Queue(*("x" for _ in range(25))))
    assert len(await letters.letters(limit=3)) == 3


async def test_a_letter_says_what_it_is_of_and_since_when():
    notification = {"notificationType": "Received", "mail": {"messageId": "d1", "commonHeaders": {}}}
    (one,) = await dead_letters(Queue(json.dumps(notification))).letters()
    assert (one.deliveries, one.record.error) == (("d1",), None)
    assert one.sent_at == "2025-10-09T08:53:20Z"


async def test_a_letter_is_deleted_only_after_it_was_sent_with_all_that_it_had():
    queue = Queue("body")
    letters = dead_letters(queue)
    assert await letters.redrive(await letters.letters()) == 1
    (what, message), then = queue.calls
    assert (what, message["QueueUrl"], message["MessageBody"]) == ("send", "source", "body")
    assert message["MessageAttributes"] == {"kept": {"DataType": "String", "StringValue": "yes"}}
    assert then == ("delete", "r0")


async def test_a_letter_that_could_not_be_sent_stays_where_it_was():
    queue = Queue("body")
    queue.refuse = True
    letters = dead_letters(queue)
    with pytest.raises(OSError, match="no connection"):
        await letters.redrive(await letters.letters())
    await letters.give_back()
    assert (queue.calls, queue.hidden, list(queue.letters)) == ([], set(), ["0"])
