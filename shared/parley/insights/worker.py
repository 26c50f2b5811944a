"""λ analysis_jobs: what was put off, done. One message names one job.

    queue ─▶ the job, its meeting, its transcript ─▶ resume the run ─▶ extractors ─▶ insights ─▶ DONE
                  │ reading        │                     │ extracting        │ storing
                  └────────────────┴── progress, told to the API: GET /jobs/{id} ──┘

At-least-once: a copy finds the job done, or its run busy, or the answers
recorded. Where every extractor failed the message comes back; the last time it
does, the job has failed, and says why: asking for it again, or redriving the
dead letter, works it once more.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from parley.analysis.machine import Analysis
from parley.core.clock import Clock, Deadline
from parley.core.ids import TenantId
from parley.core.logs import of_bug
from parley.errors import ParleyError, RequestError, RetryableError
from parley.insights.analyst import Analyst, Task, analysis_run, context_of, insights_body, transcript_from
from parley.insights.job import JobStage, JobStatus
from parley.mail.inbound_events import QueueRecord

log = logging.getLogger("parley.insights.worker")

MOST_RECEIVES = 5
"""The last of them says that the job has failed; then the queue gives the message up (template.yaml)."""
FIRST_BACKOFF = 10.0
LONGEST_BACKOFF = 300.0


class BackendAPI(Protocol):
    """What a job asks of the backend; every write repeats without harm."""

    async def get_job(self, tenant: str, job_id: str) -> dict[str, Any] | None: ...
    async def put_job(self, tenant: str, job_id: str, body: Mapping[str, Any]) -> Any: ...
    async def get_meeting(self, tenant: str, meeting_id: str) -> dict[str, Any] | None: ...
    async def get_transcript(self, tenant: str, meeting_id: str, name: str) -> dict[str, Any] | None: ...
    async def put_insights(self, tenant: str, meeting_id: str, body: Mapping[str, Any]) -> Any: ...


class Queue(Protocol):
    """Hands one message back, to be seen again after `seconds`."""

    async def hand_back(self, message: QueueRecord, *, seconds: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Order:
    """Which job of which tenant, and how often the message has come."""

    tenant: str
    job_id: str
    receives: int = 1

    @property
    def is_last(self) -> bool:
        return self.receives >= MOST_RECEIVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One invocation's worth of jobs. `clock` is UTC seconds."""

    analyst: Analyst
    backend: BackendAPI
    queue: Queue
    clock: Clock

    async def take(self, event: object, *, seconds: float) -> dict[str, Any]:
        """Work an SQS batch of jobs; `seconds` is the invocation's time. RequestError for anything else."""
        records = event.get("Records") if isinstance(event, Mapping) else None
        if not isinstance(records, list):
            raise RequestError("analysis_jobs takes SQS batches of {job_id, tenant}")
        deadline = Deadline(self.clock() + seconds, self.clock)
        ends = await asyncio.gather(*(self._message(record, deadline) for record in records))
        return {"batchItemFailures": [{"itemIdentifier": one} for one in ends if one is not None]}

    async def _message(self, record: Mapping[str, Any], deadline: Deadline) -> str | None:
        """None when the message is done; its id when it must come back."""
        message = _queued(record)
        try:
            await self.work(_order(record, message), deadline)
        except RetryableError as error:
            log.warning("job comes back", extra={"queue_message": message.message_id, **_named(error)})
            await self._hand_back(message, error.retry_after, deadline)
        except Exception as error:  # noqa: BLE001  # nothing may cost the neighbours: it is logged and comes back
            extra = {"queue_message": message.message_id, **of_bug(error)}
            log.error("job failed", extra=extra)  # noqa: TRY400  # its own words stay out of the log
        else:
            return None
        return message.message_id

    async def _hand_back(self, message: QueueRecord, told: float | None, deadline: Deadline) -> None:
        backoff = told or min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (message.receive_count - 1))
        # The queue's own time-out brings it back too, later.
        with suppress(ParleyError):
            async with deadline.cleanup():
                await self.queue.hand_back(message, seconds=max(1, round(min(backoff, LONGEST_BACKOFF))))

    async def work(self, order: Order, deadline: Deadline) -> None:
        """Do one job to its end. Raises RetryableError when it should come back."""
        async with deadline.limit("look the job up"):
            job = await self.backend.get_job(order.tenant, order.job_id)
        if job is None or job["status"] == JobStatus.DONE:
            log.info("job passed over", extra={"job_id": order.job_id, "known": job is not None})
            return
        try:
            await _Job(self, order, job, deadline).do()
        except RetryableError as error:
            if order.is_last:
                async with deadline.cleanup():
                    why = f"{order.receives} attempts failed, the last with {type(error).__name__}: {error}"
                    await self.fail(order, job, why[:1000])
            raise

    async def fail(self, order: Order, job: Mapping[str, Any], detail: str) -> None:
        """Say in the job that it failed, and why."""
        said = {"status": JobStatus.FAILED, "round": job["round"], "detail": detail}
        await self.backend.put_job(order.tenant, order.job_id, said)


@dataclass(slots=True)
class _Job:
    worker: Worker
    order: Order
    job: Mapping[str, Any]
    deadline: Deadline
    ended: int = 0

    async def do(self) -> None:
        tenant, meeting_id = self.order.tenant, self.job["meeting_id"]
        await self._tell(JobStage.READING)
        async with self.deadline.limit("read the transcript"):
            meeting = await self.worker.backend.get_meeting(tenant, meeting_id)
            said = await self.worker.backend.get_transcript(tenant, meeting_id, self.job["transcript"])
        if meeting is None or said is None:
            await self.worker.fail(self.order, self.job, "the meeting or its transcript was removed")
            return
        await self._tell(JobStage.EXTRACTING)
        transcript = transcript_from(said)
        task = Task(
            transcript=transcript,
            context=context_of(
                meeting, datetime.fromtimestamp(self.worker.clock(), UTC).date(), transcript.day
            ),
            store=self._store,
            names=self.job["extractors"],
            ended=self._heard,
        )
        key = analysis_run(TenantId(tenant), meeting_id, self.job["transcript"], self.job["edition"])
        analysis, stored = await self.worker.analyst.analyse(key, task, deadline=self.deadline)
        log.info("analysis finished", extra={**analysis.log_fields(), "job_id": self.order.job_id})
        if stored is None:
            reasons = "; ".join(dict.fromkeys(analysis.errors.values()))
            raise RetryableError(f"every extractor failed: {reasons}"[:500])
        rests = self.worker.analyst.machine.retry_after()
        if analysis.errors and not self.order.is_last and rests:
            # What is stored stands; what is missing is worth waiting for.
            raise RetryableError("the provider is left to rest, and a part is missing", retry_after=rests)
        await self._done(analysis, stored)

    async def _store(self, analysis: Analysis, source: str) -> Any:
        await self._tell(JobStage.STORING)
        body = insights_body(analysis, source, self.job["extractors"], self.job["transcript"])
        body["over_edits"] = self.job["over_edits"]
        return await self.worker.backend.put_insights(self.order.tenant, self.job["meeting_id"], body)

    async def _done(self, analysis: Analysis, stored: Mapping[str, Any]) -> None:
        said = {
            "status": JobStatus.DONE,
            "stage": JobStage.FINISHED,
            "ended": len(self.job["extractors"]),
            "round": self.job["round"],
            "insights_version": stored["version"],
            "errors": analysis.errors,
            "reason": None if stored["stored"] else stored["reason"],
            "detail": None if stored["stored"] else f"what stands was kept: {stored['reason']}",
        }
        async with self.deadline.limit("say that the job is done"):
            await self.worker.backend.put_job(self.order.tenant, self.order.job_id, said)

    async def _heard(self, name: str) -> None:
        del name
        self.ended += 1
        await self._tell(JobStage.EXTRACTING)

    async def _tell(self, stage: JobStage) -> None:
        """Progress is a courtesy: the job goes on without it."""
        said = {
            "status": JobStatus.RUNNING,
            "stage": stage,
            "ended": self.ended,
            "round": self.job["round"],
        }
        try:
            async with self.deadline.limit("tell the progress"):
                await self.worker.backend.put_job(self.order.tenant, self.order.job_id, said)
        except ParleyError as error:
            log.info("progress not told", extra={"job_id": self.order.job_id, **_named(error)})


def _queued(record: Mapping[str, Any]) -> QueueRecord:
    count = str(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
    return QueueRecord(
        message_id=str(record.get("messageId", "")),
        receive_count=int(count) if count.isascii() and count.isdigit() else 1,
        receipt_handle=str(record.get("receiptHandle", "")),
        queue_arn=str(record.get("eventSourceARN", "")),
    )


def _order(record: Mapping[str, Any], message: QueueRecord) -> Order:
    try:
        body = json.loads(record["body"])
        return Order(str(body["tenant"]), str(body["job_id"]), message.receive_count)
    except (ValueError, LookupError, TypeError) as error:
        raise RequestError("the message is no job: it takes {job_id, tenant}") from error


def _named(error: ParleyError) -> dict[str, str]:
    return {"error": type(error).__name__}
