"""Raw mail that no run knows is put into the queue.

    raw/ ──▶ lain there for SETTLED, not asked about yet ──▶ does a run know it? ── no ──▶ queue

    raw/ is listed in passes: ├── swept before ──┼── this pass ──┼── SETTLED ──┤ now
                                  OVERLAP again ◀┘              └ the next pass begins here

How far a pass has come is a row of the runs table, so a sweep that runs out of
time goes on where it stopped, and no object is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote_plus

from parley.core.clock import HOUR, Deadline, iso
from parley.core.tasks import batched, together
from parley.ledger.gauges import AT_ONCE
from parley.ledger.sweep import RunSweeper, Swept, tell
from parley.ledger.table import Index, Item, Json, write_new, write_over
from parley.mail.email import DeliveryId
from parley.mail.inbound_events import read_event

log = logging.getLogger("parley.inbound.sweep")

SETTLED = 0.5 * HOUR
"""A notification takes seconds; what nobody claimed after this is asked about."""
OVERLAP = HOUR
"""How much of the pass before is looked through again: clocks differ, and an index lags."""
FIRST_LOOK = 24 * HOUR
"""How far back the first sweep of all looks: nobody wants an answer to older mail."""
SECONDS_A_PAGE = 10.0
MARK = ("sweep#raw", "mark")


@dataclass(frozen=True, slots=True)
class Stored:
    """One object below raw/: its key, when it was stored (UTC seconds), its bytes."""

    key: str
    at: float
    size: int


class RawMail(Protocol):
    """The listing of raw/ in one bucket."""

    @property
    def bucket(self) -> str: ...

    async def page(self, *, after: str) -> list[Stored]:
        """The next objects by key; none where there are no more. Raises RetryableError."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass through raw/: what was stored in [since, until), and how far it has come."""

    item: Item

    @property
    def since(self) -> float:
        return float(self.item["swept_to"]) - OVERLAP

    @property
    def until(self) -> float:
        return float(self.item["pass_to"])

    @property
    def after(self) -> str:
        return str(self.item["after"])


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSweeper(RunSweeper):
    """Finds mail that was lost on the way, and abandoned runs. `clock` is UTC seconds."""

    raw: RawMail

    async def sweep_mail(self, deadline: Deadline) -> Swept:
        """Put mail into the queue that lies in raw/ and that no run knows."""
        async with deadline.limit("sweep raw mail"):
            here: _Pass | None = await self._begin()
            looked_at = requeued = 0
            while here and deadline.remaining() > SECONDS_A_PAGE:
                page = await self.raw.page(after=here.after)
                if not page:
                    await self._note(here, swept_to=here.until, pass_to=None, after="")
                    return tell("mail", Swept(looked_at, requeued, complete=True))
                due = [one for one in page if here.since <= one.at < here.until]
                requeued += sum([await self._mail(chunk) for chunk in batched(due, AT_ONCE)])
                looked_at += len(due)
                here = await self._note(here, after=page[-1].key)
        return tell("mail", Swept(looked_at, requeued, complete=False))

    async def _begin(self) -> _Pass | None:
        """The pass that was left unfinished, else a new one; None when another sweep is at it."""
        now = self.clock()
        fresh = {"pk": MARK[0], "sk": MARK[1], "swept_to": now - FIRST_LOOK, "pass_to": None, "after": ""}
        item = await self.table.get(*MARK) or (await write_new(self.table, fresh))[1]
        if item.get("pass_to") is not None:
            return _Pass(item)
        return await self._note(_Pass(item), pass_to=max(now - SETTLED, float(item["swept_to"])))

    async def _note(self, here: _Pass, **changes: Json) -> _Pass | None:
        won, mine = await write_over(self.table, here.item, {**here.item, **changes})
        return _Pass(mine) if won else None

    async def _mail(self, stored: Sequence[Stored]) -> int:
        found = await together(*(self._unknown(one) for one in stored))
        lost = [(delivery, body) for delivery, body in found if body]
        for delivery, _ in lost:
            log.warning("mail requeued", extra={"delivery": delivery})
        return await self._requeue([(f"mail#{delivery}", body) for delivery, body in lost])

    async def _unknown(self, stored: Stored) -> tuple[str, Json]:
        """The delivery and the message that brings it back; no message where that is not wanted."""
        body = _announcement(self.raw.bucket, stored)
        emails = read_event(body).emails
        if not emails:
            return "", None
        delivery = DeliveryId(emails[0].message_id)
        known = await self.table.find(Index.DELIVERY, delivery, limit=1)
        return delivery, None if known or not await self._may_requeue(f"mail#{delivery}") else body


def _announcement(bucket: str, stored: Stored) -> dict[str, Any]:
    """What S3 would have said of the object; keys are URL-encoded there."""
    described = {
        "bucket": {"name": bucket},
        "object": {"key": quote_plus(stored.key, safe="/"), "size": stored.size},
    }
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": iso(stored.at),
        "s3": described,
    }
    return {"Records": [record]}
