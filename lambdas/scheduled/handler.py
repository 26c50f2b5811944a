"""λ scheduled: every few minutes, what was lost is found and what waits is counted."""

from __future__ import annotations

from typing import Any

from parley.bootstrap.environment import Environment
from parley.bootstrap.scheduled import open_scheduled
from parley.inbound.scheduled import ScheduledTasks
from parley.settings import ScheduledSettings

environment: Environment[ScheduledTasks] = Environment(lambda: open_scheduled(ScheduledSettings.from_env()))


def lambda_handler(_event: object, context: Any) -> dict[str, Any]:
    """Do each task once; the event is not read. Raises the error of one that failed, after the others."""
    seconds = context.get_remaining_time_in_millis() / 1000
    answer: dict[str, Any] = environment.run(lambda rounds: rounds.run(seconds=seconds))
    return answer
