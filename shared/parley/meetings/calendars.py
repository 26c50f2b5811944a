"""Each person's calendar: the list of the meetings that name them, in the order in which these end.

    demo#person#<dana@x.example>   meeting#2025-11-15T11:00:00#m-1     hers, or she is invited
                                   meeting#2025-11-15T12:00:00#m-2
                                   meeting#~#m-3                       a series, which is never over

Such a list is `store.mentions`. A user has one, that of their address: their
own meetings stand there too. An occurrence that was moved stands where it is
and where it would have been, so that whoever asks about either finds it. What
has ended before a range is never read, and what begins after it is left out
before the meetings themselves are read: they say what counts, for an entry of
the list may lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from parley.core.tasks import together
from parley.core.trust import Trust
from parley.meetings.kinds import LONGEST, MEETING, in_meeting, recurs
from parley.meetings.models import MeetingStatus
from parley.people.kinds import USER, contact_name, user_name
from parley.store.blobs import unpack
from parley.store.kind import UNSCHEDULED
from parley.store.links import claims, link_group
from parley.store.mentions import BEGINS, mention_sort, person_group
from parley.store.ports import read_list
from parley.store.record import ListQuery, Record, RecordKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parley.store.records import Records

PAGE = 100
MOST_SERIES = 200
MOST_OF_SERIES = 500
"""Moved or cancelled dates of one series that are looked at, the latest."""
MOST_ENTRIES = 5_000
"""Entries of one list that one question reads."""
ZONES = timedelta(days=1)
"""How far a wall's time can lie from UTC's, and more."""

_AFTER = mention_sort(MEETING, UNSCHEDULED + UNSCHEDULED)
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CalendarOwner:
    """One person's: the lists to look into, and the names by which a meeting is theirs."""

    lists: tuple[str, ...]
    names: tuple[str, ...]


def of_contact(contact: Mapping[str, Any]) -> CalendarOwner:
    names = (contact_name(contact["id"]), contact["email"])
    return CalendarOwner(names, names)


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of one tenant."""

    records: Records
    tenant: str

    async def of_user(self, user: Mapping[str, Any]) -> CalendarOwner:
        """A meeting may stand under an address that they had before.

        If it is their own it stays theirs; an invite does unless the address is another user's by now.
        """
        former = tuple(user.get("former_emails", ()))
        keys = [key for one in former for key in claims(self.tenant, USER, {"email": one})]
        held = await self.records.store.get_many(keys) if keys else []
        theirs = [one for one, record in zip(former, held, strict=True) if record is None or record.deleted]
        return CalendarOwner((user["email"], *former), (user_name(user["id"]), user["email"], *theirs))

    async def between(self, whose: CalendarOwner, low: datetime, high: datetime) -> list[Body]:
        """The meetings that may touch [low, high), which are aware; unsorted.

        One query a list, however many days it is about; two about the past,
        whose lists go on to today.
        """
        first, latest = (one.astimezone(UTC).replace(tzinfo=None) for one in (low - ZONES, high + ZONES))
        ends = [(mention_sort(MEETING, first.isoformat()), _AFTER)]
        if high + LONGEST < self.records.clock():
            never = mention_sort(MEETING, UNSCHEDULED)
            ends = [(ends[0][0], mention_sort(MEETING, (latest + LONGEST).isoformat())), (never, _AFTER)]
        lists = await together(
            *(self._entries(name, low=begin, high=end) for name in whose.lists for begin, end in ends)
        )
        begun = latest.isoformat()
        entries = [one for found in lists for one in found if one.fields.get(BEGINS, UNSCHEDULED) < begun]
        return await self._named(whose, entries)

    async def with_series(self, meetings: Sequence[Body]) -> list[Body]:
        """These, and the other meetings of their series: one of its dates may no longer name somebody."""
        uids = {
            one["ical_uid"] for one in meetings if one["ical_uid"] and (one["recurrence_id"] or recurs(one))
        }
        lists = await together(*(self._of_uid(uid) for uid in sorted(uids)[:MOST_SERIES]))
        known = {one["id"] for one in meetings}
        others = await self._meetings([one for found in lists for one in found])
        return [*meetings, *(one for one in others if one["id"] not in known)]

    async def _of_uid(self, uid: str) -> list[Record]:
        query = ListQuery(
            group=link_group(self.tenant, MEETING, "ical_uid", uid), limit=PAGE, newest_first=True
        )
        return await read_list(self.records.store, query, most=MOST_OF_SERIES)

    async def past(
        self, whose: CalendarOwner, now: datetime, *, limit: int, without: str | None = None
    ) -> list[Body]:
        """The latest meetings that were over at `now`, the latest first; cancelled ones were never held."""
        high = mention_sort(MEETING, (now + ZONES).astimezone(UTC).replace(tzinfo=None).isoformat())
        lists = await together(*(self._entries(name, high=high, most=limit * 2 + 1) for name in whose.lists))
        entries = sorted((one for found in lists for one in found), key=_sort, reverse=True)
        held = [
            meeting
            for meeting in await self._named(whose, entries)
            if meeting["id"] != without and was_held(meeting, now)
        ]
        return held[:limit]

    async def _entries(
        self, name: str, *, low: str | None = None, high: str | None = None, most: int = MOST_ENTRIES
    ) -> list[Record]:
        """Of one list, from `low` on the earliest first, or up to `high` the latest first."""
        query = ListQuery(
            group=person_group(self.tenant, name),
            limit=min(PAGE, most),
            low=low or mention_sort(MEETING, ""),
            high=high or _AFTER,
            newest_first=low is None,
        )
        return await read_list(self.records.store, query, most=most)

    async def _named(self, whose: CalendarOwner, entries: Sequence[Record]) -> list[Body]:
        """The meetings of these entries where they still name the person."""
        wanted = set(whose.names)
        return [body for body in await self._meetings(entries) if wanted & set(in_meeting(body))]

    async def _meetings(self, entries: Sequence[Record]) -> list[Body]:
        """The meetings of these entries, each once and in their order."""
        keys = list(dict.fromkeys(RecordKey(entry.key.partition) for entry in entries))
        batches = [keys[first : first + PAGE] for first in range(0, len(keys), PAGE)]
        read = await together(*(self.records.store.get_many(batch) for batch in batches))
        standing = [record for batch in read for record in batch if record and not record.deleted]
        bodies = await together(*(unpack(self.records.blobs, record) for record in standing))
        # What a stranger sent is in nobody's calendar until somebody adopts it.
        return [body for body in bodies if body.get("trust") != Trust.STRANGER]


def was_held(meeting: Mapping[str, Any], now: datetime) -> bool:
    """Whether a meeting is over, of a series the first: it says so, or its time has passed.

    A time without a zone is taken for UTC: here, hours do not matter.
    """
    if meeting["status"] in (MeetingStatus.COMPLETED, MeetingStatus.CANCELLED):
        return bool(meeting["status"] == MeetingStatus.COMPLETED)
    spans = MEETING.spans(meeting)
    until = (spans[-1] if recurs(meeting) else spans[0]).until
    if not meeting["scheduled_time"] or until == UNSCHEDULED:
        return False
    zone = ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else UTC
    return datetime.fromisoformat(until).replace(tzinfo=zone) <= now


def _sort(entry: Record) -> str:
    return entry.index.sort if entry.index else ""
