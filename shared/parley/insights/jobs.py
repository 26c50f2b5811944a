"""Jobs: work that was put off, and how far it has come.

    QUEUED ──▶ RUNNING ──▶ DONE
       ▲           └─────▶ FAILED        asking again for what failed queues it again

A job's progress is what λ analysis_jobs says of it: a derived write, so that
an earlier word never undoes a later one. Nothing of what was said stands in a
job; the insights are read with it from its meeting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parley.core.ids import digest
from parley.errors import not_found
from parley.insights.job import JobStage, JobStatus
from parley.insights.kinds import JOB
from parley.insights.service import InsightsService
from parley.store.results import Stored

if TYPE_CHECKING:
    from parley.store.records import Records
    from parley.store.results import Body


def job_id(run_id: str, names: Sequence[str], *, over: int | None = None) -> str:
    """The same for the same run and extractors; `over` is the version of an edit that it is to replace."""
    return f"job_{digest(run_id, *sorted(names), *([] if over is None else [f'over {over}']))[:24]}"


class JobService:
    """The jobs of one tenant."""

    def __init__(self, records: Records, tenant: str) -> None:
        self._records = records
        self._tenant = tenant

    async def begin(self, ident: str, about: Body) -> Body:
        """Queue it, unless it stands and has not failed; how it stands then."""
        standing = await self._records.find(self._tenant, JOB, ident)
        if standing and standing.body["status"] != JobStatus.FAILED:
            return standing.body
        body = {
            **about,
            "id": ident,
            "status": str(JobStatus.QUEUED),
            "stage": str(JobStage.WAITING),
            "ended": 0,
            "round": int(standing.body["round"]) + 1 if standing else 1,
            "insights_version": None,
            "errors": {},
            "reason": None,
            "detail": None,
            "created_at": standing.body["created_at"] if standing else self._records.now(),
        }
        return (await self._records.put(self._tenant, JOB, ident, body)).body

    async def put(self, ident: str, said: Body) -> Stored:
        """What the worker says of it. Raises NotFound for a job that nobody asked for."""
        standing = await self._records.find(self._tenant, JOB, ident)
        if standing is None:
            raise not_found("job", ident)
        return await self._records.put(self._tenant, JOB, ident, {**standing.body, **said})

    async def get(self, ident: str) -> Stored:
        """The job as it stands, with its result once it is done."""
        stored = await self._records.fetch(self._tenant, JOB, ident)
        return Stored(await self._shown(stored.body), stored.version)

    async def _shown(self, job: Body) -> Body:
        of = len(job["extractors"])
        done = job["status"] == JobStatus.DONE
        share = 1.0 if done else round(0.9 * job["ended"] / of, 2) if of else 0.0
        shown = {**job, "progress": share, "result": None}
        if done and job["insights_version"]:
            shown["result"] = await self._result(job)
        return shown

    async def _result(self, job: Body) -> Body | None:
        """What POST /meetings/{id}/analyze would have answered; None once it was erased."""
        try:
            kept = await InsightsService(self._records).get(
                self._tenant, job["meeting_id"], job["insights_version"]
            )
        except ValueError:
            # The meeting, or what was found in it, is not there any more.
            return None
        found: dict[str, Any] = kept.body["insights"]
        result: Body = {
            "meeting_id": job["meeting_id"],
            "insights": {name: found.get(name) for name in job["extractors"]},
        }
        if job["errors"]:
            result |= {"errors": job["errors"], "partial_success": True}
        if job["reason"] in {"edited", "newer", "deleted"}:
            result |= {"stored": False, "reason": job["reason"]}
        return result
