"""Time, injected: UTC seconds from one clock, and how much of it is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from parley.errors import DeadlineExceeded

HOUR = 3600.0
"""Seconds."""
CLEANUP_PARTS = 3
"""Into how many parts the margin is cut: a run given back, a message handed back, and what that takes."""
Clock = Callable[[], float]
"""Seconds since the epoch, UTC: `time.time`, or a test's own."""


def iso(moment: float) -> str:
    """`2026-11-20T10:00:00.000Z`: sorts as text in the order of time."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When this invocation ends.

    `margin` seconds before it all work is broken off and no effect is begun;
    they are for giving back what is unfinished.

        ├──────────── remaining ────────────┼── margin ──┤ at
                    work, within limit()      cleanup()
    """

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

    @asynccontextmanager
    async def limit(self, what: str) -> AsyncIterator[None]:
        """A time limit for every await in the block; DeadlineExceeded when the margin begins."""
        timer = asyncio.timeout(self.remaining())
        try:
            async with timer:
                yield
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise DeadlineExceeded(
                f"the invocation's time ended while it had to {what}: it comes back to the queue"
            ) from error

    @asynccontextmanager
    async def cleanup(self) -> AsyncIterator[None]:
        """A time limit for giving work back, inside the margin. What it breaks off is not an error."""
        seconds = min(max(self.remaining(), self.margin / CLEANUP_PARTS), self.at - self.clock())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                yield


def day_in(moment: object) -> date | None:
    """The day of a time as ISO 8601 has it; None for what is none."""
    try:
        return date.fromisoformat(moment[: len("YYYY-MM-DD")]) if isinstance(moment, str) else None
    except ValueError:
        return None
