"""Time as intervals: who is at work, who is busy, and what is left. Pure, and no slower than sorting."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
LUNCH = (12, 13)
WHOLE_DAY = (0, 24)
WEEKEND = (6, 7)
ROOM = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, order=True)
class TimeSlot:
    """From `start` until before `end`, both aware and in UTC; never empty."""

    start: datetime
    end: datetime


def merged(slots: Iterable[TimeSlot]) -> list[TimeSlot]:
    """In order, none overlapping or touching its neighbour. O(n log n)."""
    return list(_joined(sorted(slots, key=attrgetter("start"))))


def _joined(ordered: Iterable[TimeSlot]) -> Iterator[TimeSlot]:
    last: TimeSlot | None = None
    for slot in ordered:
        if last is None:
            last = slot
        elif last.end < slot.start:
            yield last
            last = slot
        elif last.end < slot.end:
            last = TimeSlot(last.start, slot.end)
    if last is not None:
        yield last


def common(*lists: Sequence[TimeSlot]) -> list[TimeSlot]:
    """What lies in every one of these merged lists; nothing where there are none.

    O(n log k) for k lists: halves meet halves, so that no list is swept k times.
    """
    if len(lists) <= 1:
        return [slot for slots in lists for slot in slots]
    half = len(lists) // 2
    return list(_both(common(*lists[:half]), common(*lists[half:])))


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
    """Work hours of each day from `first` to `last`, both included, on this zone's wall; merged, in UTC.

    `work_hours` are hours since midnight, 0 <= a < b <= 24, fractions allowed;
    `weekdays` are ISO. What counts is what the wall shows: a day with a clock
    change is shorter or longer than others, an hour that the clock skips is in
    no window, and one that it shows twice is in it twice. A day that reaches
    beyond the years 1 to 9999 is left out.
    """
    days = (first + n * A_DAY for n in range((last - first).days + 1))
    return merged(
        slot for day in days if day.isoweekday() in weekdays for slot in _day_windows(zone, day, work_hours)
    )


def _day_windows(zone: ZoneInfo, day: date, hours: tuple[float, float]) -> list[TimeSlot]:
    midnight = datetime.combine(day, time())
    try:
        return _while_it_shows(
            zone, midnight + timedelta(hours=hours[0]), midnight + timedelta(hours=hours[1])
        )
    except OverflowError:
        return []


def _while_it_shows(zone: ZoneInfo, begins: datetime, ends: datetime) -> list[TimeSlot]:
    """The stretches during which the wall shows `begins` to `ends`, which are naive and at most a day apart.

    There are two when the clock goes back over one of them:

        wall  1:00 ── 2:00         begins 1:30:  1:30 ── 2:00, then once more from 1:30
                      1:00 ── 2:00
    """
    early = min(_utc(begins, zone, fold) for fold in (0, 1))
    late = max(_utc(ends, zone, fold) for fold in (0, 1))
    before, after = _offset(early, zone), _offset(late, zone)
    change = late if before == after else _change(zone, early, late)
    utc_begins, utc_ends = begins.replace(tzinfo=UTC), ends.replace(tzinfo=UTC)
    found = (
        (utc_begins - before, min(utc_ends - before, change)),
        (max(utc_begins - after, change), utc_ends - after),
    )
    return [TimeSlot(start, end) for start, end in found if start < end]


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """When the clock of a zone changes, to the second; between the two it changes once."""
    from_second, before = early.replace(microsecond=0), _offset(early, zone)

    def changed(seconds: int) -> bool:
        return _offset(from_second + timedelta(seconds=seconds), zone) != before

    seconds = range(int((late - from_second).total_seconds()) + 1)
    return from_second + timedelta(seconds=bisect_left(seconds, True, key=changed))


def _utc(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def free_slots(
    windows: Sequence[Sequence[TimeSlot]], busy: Iterable[TimeSlot], duration: timedelta
) -> list[TimeSlot]:
    """The gaps of at least `duration` in which all windows agree and nobody is busy, by time.

    One list of windows a user. O(n log n) in all: what is sorted is swept once.
    """
    gaps = without(common(*windows), merged(busy))
    return [gap for gap in gaps if gap.end - gap.start >= duration]


def ranked(slots: Sequence[TimeSlot], duration: timedelta, zones: Sequence[ZoneInfo]) -> list[TimeSlot]:
    """The same slots, the best for everybody first, by what a meeting in them can be at its best.

    In this order of weight:

    1. it need not touch a Saturday or Sunday in anybody's zone,
    2. nor, beside that, anybody's lunch (12 to 13 h on the wall),
    3. a quarter of an hour is left beside it in the slot,
    4. it is sooner.

    Takes as long as there are days from the first slot to the last, times zones.
    """
    if not slots:
        return []
    weekends = _everywhere(slots, zones, WHOLE_DAY, WEEKEND)
    lunches = _everywhere(slots, zones, LUNCH)

    def worth(slot: TimeSlot) -> tuple[bool, bool, bool, TimeSlot]:
        workdays = without([slot], _near(slot, weekends))
        at_weekend = not _fits(workdays, duration)
        places = without([slot] if at_weekend else workdays, _near(slot, lunches))
        return (at_weekend, not _fits(places, duration), slot.end - slot.start < duration + ROOM, slot)

    return sorted(slots, key=worth)


def _everywhere(
    slots: Sequence[TimeSlot],
    zones: Sequence[ZoneInfo],
    hours: tuple[float, float],
    weekdays: Collection[int] = range(1, 8),
) -> list[TimeSlot]:
    """Those hours in any of the zones, on every day that one of the slots may touch; merged."""
    first, last = min(slots).start, max(slot.end for slot in slots)
    return merged(
        window
        for zone in dict.fromkeys(zones)
        for window in work_windows(
            zone, first.astimezone(zone).date(), last.astimezone(zone).date(), hours, weekdays
        )
    )


def _near(slot: TimeSlot, ordered: Sequence[TimeSlot]) -> Sequence[TimeSlot]:
    """Those of a merged list that touch a slot."""
    first = bisect_left(ordered, slot.start, key=attrgetter("end"))
    return ordered[first : bisect_right(ordered, slot.end, key=attrgetter("start"))]


def _fits(places: Sequence[TimeSlot], duration: timedelta) -> bool:
    return any(place.end - place.start >= duration for place in places)
