"""How much waits for somebody, as lines of the log that metrics and alarms are made of."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from parley.core.clock import HOUR, Clock, Deadline, iso
from parley.core.tasks import batched, together
from parley.ledger.claims import OPEN
from parley.ledger.outbox import OutboxState, waits_as
from parley.ledger.table import Index, Item, Place, RunTable

log = logging.getLogger("parley.ledger.gauges")

ABANDONED = 6 * HOUR
"""Seconds after the end of its lease from which an open run counts as abandoned: its message has gone too."""
MOST_COUNTED = 1_000
MOST_READ = 100
AT_ONCE = 20
WATCHED: dict[str, tuple[str, float]] = {
    "quarantined": ("run#quarantined", 0.0),
    "failed": ("run#failed", 0.0),
    "ambiguous": (waits_as(OutboxState.AMBIGUOUS), 0.0),
    # A send takes seconds: what is `sending` for an hour is as unknown, and not parked yet.
    "sending": (waits_as(OutboxState.SENDING), HOUR),
    "held": (waits_as(OutboxState.INTENT), 0.0),
    "undelivered": (waits_as(OutboxState.FAILED), 0.0),
    "drafts": (waits_as(OutboxState.DRAFT), 0.0),
}
"""What is counted beside abandoned runs: its name in the log, what it waits as, from which age in seconds."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, of at most MOST_COUNTED, and for how many seconds the oldest does."""

    count: int
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Counts what waits. `clock` is UTC seconds."""

    table: RunTable
    clock: Clock

    async def gauge(self, deadline: Deadline) -> dict[str, Waiting]:
        """How much of each kind waits; a line of the log says so, also of a kind of which nothing waits."""
        async with deadline.limit("count what waits"):
            overdue = await self.overdue()
            found = {"abandoned": self._waiting(len(overdue), overdue)}
            for what, (waiting, age) in WATCHED.items():
                rows = await self._oldest(waiting, before=iso(self.clock() - age))
                count = len(rows) if age else len(await self._places(waiting))
                found[what] = self._waiting(count, rows)
        for what, one in found.items():
            log.info("what waits", extra={"what": what, **asdict(one)})
        return found

    def _waiting(self, count: int, rows: Sequence[Item]) -> Waiting:
        now = self.clock()
        oldest = min((_seconds(row["since"]) for row in rows), default=now)
        return Waiting(count, max(0, round(now - oldest)))

    async def overdue(self) -> list[Item]:
        """Open runs whose lease ended `ABANDONED` ago, the oldest first."""
        before = self.clock() - ABANDONED
        rows = await self._oldest(OPEN, before=iso(before))
        return [row for row in rows if row["lease_until"] < before]

    async def _places(self, waiting: str) -> list[Place]:
        return await self.table.find(Index.WAITING, waiting, limit=MOST_COUNTED)

    async def _oldest(self, waiting: str, *, before: str) -> list[Item]:
        """At most MOST_READ rows that wait so since an earlier moment, the oldest first."""
        rows: list[Item] = []
        for places in batched(await self.table.find(Index.WAITING, waiting, limit=MOST_READ), AT_ONCE):
            read = await together(*(self.table.get(*place) for place in places))
            # The index lags: what the row itself says counts.
            rows += [row for row in read if row and row.get("waiting") == waiting and row["since"] <= before]
        return rows


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
