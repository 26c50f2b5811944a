"""λ analysis_jobs: transcripts whose analysis was put off."""

from __future__ import annotations

from typing import Any

from parley.bootstrap.analysis_jobs import open_jobs
from parley.bootstrap.environment import Environment
from parley.insights.worker import Worker
from parley.settings import JobsSettings

environment: Environment[Worker] = Environment(lambda: open_jobs(JobsSettings.from_env()))


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Work a batch of jobs; those that must come back are named."""
    seconds = context.get_remaining_time_in_millis() / 1000
    answer: dict[str, Any] = environment.run(lambda worker: worker.take(event, seconds=seconds))
    return answer
