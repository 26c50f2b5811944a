"""When a meeting takes time: once, or as often as it recurs, on the wall that it is written on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parley.availability.free_time import A_DAY, TimeSlot
from parley.mail.calendar.recurrence import Recurrence, occurrence_start, plus, utc_time, wall_time
from parley.meetings.kinds import length_of

_EDGE = timedelta(days=2)
"""More than a clock change moves anything."""

Meeting = Mapping[str, Any]


def busy_times(
    meeting: Meeting,
    zone: ZoneInfo,
    low: datetime,
    high: datetime,
    *,
    except_starts: Collection[datetime] = (),
    until: datetime | None = None,
    series: Meeting | None = None,
) -> list[TimeSlot]:
    """Every stretch of a meeting's time that overlaps [low, high), which are aware; unclipped, by time.

    `zone` is the wall of a meeting that names none. A cancelled or transparent
    meeting takes no time, and neither does one without a time or a length.
    `except_starts` (UTC) are occurrences that are meetings of their own by now;
    those that would begin at `until` or later are another meeting's. With
    `series` the meeting is a change of that series from one occurrence on: it
    takes the time of the later ones, each moved as that one was.
    Never raises for a meeting that was kept.
    """
    length = length_of(meeting)
    if meeting["scheduled_time"] is None or meeting["status"] == "cancelled" or not length:
        return []
    if meeting.get("transparent"):
        return []
    if meeting["all_day"]:
        length = -(-length // A_DAY) * A_DAY
    own, lengths = zone_of(meeting, zone), _lengths(meeting, zone)
    found = list(_moved(meeting, series or meeting, zone, (plus(low, -length), high)))
    # Some software names a date of a changed series by its new time.
    by_new_time = set(except_starts) - {original for original, _ in found} if series else ()
    slots = (
        _slot(start, lengths.get(start, length), own, all_day=meeting["all_day"])
        for original, start in found
        if original not in except_starts and (until is None or original < until)
    )
    return sorted(
        slot for slot in slots if slot.start < high and low < slot.end and slot.start not in by_new_time
    )


def zone_of(meeting: Meeting, zone: ZoneInfo) -> ZoneInfo:
    """The meeting's own zone, else the given one."""
    return ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else zone


def recurrence_of(meeting: Meeting, zone: ZoneInfo) -> Recurrence:
    """When a meeting that has a time occurs; EXDATEs are not taken out."""
    own = zone_of(meeting, zone)
    wall = datetime.fromisoformat(meeting["scheduled_time"])
    if meeting["all_day"]:
        wall = datetime.combine(wall, time())
    clock = f"T{wall:%H:%M:%S}"
    dates = (occurrence_start(text, own, clock) for text in meeting.get("rdates") or ())
    return Recurrence(wall, own, meeting.get("rrule"), tuple(wall_time(one, own) for one in dates if one))


def excepted(meeting: Meeting, zone: ZoneInfo) -> set[datetime]:
    """The starts (UTC) of a series that EXDATE takes out."""
    clock = (meeting["scheduled_time"] or "")[len("YYYY-MM-DD") :]
    starts = (occurrence_start(text, zone_of(meeting, zone), clock) for text in meeting.get("exdates") or ())
    return {start for start in starts if start}


def original_start(meeting: Meeting, zone: ZoneInfo) -> datetime | None:
    """When the occurrence that a meeting is would begin by its series (UTC); None for any other meeting."""
    own = zone_of(meeting, zone)
    return occurrence_start(meeting["recurrence_id"], own, "T00:00:00") if meeting["recurrence_id"] else None


def _moved(
    meeting: Meeting, series: Meeting, zone: ZoneInfo, between: tuple[datetime, datetime]
) -> Iterator[tuple[datetime, datetime]]:
    """Each occurrence of the series: its start (UTC), and the wall's time at which this meeting has it."""
    own, recurrence = zone_of(meeting, zone), recurrence_of(series, zone)
    first = original_start(meeting, zone) if series is not meeting else None
    shift = recurrence_of(meeting, zone).start - wall_time(first, own) if first else timedelta()
    low, high = (wall_time(one, recurrence.zone) for one in between)
    for start in recurrence.between(plus(low, -_EDGE - abs(shift)), plus(high, _EDGE + abs(shift))):
        original = utc_time(start, recurrence.zone)
        if first is None:
            yield original, start
        elif original >= first:
            yield original, plus(wall_time(original, own), shift)


def _lengths(meeting: Meeting, zone: ZoneInfo) -> dict[datetime, timedelta]:
    """The length of each further date that has one of its own, by the wall's time."""
    own, found = zone_of(meeting, zone), {}
    for text in meeting.get("rdates") or ():
        begins, ends = occurrence_start(text, own), occurrence_start(text.partition("/")[2], own)
        if begins and ends and ends > begins:
            found[wall_time(begins, own)] = ends - begins
    return found


def _slot(wall: datetime, length: timedelta, zone: ZoneInfo, *, all_day: bool) -> TimeSlot:
    """One stretch, in UTC: a whole day ends at midnight on the wall, whatever the clock does in it."""
    start = utc_time(wall, zone)
    return TimeSlot(start, utc_time(plus(wall, length), zone) if all_day else plus(start, length))
