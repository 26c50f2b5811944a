"""When a meeting takes time: once, or as often as its rule says, on the wall that it is written on.

Rules come by mail from anybody, so that the work for each is bounded. dateutil
looks for a day that never comes (30 February) until the year 9999: it is given
an interval that can be added only so often.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any, Self
from zoneinfo import ZoneInfo

from parley.availability.free_time import A_DAY, TimeSlot
from parley.meetings.kinds import length_of

MOST_OCCURRENCES = 10_000
"""Of one rule that are looked at: 27 years of days. What comes after them is not found."""
MOST_STEPS = 10_000
"""From one day, week, month or year of a rule to the next; fewer where it lists many values."""
_FEW_VALUES = 7
_EDGE = timedelta(days=2)
"""More than a clock change moves anything."""
_RULE = re.compile(r"[A-Z0-9=;,+-]+")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_UNITS = {
    "YEARLY": timedelta(days=365),
    "MONTHLY": timedelta(days=28),
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
}
"""How long they are at the least."""
_UNEQUAL = ("YEARLY", "MONTHLY")
_WITHIN_A_DAY = ("HOURLY", "MINUTELY")
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What dateutil raises for a rule that makes no sense."""
_BEGINNING, _END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def busy_times(
    meeting: Mapping[str, Any],
    zone: ZoneInfo,
    low: datetime,
    high: datetime,
    *,
    except_starts: Collection[datetime] = (),
) -> list[TimeSlot]:
    """Every stretch of a meeting's time that overlaps [low, high), which are aware; unclipped, by time.

    `zone` is the wall of a meeting that names none. A cancelled or transparent
    meeting takes no time, and neither does one without a time or a length. `except_starts`
    (UTC) are occurrences that are meetings of their own by now. A rule that
    cannot be read counts as no rule. Never raises for a meeting that was kept.
    """
    length = length_of(meeting)
    if meeting["scheduled_time"] is None or meeting["status"] == "cancelled" or not length:
        return []
    if meeting.get("transparent"):
        return []
    own = ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else zone
    wall = datetime.fromisoformat(meeting["scheduled_time"])
    if meeting["all_day"]:
        wall, length = datetime.combine(wall, time()), -(-length // A_DAY) * A_DAY
    first = _plus(_wall(low, own), -length - _EDGE)
    last = _plus(_wall(high, own), _EDGE)
    slots = (
        _slot(start, length, own, all_day=meeting["all_day"])
        for start in _starts(meeting.get("rrule"), wall, own, first, last)
    )
    return sorted(
        slot for slot in slots if slot.start < high and low < slot.end and slot.start not in except_starts
    )


def _slot(wall: datetime, length: timedelta, zone: ZoneInfo, *, all_day: bool) -> TimeSlot:
    """One stretch, in UTC: a whole day ends at midnight on the wall, whatever the clock does in it."""
    start = _utc(wall, zone)
    return TimeSlot(start, _utc(_plus(wall, length), zone) if all_day else _plus(start, length))


def _starts(
    rule: str | None, wall: datetime, zone: ZoneInfo, first: datetime, last: datetime
) -> Collection[datetime]:
    """The wall's times from `first` to `last` at which it begins; the rule counts days as the wall does."""
    if not rule:
        return (wall,)
    try:
        return list(_expanded(_parts(rule), wall, zone, first, last))
    except _UNREADABLE:
        # The meeting is there once all the same.
        return (wall,)


def _parts(rule: str) -> dict[str, str]:
    """What a rule says, by name. Raises ValueError for what is none, and for one that would never end."""
    text = "".join(rule.upper().split()).removeprefix("RRULE:")
    if not _RULE.fullmatch(text):
        raise ValueError("no rule")
    pairs = (pair.split("=") for pair in text.split(";") if pair)
    parts = dict(pairs)
    if int(parts.get("INTERVAL", "1")) < 1 or int(parts.get("COUNT", "1")) < 1:
        raise ValueError("not a number of times")
    frequency, limits = parts["FREQ"], [name for name in parts if name.startswith("BY")]
    if frequency == "SECONDLY" or (frequency in _WITHIN_A_DAY and limits):
        # No calendar makes them, and to find out that they never come true takes too long.
        raise ValueError("more often than a person meets")
    return parts


def _expanded(
    parts: dict[str, str], wall: datetime, zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[datetime]:
    # Only a calendar with a series needs it.
    from dateutil.rrule import rrule, rrulestr

    parts = dict(parts)
    interval = int(parts.pop("INTERVAL", "1"))
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    period = interval * _UNITS[parts["FREQ"]]
    # With a count, all before the range have to be counted. Months and years are few.
    start = wall if count or parts["FREQ"] in _UNEQUAL else _nearer(wall, first, period)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    plain = rrulestr(text, dtstart=start)
    assert isinstance(plain, rrule)
    steps = min(MOST_STEPS // (1 + text.count(",") // _FEW_VALUES), max(0, (last - start) // period) + 2)
    end = min(last, _until(until, zone)) if until else last
    rule = plain.replace(interval=_Interval(interval, steps), until=end)
    found = islice(rule, min(MOST_OCCURRENCES, int(count or MOST_OCCURRENCES)))
    try:
        yield from (one for one in found if one >= first)
    except _EnoughSteps:
        return


def _nearer(wall: datetime, first: datetime, step: timedelta) -> datetime:
    """A time whole steps after `wall`, one step before `first` or more: the first period may be half over."""
    return wall + max(0, (first - wall) // step - 1) * step


class _EnoughSteps(Exception):
    """A rule was followed as far as any is."""


class _Interval(int):
    """An interval that can be added, or weeks made of it, only so often: dateutil does so once a period."""

    _left: int

    def __new__(cls, value: int, steps: int) -> Self:
        made = super().__new__(cls, value)
        made._left = steps
        return made

    def _step(self) -> int:
        self._left -= 1
        if self._left < 0:
            raise _EnoughSteps
        return int(self)

    def __radd__(self, other: int) -> int:
        return other + self._step()

    def __mul__(self, other: int) -> int:
        return self._step() * other


def _until(text: str, zone: ZoneInfo) -> datetime:
    """The last moment on the meeting's own wall: a date counts to its end. Raises ValueError."""
    found = _UNTIL.fullmatch(text)
    if not found:
        raise ValueError("not a time")
    day, clock, in_utc = found.groups()
    moment = datetime.strptime(day + (clock or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007  # a wall's time
    return _wall(moment.replace(tzinfo=UTC), zone) if in_utc else moment


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    """A wall's time in UTC: the first of two, and one that is skipped as if the clock had not changed."""
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _end_of_time(wall)


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return _end_of_time(moment).replace(tzinfo=None)


def _plus(moment: datetime, length: timedelta) -> datetime:
    try:
        return moment + length
    except OverflowError:
        return (_END if length > timedelta() else _BEGINNING).replace(tzinfo=moment.tzinfo)


def _end_of_time(moment: datetime) -> datetime:
    """The end of the years 1 to 9999 that is near; in UTC."""
    return _BEGINNING if moment.year == _BEGINNING.year else _END
