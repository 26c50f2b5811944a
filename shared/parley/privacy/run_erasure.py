"""Erasing one email: what its run left in the ledger, in raw/, and in the records of all rooms.

    ledger (claim, reply, steps, raw) ──▶ mark ──▶ each room, in the order of ROOMS

What leads to the rest goes last, so that a death in between is made good by
a repetition. The mark refuses what a run that was erased may still write.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from parley.core.ids import RunId, TenantId
from parley.errors import BusyError
from parley.ledger.erasure import Erased
from parley.store.erasure import ErasedRun, RoomErasure, Subject
from parley.store.record import Record, RecordKey, set_change
from parley.store.tombstones import erased_mark

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.records import Records
    from parley.store.results import Body

Note = dict[str, Any]


class LedgerEraser(Protocol):
    """What is erased of the ledger and the raw mail: see `parley.inbound.erasure.EmailEraser`."""

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased: ...

    async def runs_of(self, tenant: TenantId, delivery: str) -> list[RunId]: ...

    async def unreported(self, tenant: TenantId, sender: str) -> tuple[list[RunId], bool]: ...


class NoLedger:
    """A backend without a pipeline: no run is known."""

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased:
        del tenant, run_id, only_ended, copy
        return Erased(known=False)

    async def runs_of(self, tenant: TenantId, delivery: str) -> list[RunId]:
        del tenant, delivery
        return []

    async def unreported(self, tenant: TenantId, sender: str) -> tuple[list[RunId], bool]:
        del tenant, sender
        return [], True


@dataclass(slots=True)
class Work:
    """One request to erase; the rooms see it as a `store.erasure.Erasure`.

    `until` is when the request has to end, on the event loop's clock in seconds.

    `done` are the runs of other people that were gone through.
    """

    records: Records
    runs: LedgerEraser
    tenant: str
    until: float
    removed: Counter[str] = field(default_factory=Counter)
    kept: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def keep(self, what: str, why: str) -> None:
        """Note what stays, once."""
        note = {"what": what, "why": why}
        if note not in self.kept:
            self.kept.append(note)

    def leave(self, what: str, why: str) -> None:
        """Note what could not be done now, once."""
        note = {"what": what, "why": why}
        if note not in self.left:
            self.left.append(note)

    def waits_for(self, run_id: object) -> bool:
        """Whether this run could not be erased now."""
        return any(note["what"] == f"run {run_id}" for note in self.left)

    def in_time(self) -> bool:
        """Whether there is time to begin one more thing; else the request is to be repeated."""
        if asyncio.get_running_loop().time() < self.until:
            return True
        self.leave("what could not be done in one request", "repeat the request: it goes on")
        return False

    async def remove(self, name: str, kind: Kind, ident: str) -> None:
        """Remove a record for good, and count it under `name` where there was one."""
        self.removed[name] += int(await self.records.erase(self.tenant, kind, ident))

    async def redact(self, kind: Kind, ident: str, subject: Subject, *, rank: int | None = None) -> None:
        """Take the person out of a record. With a `rank` the record has that rank from now on."""
        standing = await self.records.find(self.tenant, kind, ident)
        if standing is None:
            return
        changes = subject.redact(standing.body) != standing.body
        if changes or rank is not None:
            await self.records.change(self.tenant, kind, ident, edit=subject.redact, rank=rank)
        if changes:
            self.removed[f"redacted_{kind.name}s"] += 1
            self.keep(
                f"{kind.name}s of other people", "they are theirs too; the person was taken out of them"
            )

    async def erase_from_ledger(self, run_id: RunId, *, only_ended: bool = False) -> bool | None:
        """Whether the ledger knew the run; None where somebody is working on it, and it is left for later."""
        try:
            erased = await self.runs.erase_run(TenantId(self.tenant), run_id, only_ended=only_ended)
        except BusyError as busy:
            again = round(busy.retry_after or 1)
            self.leave(f"run {run_id}", f"{busy}: repeat the request in {again} seconds")
            return None
        self.removed.update(raw=erased.raw, steps=erased.steps, replies=erased.replies)
        for kept in erased.kept:
            self.keep(kept.what, kept.why)
        return erased.known


class RunErasure:
    """Erases the run of an email from all rooms.

    `key` makes hashes that outlive the person useless to whoever has not the key.
    """

    def __init__(self, rooms: Sequence[RoomErasure], *, key: bytes) -> None:
        self.rooms = rooms
        self._key = key

    def hashed(self, *parts: str) -> str:
        """A keyed hash, in hex."""
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    @property
    def reports(self) -> Kind | None:
        """The kind of record that a run has of its own, in whichever room keeps it."""
        return next((room.run_reports for room in self.rooms if room.run_reports), None)

    async def report(self, work: Work, run_id: str) -> Body | None:
        """The record of a run; None where there is none."""
        found = await work.records.find(work.tenant, self.reports, run_id) if self.reports else None
        return found.body if found else None

    async def erase(self, work: Work, run_id: RunId) -> bool:
        """Remove everything that came of an email; False when nobody knows it."""
        report = await self.report(work, run_id)
        known = await work.erase_from_ledger(run_id)
        if known is None:
            return True
        if not known and report is None:
            return await work.records.store.get(erased_mark(work.tenant, run_id)) is not None
        await self.mark(work, run_id, report or {})
        for room in self.rooms:
            await room.erase_run(work, ErasedRun(run_id, report or {}))
        return True

    async def mark(self, work: Work, run_id: str, report: Body) -> None:
        """Refuse what this run may still write, and take any more copies of its mail for what they are."""
        message_id = message_id_of(report)
        marks = [
            erased_mark(work.tenant, run_id),
            *([self.copies(work.tenant, message_id)] if message_id else []),
        ]
        for mark in marks:
            await work.records.write([set_change(Record(key=mark, created_at=work.records.now()))])

    def copies(self, tenant: str, message_id: str) -> RecordKey:
        """The mark of all mail with this Message-ID."""
        return erased_mark(tenant, self.hashed("message", tenant, message_id))


def message_id_of(report: Body) -> str | None:
    """The Message-ID in a run's record, which may have any shape."""
    email = report.get("email")
    found = email.get("message_id") if isinstance(email, dict) else None
    return found if isinstance(found, str) and found else None
