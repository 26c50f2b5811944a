"""Time as intervals: who is at work, who is busy, and what is left. Pure, and no slower than sorting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
LUNCH = (time(12), time(13))
ROOM = timedelta(minutes=15)
SATURDAY = 6


@dataclass(frozen=True, slots=True, order=True)
class TimeSlot:
    """From `start` until before `end`, both aware and in UTC; never empty."""

    start: datetime
    end: datetime


def merged(slots: Iterable[TimeSlot]) -> list[TimeSlot]:
    """In order, none overlapping or touching its neighbour. O(n log n)."""
    return list(_joined(sorted(slots)))


def _joined(ordered: Iterable[TimeSlot]) -> Iterator[TimeSlot]:
    start: datetime | None = None
    end: datetime | None = None
    for slot in ordered:
        if start is None or end is None:
            start, end = slot.start, slot.end
        elif slot.start <= end:
            end = max(end, slot.end)
        else:
            yield TimeSlot(start, end)
            start, end = slot.start, slot.end
    if start is not None and end is not None:
        yield TimeSlot(start, end)


def common(*lists: Sequence[TimeSlot]) -> list[TimeSlot]:
    """What lies in every one of these merged lists; nothing where there are none. A linear sweep."""
    if not lists:
        return []
    shared = list(lists[0])
    for other in lists[1:]:
        shared = list(_both(shared, other))
    return shared


def _both(ours: Sequence[TimeSlot], theirs: Sequence[TimeSlot]) -> Iterator[TimeSlot]:
    here = there = 0
    while here < len(ours) and there < len(theirs):
        a, b = ours[here], theirs[there]
        start, end = max(a.start, b.start), min(a.end, b.end)
        if start < end:
            yield TimeSlot(start, end)
        if a.end < b.end:
            here += 1
        else:
            there += 1


def without(windows: Sequence[TimeSlot], busy: Sequence[TimeSlot]) -> list[TimeSlot]:
    """Merged windows less merged busy times; linear."""
    return list(_left(windows, busy))


def _left(windows: Sequence[TimeSlot], busy: Sequence[TimeSlot]) -> Iterator[TimeSlot]:
    here = 0
    for window in windows:
        free_from = window.start
        while here < len(busy) and busy[here].end <= free_from:
            here += 1
        at = here
        while at < len(busy) and busy[at].start < window.end:
            if free_from < busy[at].start:
                yield TimeSlot(free_from, busy[at].start)
            free_from = max(free_from, busy[at].end)
            at += 1
        # The last of them may reach into the next window.
        here = max(here, at - 1)
        if free_from < window.end:
            yield TimeSlot(free_from, window.end)


def work_windows(
    zone: ZoneInfo,
    first: date,
    last: date,
    work_hours: tuple[float, float],
    weekdays: Collection[int] = range(1, 8),
) -> list[TimeSlot]:
    """Work hours of each day from `first` to `last`, both included, on this zone's wall; in UTC.

    `work_hours` are hours since midnight, 0 <= a < b <= 24, fractions allowed;
    `weekdays` are ISO. A day with a clock change is shorter or longer than others.
    """
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    found = (
        TimeSlot(start, end)
        for day in days
        if day.isoweekday() in weekdays
        and (start := _on_the_wall(day, work_hours[0], zone))
        < (end := _on_the_wall(day, work_hours[1], zone))
    )
    return merged(found)


def _on_the_wall(day: date, hours: float, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=round(hours * 60))
    return wall.replace(tzinfo=zone).astimezone(UTC)


def free_slots(
    windows: Sequence[Sequence[TimeSlot]], busy: Iterable[TimeSlot], duration: timedelta
) -> list[TimeSlot]:
    """The gaps of at least `duration` in which all windows agree and nobody is busy, by time.

    One list of windows a user. O(n log n) in all: what is sorted is swept once.
    """
    gaps = without(common(*windows), merged(busy))
    return [gap for gap in gaps if gap.end - gap.start >= duration]


def ranked(slots: Sequence[TimeSlot], duration: timedelta, zones: Sequence[ZoneInfo]) -> list[TimeSlot]:
    """The same slots, the best for everybody first.

    Before others come those on nobody's weekend, then those in which the
    meeting fits outside everybody's lunch (12 to 13 h on the wall), then those
    that leave a quarter of an hour beside it, then the sooner.
    """

    def worth(slot: TimeSlot) -> tuple[bool, bool, bool, datetime]:
        weekend = any(slot.start.astimezone(zone).isoweekday() >= SATURDAY for zone in zones)
        over_lunch = not _fits_beside_lunch(slot, duration, zones)
        tight = slot.end - slot.start < duration + ROOM
        return (weekend, over_lunch, tight, slot.start)

    return sorted(slots, key=worth)


def _fits_beside_lunch(slot: TimeSlot, duration: timedelta, zones: Sequence[ZoneInfo]) -> bool:
    lunches = merged(lunch for zone in zones for lunch in _lunches(slot, zone))
    return any(gap.end - gap.start >= duration for gap in without([slot], lunches))


def _lunches(slot: TimeSlot, zone: ZoneInfo) -> Iterator[TimeSlot]:
    first, last = slot.start.astimezone(zone).date(), slot.end.astimezone(zone).date()
    for n in range((last - first).days + 1):
        begins, ends = (datetime.combine(first + n * A_DAY, hour, zone).astimezone(UTC) for hour in LUNCH)
        yield TimeSlot(begins, ends)
