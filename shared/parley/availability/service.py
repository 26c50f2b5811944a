"""When everybody can meet (seed 000 phase 3).

    users ─▶ each one's work hours, on the user's own wall ─┐
          └▶ each one's calendar, in one query ──▶ busy ────┴▶ gaps long enough ─▶ UTC

Busy is whoever a meeting belongs to and whoever is invited and has not
declined. A cancelled meeting takes no time; a tentative one does, unless the
request says otherwise. The interval work is `free_time`, pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parley.availability.free_time import TimeSlot, free_slots, ranked, work_windows
from parley.availability.user_calendar import UserCalendar
from parley.core.tasks import together
from parley.errors import invalid
from parley.meetings.calendars import Calendars
from parley.people.kinds import USER
from parley.store.blobs import unpack
from parley.store.kind import key_of

if TYPE_CHECKING:
    from parley.store.records import Records
    from parley.store.results import Body

MOST_USERS = 50
MOST_DAYS = 62
EVERY_DAY, WORK_DAYS = tuple(range(1, 8)), tuple(range(1, 6))
LONGEST_ZONE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityQuery:
    """What is asked for beside users and duration.

    `first` to `last` are days on each user's own wall, both included.
    `work_hours` are hours since midnight; `weekdays` ISO, 1 is Monday: None
    means Monday to Friday, and any day where it is the one day asked for.
    `tentative_is_free`: meetings that are not certain yet take no time.
    `best_first`: by how good a time it is for everybody, else by time.
    """

    first: date
    last: date
    duration_minutes: int
    work_hours: tuple[float, float] = (9, 17)
    weekdays: Collection[int] | None = None
    tentative_is_free: bool = False
    best_first: bool = False

    @property
    def days(self) -> Collection[int]:
        """The weekdays that count."""
        return self.weekdays or (EVERY_DAY if self.first == self.last else WORK_DAYS)


class AvailabilityService:
    """The calendars of one tenant, asked together."""

    def __init__(self, records: Records, tenant: str) -> None:
        self._records = records
        self._tenant = tenant

    async def find_available_slots(
        self,
        user_ids: Sequence[str],
        date: str,  # noqa: A002, RUF100  # the seed's name
        duration_minutes: int,
        work_hours: tuple[float, float] = (9, 17),
    ) -> list[TimeSlot]:
        """The gaps of at least `duration_minutes` in which all users are free and at work, in UTC, by time.

        `date` (YYYY-MM-DD) and `work_hours` are on each user's own wall.
        Raises ValueError for an empty list, unknown users, and values that
        make no sense. [] where there is no common time.
        """
        day = _day(date)
        return await self.find(
            user_ids,
            AvailabilityQuery(first=day, last=day, duration_minutes=duration_minutes, work_hours=work_hours),
        )

    async def find(self, user_ids: Sequence[str], asked: AvailabilityQuery) -> list[TimeSlot]:
        """The same for several days: one query a user, and one for each series, however many days."""
        _check(user_ids, asked)
        users = await self._users(list(dict.fromkeys(user_ids)))
        zones = [ZoneInfo(user["time_zone"]) for user in users]
        windows = [
            work_windows(zone, asked.first, asked.last, asked.work_hours, asked.days) for zone in zones
        ]
        low = datetime.combine(asked.first, time(), UTC) - LONGEST_ZONE
        high = datetime.combine(asked.last, time(), UTC) + 2 * LONGEST_ZONE
        calendars = Calendars(self._records, self._tenant)
        whose = await together(*(calendars.of_user(user) for user in users))
        found = await together(*(calendars.between(one, low, high) for one in whose))
        found = [await calendars.with_series(meetings) for meetings in found]
        owners = await self._zones(users, found)
        busy = [
            slot
            for user, theirs, meetings in zip(users, whose, found, strict=True)
            for slot in UserCalendar(user, theirs.names, meetings, owners).busy(
                low, high, tentative_is_free=asked.tentative_is_free
            )
        ]
        duration = timedelta(minutes=asked.duration_minutes)
        slots = free_slots(windows, busy, duration)
        return ranked(slots, duration, zones) if asked.best_first else slots

    async def _users(self, idents: Sequence[str]) -> list[Body]:
        read = await self._records.store.get_many([key_of(self._tenant, USER, one) for one in idents])
        for ident, record in zip(idents, read, strict=True):
            if record is None or record.deleted:
                raise invalid("user_ids", f"there is no user {ident}")
        return [await unpack(self._records.blobs, record) for record in read if record]

    async def _zones(self, users: Sequence[Body], found: Sequence[Sequence[Body]]) -> dict[str, ZoneInfo]:
        """The zones of those whose meetings these are: a meeting without one of its own is in its user's."""
        known = {user["id"]: ZoneInfo(user["time_zone"]) for user in users}
        asked = {
            meeting["user_id"]
            for meetings in found
            for meeting in meetings
            if meeting["user_id"] and not meeting["time_zone"]
        }
        others = sorted(asked - known.keys())
        for first in range(0, len(others), MOST_USERS):
            keys = [key_of(self._tenant, USER, one) for one in others[first : first + MOST_USERS]]
            for record in await self._records.store.get_many(keys):
                if record and not record.deleted:
                    user = await unpack(self._records.blobs, record)
                    known[user["id"]] = ZoneInfo(user["time_zone"])
        return known


def _check(user_ids: Sequence[str], asked: AvailabilityQuery) -> None:
    begins, ends = asked.work_hours
    if not user_ids:
        raise invalid("user_ids", "must name at least one user")
    if len(set(user_ids)) > MOST_USERS:
        raise invalid("user_ids", f"must name at most {MOST_USERS} users")
    if asked.duration_minutes < 1:
        raise invalid("duration_minutes", "must be at least 1")
    if not 0 <= begins < ends <= 24:  # noqa: PLR2004  # hours of a day
        raise invalid("work_hours", "must be two hours of a day, the first before the second")
    if asked.first.year == MINYEAR or asked.last.year == MAXYEAR:
        raise invalid("date", "must lie within the years 2 to 9998")
    if asked.last < asked.first:
        raise invalid("end_date", "must not come before date")
    if (asked.last - asked.first).days >= MOST_DAYS:
        raise invalid("end_date", f"must be less than {MOST_DAYS} days after date")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise invalid("date", "must be a day: YYYY-MM-DD") from error
