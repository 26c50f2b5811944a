"""Runs that nobody works on any more are put back into their queue.

    open runs ──▶ their lease ended ABANDONED ago ──▶ the claim's own event ──▶ queue

A copy too many does no harm, because the claim lets one worker in. So a message
is put into the queue first and noted after that.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from parley.core.clock import HOUR, Deadline
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.ledger.claims import ENDED, ending
from parley.ledger.gauges import ABANDONED, Gauges
from parley.ledger.keys import owner_of
from parley.ledger.table import Item, Json, waiting_for, write_new, write_over

log = logging.getLogger("parley.ledger.sweep")

MOST_TIMES = 5
"""How often one thing is put into the queue, each time after twice the wait."""
ABANDONED_BY_CALLER = "abandoned"
"""The reason of a run whose worker died and whom nobody asked for again."""
NOTED = 30 * 24 * HOUR
"""Seconds for which it is remembered that something was put into the queue."""


class Queue(Protocol):
    """Takes messages that start runs."""

    async def send(self, bodies: Sequence[Json]) -> None:
        """Put each into the queue. Raises RetryableError when one was not taken."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep came to; `complete` False: it ran out of time, the next one goes on."""

    looked_at: int
    requeued: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSweeper(Gauges):
    """Finds abandoned runs and starts them again. `clock` is UTC seconds."""

    queue: Queue

    async def sweep_runs(self, deadline: Deadline) -> Swept:
        """Put runs back into the queue whose worker and whose message have both gone."""
        async with deadline.limit("sweep abandoned runs"):
            overdue = await self.overdue()
            asked = await together(*(self._may_requeue(f"run#{row['name']}") for row in overdue))
            back = [row for row, may in zip(overdue, asked, strict=True) if may and row.get("event")]
            for row in back:
                tenant, run_id = owner_of(row["pk"])
                log.warning("run requeued", extra={"run_id": run_id, "tenant": tenant})
            requeued = await self._requeue([(f"run#{row['name']}", row["event"]) for row in back])
            # A caller asked for these and is gone: no message brings them back, and it may ask again.
            await together(*(self._end(row) for row in overdue if not row.get("event")))
        return tell("runs", Swept(len(overdue), requeued, complete=True))

    async def _end(self, row: Item) -> None:
        """End a run that nothing starts again as failed: it would stand before the others for ever."""
        now = self.clock()
        # Whoever wants it asks again: it waits for nobody but retention.
        forgotten = waiting_for(ENDED, now)
        failed = {**row, **ending(Outcome.FAILED, ABANDONED_BY_CALLER, now), **forgotten}
        await write_over(self.table, row, failed)

    # -- the queue ---------------------------------------------------------------------------

    async def _may_requeue(self, what: str) -> bool:
        noted = await self.table.get(f"sweep#{what}", "requeued")
        if noted is None:
            return True
        times = int(noted["times"])
        return times < MOST_TIMES and self.clock() - noted["at"] >= ABANDONED * 2 ** (times - 1)

    async def _requeue(self, messages: Sequence[tuple[str, Json]]) -> int:
        if messages:
            await self.queue.send([body for _, body in messages])
            await together(*(self._note_requeued(what) for what, _ in messages))
        return len(messages)

    async def _note_requeued(self, what: str) -> None:
        place = (f"sweep#{what}", "requeued")
        noted = await self.table.get(*place)
        item = {"pk": place[0], "sk": place[1], "at": self.clock(), "expires_at": int(self.clock() + NOTED)}
        if noted is None:
            await write_new(self.table, {**item, "times": 1})
        else:
            await write_over(self.table, noted, {**item, "times": int(noted["times"]) + 1})


def tell(what: str, swept: Swept) -> Swept:
    """Log what a sweep came to: a metric of template.yaml counts by it."""
    log.info("swept", extra={"swept": what, **asdict(swept)})
    return swept
