"""When a meeting takes time: once, or as often as its rule says, on the wall that it is written on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from parley.backend.services.free_time import TimeSlot
from parley.backend.services.kinds import length_of

MOST_OCCURRENCES = 20_000
"""Of one rule that are looked at: 54 years of days. What comes after them is not found."""
_EDGE = timedelta(days=2)
_FINE = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_UNTIL = re.compile(r"UNTIL=([0-9]{8}(?:T[0-9]{6})?Z?)", re.IGNORECASE)


def busy_times(
    meeting: Mapping[str, Any],
    zone: ZoneInfo,
    low: datetime,
    high: datetime,
    *,
    except_starts: Collection[datetime] = (),
) -> list[TimeSlot]:
    """Every stretch of a meeting's time that overlaps [low, high), which are aware; unclipped, by time.

    `zone` is the wall of a meeting that names none. A cancelled meeting takes
    no time, and neither does one without a time or a length. `except_starts`
    (UTC) are occurrences that are meetings of their own by now.
    """
    if meeting["scheduled_time"] is None or meeting["status"] == "cancelled":
        return []
    own = ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else zone
    wall, length = datetime.fromisoformat(meeting["scheduled_time"]), length_of(meeting)
    slots = (
        slot
        for start in _starts(meeting.get("rrule"), wall, length, own, low, high)
        if (slot := _slot(start, length, own, all_day=meeting["all_day"])) and slot.start not in except_starts
    )
    return sorted(slot for slot in slots if slot.start < high and low < slot.end)


def _slot(wall: datetime, length: timedelta, zone: ZoneInfo, *, all_day: bool) -> TimeSlot | None:
    """One stretch, in UTC: a whole day ends at midnight on the wall, whatever the clock does in it."""
    try:
        start = wall.replace(tzinfo=zone).astimezone(UTC)
        end = (wall + length).replace(tzinfo=zone).astimezone(UTC) if all_day else start + length
    except OverflowError:
        return None
    return TimeSlot(start, end) if start < end else None


def _starts(  # noqa: PLR0917  # all of them say when
    rule: str | None, wall: datetime, length: timedelta, zone: ZoneInfo, low: datetime, high: datetime
) -> Iterator[datetime]:
    """The walls' times at which it begins, near the range; the rule counts days as the wall does."""
    if not rule:
        return iter((wall,))
    try:
        first = low.astimezone(zone).replace(tzinfo=None) - length - _EDGE
        last = high.astimezone(zone).replace(tzinfo=None) + _EDGE
        return iter(_expanded(rule, wall, zone, first, last))
    except (ValueError, TypeError, OverflowError, AttributeError, KeyError):
        # A rule that nobody can read: the meeting is there once all the same.
        return iter((wall,))


def _expanded(rule: str, wall: datetime, zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    # Only a calendar with a series needs it.
    from dateutil.rrule import rrulestr

    text = _UNTIL.sub(lambda found: f"UNTIL={_until(found[1], zone)}", rule.removeprefix("RRULE:"))
    if _FINE.search(text) and "COUNT" not in text.upper():
        # Counted from its beginning, such a rule would take for ever to reach the range.
        wall = max(wall, datetime.combine(first.date(), wall.time()))
    found = []
    for one in islice(rrulestr(text, dtstart=wall, cache=False), MOST_OCCURRENCES):
        if one > last:
            break
        if one >= first:
            found.append(one)
    return found


def _until(text: str, zone: ZoneInfo) -> str:
    """The last moment on the meeting's own wall: dateutil takes no zone beside a wall's time."""
    if len(text) == len("YYYYMMDD"):
        return f"{text}T235959"
    moment = datetime.strptime(text.rstrip("Zz"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  # a wall's time
    if text[-1] in "Zz":
        moment = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return f"{moment:%Y%m%dT%H%M%S}"
