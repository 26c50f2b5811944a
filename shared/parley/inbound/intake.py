"""What one invocation takes in, and what it hands back.

    SQS          fresh messages side by side ─┐
                 received before: alone, last, ─┴─▶ {"batchItemFailures": [...]}
                 those begun most often at the end
    the others   one after the other           ──▶ {"statusCode": 200, "results": [...]}, or raises

A message goes back with its visibility set to its backoff, so that a copy that
is busy or throttled neither spins nor waits for the queue's whole timeout.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from parley.core.clock import Clock, Deadline
from parley.core.logs import of_bug
from parley.errors import BusyError, OutOfService, ParleyError, RequestError, RetryableError
from parley.inbound.pipeline import Pipeline, RunReport
from parley.mail.inbound_events import Announced, QueueRecord, read_event

log = logging.getLogger("parley.inbound.intake")

SIDE_BY_SIDE = 10
FIRST_BACKOFF = 5.0
LONGEST_BACKOFF = 900.0
GROWS = 6.0
"""A copy asks a living owner after 5 and 30 s, then when the lease ends: a queue counts each receive.
What is out of service is asked again after 5, 30 and 180 s, then every 15 minutes."""
RECEIVES_TO_PUT_OFF = 5
"""Of the eight that the queue allows before a message is a dead letter."""


class Queue(Protocol):
    """Hands one message back, to be seen again after `seconds`, or puts it off.

    What is put off is a new message, whose receives are counted anew: an
    outage of hours takes no email to the dead letters.
    """

    async def hand_back(self, message: QueueRecord, *, seconds: int) -> None: ...

    async def put_off(self, message: QueueRecord, *, seconds: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One invocation's worth of mail."""

    pipeline: Pipeline
    queue: Queue
    clock: Clock
    jitter: Callable[[], float] = random.random

    async def take(self, event: object, *, seconds: float) -> dict[str, Any]:
        """Work an event of any shape in the contract; `seconds` is the invocation's time.

        Raises RequestError for a shape that nobody knows, RetryableError where
        a retry of a direct event can help.
        """
        announced = read_event(event)
        deadline = Deadline(self.clock() + seconds, self.clock)
        if announced.kind == "sqs":
            return await self._batch(announced, deadline)
        reports = [r for e in announced.emails for r in await self.pipeline.deliver(e, deadline=deadline)]
        return {"statusCode": 200, "results": [_result(report) for report in reports]}

    async def _batch(self, announced: Announced, deadline: Deadline) -> dict[str, Any]:
        fresh = [m for m in announced.records if m.receive_count <= 1]
        again = [m for m in announced.records if m.receive_count > 1]
        slots = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(message: QueueRecord) -> str | None:
            async with slots:
                return await self._message(message, deadline)

        failed = list(await asyncio.gather(*(one(m) for m in fresh)))
        # What failed before may be what kills its neighbours: the more often it was begun, the
        # likelier. What never got its turn goes first, so that each round ends some of it.
        suspects = await self._least_begun_first(again, deadline)
        failed += [await self._message(message, deadline) for message in suspects]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed if one is not None]}

    async def _least_begun_first(self, again: list[QueueRecord], deadline: Deadline) -> list[QueueRecord]:
        if len(again) <= 1:
            return again
        begun = {m.message_id: await self._begun(m, deadline) for m in again}
        return sorted(again, key=lambda m: begun[m.message_id])

    async def _begun(self, message: QueueRecord, deadline: Deadline) -> int:
        try:
            async with deadline.limit("look what was begun"):
                return max([await self.pipeline.attempts_on(email) for email in message.emails], default=0)
        except ParleyError as error:
            # Only the order is at stake; whatever is wrong is met again in the work itself.
            log.warning("attempts not known", extra={"error": type(error).__name__})
            return 0

    async def _message(self, message: QueueRecord, deadline: Deadline) -> str | None:
        """None when the message is done; its id when it must come back."""
        try:
            if message.error:
                raise RequestError(message.error)  # noqa: TRY301  # one place decides what an error costs
            deadline.require(1.0, "begin another email")
            for email in message.emails:
                await self.pipeline.deliver(email, deadline=deadline, fresh=message.receive_count <= 1)
        except RetryableError as error:
            if isinstance(error, OutOfService) and await self._put_off(message, error, deadline):
                return None
            await self._hand_back(message, _told(error, message.receive_count), deadline)
        except Exception as error:  # noqa: BLE001  # nothing may cost the neighbours: it is logged and comes back
            extra = {"queue_message": message.message_id, **of_bug(error)}
            log.error("message failed", extra=extra)  # noqa: TRY400  # its own words stay out of the log
        else:
            return None
        return message.message_id

    async def _put_off(self, message: QueueRecord, error: OutOfService, deadline: Deadline) -> bool:
        """Whether the message was put off, once its receives would soon be used up."""
        log.warning(
            "out of service", extra={"queue_message": message.message_id, "error": type(error).__name__}
        )
        if message.receive_count < RECEIVES_TO_PUT_OFF:
            return False
        try:
            async with deadline.cleanup():
                await self.queue.put_off(message, seconds=int(LONGEST_BACKOFF))
        except ParleyError as second:
            log.warning("message not put off", extra={"error": str(second)})
            return False
        return True

    async def _hand_back(self, message: QueueRecord, told: float | None, deadline: Deadline) -> None:
        backoff = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(message.receive_count - 1, 8))
        seconds = told if told is not None else backoff * (0.5 + self.jitter() / 2)
        log.info("message comes back", extra={"queue_message": message.message_id, "seconds": round(seconds)})
        try:
            async with deadline.cleanup():
                await self.queue.hand_back(message, seconds=max(1, min(int(LONGEST_BACKOFF), round(seconds))))
        except ParleyError as error:
            # The queue's own timeout brings it back, later.
            log.warning(
                "visibility not changed", extra={"queue_message": message.message_id, "error": str(error)}
            )


def _told(error: RetryableError, receives: int) -> float | None:
    """When the error says to come back, in seconds; None where it says nothing."""
    grown = FIRST_BACKOFF * GROWS ** min(receives - 1, 8)
    if isinstance(error, OutOfService):
        return max(error.retry_after or 0.0, grown)
    if isinstance(error, BusyError) and error.alive and error.retry_after is not None:
        return min(error.retry_after, grown)
    return error.retry_after


def _result(report: RunReport) -> dict[str, Any]:
    return {
        "run_id": report.run_id,
        "outcome": str(report.outcome),
        "reason": report.reason and str(report.reason),
    }
