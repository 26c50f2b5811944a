"""λ delivery_events: what SES says of our replies, settled."""

from __future__ import annotations

import gc
from typing import Any

# What is imported stays for good: looking through it for garbage takes a tenth of the start.
# `Environment` turns the collector on again.
gc.disable()

from parley.bootstrap.delivery_events import open_settlement  # noqa: E402
from parley.bootstrap.environment import Environment  # noqa: E402
from parley.inbound.delivery_events import Settlement  # noqa: E402
from parley.settings import DeliverySettings  # noqa: E402

environment: Environment[Settlement] = Environment(lambda: open_settlement(DeliverySettings.from_env()))


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Settle a batch of SES's events, or one. Raises where Lambda's own retry can help."""
    seconds = context.get_remaining_time_in_millis() / 1000
    answer: dict[str, Any] = environment.run(lambda settlement: settlement.take(event, seconds=seconds))
    return answer
