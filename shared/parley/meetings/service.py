"""Meetings (seeds 000 and 001): the function names are the seed's, and so is the order of parameters."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from parley.meetings.action_items import ActionItemService, typed_action_items
from parley.meetings.calendars import Calendars, of_contact
from parley.meetings.kinds import MEETING
from parley.meetings.merging import held_by_person, merge, non_blank_fields
from parley.meetings.models import DerivedMeeting, Meeting, MeetingChanges, MeetingRequest
from parley.people.kinds import CONTACT, USER
from parley.store.changes import Reference
from parley.store.idempotency import Idempotency
from parley.store.kind import UNSCHEDULED
from parley.store.links import link_group
from parley.store.lists import ENOUGH, size_of
from parley.store.record import Change, ListQuery
from parley.store.results import Answered, Body, Page, Stored
from parley.store.tombstones import unless_erased

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley.store.kind import Kind
    from parley.store.records import Records

CREATED = "Meeting created successfully"
MOST_PAGES = 10
"""How many pages one request looks through for a text."""
_REFERENCES = (("user_id", USER), ("contact_id", CONTACT))


class MeetingService:
    """The meetings of one tenant."""

    def __init__(self, records: Records, tenant: str) -> None:
        self._records = records
        self._tenant = tenant

    async def get_all_meetings(
        self,
        user_id: str | None = None,
        filters: Mapping[str, str] | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """One page by time of a user's meetings, or of everybody's.

        `filters`, each of which may be missing or empty: contact_id, status,
        thread_id, ical_uid, trust; `from` (included) and `to` (excluded), which compare
        local times; `text`, found anywhere in title, summary and attendees.
        """
        wanted = {name: value for name, value in (filters or {}).items() if value}
        if user_id:
            wanted["user_id"] = user_id
        query = self._query(wanted, limit)
        text = _folded(wanted.get("text", ""))
        return await self._holding(text, query, cursor) if text else await self._page(query, cursor)

    def _query(self, wanted: Mapping[str, str], limit: int) -> ListQuery:
        low, high = wanted.get("from"), wanted.get("to")
        fields = {name: wanted[name] for name in MEETING.fields if name in wanted}
        if low and not high:
            high = UNSCHEDULED
        link = next((field for field in MEETING.links if field in wanted), None)
        group = (
            link_group(self._tenant, MEETING, link, wanted[link])
            if link
            else f"{self._tenant}#{MEETING.name}"
        )
        return ListQuery(group=group, limit=limit, low=low, high=high, fields=fields)

    async def _page(self, query: ListQuery, cursor: str | None) -> Page:
        linked = query.group != f"{self._tenant}#{MEETING.name}"
        read = self._records.linked_page if linked else self._records.page
        return await read(query, cursor=cursor)

    async def _holding(self, text: str, query: ListQuery, cursor: str | None) -> Page:
        """The page of those that hold the text; it may be short, and a cursor says that there is more."""
        found: list[Body] = []
        for _ in range(MOST_PAGES):
            left = query.limit - len(found)
            page = await self._page(replace(query, limit=left), cursor)
            found += [meeting for meeting in page.items if text in _words(meeting)]
            cursor = page.next_cursor
            if cursor is None or len(found) * 2 >= query.limit or size_of(*found) > ENOUGH:
                break
        return Page(found, cursor)

    async def get_meeting(self, meeting_id: str) -> Stored:
        """Raises NotFound for one that is not there."""
        return await self._records.fetch(self._tenant, MEETING, meeting_id)

    async def create_meeting(
        self, meeting_request: MeetingRequest, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Raises InvalidField, which names the field whose user or contact does not exist."""
        ident = f"meeting_{uuid.uuid4().hex}"
        asked = meeting_request.model_dump(mode="json")
        body = DerivedMeeting.model_validate(asked).model_dump(mode="json")
        return await self._records.create(
            self._tenant,
            MEETING,
            ident,
            {"id": ident, **body},
            answer={"meeting_id": ident, "message": CREATED},
            references=_references(body),
            idempotency=idempotency,
            stamps=held_by_person({}, non_blank_fields(body)),
            more=await self._promised(ident, body),
        )

    async def put_meeting(self, meeting_id: str, body: Body) -> Stored:
        """What an email says of a meeting, `body` holding only what it gives: see `merging`."""
        unless = unless_erased(self._tenant, body.get("run_id"))
        return await self._records.derive(self._tenant, MEETING, meeting_id, body, make=merge, unless=unless)

    async def update_meeting(
        self, meeting_id: str, updates: MeetingChanges, *, if_match: str | None = None
    ) -> Stored:
        """Change the given fields, and no others; with `if_match` only that version.

        Without it nothing is lost either: what another writer did meanwhile to
        other fields stays.
        """
        given = updates.model_dump(mode="json", exclude_unset=True)
        stored = await self._records.change(
            self._tenant,
            MEETING,
            meeting_id,
            edit=lambda body: Meeting.model_validate(body | given).model_dump(mode="json") if given else body,
            if_match=if_match,
            references=_references(given),
            stamp=lambda stamps: held_by_person(stamps, given),
        )
        for change in await self._promised(meeting_id, given, known={}):
            await self._records.write([change])
        return stored

    async def _promised(self, meeting_id: str, body: Body, *, known: Body | None = None) -> list[Change]:
        """The action items that a meeting was given by hand, as things of their own; none is taken back."""
        said = typed_action_items(body)
        if said is None:
            return []
        return await ActionItemService(self._records, self._tenant).changes(meeting_id, said, known)

    async def delete_meeting(self, meeting_id: str, *, if_match: str | None = None) -> None:
        """Remove it with all that hangs below it; an email that comes back does not bring it back."""
        await self._records.delete(self._tenant, MEETING, meeting_id, if_match=if_match)

    async def get_historical_meetings_for_contact(self, contact_id: str, limit: int = 10) -> list[Body]:
        """The meetings with a contact that are over, the latest first.

        With the contact are those that say so, and those that the contact's
        address was invited to. Cancelled ones were never held. Raises NotFound
        where there is no such contact.
        """
        contact = (await self._records.fetch(self._tenant, CONTACT, contact_id)).body
        now = self._records.clock()
        return await Calendars(self._records, self._tenant).past(of_contact(contact), now, limit=limit)

    # -- what is there

    async def user_exists(self, user_id: str) -> bool:
        """Whether the tenant has this user."""
        return await self._exists(USER, user_id)

    async def contact_exists(self, contact_id: str) -> bool:
        """Whether the tenant has this contact."""
        return await self._exists(CONTACT, contact_id)

    async def meeting_exists(self, meeting_id: str) -> bool:
        """Whether the tenant has this meeting."""
        return await self._exists(MEETING, meeting_id)

    async def _exists(self, kind: Kind, ident: str) -> bool:
        return await self._records.find(self._tenant, kind, ident) is not None


def _references(body: Body) -> list[Reference]:
    return [Reference(field, kind, body[field]) for field, kind in _REFERENCES if body.get(field)]


def _words(meeting: Body) -> str:
    """All that a text is looked for in; a line each, so that nothing runs together."""
    people = (one.get(name) for one in meeting["attendees"] for name in ("name", "address"))
    return _folded("\n".join(filter(None, (meeting["title"], meeting["summary"], *people))))


def _folded(text: str) -> str:
    """Without case, and in one of the ways in which Unicode can write it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def time_bound(text: str) -> str:
    """A local date or time as meetings are sorted by it. Raises ValueError."""
    moment = datetime.fromisoformat(text) if len(text) > len("YYYY-MM-DD") else _midnight(text)
    if moment.tzinfo is not None:
        raise ValueError("must be a local time without an offset")
    return moment.replace(microsecond=0).isoformat()


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time())
