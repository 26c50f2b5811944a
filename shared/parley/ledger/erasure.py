"""Erasing a run: what it was worked from and what it wrote down go; that it was worked stays.

    claim ──▶ erased_at ──▶ reply silenced ──▶ steps removed ──▶ raw email removed
              no event       no message

The claim comes first: from then on no copy and no replay works the run, so
nothing that is removed after it is written again by one. Every stage is found
from the claim and may be repeated, so that a death between two of them costs
a repetition and nothing else. What stays of a run is its id, its SES id,
outcome, times, and the reply's state, tag and SES id: a redelivery meets them,
answers `duplicate`, and sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from parley.core.clock import Clock, Deadline, iso
from parley.core.ids import RunId, TenantId
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.errors import BusyError
from parley.ledger.claims import (
    CLAIM,
    DEAD_OWNER_WAIT,
    ENDED,
    MOST_RUNS_A_DELIVERY,
    OPEN,
    OUTBOX_TRANSITIONS,
    Index,
    Item,
    OutboxState,
    Place,
    RunTable,
    owner_of,
    reply_tag,
    run_pk,
    run_waits_as,
    write_new,
    write_over,
)

FORGOTTEN = (ENDED, run_waits_as(Outcome.QUARANTINED), run_waits_as(Outcome.FAILED))
"""What retention ends: runs that ended well, and those that nobody came for."""
UNREPORTED = (OPEN, run_waits_as(Outcome.FAILED))
MOST_UNREPORTED = 10_000
PAGE = 100
MOST_TRIES = 5
SECONDS_A_RUN = 5.0
"""What must be left to begin with one more run."""
ALL_CLAIMED = 300.0
"""Seconds after which every mailbox of a delivery has its claim."""
REPLY_ROW = "outbox#reply"
OUTBOX, STEP = "outbox#", "step#"
_WAITS = ("waiting", "since")
_GOES = ("event", *_WAITS)
_SILENCED = {
    OutboxState.INTENT: OutboxState.SUPPRESSED,
    OutboxState.DRAFT: OutboxState.SUPPRESSED,
    # Its worker is dead: whether it went out is for SES's events to say.
    OutboxState.SENDING: OutboxState.AMBIGUOUS,
}
_FOR_NOBODY = frozenset({*_SILENCED, OutboxState.FAILED})
"""Without its message nobody can send or judge it any more; an ambiguous one SES's events still settle."""
WHY = "erased"


class RawStore(Protocol):
    """Where the raw email lies."""

    async def remove(self, bucket: str | None, key: str) -> int:
        """Remove it with all its versions; how many objects that were, 0 when it is gone already."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays on purpose."""

    what: str
    why: str


_SHARED = Kept("raw email", "another mailbox of the same delivery may need it; it goes with retention")


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure of a run removed. A run that nobody knows is not `known`."""

    known: bool = True
    raw: int = 0
    steps: int = 0
    replies: int = 0
    kept: tuple[Kept, ...] = ()


class Eraser:
    """Over the runs table and the raw mail; `clock` is UTC seconds."""

    def __init__(self, table: RunTable, raw: RawStore, *, clock: Clock) -> None:
        self._table = table
        self._raw = raw
        self._clock = clock

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased:
        """Take everything of the run that tells of a person; repeating it changes nothing.

        A run that has not ended and whose owner is dead ends as `failed`,
        unless `only_ended`. `copy` says that its owner has just reported it as
        a duplicate and will do nothing more with it: it ends so, though the
        owner lives. Raises BusyError while it is to be worked, or while another
        mailbox of the same delivery may still begin to: repeat it then.
        """
        return await self._erase(run_pk(tenant, run_id), copy=copy, only_ended=only_ended)

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

    async def forget(self, *, before: str, deadline: Deadline) -> int:
        """Erase the runs that ended before this time (ISO 8601 UTC), oldest first; how many those were.

        Stops when the deadline is near; the next call goes on.
        """
        return sum([await self._forget(waiting, before, deadline) for waiting in FORGOTTEN])

    async def _forget(self, waiting: str, before: str, deadline: Deadline) -> int:
        done = 0
        while True:
            places = await self._table.find(Index.WAITING, waiting, limit=PAGE)
            ended = 0
            for place in places:
                if deadline.remaining() < SECONDS_A_RUN:
                    return done + ended
                claim = await self._table.get(*place)
                if claim is None or claim.get("waiting") != waiting:
                    continue  # the index lags
                if claim["since"] >= before:
                    return done + ended
                ended += await self._forgotten(place)
            done += ended
            if not ended:
                return done

    async def _forgotten(self, place: Place) -> int:
        try:
            await self._erase(place[0], for_good=True)
        except BusyError:
            return 0
        return 1

    async def _erase(
        self, pk: str, *, copy: bool = False, only_ended: bool = False, for_good: bool = False
    ) -> Erased:
        shared = copy and await self._may_be_needed(await self._table.get(pk, CLAIM))
        claim = await self._fence(pk, copy=copy, only_ended=only_ended, for_good=for_good)
        if claim is None:
            return Erased(known=False)
        replies = await self._silence(pk)
        steps = await self._remove_steps(pk)
        # A copy whose raw email is shared waits for retention, like any run that had not ended.
        raw, kept = (0, (_SHARED,)) if shared else await self._remove_raw(claim)
        return Erased(raw=raw, steps=steps, replies=replies, kept=kept)

    # -- the claim -------------------------------------------------------------------------

    async def _fence(self, pk: str, *, copy: bool, only_ended: bool, for_good: bool) -> Item | None:
        """The claim, erased; None where there is none."""
        for _ in range(MOST_TRIES):
            claim = await self._table.get(pk, CLAIM)
            if claim is None or _is_erased(claim, for_good=for_good):
                return claim
            if claim["state"] == "open" and not copy:
                self._refuse_while_alive(claim, dead_too=only_ended)
            if not copy and await self._may_be_needed(claim):
                raise BusyError(
                    f"another mailbox of the same delivery as run {claim['name']} may still need its email",
                    retry_after=ALL_CLAIMED,
                )
            if await self._replace(claim, self._without_person(claim, copy=copy)):
                return await self._table.get(pk, CLAIM)
        raise BusyError("the run keeps changing hands", retry_after=1.0)

    def _refuse_while_alive(self, claim: Item, *, dead_too: bool) -> None:
        left = float(claim["lease_until"]) - self._clock()
        if left > 0:
            raise BusyError(f"run {claim['name']} is being worked on", retry_after=left)
        if dead_too:
            raise BusyError(f"run {claim['name']} has not ended yet", retry_after=DEAD_OWNER_WAIT)

    async def _may_be_needed(self, claim: Item | None) -> bool:
        """Whether a mailbox of this delivery has no claim yet: they are worked one after the other."""
        recipients = ((claim or {}).get("event") or {}).get("receipt", {}).get("recipients", [])
        if claim is None or len(recipients) < 2:  # noqa: PLR2004  # with one there is no other
            return False
        if self._clock() - datetime.fromisoformat(claim["created_at"]).timestamp() > ALL_CLAIMED:
            return False
        claimed = await self._table.find(Index.DELIVERY, claim["delivery"], limit=MOST_RUNS_A_DELIVERY)
        return len(claimed) < len(recipients)

    def _without_person(self, claim: Item, *, copy: bool) -> Item:
        now = iso(self._clock())
        left = {name: value for name, value in claim.items() if name not in _GOES}
        erased = {"erased_at": claim.get("erased_at") or now, "raw": claim.get("raw") or _raw_of(claim)}
        if claim["state"] != "open":
            return {**left, **erased}
        outcome = Outcome.DUPLICATE if copy else Outcome.FAILED
        ended = {"state": "finished", "outcome": str(outcome), "reason": None, "finished_at": now}
        # A zombie may still write a step: retention looks at this run once more.
        return {**left, **erased, **ended, "waiting": ENDED, "since": now}

    # -- what hangs below it ---------------------------------------------------------------

    async def _silence(self, pk: str) -> int:
        """Take the message out of each reply, and let none be sent; how many had one.

        Where there is no reply yet, its place is taken: a zombie meets it.
        """
        tag = reply_tag(owner_of(pk)[1], REPLY_ROW.removeprefix(OUTBOX))
        held = {"pk": pk, "sk": REPLY_ROW, "name": tag, "state": str(OutboxState.SUPPRESSED), "why": WHY}
        await write_new(self._table, {**held, "at": iso(self._clock())})
        rows = [row for row in await self._table.items(pk) if row["sk"].startswith(OUTBOX)]
        return sum([await self._silence_one(row) for row in rows])

    async def _silence_one(self, row: Item) -> int:
        for _ in range(MOST_TRIES):
            state = OutboxState(row["state"])
            if "message" not in row and state not in _SILENCED:
                return 0
            goes = ("message", *(_WAITS if state in _FOR_NOBODY else ()))
            silent = {name: value for name, value in row.items() if name not in goes}
            if state in _SILENCED:
                silent |= _now_stands(state, iso(self._clock()))
            if await self._replace(row, silent):
                return int("message" in row)
            row = await self._table.get(row["pk"], row["sk"]) or silent
        raise BusyError("the reply keeps changing", retry_after=1.0)

    async def _remove_steps(self, pk: str) -> int:
        steps = [row["sk"] for row in await self._table.items(pk) if row["sk"].startswith(STEP)]
        await together(*(self._table.remove(pk, sk) for sk in steps))
        return len(steps)

    async def _remove_raw(self, claim: Item) -> tuple[int, tuple[Kept, ...]]:
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

    async def _replace(self, old: Item, new: Item) -> bool:
        won, _ = await write_over(self._table, old, new)
        return won


def _is_from(claim: Item, sender: str) -> bool:
    mail = (claim.get("event") or {}).get("mail", {})
    senders = [mail.get("source", ""), *mail.get("commonHeaders", {}).get("from", [])]
    return any(sender == one.strip().lower() for one in senders)


def _is_erased(claim: Item, *, for_good: bool) -> bool:
    if "erased_at" not in claim or "event" in claim or claim["state"] == "open":
        return False
    return not (for_good and "waiting" in claim)


def _raw_of(claim: Item) -> dict[str, str | None] | None:
    """Where the raw email lies: as the event says, else where SES puts it. None of a run without email."""
    if "delivery" not in claim:
        return None
    action = (claim.get("event") or {}).get("receipt", {}).get("action", {})
    return {
        "bucket": action.get("bucketName"),
        "key": action.get("objectKey") or f"raw/{claim['delivery']}",
    }


def _now_stands(state: OutboxState, now: str) -> Item:
    after = _SILENCED[state]
    assert after in OUTBOX_TRANSITIONS[state]
    stands: Item = {"state": str(after), "at": now, "why": WHY}
    if after is OutboxState.AMBIGUOUS:
        return {**stands, "waiting": f"outbox#{after}", "since": now}
    return stands
