"""When an event recurs (RFC 5545, 3.8.5): at its DTSTART, by its RRULE and on its RDATEs, on its own wall.

Rules come by mail from anybody, so that the work for each is bounded. dateutil
looks for a day that never comes (30 February) until the year 9999: it is given
an interval that can be added only so often.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice
from typing import Self
from zoneinfo import ZoneInfo

MOST_OCCURRENCES = 10_000
"""Of one rule that are looked at: 27 years of days. What comes after them is not found."""
MOST_STEPS = 10_000
"""From one day, week, month or year of a rule to the next; fewer where it lists many values."""
HORIZON = timedelta(days=30 * 366)
"""How far the next and the last occurrence are looked for: a rule may never come true."""
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_FEW_VALUES = 7
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


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`start` and `dates` are wall times (naive) in `zone`, and so is every time answered.

    A rule that cannot be read counts as none.
    """

    start: datetime
    zone: ZoneInfo
    rule: str | None = None
    dates: Collection[datetime] = ()

    def between(self, first: datetime, last: datetime) -> list[datetime]:
        """The occurrences from `first` to `last`, both included, in order."""
        return list(self._found(first, last))

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The occurrences at `moment` or later within HORIZON, in order; the own start however far it is."""
        return self._found(moment, plus(max(moment, self.start), HORIZON))

    def last(self, moment: datetime) -> datetime | None:
        """The latest occurrence before `moment`, within HORIZON."""
        since = max(self.start, plus(moment, -HORIZON))
        before = [one for one in self._found(since, moment) if one < moment]
        return before[-1] if before else None

    def _found(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """In order, each once."""
        dates = sorted(one for one in self.dates if first <= one <= last)
        before = None
        for one in merge(dates, self._by_rule(first, last)):
            if one != before:
                yield one
            before = one

    def _by_rule(self, first: datetime, last: datetime) -> Iterator[datetime]:
        once = [self.start] if first <= self.start <= last else []
        if not self.rule:
            yield from once
            return
        try:
            parts = rule_parts(self.rule)
            found = _expanded(parts, self.start, self.zone, first, last)
            earliest = [one] if (one := next(found, None)) else []
            # The event's own start counts, be it that the rule does not name it.
            own = once if once != earliest and _begins_in_time(parts, self.start, self.zone) else []
            yield from merge(own, earliest)
        except _UNREADABLE:
            # The event is there once all the same.
            yield from once
            return
        yield from found


def rule_parts(rule: str) -> dict[str, str]:
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


def _begins_in_time(parts: dict[str, str], start: datetime, zone: ZoneInfo) -> bool:
    return "UNTIL" not in parts or start <= _until(parts["UNTIL"], zone)


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
    try:
        yield from (one for one in _counted(rule, wall, count) if one >= first)
    except _EnoughSteps:
        return


def _counted(rule: Iterable[datetime], wall: datetime, count: str | None) -> Iterator[datetime]:
    """As many as COUNT says; the event's own start is one of them, be it that the rule does not name it."""
    left = min(MOST_OCCURRENCES, int(count or MOST_OCCURRENCES))
    for nth, one in enumerate(islice(rule, left)):
        if nth == 0 and count and one != wall:
            left -= 1
        if nth >= left:
            return
        yield one


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
    return wall_time(moment.replace(tzinfo=UTC), zone) if in_utc else moment


def utc_time(wall: datetime, zone: tzinfo) -> datetime:
    """A wall's time in UTC: the first of two, and one that is skipped as if the clock had not changed."""
    try:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _end_of_time(wall)


def wall_time(moment: datetime, zone: tzinfo) -> datetime:
    """What the wall shows at a moment, naive."""
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return _end_of_time(moment).replace(tzinfo=None)


def plus(moment: datetime, length: timedelta) -> datetime:
    """The sum, or that end of the years 1 to 9999 behind which it would lie."""
    try:
        return moment + length
    except OverflowError:
        return (END if length > timedelta() else BEGINNING).replace(tzinfo=moment.tzinfo)


def occurrence_start(text: str, zone: tzinfo, clock: str = "") -> datetime | None:
    """RECURRENCE-ID, EXDATE or RDATE as it is kept (UTC with Z, floating, a day, or `start/end`), in UTC.

    A day alone is the occurrence of that day, at `clock` (`T09:00:00`). None for anything else.
    """
    text = text.partition("/")[0]
    try:
        moment = datetime.fromisoformat(text + clock if len(text) == len("YYYY-MM-DD") else text)
    except ValueError:
        return None
    return utc_time(moment, zone) if moment.tzinfo is None else utc_time(moment, moment.tzinfo)


def _end_of_time(moment: datetime) -> datetime:
    """The end of the years 1 to 9999 that is near; in UTC."""
    return BEGINNING if moment.year == BEGINNING.year else END
