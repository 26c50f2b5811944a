"""VTIMEZONE (RFC 5545, 3.6.5): the offsets of a zone by the rules that a calendar brings along.

icalendar and dateutil evaluate such rules from their beginning, which is the
year 1601 (Exchange) or 1 (eM Client), and follow a rule whose day never comes
until the year 9999. Calendars come from anybody: here only the years around
the time asked for are looked at, and all zones of a file share one allowance.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DAYS = 12
"""Onsets of one rule in one year; Morocco, which changes most often, has four in all."""
MAX_WORK = 100_000
"""Rule-years and onsets that the zones of one file may cost; a real zone needs some hundreds."""


@dataclass(frozen=True, slots=True)
class Onset:
    """A moment (UTC, naive) at which a zone's offset changes."""

    at: datetime
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class Yearly:
    """The days of a year on which a rule sets in; empty fields allow any. `by_day` is (nth or 0, weekday)."""

    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    by_day: frozenset[tuple[int, int]] = frozenset()

    def days(self, year: int) -> tuple[tuple[int, int], ...]:
        """(month, day) in order. Raises ValueError for more than any zone has."""
        found = _days_of(self, year)
        if len(found) > MAX_DAYS:
            raise ValueError("more changes in a year than any zone has")
        return found

    def includes(self, day: date, length: int) -> bool:
        """Whether it sets in on a day, of a month of `length` days."""
        in_month = {day.day, day.day - length - 1}
        weekday = day.weekday()
        nth = {(0, weekday), ((day.day + 6) // 7, weekday), (-((length - day.day) // 7 + 1), weekday)}
        return not (
            (self.month_days and not in_month & self.month_days) or (self.by_day and not nth & self.by_day)
        )


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT part: when it sets in (local times), until a moment (UTC, naive) or for ever."""

    kind: str
    start: datetime
    before: timedelta
    after: timedelta
    rdates: tuple[datetime, ...] = ()
    rule: Yearly | None = None
    until: datetime | None = None

    def onset(self, local: datetime) -> Onset | None:
        """The change as a moment; one before all moments is the first, one behind them is none."""
        try:
            return Onset(local - self.before, self.before, self.after)
        except OverflowError:
            return Onset(datetime.min, self.before, self.after) if local.year == 1 else None  # noqa: DTZ901 - naive

    def by_rule(self, year: int) -> Iterable[Onset]:
        """The onsets of a year that the rule gives."""
        if self.rule is None:
            return
        for month, day in self.rule.days(year):
            local = self.start.replace(year=year, month=month, day=day)
            onset = self.onset(local)
            if onset and local >= self.start and (self.until is None or onset.at <= self.until):
                yield onset

    def years_around(self, year: int) -> Iterable[int]:
        """The years whose onsets decide the offset in `year`: of a rule that ended its last ones."""
        last = min(year + 1, self.until.year + 1 if self.until else MAXYEAR - 1)
        return range(max(self.start.year, last - 3), last + 1)


@dataclass(slots=True)
class Work:
    """What the zones of one file may still cost."""

    left: int = MAX_WORK

    def spend(self, amount: int) -> None:
        """ValueError when there is nothing left."""
        self.left -= amount
        if self.left < 0:
            raise ValueError("its rules are too many to evaluate")


@dataclass(slots=True)
class VTimezone:
    """A zone by its own rules."""

    observances: list[Observance]
    work: Work
    _onsets: dict[int, list[Onset]] = field(default_factory=dict)

    def offset(self, local: datetime) -> timedelta:
        """The offset of a naive local time. In the doubled or missing hour RFC 5545 settles which.

        Raises ValueError for a zone that costs too much to evaluate.
        """
        onsets = self.onsets(local.year)
        self.work.spend(len(onsets) // 20)
        offset = onsets[0].before
        for onset in onsets:
            # Before the change, or in the hour that it skips.
            if _less(local, offset, onset.at) or _less(local, onset.after, onset.at):
                break
            offset = onset.after
        return offset

    def onsets(self, year: int) -> list[Onset]:
        """Those that decide the offsets of a year, in order: of each rule also some before and after it."""
        if year not in self._onsets:
            found = {onset for each in self.observances for onset in self._of(each, year)}
            self._onsets[year] = sorted(found, key=lambda onset: onset.at)
        return self._onsets[year]

    def _of(self, observance: Observance, year: int) -> Iterable[Onset]:
        years = observance.years_around(year) if observance.rule else ()
        self.work.spend(1 + len(observance.rdates) + 10 * len(tuple(years)))
        yield from filter(None, map(observance.onset, (observance.start, *observance.rdates)))
        for each in years:
            yield from observance.by_rule(each)


@lru_cache(maxsize=1024)
def _days_of(rule: Yearly, year: int) -> tuple[tuple[int, int], ...]:
    lengths = {month: monthrange(year, month)[1] for month in sorted(rule.months) or range(1, 13)}
    return tuple(
        (month, day)
        for month, length in lengths.items()
        for day in range(1, length + 1)
        if rule.includes(date(year, month, day), length)
    )


def _less(local: datetime, offset: timedelta, at: datetime) -> bool:
    try:
        return local - offset < at
    except OverflowError:
        return local < at


def as_utc(local: datetime, offset: timedelta) -> datetime:
    """The moment of a naive local time; OverflowError at either end of the calendar."""
    return (local - offset).replace(tzinfo=UTC)
