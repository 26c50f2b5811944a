"""The rules that a calendar brings along in VTIMEZONE, for zones that nobody else knows.

dateutil finds the days of a rule, one year at a time: Exchange begins its
rules in 1601 and eM Client in year 1, and a hostile one recurs every second.
"""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from parley.mail.calendar.properties import UNREADABLE, read_line, read_time_line
from parley.mail.calendar.values import parse_local, parse_offset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.mail.calendar.components import Component

MAX_OBSERVANCES = 300
MAX_RDATES = 100
MAX_COUNT = 200
MAX_DAYS = 12
"""Onsets of one rule in one year; Morocco, which changes most often, has four in all."""
MAX_WORK = 100_000
"""Rule-years and onsets that the zones of one file may cost; a real zone needs some hundreds."""
_LAST_YEAR = 9_998
_TWINS = range(_LAST_YEAR - 27, _LAST_YEAR + 1)
_RULE_KEYS = frozenset(("FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"))
_DAYS = re.compile(r"(?:[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU),?){1,14}")
_NUMBERS = re.compile(r"(?:-?\d{1,2},?){1,31}")
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Onset:
    """A moment (UTC, naive) at which a zone's offset changes."""

    at: datetime
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT part. `rule` holds RRULE's parts without UNTIL, `until` is UTC and naive."""

    kind: str
    start: datetime
    before: timedelta
    after: timedelta
    rdates: tuple[datetime, ...] = ()
    rule: dict[str, str] | None = None
    until: datetime | None = None

    @property
    def interval(self) -> int:
        return max(1, int((self.rule or {}).get("INTERVAL", "1")))

    @property
    def count(self) -> int | None:
        count = (self.rule or {}).get("COUNT")
        return None if count is None else min(int(count), MAX_COUNT)

    def onset(self, local: datetime) -> Onset | None:
        """The change as a moment; one before all moments is the first, one behind them is none."""
        try:
            return Onset(local - self.before, self.before, self.after)
        except OverflowError:
            return Onset(datetime.min, self.before, self.after) if local.year == 1 else None  # noqa: DTZ901 - naive


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
    """A zone by its own rules. `offset` raises ValueError for one that costs too much to evaluate."""

    observances: list[Observance]
    work: Work
    _fixed: list[Onset] = field(default_factory=list)
    _years: dict[int, list[Onset]] = field(default_factory=dict)
    _offsets: dict[int, list[Onset]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.observances = _superseded(self.observances)
        for observance in self.observances:
            self._fixed += _some(observance.onset(at) for at in (observance.start, *observance.rdates))
            self._fixed += self._last_years(observance)

    def offset(self, local: datetime) -> timedelta:
        """The offset of a naive local time; RFC 5545 settles the hour that is doubled or missing."""
        onsets = self._around(local.year)
        self.work.spend(len(onsets) // 20)
        offset = onsets[0].before
        for onset in onsets:
            # Before the change, or in the hour that it skips.
            if _less(local, offset, onset.at) or _less(local, onset.after, onset.at):
                break
            offset = onset.after
        return offset

    def _around(self, year: int) -> list[Onset]:
        if year not in self._offsets:
            self.work.spend(len(self._fixed))
            near = [onset for y in (year - 1, year, year + 1) for onset in self._in_year(y)]
            self._offsets[year] = sorted({*self._fixed, *near}, key=lambda onset: onset.at)
        return self._offsets[year]

    def _in_year(self, year: int) -> list[Onset]:
        if year not in self._years:
            self._years[year] = [o for observance in self.observances for o in self._onsets(observance, year)]
        return self._years[year]

    def _last_years(self, observance: Observance) -> list[Onset]:
        """A rule that ended still decides all that comes after it."""
        start = observance.start.year
        if observance.count is not None:
            years = range(start, start + observance.count * observance.interval + 1)
            found = [onset for year in years for onset in self._onsets(observance, year)]
            return found[: observance.count]
        if observance.until is None:
            return []
        last = observance.until.year
        return [o for year in (last - 1, last) for o in self._onsets(observance, year)]

    def _onsets(self, observance: Observance, year: int) -> list[Onset]:
        step = year - observance.start.year
        if observance.rule is None or step < 0 or step % observance.interval or year > _LAST_YEAR:
            return []
        if observance.until is not None and year > observance.until.year + 1:
            return []
        self.work.spend(10)
        days = [day for day in _days(observance, observance.rule, year) if day >= observance.start]
        found = _some(observance.onset(day) for day in days)
        return [onset for onset in found if observance.until is None or onset.at <= observance.until]


def read_zones(components: list[Component], work: Work, problems: list[str]) -> dict[str, VTimezone]:
    """The zones of a calendar by TZID; one that cannot be read is a problem and is left out."""
    zones: dict[str, VTimezone] = {}
    for component in components:
        line = component.first("TZID")
        try:
            name = read_line(line).value.strip().strip('"') if line else ""
            zones.setdefault(name, _read_zone(component, work))
        except UNREADABLE as error:
            problems.append(f"a VTIMEZONE cannot be read: {str(error)[:80]}")
    return zones


def _read_zone(component: Component, work: Work) -> VTimezone:
    parts = [part for part in component.children if part.name in ("STANDARD", "DAYLIGHT")]
    if not 0 < len(parts) <= MAX_OBSERVANCES:
        raise ValueError(f"{len(parts)} observances")
    work.spend(10 * len(parts))
    return VTimezone([_read_observance(part) for part in parts], work)


def _read_observance(part: Component) -> Observance:
    rrule = part.first("RRULE")
    rule = _rule(read_line(rrule).value) if rrule else None
    until = rule.pop("UNTIL", None) if rule else None
    before = _offset(part, "TZOFFSETFROM")
    return Observance(
        kind=part.name,
        start=parse_local(_value(part, "DTSTART")),
        before=before,
        after=_offset(part, "TZOFFSETTO"),
        rdates=_rdates(part),
        rule=rule,
        until=_until(until, before) if until else None,
    )


def _value(part: Component, name: str) -> str:
    line = part.first(name)
    if line is None:
        raise ValueError(f"no {name}")
    return read_time_line(line).value.strip()


def _offset(part: Component, name: str) -> timedelta:
    return parse_offset(_value(part, name))


def _rdates(part: Component) -> tuple[datetime, ...]:
    texts = [text for line in part.all("RDATE")[:MAX_RDATES] for text in _dates(line)]
    if len(texts) > MAX_RDATES:
        raise ValueError("too many RDATEs")
    return tuple(parse_local(text) for text in texts)


def _dates(line: str) -> list[str]:
    return [text.partition("/")[0] for text in read_time_line(line).value.split(",") if text.strip()][
        :MAX_RDATES
    ]


def _until(text: str, before: timedelta) -> datetime:
    """UNTIL is UTC by the RFC; where it is not written so, it is local time."""
    if "T" not in text:
        return parse_local(text) + timedelta(days=1) - before
    return parse_local(text) if text.rstrip().upper().endswith("Z") else parse_local(text) - before


def _rule(text: str) -> dict[str, str]:
    """The parts of a yearly rule; ValueError for any that a time zone has no use for."""
    pairs = (part.partition("=") for part in text.upper().replace(" ", "").split(";") if part)
    rule = {key: value for key, _, value in pairs}
    by_day, numbers = rule.get("BYDAY"), [rule.get(key) for key in ("BYMONTH", "BYMONTHDAY", "INTERVAL")]
    if (
        rule.get("FREQ") != "YEARLY"
        or not _RULE_KEYS.issuperset(rule)
        or not (by_day is None or _DAYS.fullmatch(by_day))
        or not all(value is None or _NUMBERS.fullmatch(value) for value in numbers)
        or not rule.get("COUNT", "1").isdecimal()
    ):
        raise ValueError(f"a rule that no time zone has: {text[:60]}")
    return rule


def _days(observance: Observance, rule: dict[str, str], year: int) -> list[datetime]:
    """The local onsets of a year."""
    parts = {key: value for key, value in rule.items() if key not in ("INTERVAL", "COUNT")}
    if "BYDAY" not in parts and "BYMONTHDAY" not in parts:
        parts.setdefault("BYMONTH", str(observance.start.month))
        parts["BYMONTHDAY"] = str(observance.start.day)
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    dates = _dates_of(text, _twin(year))
    if len(dates) > MAX_DAYS:
        raise ValueError("more changes in a year than any zone has")
    return [observance.start.replace(year=year, month=m, day=d) for m, d in dates]


@cache
def _twin(year: int) -> int:
    """A year with the same days of the week, among the last that there are."""
    kind = (isleap(year), date(year, 1, 1).weekday())
    return next(twin for twin in _TWINS if (isleap(twin), date(twin, 1, 1).weekday()) == kind)


@lru_cache(maxsize=1024)
def _dates_of(rule: str, year: int) -> tuple[tuple[int, int], ...]:
    """The (month, day) of a yearly rule, begun on 1 January so that no early Sunday is missed.

    dateutil looks for a day that never comes (30 February) until the year
    9999: hence only twins of the year are asked, of which few remain.
    """
    from dateutil.rrule import rrulestr

    found = rrulestr(f"{rule};UNTIL={year}1231T000000", dtstart=datetime(year, 1, 1))  # noqa: DTZ001 - local
    return tuple((day.month, day.day) for day in found)


def _superseded(observances: list[Observance]) -> list[Observance]:
    """End each endless rule where the next era of its kind begins: some software forgets UNTIL."""
    ordered = sorted(observances, key=lambda each: each.start)
    return [_ended(each, ordered[index + 1 :]) for index, each in enumerate(ordered)]


def _ended(observance: Observance, later: list[Observance]) -> Observance:
    if observance.rule is None or observance.until is not None or observance.count is not None:
        return observance
    eras = (
        each.start
        for each in later
        if each.kind == observance.kind and each.rule and each.start - observance.start >= _YEAR
    )
    start = next(eras, None)
    return observance if start is None else replace(observance, until=start - timedelta(days=1))


def _less(local: datetime, offset: timedelta, at: datetime) -> bool:
    try:
        return local - offset < at
    except OverflowError:
        return local < at


def _some(onsets: Iterable[Onset | None]) -> list[Onset]:
    return [onset for onset in onsets if onset is not None]


def as_utc(local: datetime, offset: timedelta) -> datetime:
    """The moment of a naive local time; OverflowError at either end of the calendar."""
    return (local - offset).replace(tzinfo=UTC)
