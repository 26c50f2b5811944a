"""Messages handed back to their queue, and put into one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import translate
from parley.errors import RetryableError
from parley.mail.inbound_events import to_notification

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from types_aiobotocore_sqs import SQSClient

    from parley.mail.inbound_events import QueueRecord

MOST_AT_ONCE = 10
"""SQS's own limit; they may have 256 KB together, and ours have few of them."""


def queue_url(arn: str, endpoint: str | None) -> str:
    """`arn:aws:sqs:REGION:ACCOUNT:NAME` as the URL that the SQS API takes."""
    _, _, _, region, account, name = arn.split(":", 5)
    return f"{endpoint.rstrip('/') if endpoint else f'https://sqs.{region}.amazonaws.com'}/{account}/{name}"


class SqsQueue:
    """`inbound.intake.Queue`. Most invocations need no client: it is made when a message goes back."""

    def __init__(self, client: Callable[[], Awaitable[Any]]) -> None:
        self._client = client

    async def hand_back(self, message: QueueRecord, *, seconds: int) -> None:
        if not (message.queue_arn and message.receipt_handle):
            return
        try:
            client = await self._client()
            await client.change_message_visibility(
                QueueUrl=queue_url(message.queue_arn, client.meta.endpoint_url),
                ReceiptHandle=message.receipt_handle,
                VisibilityTimeout=seconds,
            )
        except (ClientError, BotoCoreError) as error:
            raise translate(error, "change a message's visibility") from error

    async def put_off(self, message: QueueRecord, *, seconds: int) -> None:
        """Put what the message announces into its queue again, to be seen after `seconds`, at most 900."""
        try:
            client = await self._client()
            for email in message.emails:
                await client.send_message(
                    QueueUrl=queue_url(message.queue_arn, client.meta.endpoint_url),
                    MessageBody=json.dumps(to_notification(email)),
                    DelaySeconds=seconds,
                )
        except (ClientError, BotoCoreError) as error:
            raise translate(error, "put a message off") from error


class SqsSender:
    """`ledger.sweep.Queue` over one client and one queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    async def send(self, bodies: Sequence[Any]) -> None:
        """See `Queue.send`. What was taken before one was not stays in the queue."""
        for first in range(0, len(bodies), MOST_AT_ONCE):
            part = bodies[first : first + MOST_AT_ONCE]
            try:
                answer = await self._client.send_message_batch(
                    QueueUrl=self._url,
                    Entries=[{"Id": str(n), "MessageBody": json.dumps(body)} for n, body in enumerate(part)],
                )
            except (ClientError, BotoCoreError) as error:
                raise translate(error, "put messages into the queue") from error
            if refused := answer.get("Failed"):
                raise RetryableError(f"the queue refused {len(refused)} messages: {refused[0]['Code']}")
