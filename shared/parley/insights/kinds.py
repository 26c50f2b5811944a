"""The kind of record that a job is."""

from __future__ import annotations

from parley.insights.job import JobStage, JobStatus
from parley.store.kind import Body, Kind

_STAGES = tuple(JobStage)
_MOST_ENDED = 99


def _job_progress(body: Body) -> int:
    """How far a job has come: the round, then the stage, then how many extractors have ended."""
    ended = min(int(body["ended"]), _MOST_ENDED)
    done = body["status"] in (JobStatus.DONE, JobStatus.FAILED)
    stage = len(_STAGES) if done else _STAGES.index(JobStage(body["stage"]))
    return (int(body["round"]) * (len(_STAGES) + 1) + stage) * (_MOST_ENDED + 1) + ended


JOB = Kind(name="job", sort=lambda body: body["created_at"], fields=("status",), rank=_job_progress)
