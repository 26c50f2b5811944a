"""Erasing a run: what it was worked from and what it wrote down go; that it was worked stays.

    claim ──▶ erased_at ──▶ outbox silenced ──▶ steps removed ──▶ its source removed
              no event       no message

The claim comes first: from then on no copy and no replay works the run, so
nothing that is removed after it is written again by one. Each stage is found
from the claim and may be repeated, so a death between two of them costs a
repetition and nothing else. What stays of a run is its id, its delivery's id,
outcome, times, and the state, tag and provider's id of its messages: a
redelivery finds them, answers `duplicate`, and sends nothing.

Where runs are worked from something that lies elsewhere, a subclass knows it:
`_needed_by`, `_source_of` and `_remove_source`.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.clock import Deadline, iso
from parley.core.ids import RunId, TenantId
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.errors import BusyError
from parley.ledger.claims import DEAD_OWNER_WAIT, ENDED, run_waits_as
from parley.ledger.keys import CLAIM, OUTBOX, STEP, outbox_sk, outbox_tag, owner_of, run_pk
from parley.ledger.outbox import OUTBOX_TRANSITIONS, OutboxState, waits_as
from parley.ledger.table import Index, Item, Json, Place, TableAccess, write_over

FORGOTTEN = (ENDED, run_waits_as(Outcome.QUARANTINED), run_waits_as(Outcome.FAILED))
"""What retention ends: runs that ended well, and those that nobody came for."""
PAGE = 100
ALL_CLAIMED = 300.0
"""Seconds after which every run of a delivery has its claim."""
MOST_TRIES = 5
SECONDS_A_RUN = 5.0
"""What must be left to begin with one more run."""
_WAITS = ("waiting", "since")
_GOES = ("event", *_WAITS)
_SILENCED = {
    OutboxState.INTENT: OutboxState.SUPPRESSED,
    OutboxState.DRAFT: OutboxState.SUPPRESSED,
    # Its worker is dead: whether it went out is for the provider's events to say.
    OutboxState.SENDING: OutboxState.AMBIGUOUS,
}
_FOR_NOBODY = frozenset({*_SILENCED, OutboxState.FAILED})
"""Without its words nobody can send or judge such a message any more."""
WHY = "erased"


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays on purpose."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure of a run removed. A run that nobody knows is not `known`."""

    known: bool = True
    raw: int = 0
    steps: int = 0
    replies: int = 0
    kept: tuple[Kept, ...] = ()


class RunEraser(TableAccess):
    """Erases runs of the ledger."""

    # -- what a subclass knows ---------------------------------------------------------------

    purposes: tuple[str, ...] = ()
    """The messages that a run may send: a zombie that intends one finds its place taken."""
    shared = Kept("source", "another run may need it; it goes with retention")

    async def _needed_by(self, claim: Item) -> str | None:
        """What may still begin to be worked from the same source; None where nothing may."""
        del claim
        return None

    def _source_of(self, claim: Item) -> Json:
        """Where the source lies: kept with the erased claim, so that a repetition finds it."""
        del claim

    async def _remove_source(self, claim: Item) -> tuple[int, tuple[Kept, ...]]:
        """Remove the source: how many objects that were, and what of it stays on purpose."""
        del claim
        return 0, ()

    # -- erasing ---------------------------------------------------------------------------

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased:
        """Take everything of the run that tells of a person; repeating it changes nothing.

        A run that has not ended and whose owner is dead ends as `failed`,
        unless `only_ended`. `copy` says that its owner has just reported it as
        a duplicate and will do nothing more with it: it ends so, though the
        owner lives. Raises BusyError while it is to be worked, or while another
        run of the same delivery may still begin to be: repeat it then.
        """
        return await self._erase(run_pk(tenant, run_id), copy=copy, only_ended=only_ended)

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
        shared = copy and await self._is_shared(pk)
        claim = await self._fence(pk, copy=copy, only_ended=only_ended, for_good=for_good)
        if claim is None:
            return Erased(known=False)
        messages = await self._silence(pk)
        steps = await self._remove_steps(pk)
        # A copy whose source is shared waits for retention, like any run that had not ended.
        source, kept = (0, (self.shared,)) if shared else await self._remove_source(claim)
        return Erased(raw=source, steps=steps, replies=messages, kept=kept)

    async def _is_shared(self, pk: str) -> bool:
        claim = await self._table.get(pk, CLAIM)
        return claim is not None and await self._needed_by(claim) is not None

    # -- the claim -------------------------------------------------------------------------

    async def _fence(self, pk: str, *, copy: bool, only_ended: bool, for_good: bool) -> Item | None:
        """The claim, erased; None where there is none."""
        for _ in range(MOST_TRIES):
            claim = await self._table.get(pk, CLAIM)
            if claim is None or _is_erased(claim, for_good=for_good):
                return claim
            if claim["state"] == "open" and not copy:
                self._refuse_while_alive(claim, dead_too=only_ended)
            if not copy and (other := await self._needed_by(claim)):
                detail = f"{other} may still need the source of run {claim['name']}"
                raise BusyError(detail, retry_after=ALL_CLAIMED)
            if await self._written(claim, self._without_person(claim, copy=copy)):
                return await self._table.get(pk, CLAIM)
        raise BusyError("the run keeps changing hands", retry_after=1.0)

    def _refuse_while_alive(self, claim: Item, *, dead_too: bool) -> None:
        left = float(claim["lease_until"]) - self._clock()
        if left > 0:
            raise BusyError(f"run {claim['name']} is being worked on", retry_after=left)
        if dead_too:
            raise BusyError(f"run {claim['name']} has not ended yet", retry_after=DEAD_OWNER_WAIT)

    def _without_person(self, claim: Item, *, copy: bool) -> Item:
        now = iso(self._clock())
        left = {name: value for name, value in claim.items() if name not in _GOES}
        source = claim.get("raw") or self._source_of(claim)
        erased = {"erased_at": claim.get("erased_at") or now, "raw": source}
        if claim["state"] != "open":
            return {**left, **erased}
        outcome = Outcome.DUPLICATE if copy else Outcome.FAILED
        ended = {"state": "finished", "outcome": str(outcome), "reason": None, "finished_at": now}
        # A zombie may still write a step: retention looks at this run once more.
        return {**left, **erased, **ended, "waiting": ENDED, "since": now}

    # -- what hangs below it ---------------------------------------------------------------

    async def _silence(self, pk: str) -> int:
        """Remove the words of each message, and let none be sent; how many had any.

        Where there is no message yet, its place is taken, so that a zombie finds it taken.
        """
        for purpose in self.purposes:
            tag = outbox_tag(owner_of(pk)[1], purpose)
            held = {"pk": pk, "sk": outbox_sk(purpose), "name": tag, "state": str(OutboxState.SUPPRESSED)}
            await self._create({**held, "why": WHY, "at": iso(self._clock())})
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
            if await self._written(row, silent):
                return int("message" in row)
            row = await self._table.get(row["pk"], row["sk"]) or silent
        raise BusyError("the message keeps changing", retry_after=1.0)

    async def _written(self, old: Item, new: Item) -> bool:
        won, _ = await write_over(self._table, old, new)
        return won

    async def _remove_steps(self, pk: str) -> int:
        steps = [row["sk"] for row in await self._table.items(pk) if row["sk"].startswith(STEP)]
        await together(*(self._table.remove(pk, sk) for sk in steps))
        return len(steps)


def _is_erased(claim: Item, *, for_good: bool) -> bool:
    if "erased_at" not in claim or "event" in claim or claim["state"] == "open":
        return False
    return not (for_good and "waiting" in claim)


def _now_stands(state: OutboxState, now: str) -> Item:
    after = _SILENCED[state]
    assert after in OUTBOX_TRANSITIONS[state]
    stands: Item = {"state": str(after), "at": now, "why": WHY}
    if after is OutboxState.AMBIGUOUS:
        return {**stands, "waiting": waits_as(after), "since": now}
    return stands
