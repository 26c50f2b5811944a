"""`parley quarantine`: what a gate kept for a person."""

from __future__ import annotations

from local.operating import Desk, Shape, described, listed, operate, say
from parley.ledger.runs import run_waits_as
from parley.mail.email import Outcome

SHAPE = Shape(
    head=("run_id", "reason", "tenant", "since"),
    below=(("from", "subject"), ("detail",)),
    empty="Nothing is in quarantine.",
)


def quarantine(*, limit: int, as_json: bool) -> int:
    """List the quarantined runs, oldest first; exit code 0."""

    async def work(desk: Desk) -> int:
        found = await desk.office.oversight.runs_waiting(run_waits_as(Outcome.QUARANTINED), limit=limit)
        rows = await described(desk.office, found.rows)
        listed(desk.out, rows, SHAPE, as_json=as_json)
        if found.more:
            say(f"these are the oldest {limit}: --limit N shows more")
        if rows and not as_json:
            say("`parley replay RUN --past-gates` lets one pass that is spam or unauthenticated")
        return 0

    return operate(work)
