"""What the scheduled function does every few minutes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from parley.core.clock import Clock, Deadline, iso
from parley.errors import ParleyError
from parley.inbound.sweep import EmailSweeper

log = logging.getLogger("parley.inbound.scheduled")


class Retention(Protocol):
    """`ledger.erasure.RunEraser`, as far as it works by the calendar."""

    async def forget(self, *, before: str, deadline: Deadline) -> int:
        """Erase what ended before this time (ISO 8601 UTC), as far as the time goes; how many runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledTasks:
    """The tasks, one after the other. `retention` is in seconds."""

    sweeper: EmailSweeper
    eraser: Retention
    retention: float
    clock: Clock

    async def run(self, *, seconds: float) -> dict[str, Any]:
        """What each came to. One that fails costs the others nothing; then its error is raised."""
        deadline = Deadline(self.clock() + seconds, self.clock)
        tasks: dict[str, Callable[[Deadline], Awaitable[Any]]] = {
            "runs": self._runs,
            "waiting": self._waiting,
            "mail": self._mail,
            "forgotten": self._forgotten,
        }
        done: dict[str, Any] = {}
        failed: list[ParleyError] = []
        for name, task in tasks.items():
            try:
                done[name] = await task(deadline)
            except ParleyError as error:
                log.warning("round failed", extra={"round": name, "error": type(error).__name__})
                failed.append(error)
        if failed:
            raise failed[0]
        return done

    async def _runs(self, deadline: Deadline) -> Any:
        return asdict(await self.sweeper.sweep_runs(deadline))

    async def _waiting(self, deadline: Deadline) -> Any:
        return {what: asdict(one) for what, one in (await self.sweeper.gauge(deadline)).items()}

    async def _mail(self, deadline: Deadline) -> Any:
        # The next round goes on where this one ends, so that what comes after it gets its turn too.
        half = Deadline(self.clock() + deadline.remaining() / 2, self.clock)
        return asdict(await self.sweeper.sweep_mail(half))

    async def _forgotten(self, deadline: Deadline) -> int:
        async with deadline.limit("forget old runs"):
            count = await self.eraser.forget(before=iso(self.clock() - self.retention), deadline=deadline)
        log.info("runs forgotten", extra={"count": count})
        return count
