"""Claims: which worker may work on a run, until when, and how the run ended.

    worker A   claim──────lease──────┐ (dies)
    worker B         busy     busy   └─claim (takes over) ── finish
                     └ raises BusyError: its copy of the work comes back later

A claim is the first effect of all work. It is one row, and every write of it
names the version that it replaces. So correctness never rests on the lease: a
worker whose lease has ended loses each of its writes, because the version has
moved on, and reads what stands.

Attempts are counted when they begin. A run that has used up its attempts has
failed; it is worked again only where somebody asks for it (a redrive or a
replay). What waits for somebody, an open run or a failed one, says so in the
field `waiting`, which is an index: nothing has to be scanned.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from parley.core.clock import Clock, iso
from parley.core.outcome import Outcome
from parley.errors import BusyError, RequestError
from parley.ledger.keys import CLAIM, RunKey, step_sk
from parley.ledger.table import ABSENT, Item, Json, RunTable, TableAccess, waiting_for

MAX_ATTEMPTS = 5
LEASE_MARGIN = 5.0
"""Seconds that a lease outlives its worker's deadline."""
DEAD_OWNER_WAIT = 300.0
"""Seconds until a copy asks again for a run whose worker died: that worker's own copy comes back first."""
ATTEMPTS_EXHAUSTED = "attempts_exhausted"
"""The reason of a run whose every attempt ended without a result."""
OPEN, ENDED = "run#open", "run#ended"
"""The `waiting` of a run that is to be worked, and of one that is to be forgotten by retention."""
_FOR_A_PERSON = frozenset({Outcome.FAILED, Outcome.QUARANTINED})


def run_waits_as(outcome: Outcome) -> str:
    """The `waiting` of a run that ended so; a failed or quarantined one waits for a person."""
    return f"run#{outcome}" if outcome in _FOR_A_PERSON else ENDED


def ending(outcome: Outcome, reason: str | None, now: float) -> dict[str, Json]:
    """The fields of a claim's row that say how, and when, its run ended; `now` is UTC seconds."""
    return {
        "state": "finished",
        "outcome": str(outcome),
        "reason": reason and str(reason),
        "finished_at": iso(now),
        **waiting_for(run_waits_as(outcome), now),
    }


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended. `erased` says that nothing but this is left of it."""

    outcome: Outcome
    reason: str | None = None
    erased: bool = False
    generation: int = 1


@dataclass(slots=True)
class Claim:
    """A run that this worker holds: its row as we wrote it, and the steps already recorded.

    `recorded_at`: at which version of the claim each of those steps was recorded.
    `counted`: whether a failed attempt is counted towards the most that a run may have.
    """

    key: RunKey
    item: Item
    steps: dict[str, Json] = field(default_factory=dict)
    recorded_at: dict[str, int] = field(default_factory=dict)
    counted: bool = True

    @property
    def attempt(self) -> int:
        """1 for the first worker that ever claimed this run."""
        return int(self.item["attempts"])

    @property
    def spent(self) -> dict[str, int]:
        """What the run had cost when an attempt last said so: amounts by name."""
        spent: dict[str, int] = self.item.get("spent", {}).get("used", {})
        return spent

    @spent.setter
    def spent(self, used: dict[str, int]) -> None:
        """Kept with the next write of the claim.

        It holds all costs, recorded as a step or not: a step whose write was broken off may be recorded
        all the same.
        """
        self.item["spent"] = {"used": used, "at": int(self.item["version"])}

    @property
    def since_spent(self) -> dict[str, Json]:
        """The steps recorded since `spent` was last kept: by attempts that died."""
        at = int(self.item.get("spent", {}).get("at", 0))
        return {name: step for name, step in self.steps.items() if self.recorded_at.get(name, 0) > at}

    @property
    def generation(self) -> int:
        """1, and one more with each replay of a run that had ended well."""
        return int(self.item["generation"])


class Claims(TableAccess):
    """The claims of runs. `max_attempts` is how often a run is begun before it has failed."""

    def __init__(
        self, table: RunTable, *, clock: Clock, max_attempts: int = MAX_ATTEMPTS, key: bytes = b""
    ) -> None:
        super().__init__(table, clock=clock, key=key)
        self._max_attempts = max_attempts

    async def claim(
        self, key: RunKey, *, lease_until: float, fresh: bool = True, about: Mapping[str, Json] | None = None
    ) -> Claim | Finished:
        """Take the run, or say how it ended. Raises BusyError while another worker's lease lasts.

        `lease_until` is UTC seconds. `fresh` says that this copy of the work
        was never received before: only such a copy (a redrive) reopens a run
        that failed. `about` is kept with a new claim: `delivery`, by which the
        run is found (`Index.DELIVERY`), and `event`, the message that starts
        the run again when it is put into its queue.
        """
        won, standing = await self._create(self._begun(key, lease_until, about or {}))
        if won:
            return Claim(key, standing)
        return await self._take_over(key, standing, lease_until=lease_until, fresh=fresh)

    def _begun(self, key: RunKey, lease_until: float, about: Mapping[str, Json]) -> Item:
        return {
            **about,
            "pk": key.pk,
            "sk": CLAIM,
            "name": key.run_id,
            "kind": key.kind,
            "generation": 1,
            "created_at": iso(self._clock()),
            **self._working(lease_until, attempts=1),
        }

    async def _take_over(
        self, key: RunKey, standing: Item, *, lease_until: float, fresh: bool
    ) -> Claim | Finished:
        failed = standing.get("outcome") == Outcome.FAILED
        if standing["state"] == "finished" and (not (failed and fresh) or standing.get("erased_at")):
            return finished(standing)
        self._refuse_while_alive(standing)
        attempts = 1 if failed else int(standing["attempts"]) + 1
        if attempts > self._max_attempts:
            return await self._exhausted(standing)
        return await self._taken(key, standing, lease_until, attempts=attempts)

    async def reopen(
        self, key: RunKey, *, lease_until: float, about: Mapping[str, Json] | None = None
    ) -> Claim:
        """Replay: take a run that has ended, or whose worker died, to work it again.

        One that failed goes on with the steps it has; any other begins a new
        generation, without steps. What was sent stays sent. `about` is added
        to what is kept with the claim. Raises RequestError where there is no
        such run or it was erased, BusyError while another worker's lease lasts.
        """
        standing = await self._table.get(key.pk, CLAIM)
        if standing is None:
            raise RequestError(f"there is no run {key.run_id} of tenant {key.tenant}")
        if standing.get("erased_at"):
            raise RequestError(
                f"run {key.run_id} was erased on {standing['erased_at']}, "
                "by request or retention: nothing is left"
            )
        self._refuse_while_alive(standing)
        ended_well = standing["state"] == "finished" and standing["outcome"] != Outcome.FAILED
        changes = {"generation": int(standing["generation"]) + 1, "spent": {}} if ended_well else {}
        return await self._taken(key, standing, lease_until, attempts=1, **changes, **(about or {}))

    async def resume(self, key: RunKey, *, lease_until: float) -> Claim:
        """Take a run in whatever state it is, with all the steps that it has; a new one has none.

        For work that a caller asks for, as often as it likes: what an earlier
        request recorded is read back, and its failures are the caller's to
        count. Of an erased run nothing is left, and it begins anew. Raises
        BusyError while another worker's lease lasts.
        """
        won, standing = await self._create(self._begun(key, lease_until, {}))
        if won:
            return Claim(key, standing, counted=False)
        self._refuse_while_alive(standing)
        erased = {"generation": int(standing["generation"]) + 1, "erased_at": ABSENT, "spent": {}}
        changes = erased if standing.get("erased_at") else {}
        claim = await self._taken(key, standing, lease_until, attempts=1, **changes)
        claim.counted = False
        return claim

    def _refuse_while_alive(self, standing: Item) -> None:
        left = standing["lease_until"] - self._clock()
        if standing["state"] == "open" and left > 0:
            raise BusyError(f"run {standing['name']} is being worked on", retry_after=left)

    def _working(self, lease_until: float, *, attempts: int) -> dict[str, Json]:
        return {
            "state": "open",
            "attempts": attempts,
            "lease_until": lease_until + LEASE_MARGIN,
            "waiting": OPEN,
            "since": iso(self._clock()),
            **dict.fromkeys(("outcome", "reason", "finished_at"), ABSENT),
        }

    async def _taken(
        self, key: RunKey, standing: Item, lease_until: float, *, attempts: int, **changes: Json
    ) -> Claim:
        won, item = await self._replace(standing, **self._working(lease_until, attempts=attempts), **changes)
        if not won:
            raise BusyError(f"run {key.run_id} was just taken", retry_after=1.0)
        return Claim(key, item, *await self._recorded(key, int(item["generation"])))

    async def _exhausted(self, standing: Item) -> Finished:
        """The workers of all attempts died: the run is recorded as failed."""
        generation = int(standing["generation"])
        end = Finished(Outcome.FAILED, ATTEMPTS_EXHAUSTED, generation=generation)
        await self._replace(standing, **ending(end.outcome, end.reason, self._clock()))
        return end

    async def _recorded(self, key: RunKey, generation: int) -> tuple[dict[str, Json], dict[str, int]]:
        """The steps of a generation, and at which version of the claim each was recorded."""
        rows, prefix = await self._table.items(key.pk), step_sk(generation, "")
        steps = {r["sk"].removeprefix(prefix): r for r in rows if r["sk"].startswith(prefix)}
        return (
            {name: json.loads(row["value"]) for name, row in steps.items()},
            {name: int(row["claimed_at"]) for name, row in steps.items()},
        )

    def last_attempt(self, claim: Claim) -> bool:
        """Whether a failure now would be the last."""
        return claim.attempt >= self._max_attempts

    async def finish(self, claim: Claim, outcome: Outcome, reason: str | None = None) -> bool:
        """End the run. False when another worker took it meanwhile: what that one says counts."""
        won, claim.item = await self._replace(claim.item, **ending(outcome, reason, self._clock()))
        return won

    async def release(self, claim: Claim, *, counted: bool = True) -> None:
        """End the lease after a clean failure, so that a retry need not wait for it.

        `counted` False takes the attempt back too: waiting for another run is none.
        """
        attempts = claim.attempt if counted else claim.attempt - 1
        _, claim.item = await self._replace(claim.item, lease_until=0, attempts=attempts)

    async def finished(self, key: RunKey) -> Finished | None:
        """How a run ended; None while it has not."""
        item = await self._table.get(key.pk, CLAIM)
        return finished(item) if item and item["state"] == "finished" else None

    async def once(self, claim: Claim, purpose: str, *parts: str) -> bool:
        """Whether this run is the first that asked to do `purpose` for these parts; it stays the first."""
        pk = f"{claim.key.tenant}#{purpose}#{self._keyed(*parts)}"
        won, standing = await self._create({"pk": pk, "sk": CLAIM, "owner": claim.key.run_id})
        return won or standing["owner"] == claim.key.run_id

    async def done_before(self, claim: Claim, purpose: str, *parts: str) -> bool:
        """Whether another run than this was the first to ask `once` for these; nothing is claimed."""
        pk = f"{claim.key.tenant}#{purpose}#{self._keyed(*parts)}"
        row = await self._table.get(pk, CLAIM)
        return row is not None and row["owner"] != claim.key.run_id


def finished(row: Item) -> Finished:
    """How the run of this claim's row ended."""
    return Finished(
        Outcome(row["outcome"]),
        row.get("reason"),
        erased="erased_at" in row,
        generation=int(row.get("generation", 1)),
    )
