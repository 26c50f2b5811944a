"""λ inbound_email: an event in, the pipeline, an answer out."""

from __future__ import annotations

import gc
from typing import Any

# What is imported stays for good: looking through it for garbage takes a tenth of the start.
# `Environment` turns the collector on again.
gc.disable()

from parley.bootstrap.environment import Environment  # noqa: E402
from parley.bootstrap.inbound_email import open_intake  # noqa: E402
from parley.inbound.intake import Intake  # noqa: E402
from parley.settings import PipelineSettings  # noqa: E402

environment: Environment[Intake] = Environment(lambda: open_intake(PipelineSettings.from_env()))


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Work any event in the contract. Raises where Lambda's own retry can help."""
    answer: dict[str, Any] = environment.run(lambda intake: async_lambda_handler(event, context, intake))
    return answer


async def async_lambda_handler(event: object, context: Any, intake: Intake) -> dict[str, Any]:
    """The same, on a running loop, with an intake that is open."""
    return await intake.take(event, seconds=context.get_remaining_time_in_millis() / 1000)
