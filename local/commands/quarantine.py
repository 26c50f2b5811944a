"""`parley quarantine`: what a gate kept for a person."""

from __future__ import annotations

from local.operating import CommandContext, Shape, described, listed, operate, say
from parley.core.outcome import Outcome
from parley.ledger.claims import run_waits_as

SHAPE = Shape(
    head=("run_id", "reason", "tenant", "since"),
    below=(("from", "subject"), ("detail",)),
    empty="Nothing is in quarantine.",
)


def quarantine(*, limit: int, as_json: bool) -> int:
    """List the quarantined runs, oldest first; exit code 0."""

    async def work(context: CommandContext) -> int:
        found = await context.operations.inspector.runs_waiting(
            run_waits_as(Outcome.QUARANTINED), limit=limit
        )
        rows = await described(context.operations, found.rows)
        listed(context.out, rows, SHAPE, as_json=as_json)
        if found.more:
            say(f"these are the oldest {limit}: --limit N shows more")
        if rows and not as_json:
            say("`parley replay RUN --past-gates` lets one pass that is spam or unauthenticated")
        return 0

    return operate(work)
