"""The dead-letter queue behind the emails queue: looked into, moved back, emptied of what is done."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import translate
from parley.adapters.sqs import queue_url
from parley.errors import ConfigError
from parley.mail.inbound_events import QueueRecord, read_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    import aioboto3

PEEK_SECONDS = 30
"""Nobody else sees the letters for so long, should this process die before it gives them back."""
MOST_LETTERS = 1_000
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of the dead-letter queue. `deliveries` () and `error`: its body cannot be read."""

    message: dict[str, Any]
    record: QueueRecord

    @property
    def message_id(self) -> str:
        return str(self.message["MessageId"])

    @property
    def deliveries(self) -> tuple[str, ...]:
        return tuple(email.message_id for email in self.record.emails)

    @property
    def sent_at(self) -> str | None:
        """When it was first put into the emails queue, ISO 8601, UTC."""
        stamp = self.message.get("Attributes", {}).get("SentTimestamp")
        if stamp is None:
            return None
        return datetime.fromtimestamp(int(stamp) / 1000, UTC).isoformat().replace("+00:00", "Z")


@dataclass(kw_only=True)
class DeadLetters:
    """One client, the emails queue, and the queue that its letters end in.

    Use `open_dead_letters`. Whatever was received and not deleted is given
    back by `give_back`, at once.
    """

    sqs: Any
    source_url: str
    url: str
    _held: dict[str, Letter] = field(default_factory=dict)

    async def letters(self, *, limit: int = MOST_LETTERS) -> list[Letter]:
        """What the queue holds, at most `limit`, oldest first; held until it is given back."""
        while (before := len(self._held)) < limit:
            answer = await self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=PEEK_SECONDS,
                # Only a long poll asks all of SQS's servers.
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            for letter in map(_letter, answer.get("Messages", ())):
                self._held[letter.message_id] = letter
            if len(self._held) == before:
                break
        return sorted(self._held.values(), key=lambda letter: letter.sent_at or "")[:limit]

    async def redrive(self, letters: Iterable[Letter]) -> int:
        """Put letters back into the emails queue; each is sent before it is deleted, so none is lost."""
        moved = 0
        for letter in letters:
            attributes = letter.message.get("MessageAttributes")
            await self.sqs.send_message(
                QueueUrl=self.source_url,
                MessageBody=letter.message["Body"],
                **({"MessageAttributes": attributes} if attributes else {}),
            )
            await self.delete(letter)
            moved += 1
        return moved

    async def delete(self, letter: Letter) -> None:
        """What it asked for is done."""
        await self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=letter.message["ReceiptHandle"])
        del self._held[letter.message_id]

    async def give_back(self) -> None:
        """All that is still held can be received by others again."""
        held = list(self._held.values())
        self._held.clear()
        for first in range(0, len(held), AT_ONCE):
            entries = _entries(held[first : first + AT_ONCE])
            await self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)


@asynccontextmanager
async def open_dead_letters(session: aioboto3.Session, source_url: str) -> AsyncIterator[DeadLetters]:
    """The dead-letter queue that the emails queue's own redrive policy names.

    Raises ConfigError where EMAILS_QUEUE_URL names no such queue, RetryableError when SQS does not answer.
    """
    try:
        async with session.client("sqs") as sqs:
            letters = DeadLetters(sqs=sqs, source_url=source_url, url=await _behind(sqs, source_url))
            try:
                yield letters
            finally:
                await letters.give_back()
    except (ClientError, BotoCoreError) as error:
        raise translate(error, "use the dead-letter queue") from error


async def _behind(sqs: Any, source_url: str) -> str:
    """The URL of its dead-letter queue."""
    try:
        answer = await sqs.get_queue_attributes(QueueUrl=source_url, AttributeNames=["RedrivePolicy"])
    except ClientError as error:
        raise ConfigError(f"EMAILS_QUEUE_URL is {source_url!r}, which cannot be asked: {error}") from error
    policy = json.loads(answer.get("Attributes", {}).get("RedrivePolicy", "{}"))
    if "deadLetterTargetArn" not in policy:
        raise ConfigError(f"EMAILS_QUEUE_URL is {source_url!r}: it has no dead-letter queue")
    return queue_url(policy["deadLetterTargetArn"], sqs.meta.endpoint_url)


def _letter(message: dict[str, Any]) -> Letter:
    event = {
        "eventSource": "aws:sqs",
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
    }
    (record,) = read_event({"Records": [event]}).records
    return Letter(message, record)


def _entries(letters: Sequence[Letter]) -> list[dict[str, Any]]:
    return [
        {"Id": str(n), "ReceiptHandle": letter.message["ReceiptHandle"], "VisibilityTimeout": 0}
        for n, letter in enumerate(letters)
    ]
