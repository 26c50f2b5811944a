"""What waits for a person, listed by an index of the runs table; nothing is scanned.

    index `waiting` ──▶ keys, oldest first, as they were a moment ago
                          └─▶ each row read consistently, shown only if it still waits so

    run#quarantined  run#failed             a person decides
    run#open         with its lease over    its copy comes back, or somebody replays it
    outbox#ambiguous                        nobody knows whether it was sent
    outbox#sending   of a run that nobody works on: the same
    outbox#intent                           refused for now: it is tried again
    outbox#draft     outbox#failed          not sent, and known to be

Whoever decides does it elsewhere: a replay, or a reply that is closed by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parley.core.clock import Clock
from parley.core.ids import RunId, TenantId
from parley.core.tasks import together
from parley.errors import RequestError
from parley.ledger.claims import OPEN
from parley.ledger.keys import CLAIM, owner_of
from parley.ledger.outbox import OutboxEntry, OutboxState, waits_as
from parley.ledger.table import Index, Item, Json, Place, RunTable

MOST_RUNS = 100
"""Runs of one delivery that are looked at."""
SENDING = waits_as(OutboxState.SENDING)
UNCERTAIN = (waits_as(OutboxState.AMBIGUOUS), SENDING)
"""Replies of which nobody knows whether they are out."""
HELD = (waits_as(OutboxState.INTENT),)
"""Replies that are refused for now, by a throttle or the set-up, and are tried again."""
NOT_OUT = (waits_as(OutboxState.DRAFT), waits_as(OutboxState.FAILED))
"""Replies that are certainly not out."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, by its claim. `outcome` None: it has not ended. Times are ISO 8601, UTC."""

    item: Item

    @property
    def tenant(self) -> TenantId:
        return owner_of(self.item["pk"])[0]

    @property
    def run_id(self) -> RunId:
        return owner_of(self.item["pk"])[1]

    @property
    def delivery(self) -> str | None:
        """The SES message id; None where nothing of the run is left but its end."""
        return self.item.get("delivery")

    @property
    def outcome(self) -> str | None:
        return self.item.get("outcome")

    @property
    def generation(self) -> int:
        return int(self.item["generation"])

    def alive(self, now: float) -> bool:
        """Whether somebody works on it just now."""
        return self.item["state"] == "open" and float(self.item["lease_until"]) > now

    def event(self) -> Json:
        """The message that starts the run again, as it was kept. Raises RequestError where none is."""
        if self.item.get("erased_at"):
            raise RequestError(
                f"run {self.run_id} was erased on {self.item['erased_at']}, "
                "by request or retention: nothing is left"
            )
        if "event" not in self.item:
            raise RequestError(f"run {self.run_id} keeps no event that could bring it back")
        return self.item["event"]

    def as_json(self) -> dict[str, Any]:
        """`since` is when it began to wait, or ended."""
        item = self.item
        return {
            "tenant": self.tenant,
            "run_id": self.run_id,
            "delivery": self.delivery,
            "outcome": self.outcome,
            "reason": item.get("reason"),
            "attempts": int(item["attempts"]),
            "generation": self.generation,
            "since": item.get("since") or item.get("finished_at"),
        }


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One reply and its run. What it says stays in the outbox, but for recipient and subject."""

    entry: OutboxEntry
    run: RunRow | None

    def as_json(self) -> dict[str, Any]:
        """`at` is when the reply came to stand so, `why` who or what said it."""
        item, message = self.entry.item, self.entry.message
        return {
            "tenant": self.entry.tenant,
            "run_id": self.entry.run_id,
            "delivery": self.run.delivery if self.run else None,
            "tag": self.entry.tag,
            "state": str(self.entry.state),
            "at": item.get("at"),
            "why": item.get("why"),
            "to": message.get("to"),
            "subject": message.get("subject"),
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """What waits, oldest first. `more` says that the limit cut the list."""

    rows: tuple[Any, ...]
    more: bool = False


class RunInspector:
    """Reads the runs table for a person; never writes."""

    def __init__(self, table: RunTable, *, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def runs_waiting(self, what: str, *, limit: int) -> Listing:
        """Runs (`RunRow`) that wait so; of open ones those that nobody works on."""
        items, more = await self._waiting(what, limit)
        # Of an erased run nothing is left that anybody could decide on.
        rows = (RunRow(item) for item in items if not item.get("erased_at"))
        return Listing(tuple(r for r in rows if what != OPEN or not r.alive(self._clock())), more)

    async def replies_waiting(self, what: str, *, limit: int) -> Listing:
        """Replies (`ReplyRow`) that wait so; of those in sending the ones that nobody is sending."""
        items, more = await self._waiting(what, limit)
        rows = await together(*(self._reply(item) for item in items))
        return Listing(tuple(r for r in rows if not self._in_hand(r)), more)

    async def find(self, ident: str) -> tuple[RunRow, ...]:
        """The runs of a run id, a delivery's id or a reply's tag; () where nobody knows it."""
        for index, limit in ((Index.NAME, 1), (Index.DELIVERY, MOST_RUNS)):
            places = await self._table.find(index, ident, limit=limit)
            claims = await together(*(self._table.get(pk, CLAIM) for pk, _ in places))
            if found := tuple(RunRow(item) for item in claims if item):
                return found
        return ()

    async def again(self, row: RunRow) -> RunRow:
        """The run as it stands now: claims are never removed."""
        item = await self._table.get(row.item["pk"], CLAIM)
        return RunRow(item) if item else row

    async def reply(self, tag: str) -> ReplyRow | None:
        """The reply of this tag; None where it is nobody's."""
        for pk, sk in await self._table.find(Index.NAME, tag, limit=1):
            item = await self._table.get(pk, sk)
            if item and sk != CLAIM:
                return await self._reply(item)
        return None

    def uncertain(self, row: ReplyRow) -> bool:
        """Whether nobody knows if the reply is out, so that a person may say it."""
        ambiguous = row.entry.state is OutboxState.AMBIGUOUS
        return ambiguous or (row.entry.state is OutboxState.SENDING and not self._in_hand(row))

    def _in_hand(self, row: ReplyRow) -> bool:
        sending = row.entry.state is OutboxState.SENDING
        return sending and row.run is not None and row.run.alive(self._clock())

    async def _waiting(self, what: str, limit: int) -> tuple[list[Item], bool]:
        places = await self._table.find(Index.WAITING, what, limit=limit + 1)
        items = await together(*(self._at(place) for place in places[:limit]))
        return [item for item in items if item and item.get("waiting") == what], len(places) > limit

    async def _at(self, place: Place) -> Item | None:
        return await self._table.get(*place)

    async def _reply(self, item: Item) -> ReplyRow:
        claim = await self._table.get(item["pk"], CLAIM)
        return ReplyRow(OutboxEntry(item), RunRow(claim) if claim else None)
