"""Action items: made with the insights that name them, and then a life of their own.

    insights version 1 ──▶ a, b        b is done by hand
    insights version 2 ──▶ a, c        a has its new owner and day, c is new; b stays, for a person was at it

An item is known by the meeting and by what was said: its text and its quote.
One that a newer analysis of the same transcript does not find goes, unless a
person has changed it.
They lie below their meeting, and go with it.

    demo#meeting#m-1   ACTION#6ad1...    listed by due date
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from parley.core.tasks import together
from parley.core.trust import Trust
from parley.errors import Conflict, FieldError, not_found, precondition_failed
from parley.meetings.action_item import ACTION_TRANSITIONS, ActionItemChanges, ActionStatus
from parley.meetings.kinds import MEETING
from parley.store.access import WRITE_ATTEMPTS
from parley.store.blobs import canonical, fingerprint, unpack
from parley.store.kind import UNSCHEDULED, key_of
from parley.store.lists import ENOUGH, size_of
from parley.store.record import (
    Change,
    IndexKey,
    ListQuery,
    Record,
    RecordKey,
    create_change,
    delete_change,
    record_key,
    replace_change,
    set_change,
)
from parley.store.results import Page, Stored, if_match_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from parley.store.records import Records
    from parley.store.results import Body

NAME = "action_item"
PART = "ACTION#"
MOST_ITEMS = 200
"""Of one version of insights that are kept as things of their own."""
MOST_PAGES = 10
AT_ONCE = 90
"""Records that one read or transaction takes."""
EDITED = "edited"
LONGEST_TEXT = 2_000


class ActionItemService:
    """The action items of one tenant."""

    def __init__(self, records: Records, tenant: str) -> None:
        self._records = records
        self._tenant = tenant

    # -- reading

    async def get(self, ident: str) -> Stored:
        """Raises NotFound for one that is not there, or whose meeting is gone."""
        record = await self._records.store.get(self._key(ident))
        shown = await self._with_meetings([await self._body(record)] if record else [])
        if record is None or not shown:
            raise not_found("action item", ident)
        return Stored(shown[0], record.version)

    async def page(
        self, filters: Mapping[str, str] | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """By due date, those without one last. A filtered page may be short.

        `filters`, each of which may be missing: status; meeting_id; `due_before`,
        a day that is not included; `trust`, its meeting's; `owner`, whose every word must be one of the
        owner's, whatever its case: `sarah` finds Sarah Chen's.
        """
        wanted = {name: value for name, value in (filters or {}).items() if value}
        query = ListQuery(
            group=f"{self._tenant}#{NAME}",
            limit=limit,
            high=wanted.get("due_before"),
            fields={name: wanted[name] for name in ("status", "meeting_id") if name in wanted},
        )
        words = _words(wanted.get("owner", ""))
        found: list[Body] = []
        for _ in range(MOST_PAGES):
            page = await self._records.page(replace(query, limit=limit - len(found)), cursor=cursor)
            owned = [item for item in page.items if words <= _words(item["owner"] or "")]
            shown = await self._with_meetings(owned)
            found += [one for one in shown if wanted.get("trust") in (None, one["promised"]["trust"])]
            cursor = page.next_cursor
            if cursor is None or len(found) * 2 >= limit or size_of(*found) > ENOUGH:
                break
        return Page(found, cursor)

    async def of_meetings(self, meeting_ids: Sequence[str]) -> list[Body]:
        """All items of these meetings, meeting by meeting; read consistently."""
        read = await together(*(self._records_of(ident) for ident in meeting_ids))
        bodies = [await self._body(record) for records in read for record in records]
        return await self._with_meetings(bodies)

    async def _records_of(self, meeting_id: str) -> list[Record]:
        partition = key_of(self._tenant, MEETING, meeting_id).partition
        return await self._records.store.parts(partition, prefix=PART)

    async def _body(self, record: Record) -> Body:
        return await unpack(self._records.blobs, record)

    async def _with_meetings(self, items: Sequence[Body]) -> list[Body]:
        """Each with the meeting in which it was promised; without those whose meeting is not there."""
        idents = list(dict.fromkeys(item["meeting_id"] for item in items))
        keys = [key_of(self._tenant, MEETING, ident) for ident in idents]
        batches = [keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE)]
        read = await together(*(self._records.store.get_many(batch) for batch in batches))
        records = dict(zip(idents, (record for batch in read for record in batch), strict=True))
        promised = {
            ident: _promised(ident, await self._body(record))
            for ident, record in records.items()
            if record and not record.deleted
        }
        return [
            {**item, "promised": promised[item["meeting_id"]]}
            for item in items
            if item["meeting_id"] in promised
        ]

    # -- a person's changes

    async def update(
        self, ident: str, updates: ActionItemChanges, *, editor: str, if_match: str | None = None
    ) -> Stored:
        """Change the given fields. Raises Conflict for a status that does not follow from what stands."""
        given = updates.model_dump(mode="json", exclude_unset=True)
        key = self._key(ident)
        for _ in range(WRITE_ATTEMPTS):
            old = await self._records.store.get(key)
            if old is None:
                raise not_found("action item", ident)
            if not if_match_holds(if_match, old.version):
                raise precondition_failed(old.version)
            if not given:
                return await self.get(ident)
            body = self._changed(await self._body(old), given) | {"edited_by": editor}
            new = replace(
                _record(self._tenant, body, now=self._records.now()),
                version=old.version + 1,
                created_at=old.created_at,
                key=key,
            )
            put = replace_change(new, old)
            refusal = await self._records.write([put])
            if refusal is None or refusal.is_own(new):
                return await self.get(ident)
        raise Conflict("The action item keeps changing.", retry_after=1)

    def _changed(self, body: Body, given: Body) -> Body:
        before = ActionStatus(body["status"])
        after = ActionStatus(given.get("status") or before)
        if after is not before and after not in ACTION_TRANSITIONS[before]:
            detail = f"An action item that is {before} cannot become {after}: open it first."
            raise Conflict(detail, FieldError("status", detail))
        closed = body["closed_at"]
        if after is not before:
            closed = None if after is ActionStatus.OPEN else self._records.now()
        kept = {name: value for name, value in given.items() if name != "text" or value}
        return {**body, **kept, "status": str(after), "closed_at": closed}

    # -- made with insights

    async def changes(self, meeting_id: str, insights: Body, replaced: Body | None) -> list[Change]:
        """What a version of insights changes among the items, to be written with it.

        `replaced` is the version that it follows; None for the first. Where
        nothing is known of action items, since their extractor failed, nothing changes.
        """
        if (insights.get("insights") or {}).get("action_items") is None:
            return []
        if replaced is None:
            return first_items(self._tenant, meeting_id, insights, now=self._records.now())
        new = {item["id"]: item for item in _items(meeting_id, insights)}
        before = {item["id"]: item for item in _items(meeting_id, replaced)}
        old = before.keys()
        # What was promised in another transcript was promised all the same.
        said, before_that = insights.get("source"), replaced.get("source")
        another = bool(said and before_that and said != before_that)
        added = [ident for ident in new if ident not in old]
        gone = [] if another else sorted(old - new.keys())
        other = [ident for ident in new if ident in old and _said(new[ident]) != _said(before[ident])]
        keys = [self._key(ident) for ident in (*added, *gone, *other)]
        read = [
            await self._records.store.get_many(keys[first : first + AT_ONCE])
            for first in range(0, len(keys), AT_ONCE)
        ]
        standing = {record.key: record for batch in read for record in batch if record}
        made = [self._new(new[ident]) for ident in added if self._key(ident) not in standing]
        retired = [standing[key] for ident in gone if (key := self._key(ident)) in standing]
        follow = [
            self._following(new[ident], standing[key])
            for ident in other
            if (key := self._key(ident)) in standing and not standing[key].fields.get(EDITED)
        ]
        return [*made, *follow, *(_removal(record) for record in retired if not record.fields.get(EDITED))]

    def _following(self, item: Body, standing: Record) -> Change:
        """What a newer version says of an item that nobody has changed."""
        record = _record(self._tenant, item, now=self._records.now())
        new = replace(record, version=standing.version + 1, created_at=standing.created_at)
        return replace_change(new, standing)

    def _new(self, item: Body) -> Change:
        record = _record(self._tenant, item, now=self._records.now())
        return create_change(record)

    def _key(self, ident: str) -> RecordKey:
        return _key(self._tenant, ident)

    # -- erasure

    async def remove_run(self, meeting_id: str, run_id: str) -> int:
        """Remove what this run found, and what people made of it; how many those were."""
        bodies = [(record, await self._body(record)) for record in await self._records_of(meeting_id)]
        theirs = [record for record, body in bodies if (body["run_id"] or "").partition(".")[0] == run_id]
        for record in theirs:
            await self._replace(_removal(record))
        return len(theirs)

    async def redact(self, meeting_id: str, edit: Callable[[Body], Body]) -> int:
        """Replace each by `edit` of it, where that changes anything; how many those were."""
        changed = 0
        for record in await self._records_of(meeting_id):
            body = await self._body(record)
            if (edited := edit(body)) != body:
                new = replace(record, body=canonical(edited), version=record.version + 1)
                put = replace_change(new, record)
                await self._replace(put)
                changed += 1
        return changed

    async def _replace(self, change: Change) -> None:
        if await self._records.write([change]):
            raise Conflict("The action items keep changing.", retry_after=1)


def first_items(tenant: str, meeting_id: str, insights: Body, *, now: str) -> list[Change]:
    """The items of a meeting's first insights: nothing of them can stand yet."""
    records = [_record(tenant, item, now=now) for item in _items(meeting_id, insights)]
    return [set_change(record) for record in records]


def typed_action_items(meeting: Body) -> Body | None:
    """The action items that somebody wrote into a meeting, in the shape of insights; None for none."""
    said = meeting.get("action_items") or []
    items = [{"text": one} if isinstance(one, str) else one for one in said]
    return {"insights": {"action_items": items}, "edited_by": "person"} if items else None


def _record(tenant: str, item: Body, *, now: str) -> Record:
    fields = {"status": item["status"], "meeting_id": item["meeting_id"]}
    return Record(
        key=_key(tenant, item["id"]),
        body=canonical(item),
        created_at=now,
        updated_at=now,
        index=IndexKey(f"{tenant}#{NAME}", f"{item['due_date'] or UNSCHEDULED}#{item['id']}"),
        fields=fields | ({EDITED: item["edited_by"]} if item["edited_by"] else {}),
    )


def _key(tenant: str, ident: str) -> RecordKey:
    meeting_id, _, part = ident.rpartition(".")
    if not meeting_id:
        raise not_found("action item", ident)
    return record_key(tenant, MEETING.name, meeting_id, PART + part)


def _items(meeting_id: str, insights: Body) -> Iterable[Body]:
    """The items that a body of insights names, each once, as they begin."""
    found = (insights.get("insights") or {}).get("action_items") or []
    seen: dict[str, Body] = {}
    for one in found[:MOST_ITEMS]:
        text = one.get("text")
        if not isinstance(text, str) or not text.strip():
            continue
        evidence = one.get("evidence") if isinstance(one.get("evidence"), dict) else None
        quote = str((evidence or {}).get("quote") or "")
        ident = f"{meeting_id}.{fingerprint(' '.join(text.casefold().split()), quote)[:16]}"
        item = _begun(ident, meeting_id, text, one, evidence)
        seen.setdefault(
            ident, item | {"run_id": insights.get("run_id") if not insights.get("edited_by") else None}
        )
    return seen.values()


def _begun(ident: str, meeting_id: str, text: str, said: Mapping[str, Any], evidence: Body | None) -> Body:
    return {
        "id": ident,
        "meeting_id": meeting_id,
        "text": text[:LONGEST_TEXT],
        "owner": _text_or_none(said.get("owner")),
        "due_date": _day_or_none(said.get("due_date")),
        "status": str(ActionStatus.OPEN),
        "evidence": evidence,
        "source": _text_or_none(said.get("source")) or "person",
        "edited_by": None,
        "closed_at": None,
    }


def _said(item: Body) -> Body:
    """What insights say of an item, whichever run said it."""
    return {name: value for name, value in item.items() if name != "run_id"}


def _text_or_none(value: object) -> str | None:
    return value[:LONGEST_TEXT] if isinstance(value, str) and value.strip() else None


def _day_or_none(value: object) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _promised(ident: str, meeting: Body) -> Body:
    return {
        "meeting_id": ident,
        "title": meeting["title"],
        "scheduled_time": meeting["scheduled_time"],
        "trust": meeting.get("trust", Trust.OWN),
    }


def _removal(record: Record) -> Change:
    return delete_change(record)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.casefold()))
