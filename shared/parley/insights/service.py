"""A meeting's insights: written once per run, never over a person's edit or something newer.

no insights ──run A──▶ version 1 ──run B──▶ version 2 ──a person──▶ version 3, edited
                           │                    │
                           ▼                    ▼
                 INSIGHTS#000001        INSIGHTS#000002        (kept as they were)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parley.errors import Conflict, invalid, not_found, precondition_failed
from parley.meetings.action_items import ActionItemService
from parley.meetings.kinds import MEETING
from parley.store.access import WRITE_ATTEMPTS
from parley.store.blobs import unpack
from parley.store.record import ITSELF, Action, Change, Guard, Record, RecordKey, create_change, record_key
from parley.store.results import if_match_holds
from parley.store.tombstones import erased_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.store.record import Refusal
    from parley.store.records import Records
    from parley.store.results import Body

PART = "INSIGHTS"
MOST_WITH_IT = 90
"""Changes that go into the transaction of a version; a transaction holds 100."""


@dataclass(frozen=True, slots=True)
class StoredInsightsVersion:
    """The insights that stand. `reason` says why a PUT changed nothing; None when it did."""

    body: Body
    version: int
    reason: str | None = None

    def as_json(self, meeting_id: str) -> Body:
        """The body as the API shows it, with its version."""
        state = {"version": self.version, "stored": self.reason is None, "reason": self.reason}
        return self.body | {"meeting_id": meeting_id} | state


def _part(version: int) -> str:
    return f"{PART}#{version:06d}"


class InsightsService:
    """The insights of the meetings of all tenants."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def get(self, tenant: str, meeting_id: str, version: int | None = None) -> StoredInsightsVersion:
        """The current insights, or an earlier version. Raises NotFound when there are none."""
        keys = [self._key(tenant, meeting_id, part) for part in (ITSELF, PART)]
        meeting, record = await self._records.store.get_many(keys)
        if meeting is None or meeting.deleted:
            raise not_found(MEETING.name, meeting_id)
        if record and version is not None and version != record.version:
            record = await self._records.store.get(self._key(tenant, meeting_id, _part(version)))
        if record is None or record.deleted:
            raise not_found("insights for the meeting", meeting_id, field="meeting_id")
        return StoredInsightsVersion(await unpack(self._records.blobs, record), record.version)

    async def version(self, tenant: str, meeting_id: str) -> int:
        """The one that stands; 0 for none."""
        standing = await self._current(tenant, meeting_id)
        return standing.version if standing else 0

    async def put_run(
        self,
        tenant: str,
        meeting_id: str,
        body: Body,
        *,
        over_edits: bool = False,
        on_request: bool = False,
    ) -> StoredInsightsVersion:
        """What one run found. One round trip, and one record, when it is the meeting's first.

        Whether there is such a meeting is not asked: the run may be putting it
        at this very moment. Without one, nobody is shown these insights. Where
        it asked for some extractors alone (`extractors`), what stands of the
        others stays. `over_edits`: somebody wants it in the place of a
        person's edit, which is kept as an earlier version. `on_request`:
        somebody has just asked for it, so that it stands now though another
        run came after its first time; an email that comes twice never does.
        """
        if not body.get("run_id"):
            raise invalid("run_id", "names the run that found these insights, and is missing")
        standing: Record | None = None
        mark = erased_mark(tenant, _run_of(body["run_id"]))
        unless = Change(action=Action.CHECK, key=mark, guard=Guard.NEW)
        for _ in range(WRITE_ATTEMPTS):
            carried = await self._carried(body, standing)
            refusal = await self._write(tenant, meeting_id, carried, standing, unless)
            if refusal is None:
                return StoredInsightsVersion(carried, standing.version + 1 if standing else 1)
            if refusal.standing and refusal.standing.key == mark:
                return StoredInsightsVersion({**body, "insights": {}}, 0, "deleted")
            standing = refusal.standing or await self._current(tenant, meeting_id)
            reason = _reason_to_keep(standing, body, over_edits=over_edits, on_request=on_request)
            if standing and reason:
                kept = body if standing.deleted else await unpack(self._records.blobs, standing)
                return StoredInsightsVersion(kept, standing.version, reason)
        raise Conflict("The insights keep changing.", retry_after=1)

    async def _carried(self, body: Body, standing: Record | None) -> Body:
        """The whole of a body that leaves something out: what was not asked for is what stands.

        So is what failed, where what stands was found in the same transcript:
        a failure never takes the place of an insight.
        """
        spoken, failed = body.get("extractors"), body["errors"]
        if standing is None or standing.deleted or not (spoken or failed):
            return body
        old = await unpack(self._records.blobs, standing)
        same = body.get("source") is not None and body.get("source") == old.get("source")
        rest = {
            name: value
            for name, value in old["insights"].items()
            if (spoken and name not in spoken) or (same and name in failed and value is not None)
        }
        errors = {**{name: why for name, why in old["errors"].items() if name in rest}, **failed}
        errors = {name: why for name, why in errors.items() if rest.get(name) is None}
        insights = body["insights"] | rest
        partly = bool(errors) and any(value is not None for value in insights.values())
        return body | {"insights": insights, "errors": errors, "partial_success": partly}

    async def put_edit(
        self, tenant: str, meeting_id: str, body: Body, *, editor: str, if_match: str | None
    ) -> StoredInsightsVersion:
        """What a person made of it: from now on no run replaces it."""
        edited = body | {"edited_by": editor}
        meeting = Change(action=Action.CHECK, key=self._key(tenant, meeting_id, ITSELF), guard=Guard.LIVE)
        for _ in range(WRITE_ATTEMPTS):
            standing = await self._current(tenant, meeting_id)
            version = standing.version if standing else 0
            if not if_match_holds(if_match, version):
                raise precondition_failed(version)
            whole = await self._with_others(edited, standing)
            refusal = await self._write(tenant, meeting_id, whole, standing, meeting)
            if refusal is None:
                return StoredInsightsVersion(whole, version + 1)
            if refusal.standing is None or refusal.standing.key == meeting.key:
                raise not_found(MEETING.name, meeting_id)
        raise Conflict("The insights keep changing.", retry_after=1)

    async def _with_others(self, edited: Body, standing: Record | None) -> Body:
        """A person's edit of some insights alone: what stands of the others stays."""
        spoken = edited.get("extractors")
        if not spoken or standing is None or standing.deleted:
            return edited
        old = (await unpack(self._records.blobs, standing))["insights"]
        return edited | {
            "insights": {
                name: edited["insights"][name] if name in spoken else old.get(name)
                for name in edited["insights"]
            }
        }

    # -- erasure

    async def remove_run(self, tenant: str, meeting_id: str, run_id: str) -> int:
        """Remove each version that this run wrote, and what people made of it; how many those were."""
        removed, theirs = 0, False
        for part in await self._versions(tenant, meeting_id):
            wrote = part.fields.get("run_id")
            if wrote and not part.fields.get("edited_by"):
                theirs = _run_of(wrote) == run_id
            if theirs:
                await self._replace(part, self._removed(part))
                removed += 1
        return removed

    async def redact(self, tenant: str, meeting_id: str, edit: Callable[[Body], Body]) -> int:
        """Replace each version by `edit` of it, where that changes anything; how many those were."""
        changed = 0
        for part in await self._versions(tenant, meeting_id):
            body = await unpack(self._records.blobs, part)
            if (edited := edit(body)) != body:
                text = await self._records.record(tenant, MEETING, meeting_id, edited)
                version = part.version + 1 if part.key.part == PART else part.version
                new = replace(part, body=text.body, blob=text.blob, digest=text.digest, version=version)
                await self._replace(part, new)
                changed += 1
        return changed

    async def _versions(self, tenant: str, meeting_id: str) -> list[Record]:
        """All that are kept, the current one last."""
        parts = await self._records.store.parts(self._key(tenant, meeting_id, ITSELF).partition)
        found = [part for part in parts if part.key.part.startswith(PART) and not part.deleted]
        return sorted(found, key=lambda part: part.version)

    def _removed(self, part: Record) -> Record | None:
        """What stays: of the current version that which runs it has seen, of earlier ones nothing."""
        if part.key.part != PART:
            return None
        version = part.version + 1
        return replace(part, deleted=True, version=version, body=None, blob=None, digest=None, fields={})

    async def _replace(self, old: Record, new: Record | None) -> None:
        action = Action.DELETE if new is None else Action.PUT
        change = Change(action=action, key=old.key, guard=Guard.VERSION, record=new, version=old.version)
        if await self._records.write([change]):
            raise Conflict("The insights keep changing.", retry_after=1)
        if old.blob:
            await self._records.blobs.delete_blob(old.blob)

    # -- writing

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
        replaced = await unpack(self._records.blobs, standing) if standing else None
        if standing and not standing.deleted:
            changes.append(self._kept_version(tenant, meeting_id, standing))
        with_it = MOST_WITH_IT - len(changes)
        for _ in range(WRITE_ATTEMPTS):
            items = await ActionItemService(self._records, tenant).changes(meeting_id, body, replaced)
            refusal = await self._records.write([*changes, *items[:with_it]])
            if refusal is None or refusal.is_own(new):
                for item in items[with_it:]:
                    await self._records.write([item])
                return None
            if refusal.position < len(changes):
                return refusal
        # Somebody keeps changing one of the items.
        raise Conflict("The insights keep changing.", retry_after=1)

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
        return create_change(old)


def _run_of(source: str) -> str:
    """The run behind the name of its analysis, which a replay numbers."""
    return source.partition(".")[0]


def _reason_to_keep(standing: Record | None, body: Body, *, over_edits: bool, on_request: bool) -> str | None:
    if standing is None:
        return None
    seen = body["run_id"] in standing.applied
    if standing.deleted:
        return "deleted" if seen else None
    if standing.fields.get("edited_by"):
        return None if over_edits else "edited"
    if seen and not (on_request and standing.fields.get("run_id") != body["run_id"]):
        return "repeated"
    produced, wanted = standing.fields.get("produced_at"), body.get("produced_at")
    return "newer" if produced and wanted and str(wanted) < produced else None
