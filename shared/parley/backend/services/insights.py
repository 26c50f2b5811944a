"""A meeting's insights: written once per run, never over a person's edit or something newer.

no insights ──run A──▶ version 1 ──run B──▶ version 2 ──a person──▶ version 3, edited
                           │                    │
                           ▼                    ▼
                 INSIGHTS#000001        INSIGHTS#000002        (kept as they were)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parley.backend.problems import conflict, invalid, not_found, precondition_failed
from parley.backend.services.bodies import unpack
from parley.backend.services.kinds import MEETING
from parley.backend.services.records import WRITE_ATTEMPTS, if_match_holds
from parley.models.record import ITSELF, Action, Change, Guard, Record, RecordKey, record_key

if TYPE_CHECKING:
    from parley.backend.services.records import Body, Records
    from parley.models.record import Refusal

PART = "INSIGHTS"


@dataclass(frozen=True, slots=True)
class Kept:
    """The insights that stand. `reason` says why a PUT changed nothing; None when it did."""

    body: Body
    version: int
    reason: str | None = None

    def as_json(self, meeting_id: str) -> Body:
        state = {"version": self.version, "stored": self.reason is None, "reason": self.reason}
        return self.body | {"meeting_id": meeting_id} | state


def _part(version: int) -> str:
    return f"{PART}#{version:06d}"


class InsightsService:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def get(self, tenant: str, meeting_id: str, version: int | None = None) -> Kept:
        """The current insights, or an earlier version; a 404 Problem when there are none."""
        keys = [self._key(tenant, meeting_id, part) for part in (ITSELF, PART)]
        meeting, record = await self._records.store.get_many(keys)
        if meeting is None or meeting.deleted:
            raise not_found(MEETING.name, meeting_id)
        if record and version is not None and version != record.version:
            record = await self._records.store.get(self._key(tenant, meeting_id, _part(version)))
        if record is None or record.deleted:
            raise not_found("insights for the meeting", meeting_id)
        return Kept(await unpack(self._records.blobs, record), record.version)

    async def put_run(self, tenant: str, meeting_id: str, body: Body) -> Kept:
        """What one run found. One round trip, and one record, when it is the meeting's first.

        Whether there is such a meeting is not asked: the run may be putting it
        at this very moment. Without one, nobody is shown these insights.
        """
        if not body.get("run_id"):
            raise invalid("run_id", "names the run that found these insights, and is missing")
        standing: Record | None = None
        for _ in range(WRITE_ATTEMPTS):
            refusal = await self._write(tenant, meeting_id, body, standing)
            if refusal is None:
                return Kept(body, standing.version + 1 if standing else 1)
            standing = refusal.standing or await self._current(tenant, meeting_id)
            reason = _reason_to_keep(standing, body)
            if standing and reason:
                kept = body if standing.deleted else await unpack(self._records.blobs, standing)
                return Kept(kept, standing.version, reason)
        raise conflict("The insights keep changing.", retry_after=1)

    async def put_edit(
        self, tenant: str, meeting_id: str, body: Body, *, editor: str, if_match: str | None
    ) -> Kept:
        """What a person made of it: from now on no run replaces it."""
        edited = body | {"edited_by": editor}
        meeting = Change(action=Action.CHECK, key=self._key(tenant, meeting_id, ITSELF), guard=Guard.LIVE)
        for _ in range(WRITE_ATTEMPTS):
            standing = await self._current(tenant, meeting_id)
            version = standing.version if standing else 0
            if not if_match_holds(if_match, version):
                raise precondition_failed(version)
            refusal = await self._write(tenant, meeting_id, edited, standing, meeting)
            if refusal is None:
                return Kept(edited, version + 1)
            if refusal.standing is None or refusal.standing.key == meeting.key:
                raise not_found(MEETING.name, meeting_id)
        raise conflict("The insights keep changing.", retry_after=1)

    def _key(self, tenant: str, meeting_id: str, part: str) -> RecordKey:
        return record_key(tenant, MEETING.name, meeting_id, part)

    async def _current(self, tenant: str, meeting_id: str) -> Record | None:
        return await self._records.store.get(self._key(tenant, meeting_id, PART))

    async def _write(
        self, tenant: str, meeting_id: str, body: Body, standing: Record | None, *checks: Change
    ) -> Refusal | None:
        """None when it is written, be it that only the answer to an earlier try was lost."""
        new = await self._new_record(tenant, meeting_id, body, standing)
        guard, version = (Guard.VERSION, standing.version) if standing else (Guard.NEW, 0)
        changes = [Change(action=Action.PUT, key=new.key, guard=guard, record=new, version=version), *checks]
        if standing and not standing.deleted:
            changes.append(self._kept_version(tenant, meeting_id, standing))
        refusal = await self._records.write(changes)
        return None if refusal and refusal.is_own(new) else refusal

    async def _new_record(self, tenant: str, meeting_id: str, body: Body, standing: Record | None) -> Record:
        record = await self._records.record(tenant, MEETING, meeting_id, body)
        marks = {name: str(body[name]) for name in ("run_id", "edited_by", "produced_at") if body.get(name)}
        runs = frozenset({body["run_id"]} if body.get("run_id") and not body.get("edited_by") else ())
        return replace(
            record,
            key=self._key(tenant, meeting_id, PART),
            index=None,
            fields=marks,
            rank=None,
            version=standing.version + 1 if standing else 1,
            created_at=standing.created_at if standing else record.created_at,
            applied=runs | (standing.applied if standing else frozenset()),
        )

    def _kept_version(self, tenant: str, meeting_id: str, standing: Record) -> Change:
        key = self._key(tenant, meeting_id, _part(standing.version))
        old = replace(standing, key=key, applied=frozenset())
        return Change(action=Action.PUT, key=key, guard=Guard.NEW, record=old)


def _reason_to_keep(standing: Record | None, body: Body) -> str | None:
    if standing is None:
        return None
    if body["run_id"] in standing.applied:
        return "deleted" if standing.deleted else "repeated"
    if standing.fields.get("edited_by"):
        return "edited"
    produced, wanted = standing.fields.get("produced_at"), body.get("produced_at")
    return "newer" if produced and wanted and str(wanted) < produced else None
