"""Erasing one mail: what its run left in the ledger, in raw/, and in the backend's records.

    ledger (claim, reply, steps, raw) ──▶ mark ──▶ insights, meeting ──▶ messages ──▶ the record

What leads to the rest goes last, so that a death in between is made good by
a repetition. The mark refuses what a run that was erased may still write.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from parley.conversations.kinds import EMAIL, MESSAGE
from parley.core.ids import RunId, TenantId, digest
from parley.errors import BusyError
from parley.inbound.sent_messages import message_key
from parley.insights.service import InsightsService
from parley.insights.transcripts import PART as TRANSCRIPT
from parley.insights.transcripts import RUN_PART as ANALYSIS
from parley.ledger.erasure import Erased
from parley.meetings.action_items import ActionItemService
from parley.meetings.kinds import MEETING
from parley.store.blobs import unpack
from parley.store.kind import key_of
from parley.store.record import Record, RecordKey, set_change
from parley.store.tombstones import erased_mark

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.records import Records
    from parley.store.results import Body

DIRECTIONS = ("inbound", "outbound")

Note = dict[str, Any]


class RunEraser(Protocol):
    """`parley.ledger.erasure.Eraser`: the ledger and the raw mail."""

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
    """One request: whose, until when (the loop's seconds), and what came of it so far.

    `done` are the runs of other people that were gone through.
    """

    tenant: str
    until: float
    removed: Counter[str] = field(default_factory=Counter)
    kept: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def keep(self, what: str, why: str) -> None:
        note = {"what": what, "why": why}
        if note not in self.kept:
            self.kept.append(note)

    def leave(self, what: str, why: str) -> None:
        note = {"what": what, "why": why}
        if note not in self.left:
            self.left.append(note)

    def waits_for(self, run_id: object) -> bool:
        """Whether this run could not be erased now."""
        return any(note["what"] == f"run {run_id}" for note in self.left)

    def in_time(self) -> bool:
        if asyncio.get_running_loop().time() < self.until:
            return True
        self.leave("what could not be done in one request", "repeat the request: it goes on")
        return False


class MailEraser:
    """`key` makes hashes that outlive the person useless to whoever has not the key."""

    def __init__(self, records: Records, runs: RunEraser, *, key: bytes) -> None:
        self.records = records
        self.insights = InsightsService(records)
        self.runs = runs
        self._key = key

    def hashed(self, *parts: str) -> str:
        """A keyed hash, in hex."""
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def erase(self, work: Work, run_id: RunId) -> bool:
        """Everything that came of a mail; False when nobody knows it."""
        report = await self.records.find(work.tenant, EMAIL, run_id)
        body = report.body if report else {}
        known = await self.from_ledger(work, run_id)
        if known is None:
            return True
        if not known and not report:
            return await self.records.store.get(erased_mark(work.tenant, run_id)) is not None
        await self.mark(work.tenant, run_id, body)
        for meeting_id in meetings_of(work.tenant, run_id, body):
            await self._of_meeting(work, meeting_id, run_id)
        for direction in DIRECTIONS:
            await self.remove(work, "messages", MESSAGE, message_key(run_id, direction))
        await self.remove(work, "emails", EMAIL, run_id)
        return True

    async def from_ledger(self, work: Work, run_id: RunId, *, only_ended: bool = False) -> bool | None:
        """Whether the ledger knows the run; None where it is to be worked still, and so is left."""
        try:
            erased = await self.runs.erase_run(TenantId(work.tenant), run_id, only_ended=only_ended)
        except BusyError as busy:
            again = round(busy.retry_after or 1)
            work.leave(f"run {run_id}", f"{busy}: repeat the request in {again} seconds")
            return None
        work.removed.update(raw=erased.raw, steps=erased.steps, replies=erased.replies)
        for kept in erased.kept:
            work.keep(kept.what, kept.why)
        return erased.known

    async def mark(self, tenant: str, run_id: str, body: Body) -> None:
        """Refuse what this run may still write, and take any more copies of its mail for what they are."""
        message_id = text_of(body.get("email"), "message_id")
        marks = [erased_mark(tenant, run_id), *([self.copies(tenant, message_id)] if message_id else [])]
        for mark in marks:
            record = Record(key=mark, created_at=self.records.now())
            put = set_change(record)
            await self.records.write([put])

    def copies(self, tenant: str, message_id: str) -> RecordKey:
        """The mark of all mail with this Message-ID."""
        return erased_mark(tenant, self.hashed("message", tenant, message_id))

    async def _of_meeting(self, work: Work, meeting_id: str, run_id: str) -> None:
        """What a run wrote of a meeting: its insights, and the meeting where nobody else spoke of it."""
        work.removed["insights"] += await self.insights.remove_run(work.tenant, meeting_id, run_id)
        items = ActionItemService(self.records, work.tenant)
        work.removed["action_items"] += await items.remove_run(meeting_id, run_id)
        if meeting_id == own_meeting(run_id):
            await self.transcripts(work, meeting_id)
            await self.remove(work, "meetings", MEETING, meeting_id)
            return
        meeting = await self.records.store.get(key_of(work.tenant, MEETING, meeting_id))
        if meeting is None or meeting.deleted:
            return
        body = await unpack(self.records.blobs, meeting)
        if body.get("run_id") == run_id and meeting.version == 1:
            await self.transcripts(work, meeting_id)
            await self.records.delete(work.tenant, MEETING, meeting_id)
            work.removed["meetings"] += 1
        else:
            work.keep(f"meeting {meeting_id}", "other mails, or somebody by hand, made it what it is")

    async def transcripts(self, work: Work, meeting_id: str) -> None:
        """The transcripts of a meeting that came through the API, and what models answered of them."""
        partition = key_of(work.tenant, MEETING, meeting_id).partition
        kept = await self.records.store.parts(partition, prefix=TRANSCRIPT)
        noted = await self.records.store.parts(partition, prefix=ANALYSIS)
        runs = [RunId(one.key.part.removeprefix(ANALYSIS)) for one in noted]
        known = [await self.from_ledger(work, run_id) for run_id in runs]
        if None in known:
            return
        for part in (*kept, *noted):
            await self.records.remove_part(part)
        if kept:
            work.removed["transcripts"] += len(kept)

    async def remove(self, work: Work, name: str, kind: Kind, ident: str) -> None:
        """Remove a record for good, and count it under `name` where there was one."""
        work.removed[name] += int(await self.records.erase(work.tenant, kind, ident))


def text_of(value: object, name: str) -> str | None:
    """A field of a body that may have any shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None


def own_meeting(run_id: str) -> str:
    """The meeting that no other run can make (`Job.derived_id`)."""
    return f"meeting_{digest(run_id, 'meeting')[:24]}"


def meetings_of(tenant: str, run_id: str, body: Body) -> list[str]:
    """The meetings that a run can have written: its own, the one it says, and those of its invites."""
    said, invites = body.get("meeting_id"), body.get("invites")
    calendars = [
        f"meeting_{digest(tenant, 'meeting', 'ical', uid, text_of(invite, 'recurrence_id') or '')[:24]}"
        for invite in (invites if isinstance(invites, list) else [])
        if (uid := text_of(invite, "uid"))
    ]
    found = [own_meeting(run_id), *([said] if isinstance(said, str) else []), *calendars]
    return list(dict.fromkeys(found))
