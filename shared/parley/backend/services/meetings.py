"""Meetings (seeds 000 and 001): the function names are the seed's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from parley.backend.services.beside import link_group
from parley.backend.services.kinds import CONTACT, MEETING, UNSCHEDULED, USER
from parley.backend.services.marks import unless_erased
from parley.backend.services.merging import filled, held, merged
from parley.backend.services.records import Answered, Body, Idempotency, Reference, Stored
from parley.models.meeting import Meeting
from parley.models.record import ListQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley.backend.services.records import Page, Records

CREATED = "Meeting created successfully"
_REFERENCES = (("user_id", USER), ("contact_id", CONTACT))


class MeetingService:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def get_all_meetings(
        self, tenant: str, filters: Mapping[str, str], *, limit: int, cursor: str | None = None
    ) -> Page:
        """One page by time; `from` (included) and `to` (excluded) compare local times."""
        low, high = filters.get("from"), filters.get("to")
        fields = {name: filters[name] for name in MEETING.fields if filters.get(name)}
        if low and not high:
            high = UNSCHEDULED
        group = f"{tenant}#{MEETING.name}"
        query = ListQuery(group=group, limit=limit, low=low, high=high, fields=fields)
        link = next((field for field in MEETING.links if filters.get(field)), None)
        if link is None:
            return await self._records.page(query, cursor=cursor)
        query = replace(query, group=link_group(tenant, MEETING, link, filters[link]))
        return await self._records.linked_page(query, cursor=cursor)

    async def get_meeting(self, tenant: str, meeting_id: str) -> Stored:
        return await self._records.fetch(tenant, MEETING, meeting_id)

    async def create_meeting(
        self, tenant: str, body: Body, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """A 422 Problem names the field whose user or contact does not exist."""
        ident = f"meeting_{uuid.uuid4().hex}"
        return await self._records.create(
            tenant,
            MEETING,
            ident,
            {"id": ident, **body},
            answer={"meeting_id": ident, "message": CREATED},
            references=_references(body),
            idempotency=idempotency,
            stamps=held({}, filled(body)),
        )

    async def put_meeting(self, tenant: str, meeting_id: str, body: Body) -> Stored:
        """What an email says of a meeting, `body` holding only what it gives: see `merging`."""
        unless = unless_erased(tenant, body.get("run_id"))
        return await self._records.derive(tenant, MEETING, meeting_id, body, make=merged, unless=unless)

    async def update_meeting(
        self, tenant: str, meeting_id: str, updates: Body, *, if_match: str | None = None
    ) -> Stored:
        """Change the given fields, and no others."""
        return await self._records.change(
            tenant,
            MEETING,
            meeting_id,
            edit=lambda body: Meeting.model_validate(body | updates).model_dump(mode="json"),
            if_match=if_match,
            references=_references(updates),
            stamp=lambda stamps: held(stamps, updates),
        )

    async def delete_meeting(self, tenant: str, meeting_id: str, *, if_match: str | None = None) -> None:
        """Remove it with its insights; an email that comes back does not bring it back."""
        await self._records.delete(tenant, MEETING, meeting_id, if_match=if_match)


def _references(body: Body) -> list[Reference]:
    return [Reference(field, kind, body[field]) for field, kind in _REFERENCES if body.get(field)]


def time_bound(text: str) -> str:
    """A local date or time as meetings are sorted by it. Raises ValueError."""
    moment = datetime.fromisoformat(text) if len(text) > len("YYYY-MM-DD") else _midnight(text)
    if moment.tzinfo is not None:
        raise ValueError("must be a local time without an offset")
    return moment.replace(microsecond=0).isoformat()


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time())
