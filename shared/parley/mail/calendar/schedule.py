"""When an invite takes place: its occurrences, and the one that comes next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from parley.mail.calendar.invite import Invite
from parley.mail.calendar.recurrence import Recurrence, occurrence_start, plus, utc_time, wall_time

A_DAY = timedelta(days=1)
"""A floating time may be up to this far from UTC's."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`start` and `end` are wall times (naive) in `zone`, which is None of a floating time and of a day."""

    start: datetime
    end: datetime
    zone: ZoneInfo | None
    all_day: bool = False

    @property
    def utc(self) -> datetime:
        """When it starts; a floating time is taken for UTC's."""
        return utc_time(self.start, self.zone or UTC)

    def on(self, zone: ZoneInfo) -> Occurrence:
        """The same on another wall; a day, and a floating time, is the same on each."""
        if self.zone is None:
            return self
        start, end = (wall_time(utc_time(wall, self.zone), zone) for wall in (self.start, self.end))
        return Occurrence(start, end, zone, self.all_day)


def local_time(moment: str | None, invite: Invite) -> tuple[datetime | None, str | None]:
    """A meeting is kept as the wall shows it, with its zone; a floating one has its reader's zone."""
    if moment is None:
        return None, None
    if len(moment) == len("YYYY-MM-DD"):
        return datetime.combine(date.fromisoformat(moment), time()), None
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        return found, None
    zone = invite.time_zone or "UTC"
    try:
        return found.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone
    except (ValueError, OSError, LookupError, OverflowError):
        # A calendar's own zone has rules and no IANA name: UTC says the same moment.
        return found.astimezone(UTC).replace(tzinfo=None), "UTC"


def first_occurrence(invite: Invite) -> Occurrence | None:
    """The invite's own time; None where it says none."""
    start, zone = local_time(invite.start, invite)
    end, _ = local_time(invite.end, invite)
    if start is None:
        return None
    end = max(start, end or start)
    return Occurrence(start, end, ZoneInfo(zone) if zone else None, invite.all_day)


def upcoming(invite: Invite, now: datetime, gone: Collection[str] = ()) -> Occurrence | None:
    """The earliest of an invite that is not over at `now` (aware); None when all is, or it says no time.

    `gone` are dates of a series that other invites move or cancel, as RECURRENCE-ID says them.
    """
    return next(_occurrences(invite, gone, since=now), None)


def last_occurrence(invite: Invite, now: datetime) -> Occurrence | None:
    """The latest that began before `now`."""
    first = first_occurrence(invite)
    if first is None:
        return None
    recurrence = recurrence_of(invite, first)
    start = recurrence.last(wall_time(now, recurrence.zone))
    return _at(start, first) if start else None


def has_begun(invite: Invite, now: datetime) -> bool:
    """Whether its time, or the first of a series, has come at `now`; one without a time may have."""
    return invite.start is None or last_occurrence(invite, now) is not None


def further_dates(invite: Invite, after: Occurrence, gone: Collection[str] = ()) -> list[Occurrence]:
    """What comes after one of the occurrences of an invite that names its dates one by one."""
    return [one for one in _occurrences(invite, gone, since=after.utc) if one.start > after.start]


def recurrence_of(invite: Invite, first: Occurrence) -> Recurrence:
    """How an invite recurs, on its own wall; a floating one on UTC's."""
    zone = first.zone or ZoneInfo("UTC")
    clock = f"T{first.start:%H:%M:%S}"
    dates = (occurrence_start(text, zone, clock) for text in invite.rdates)
    return Recurrence(first.start, zone, invite.rrule, tuple(wall_time(one, zone) for one in dates if one))


def _occurrences(invite: Invite, gone: Collection[str], *, since: datetime) -> Iterator[Occurrence]:
    """Those that end after `since`, in order, without EXDATEs and what is `gone`."""
    first = first_occurrence(invite)
    if first is None:
        return
    recurrence, clock = recurrence_of(invite, first), f"T{first.start:%H:%M:%S}"
    left_out = {occurrence_start(text, recurrence.zone, clock) for text in (*invite.exdates, *gone)}
    length = first.end - first.start
    slack = timedelta() if first.zone else A_DAY
    for start in recurrence.after(plus(wall_time(plus(since, -slack), recurrence.zone), -length)):
        begins = utc_time(start, recurrence.zone)
        ends = plus(begins, max(length, timedelta(minutes=1)) + slack)
        if ends > since and begins not in left_out:
            yield _at(start, first)


def _at(start: datetime, first: Occurrence) -> Occurrence:
    return Occurrence(start, plus(start, first.end - first.start), first.zone, first.all_day)
