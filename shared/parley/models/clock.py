"""Time, injected: UTC seconds from one clock, and how much of it is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from parley.errors import DeadlineExceeded

Clock = Callable[[], float]
"""Seconds since the epoch, UTC: `time.time`, or a test's own."""


def iso(moment: float) -> str:
    """`2026-11-20T10:00:00.000Z`: sorts as text in the order of time."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When this invocation ends. `margin` seconds before it no effect is begun."""

    at: float
    clock: Clock
    margin: float = 3.0

    def remaining(self) -> float:
        """Seconds that may still be used; never negative."""
        return max(0.0, self.at - self.margin - self.clock())

    def require(self, seconds: float, what: str) -> None:
        """Raise DeadlineExceeded unless `seconds` are left to do `what`."""
        if self.remaining() < seconds:
            raise DeadlineExceeded(
                f"{self.remaining():.1f} s are left, too little to {what}: it comes back to the queue"
            )
