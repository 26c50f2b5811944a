"""Erasing the runs of e-mail: their raw mail goes too, and a sender's runs are found.

The raw email is shared by the runs of one delivery, one for each mailbox. It
goes with the last of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from parley.core.clock import Clock
from parley.core.ids import RunId, TenantId
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.inbound.email_ledger import MOST_RUNS_A_DELIVERY, REPLY
from parley.ledger.claims import OPEN, run_waits_as
from parley.ledger.erasure import ALL_CLAIMED, PAGE, Kept, RunEraser
from parley.ledger.keys import owner_of
from parley.ledger.table import Index, Item, Json, RunTable

UNREPORTED = (OPEN, run_waits_as(Outcome.FAILED))
MOST_UNREPORTED = 10_000


class RawStore(Protocol):
    """Where the raw email lies."""

    async def remove(self, bucket: str | None, key: str) -> int:
        """Remove it with all its versions; how many objects that were, 0 when it is gone already."""


class EmailEraser(RunEraser):
    """Over the runs table and the raw mail; `clock` is UTC seconds."""

    purposes = (REPLY,)
    shared = Kept("raw email", "another mailbox of the same delivery may need it; it goes with retention")

    def __init__(self, table: RunTable, raw: RawStore, *, clock: Clock) -> None:
        super().__init__(table, clock=clock)
        self._raw = raw

    async def runs_of(self, tenant: TenantId, delivery: str) -> list[RunId]:
        """The runs of one delivery that are this tenant's."""
        places = await self._table.find(Index.DELIVERY, delivery, limit=MOST_RUNS_A_DELIVERY)
        return [owner_of(pk)[1] for pk, _ in places if owner_of(pk)[0] == tenant]

    async def unreported(self, tenant: TenantId, sender: str) -> tuple[list[RunId], bool]:
        """Runs of this sender's mail that the backend may know nothing of: open ones, and failed ones.

        Only the oldest `MOST_UNREPORTED` of each sort are looked at; False says that there are more.
        """
        lists = [await self._table.find(Index.WAITING, one, limit=MOST_UNREPORTED) for one in UNREPORTED]
        ours = [place for places in lists for place in places if owner_of(place[0])[0] == tenant]
        found: list[RunId] = []
        for first in range(0, len(ours), PAGE):
            rows = await together(*(self._table.get(*place) for place in ours[first : first + PAGE]))
            found += [RunId(row["name"]) for row in rows if row and _is_from(row, sender)]
        return found, all(len(places) < MOST_UNREPORTED for places in lists)

    async def _needed_by(self, claim: Item) -> str | None:
        """A mailbox of this delivery that has no claim yet: they are worked one after the other."""
        recipients = (claim.get("event") or {}).get("receipt", {}).get("recipients", [])
        if len(recipients) < 2:  # noqa: PLR2004  # with one there is no other
            return None
        if self._clock() - datetime.fromisoformat(claim["created_at"]).timestamp() > ALL_CLAIMED:
            return None
        claimed = await self._table.find(Index.DELIVERY, claim["delivery"], limit=MOST_RUNS_A_DELIVERY)
        return "another mailbox of the same delivery" if len(claimed) < len(recipients) else None

    def _source_of(self, claim: Item) -> Json:
        """Where the raw email lies: as the event says, else where SES puts it; None for other runs."""
        if "delivery" not in claim:
            return None
        action = (claim.get("event") or {}).get("receipt", {}).get("action", {})
        return {
            "bucket": action.get("bucketName"),
            "key": action.get("objectKey") or f"raw/{claim['delivery']}",
        }

    async def _remove_source(self, claim: Item) -> tuple[int, tuple[Kept, ...]]:
        where = claim.get("raw")
        if not where:
            return 0, ()
        places = await self._table.find(Index.DELIVERY, claim["delivery"], limit=MOST_RUNS_A_DELIVERY)
        rows = await together(*(self._table.get(*place) for place in places if place[0] != claim["pk"]))
        others = sum(1 for row in rows if row and not row.get("erased_at"))
        if others:
            why = f"{others} other mailbox(es) of the same delivery need it; it goes with the last of them"
            return 0, (Kept("raw email", why),)
        return await self._raw.remove(where["bucket"], where["key"]), ()


def _is_from(claim: Item, sender: str) -> bool:
    mail = (claim.get("event") or {}).get("mail", {})
    senders = [mail.get("source", ""), *mail.get("commonHeaders", {}).get("from", [])]
    return any(sender == one.strip().lower() for one in senders)
