"""What nobody works on any more is found and brought back, what waits is counted, what is old forgotten.

    raw/ ──▶ lain there for SETTLED, not asked about yet ──▶ does a run know it? ── no ──▶ queue
    open runs ──▶ their lease ended ABANDONED ago ──▶ the claim's own event ─────────────▶ queue
    what waits for somebody ──▶ lines of the log, which alarms are made of

    raw/ is listed in passes: ├── swept before ──┼── this pass ──┼── SETTLED ──┤ now
                                  OVERLAP again ◀┘              └ the next pass begins here

How far a pass has come is an item of the runs table, so a sweep that runs out
of time goes on where it stopped, and none that was left out is missed. A copy
too many does no harm: the claim takes care of it. So each is put into the queue
first and noted after that.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote_plus

from parley.core.clock import Clock, Deadline, iso
from parley.core.tasks import together
from parley.errors import ParleyError
from parley.ledger.claims import (
    HOUR,
    OPEN,
    Index,
    Item,
    Json,
    OutboxState,
    RunTable,
    owner_of,
    waits_as,
    write_new,
    write_over,
)
from parley.mail.email import DeliveryId
from parley.mail.inbound_events import read_event

log = logging.getLogger("parley.ledger.sweep")

SETTLED = 0.5 * HOUR
"""A notification takes seconds; what nobody claimed after this is asked about."""
OVERLAP = HOUR
"""How much of the pass before is looked through again: clocks differ, and an index lags."""
FIRST_LOOK = 24 * HOUR
"""How far back the first sweep of all looks: nobody wants an answer to older mail."""
ABANDONED = 6 * HOUR
"""All receives of a message are over by then."""
MOST_TIMES = 5
"""How often one thing is put into the queue, each time after twice the wait."""
NOTED = 30 * 24 * HOUR
MOST_COUNTED = 1_000
MOST_READ = 100
AT_ONCE = 20
SECONDS_A_PAGE = 10.0
MARK = ("sweep#raw", "mark")
WATCHED: dict[str, tuple[str, float]] = {
    "quarantined": ("run#quarantined", 0.0),
    "failed": ("run#failed", 0.0),
    "ambiguous": (waits_as(OutboxState.AMBIGUOUS), 0.0),
    # A send takes seconds: what is `sending` for an hour is as unknown, and not parked yet.
    "sending": (waits_as(OutboxState.SENDING), HOUR),
    "drafts": (waits_as(OutboxState.DRAFT), 0.0),
}
"""What is counted beside abandoned runs: its name in the log, what it waits as, from which age in seconds."""


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


class Queue(Protocol):
    """Takes what inbound_email shall work."""

    async def send(self, bodies: Sequence[Json]) -> None:
        """Put each into the queue. Raises RetryableError when one was not taken."""


class Forgets(Protocol):
    """`erasure.Eraser`, as far as it works by the calendar."""

    async def forget(self, *, before: str, deadline: Deadline) -> int:
        """Erase what ended before this time (ISO 8601 UTC), as far as the time goes; how many runs."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep came to; `complete` False: it ran out of time, the next one goes on."""

    looked_at: int
    requeued: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, of at most MOST_COUNTED, and for how many seconds the oldest does."""

    count: int
    age: int


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
class Sweeper:
    """Finds what was lost on the way. `clock` is UTC seconds."""

    table: RunTable
    raw: RawMail
    queue: Queue
    clock: Clock

    # -- raw mail that no run knows --------------------------------------------------------

    async def sweep_mail(self, deadline: Deadline) -> Swept:
        """Put mail into the queue that lies in raw/ and that no run knows."""
        async with deadline.limit("sweep raw mail"):
            here: _Pass | None = await self._begin()
            looked_at = requeued = 0
            while here and deadline.remaining() > SECONDS_A_PAGE:
                page = await self.raw.page(after=here.after)
                if not page:
                    await self._note(here, swept_to=here.until, pass_to=None, after="")
                    return _told("mail", Swept(looked_at, requeued, complete=True))
                due = [one for one in page if here.since <= one.at < here.until]
                requeued += sum([await self._mail(chunk) for chunk in _chunks(due)])
                looked_at += len(due)
                here = await self._note(here, after=page[-1].key)
        return _told("mail", Swept(looked_at, requeued, complete=False))

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
        return delivery, None if known or not await self._may_ask(f"mail#{delivery}") else body

    # -- runs that nobody works --------------------------------------------------------------

    async def sweep_runs(self, deadline: Deadline) -> Swept:
        """Put runs back into the queue whose worker and whose message have both gone."""
        async with deadline.limit("sweep abandoned runs"):
            overdue = await self._overdue()
            asked = await together(*(self._may_ask(f"run#{row['name']}") for row in overdue))
            back = [row for row, may in zip(overdue, asked, strict=True) if may and row.get("event")]
            for row in back:
                tenant, run_id = owner_of(row["pk"])
                log.warning("run requeued", extra={"run_id": run_id, "tenant": tenant})
            requeued = await self._requeue([(f"run#{row['name']}", row["event"]) for row in back])
        return _told("runs", Swept(len(overdue), requeued, complete=True))

    async def _overdue(self) -> list[Item]:
        """Open runs, of which the last worker's time ended long ago."""
        before = self.clock() - ABANDONED
        rows = await self._oldest(OPEN, before=iso(before))
        return [row for row in rows if row["lease_until"] < before]

    # -- what waits --------------------------------------------------------------------------

    async def gauge(self, deadline: Deadline) -> dict[str, Waiting]:
        """What waits for somebody: each kind is told in a line of the log, also where there is none of it."""
        async with deadline.limit("count what waits"):
            overdue = await self._overdue()
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

    async def _places(self, waiting: str) -> list[tuple[str, str]]:
        return await self.table.find(Index.WAITING, waiting, limit=MOST_COUNTED)

    async def _oldest(self, waiting: str, *, before: str) -> list[Item]:
        """At most MOST_READ rows that wait so since an earlier moment, the oldest first."""
        rows: list[Item] = []
        for places in _chunks(await self.table.find(Index.WAITING, waiting, limit=MOST_READ)):
            read = await together(*(self.table.get(*place) for place in places))
            # The index lags: what the row itself says counts.
            rows += [row for row in read if row and row.get("waiting") == waiting and row["since"] <= before]
        return rows

    # -- the queue ---------------------------------------------------------------------------

    async def _may_ask(self, what: str) -> bool:
        noted = await self.table.get(f"sweep#{what}", "requeued")
        if noted is None:
            return True
        times = int(noted["times"])
        return times < MOST_TIMES and self.clock() - noted["at"] >= ABANDONED * 2 ** (times - 1)

    async def _requeue(self, messages: Sequence[tuple[str, Json]]) -> int:
        if messages:
            await self.queue.send([body for _, body in messages])
            await together(*(self._asked(what) for what, _ in messages))
        return len(messages)

    async def _asked(self, what: str) -> None:
        place = (f"sweep#{what}", "requeued")
        noted = await self.table.get(*place)
        item = {"pk": place[0], "sk": place[1], "at": self.clock(), "expires_at": int(self.clock() + NOTED)}
        if noted is None:
            await write_new(self.table, {**item, "times": 1})
        else:
            await write_over(self.table, noted, {**item, "times": int(noted["times"]) + 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """All that is done every few minutes, one after the other. `retention` is in seconds."""

    sweeper: Sweeper
    eraser: Forgets
    retention: float
    clock: Clock

    async def go(self, *, seconds: float) -> dict[str, Any]:
        """What each came to. One that fails costs the others nothing; then its error is raised."""
        deadline = Deadline(self.clock() + seconds, self.clock)
        rounds: dict[str, Callable[[Deadline], Awaitable[Any]]] = {
            "runs": self._runs,
            "waiting": self._waiting,
            "mail": self._mail,
            "forgotten": self._forgotten,
        }
        done: dict[str, Any] = {}
        failed: list[ParleyError] = []
        for name, round_ in rounds.items():
            try:
                done[name] = await round_(deadline)
            except ParleyError as error:
                log.warning("round failed", extra={"round": name, "error": type(error).__name__})
                failed.append(error)
        if failed:
            raise failed[0]
        return done

    async def _runs(self, deadline: Deadline) -> Any:
        return asdict(await self.sweeper.sweep_runs(deadline))

    async def _waiting(self, deadline: Deadline) -> Any:
        return {what: asdict(one) for what, one in (await self.sweeper.gauge(deadline)).items()}

    async def _mail(self, deadline: Deadline) -> Any:
        # The next round goes on where this one ends, so that what comes after it gets its turn too.
        half = Deadline(self.clock() + deadline.remaining() / 2, self.clock)
        return asdict(await self.sweeper.sweep_mail(half))

    async def _forgotten(self, deadline: Deadline) -> int:
        async with deadline.limit("forget old runs"):
            count = await self.eraser.forget(before=iso(self.clock() - self.retention), deadline=deadline)
        log.info("runs forgotten", extra={"count": count})
        return count


def _told(what: str, swept: Swept) -> Swept:
    """Said in the log; template.yaml counts by it."""
    log.info("swept", extra={"swept": what, **asdict(swept)})
    return swept


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


def _chunks(items: Sequence[Any]) -> list[tuple[Any, ...]]:
    rest = iter(items)
    return list(iter(lambda: tuple(itertools.islice(rest, AT_ONCE)), ()))


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
