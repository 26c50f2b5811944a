"""Handing messages back to their queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import translate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from parley.mail.events import QueueRecord


def queue_url(arn: str, endpoint: str | None) -> str:
    """`arn:aws:sqs:REGION:ACCOUNT:NAME` as the URL that the SQS API takes."""
    _, _, _, region, account, name = arn.split(":", 5)
    return f"{endpoint.rstrip('/') if endpoint else f'https://sqs.{region}.amazonaws.com'}/{account}/{name}"


class SqsQueue:
    """`intake.Queue`. The client is made when the first message goes back: most invocations need none."""

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
