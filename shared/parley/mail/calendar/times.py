"""DTSTART, DTEND, DURATION and RECURRENCE-ID to ISO 8601."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from parley.mail.calendar.properties import UNREADABLE, clean, read_line, read_time_line
from parley.mail.calendar.values import parse_duration, parse_time
from parley.mail.calendar.vtimezone import as_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.mail.calendar.components import Component
    from parley.mail.calendar.zones import Zone, Zones

MAX_DATES = 500


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (`all_day`), a naive local time (`floating`) or an aware UTC time.

    `local` and `zone` are what a zoned time was before it became UTC.
    """

    value: date | datetime
    local: datetime | None = None
    zone: Zone | None = None

    @property
    def kind(self) -> str:
        if not isinstance(self.value, datetime):
            return "date"
        return "floating" if self.value.tzinfo is None else "time"

    def iso(self) -> str:
        """ISO 8601 to the second: UTC with Z, a date, or floating without Z."""
        if isinstance(self.value, datetime):
            return self.value.replace(microsecond=0).isoformat().replace("+00:00", "Z")
        return self.value.isoformat()


@dataclass(frozen=True, slots=True)
class Times:
    """What an event says about time; None for what it does not say readably."""

    start: Moment | None
    end: Moment | None
    all_day: bool


def read_times(event: Component, zones: Zones, problems: list[str]) -> Times:
    """Start and end of an event, with the ends that RFC 5545, 3.6.1 gives those without one."""
    start = _moment(event, "DTSTART", zones, problems)
    if event.first("DTSTART") is None:
        problems.append("no DTSTART")
    end = _end(event, start, zones, problems)
    all_day = "date" in (start.kind if start else "", end.kind if end and not start else "")
    return Times(start, end, all_day)


def read_recurrence_id(event: Component, zones: Zones, problems: list[str]) -> str | None:
    """Which occurrence; the raw text when unreadable, since without one it would name the whole series."""
    line = event.first("RECURRENCE-ID")
    if line is None:
        return None
    moment = _moment(event, "RECURRENCE-ID", zones, problems)
    return moment.iso() if moment else clean(line.rpartition(":")[2], 80)


def is_this_and_future(event: Component) -> bool:
    """Whether RECURRENCE-ID means the later occurrences too."""
    return ";RANGE=THISANDFUTURE" in (event.first("RECURRENCE-ID") or "").upper()


def read_exdates(event: Component, zones: Zones, problems: list[str]) -> tuple[str, ...]:
    """The occurrences of a series that there are not, each as a start is written."""
    found = (moment.iso() for moment, _ in _dates(event, "EXDATE", zones, problems))
    return tuple(dict.fromkeys(found))


def read_rdates(event: Component, times: Times, zones: Zones, problems: list[str]) -> tuple[str, ...]:
    """The further dates of an event, each as a start is written, or `start/end` where its end is its own."""
    found = []
    for moment, ends in _dates(event, "RDATE", zones, problems):
        usual = times.start and (moment.value, ends and ends.value) == (
            times.start.value,
            times.end and times.end.value,
        )
        if moment.value != (times.start and times.start.value) or not (ends is None or usual):
            found.append(moment.iso() + (f"/{ends.iso()}" if ends else ""))
    return tuple(dict.fromkeys(found))


def _dates(
    event: Component, name: str, zones: Zones, problems: list[str]
) -> Iterator[tuple[Moment, Moment | None]]:
    """The values of EXDATE or RDATE, at most MAX_DATES, each with the end that a PERIOD gives it."""
    values = [
        (line.rpartition(":")[0], value)
        for line in event.all(name)
        for value in line.rpartition(":")[2].split(",")
        if value.strip()
    ]
    if len(values) > MAX_DATES:
        problems.append(f"only the first {MAX_DATES} of {len(values)} {name}s were read")
    for head, value in values[:MAX_DATES]:
        begins, _, ends = value.strip().partition("/")
        try:
            moment = _read(f"{head}:{begins}", name, zones, problems)
            end = _period_end(moment, head, ends, zones, problems) if moment and ends else None
        except UNREADABLE:
            problems.append(f"unreadable {name}: {clean(value, 80)!r}")
            continue
        if moment:
            yield moment, end


def _period_end(start: Moment, head: str, ends: str, zones: Zones, problems: list[str]) -> Moment | None:
    """The end of a PERIOD, which is written as a time or as a duration."""
    if ends[0] in "Pp+":
        return _plus(start, *parse_duration(ends))
    return _read(f"{head}:{ends}", "RDATE", zones, problems)


def read_dtstamp(event: Component, zones: Zones) -> str | None:
    """When it was written, UTC with Z; None for anything but the UTC time that RFC 5545 asks for."""
    moment = _moment(event, "DTSTAMP", zones, [])
    return moment.iso() if moment and moment.kind == "time" else None


def _end(event: Component, start: Moment | None, zones: Zones, problems: list[str]) -> Moment | None:
    if event.first("DTEND") is not None:
        return _checked(start, _moment(event, "DTEND", zones, problems), problems)
    if start is None:
        return None
    duration = event.first("DURATION")
    if duration is not None:
        return _after(start, duration, problems)
    try:
        return Moment(start.value + timedelta(days=1)) if start.kind == "date" else start
    except OverflowError:
        return None


def _checked(start: Moment | None, end: Moment | None, problems: list[str]) -> Moment | None:
    if start is None or end is None:
        return end
    if start.kind != end.kind:
        problems.append(f"DTSTART is a {start.kind}, DTEND a {end.kind}")
        return None
    if end.value < start.value:
        problems.append("it ends before it begins")
    return end


def _moment(event: Component, name: str, zones: Zones, problems: list[str]) -> Moment | None:
    lines = event.all(name)
    if not lines:
        return None
    if len(set(lines)) > 1:
        problems.append(f"more than one {name}: the first was taken")
    try:
        return _read(lines[0], name, zones, problems)
    except UNREADABLE:
        problems.append(f"unreadable {name}: {clean(lines[0], 80)!r}")
        return None


def _read(line: str, name: str, zones: Zones, problems: list[str]) -> Moment | None:
    found = read_time_line(line)
    value = parse_time(found.value.strip())
    tzid = found.parameters.get("TZID", "")
    if not isinstance(value, datetime) or value.tzinfo is not None or not tzid:
        return Moment(value)
    zone = zones.find(tzid, value.year)
    if zone is None:
        problems.append(f"unknown time zone in {name}: {clean(tzid, 80)!r}")
        return None
    moment = Moment(zone.utc(value), value, zone)
    _compare(tzid, moment, zones, problems)
    return moment


def _compare(tzid: str, moment: Moment, zones: Zones, problems: list[str]) -> None:
    """Say so when the calendar's own rules give another time than the zone of that name."""
    own = zones.vtimezone(tzid)
    if own is None or moment.zone is None or moment.zone.name is None or moment.local is None:
        return
    try:
        differs = as_utc(moment.local, own.offset(moment.local)) != moment.value
    except UNREADABLE:
        return
    text = f"the calendar's own rules for {clean(tzid, 80)!r} differ from {moment.zone.name}"
    if differs and text not in problems:
        problems.append(text)


def _after(start: Moment, line: str, problems: list[str]) -> Moment | None:
    """Days are counted on the calendar of the place, hours on the clock (RFC 5545, 3.3.6)."""
    try:
        days, rest = parse_duration(read_line(line).value.strip())
        return _plus(start, days, rest)
    except UNREADABLE:
        problems.append(f"unreadable DURATION: {clean(line, 80)!r}")
        return None


def _plus(start: Moment, days: timedelta, rest: timedelta) -> Moment:
    if start.kind == "date":
        if (days + rest) % timedelta(days=1) or days + rest == timedelta():
            raise ValueError("not in days")
        return Moment(start.value + days + rest)
    if start.zone is None or start.local is None:
        return Moment(start.value + days + rest)
    return Moment(start.zone.utc(start.local + days) + rest, None, start.zone)
