"""SQS to Lambda, as Lambda's own poller does it.

    receive ≤ batch ─▶ invoke ─▶ delete what succeeded
                          └───▶ what is named in batchItemFailures stays, and comes back;
                                an exception, or an answer that makes no sense: all stays

Environments are reused last in, first out; a further one is made only while
all others are at work, up to `concurrency`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from local.environment import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local.template import QueueSource

log = logging.getLogger("local.poller")


class Invocable(Protocol):
    """`lambda_runtime.ExecutionEnvironment`."""

    async def invoke(self, event: Any) -> Any: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one batch: the records of its event, the ids that failed, what the handler raised."""

    records: tuple[dict[str, Any], ...]
    failed: frozenset[str]
    error: Exception | None = None


@dataclass(kw_only=True)
class Poller:
    """`come_back`: seconds after which what failed is tried again; None leaves that to handler and queue."""

    sqs: Any
    queue_url: str
    queue_arn: str
    source: QueueSource
    new_environment: Callable[[], Invocable]
    on_batch: Callable[[Batch], None] = lambda _batch: None
    concurrency: int = 4
    come_back: int | None = None
    long_poll: int = 5
    _idle: list[Invocable] = field(default_factory=list)
    _made: list[Invocable] = field(default_factory=list)

    async def run(self) -> None:
        """Poll until cancelled; then what is at work is waited for, and the environments are closed."""
        slots = asyncio.Semaphore(self.concurrency)
        try:
            async with asyncio.TaskGroup() as working:
                while True:
                    await slots.acquire()
                    messages = await self._receive()
                    if not messages:
                        slots.release()
                        continue
                    working.create_task(self._work(messages, slots))
        finally:
            for environment in self._made:
                await environment.close()

    async def _receive(self) -> list[dict[str, Any]]:
        answer = await self.sqs.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(10, self.source.batch_size),
            WaitTimeSeconds=self.long_poll,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", ()))

    async def _work(self, messages: Sequence[dict[str, Any]], slots: asyncio.Semaphore) -> None:
        environment = self._idle.pop() if self._idle else self._new()
        try:
            batch = await self.process(environment, messages)
        finally:
            self._idle.append(environment)
            slots.release()
        self.on_batch(batch)

    def _new(self) -> Invocable:
        self._made.append(self.new_environment())
        return self._made[-1]

    async def process(self, environment: Invocable, messages: Sequence[dict[str, Any]]) -> Batch:
        """One batch through one environment."""
        records = tuple(self._record(message) for message in messages)
        ids = frozenset(record["messageId"] for record in records)
        error = None
        try:
            answer = await environment.invoke({"Records": list(records)})
            failed = failed_ids(answer, ids) if self.source.partial_failures else frozenset()
        except Exception as raised:  # noqa: BLE001  # Lambda too takes whatever a handler raises
            log.error("the handler raised %s: %s", type(raised).__name__, raised)  # noqa: TRY400  # one sentence
            failed, error = ids, raised
        await self._delete([m for m in messages if m["MessageId"] not in failed])
        if self.come_back is not None:
            await self._hasten([m for m in messages if m["MessageId"] in failed], self.come_back)
        return Batch(records, failed, error)

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": REGION,
        }

    async def _delete(self, messages: list[dict[str, Any]]) -> None:
        if messages:
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
            await self.sqs.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)

    async def _hasten(self, messages: list[dict[str, Any]], seconds: int) -> None:
        for message in messages:
            await self.sqs.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
            )


def failed_ids(answer: Any, ids: frozenset[str]) -> frozenset[str]:
    """The messages that stay, by Lambda's rules for ReportBatchItemFailures.

    No answer, no list or an empty one is full success; an entry without a
    known id makes the whole batch fail.
    """
    if answer is None:
        return frozenset()
    items = answer.get("batchItemFailures", ()) if isinstance(answer, dict) else None
    if items is None and isinstance(answer, dict):
        return frozenset()
    if not isinstance(items, (list, tuple)):
        return ids
    failed = frozenset(item.get("itemIdentifier") if isinstance(item, dict) else None for item in items)
    return frozenset(str(one) for one in failed) if failed <= ids else ids
