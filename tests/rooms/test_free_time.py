"""Time as intervals, held against a grid of minutes that asks of each one what a person would ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.availability.free_time import (
    TimeSlot,
    common,
    free_slots,
    merged,
    ranked,
    without,
    work_windows,
)
from parley.availability.occurrences import busy_times

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def slot(begins, ends):
    """Hours since Monday's midnight."""
    return TimeSlot(MONDAY + begins * HOUR, MONDAY + ends * HOUR)


def slots(*pairs):
    return [slot(*pair) for pair in pairs]


def day_at(day, hour, minute=0, zone=UTC):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def free(busy, hours=1.0, windows=((9, 17),)):
    return free_slots([slots(*windows)], slots(*busy), hours * HOUR)


# A day's cases.


def test_with_no_meetings_the_whole_window_is_free():
    assert free([]) == slots((9, 17))


def test_without_windows_nothing_is_free():
    assert free_slots([], [], HOUR) == []
    assert free_slots([[]], slots((9, 10)), HOUR) == []
    assert free_slots([slots((9, 17)), []], [], HOUR) == []


def test_a_full_day_has_no_gap():
    assert free([(8, 12), (11, 18)]) == []
    assert free([(9, 17)]) == []


def test_meetings_side_by_side_leave_no_gap_of_nothing():
    assert free([(9, 10), (10, 11), (11, 12)], hours=0) == slots((12, 17))


def test_a_gap_as_long_as_the_meeting_is_offered_and_a_shorter_one_is_not():
    assert free([(9, 12), (13, 17)]) == slots((12, 13))
    assert free([(9, 12), (13, 17)], hours=1 + 1 / 3600) == []


def test_meetings_outside_the_window_do_not_matter_and_those_over_its_edge_do():
    assert free([(7, 9), (17, 18)]) == slots((9, 17))
    assert free([(7, 9.5), (16.5, 18)]) == slots((9.5, 16.5))


def test_a_meeting_within_another_one_frees_nothing():
    assert free([(9, 15), (10, 11)]) == slots((15, 17))


def test_a_meeting_over_midnight_is_busy_on_both_days():
    assert free([(22, 26)], windows=((20, 24), (24, 30))) == slots((20, 22), (26, 30))


def test_one_meeting_over_several_windows_is_busy_in_each():
    assert free([(10, 58)], windows=((9, 17), (33, 41), (57, 65))) == slots((9, 10), (58, 65))


def test_windows_have_to_agree():
    windows = [slots((9, 17)), slots((13, 21)), slots((8, 14), (15, 30))]
    assert free_slots(windows, [], HOUR) == slots((13, 14), (15, 17))


# The parts, against sets of hours.

HOURS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda p: slot(p[0], p[0] + p[1])), max_size=12
)


def hours_of(found):
    return {h for h in range(60) if any(s.start <= MONDAY + h * HOUR < s.end for s in found)}


def is_merged(found):
    return all(a.end < b.start for a, b in pairwise(found))


@given(HOURS)
def test_merging_keeps_the_hours_and_leaves_none_touching(one):
    assert hours_of(merged(one)) == hours_of(one)
    assert is_merged(merged(one))
    assert merged(merged(one)) == merged(one)


@given(st.lists(HOURS, min_size=1, max_size=6))
def test_what_is_common_is_in_every_list(lists):
    found = common(*(merged(one) for one in lists))
    assert hours_of(found) == set.intersection(*(hours_of(one) for one in lists))
    assert found == sorted(found)


@given(HOURS, HOURS)
def test_what_is_left_is_in_the_windows_and_not_busy(windows, busy):
    found = without(merged(windows), merged(busy))
    assert hours_of(found) == hours_of(windows) - hours_of(busy)
    assert is_merged(found)


# Work hours on the wall.


def test_work_hours_are_read_on_the_wall_of_the_zone():
    (found,) = work_windows(NEW_YORK, date(2026, 1, 5), date(2026, 1, 5), (9, 17))
    assert found == TimeSlot(datetime(2026, 1, 5, 14, tzinfo=UTC), datetime(2026, 1, 5, 22, tzinfo=UTC))


def test_hours_may_be_fractions():
    (found,) = work_windows(BERLIN, date(2026, 1, 5), date(2026, 1, 5), (9 + 1 / 3, 17.75))
    assert found == TimeSlot(
        datetime(2026, 1, 5, 8, 20, tzinfo=UTC), datetime(2026, 1, 5, 16, 45, tzinfo=UTC)
    )


def test_both_the_first_and_the_last_day_count_and_only_the_weekdays_asked_for():
    found = work_windows(ZoneInfo("UTC"), date(2026, 3, 2), date(2026, 3, 9), (9, 10), {1, 3})
    assert [s.start.date().isoformat() for s in found] == ["2026-03-02", "2026-03-04", "2026-03-09"]


def test_whole_days_are_one_window():
    (found,) = work_windows(BERLIN, date(2026, 3, 28), date(2026, 3, 30), (0, 24))
    assert found.end - found.start == 71 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_is_as_long_as_its_clock_makes_it(zone, day, hours):
    found = work_windows(ZoneInfo(zone), day, day, (0, 24))
    assert sum((s.end - s.start for s in found), timedelta()) == hours * HOUR


def test_an_hour_that_comes_twice_is_twice_in_the_window():
    day = date(2026, 10, 25)
    assert work_windows(BERLIN, day, day, (2.5, 4)) == [
        TimeSlot(day_at(day, 0, 30), day_at(day, 1)),
        TimeSlot(day_at(day, 1, 30), day_at(day, 3)),
    ]


def test_an_hour_that_is_skipped_is_in_no_window():
    day = date(2026, 3, 29)
    assert work_windows(BERLIN, day, day, (2.25, 2.75)) == []
    assert work_windows(BERLIN, day, day, (2.25, 4)) == [TimeSlot(day_at(day, 1), day_at(day, 2))]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "UTC"])
def test_the_ends_of_the_calendar_are_left_out_quietly(zone):
    for day in (date.min, date.max):
        assert len(work_windows(ZoneInfo(zone), day, day, (0, 24))) <= 1


# The grid.

CLOCK_CHANGES = [
    date(2024, 3, 10),
    date(2024, 3, 31),
    date(2024, 4, 7),
    date(2024, 9, 8),
    date(2024, 10, 6),
    date(2024, 10, 27),
    date(2024, 11, 3),
    date(2011, 12, 30),
]
ODD_ZONES = [
    "Africa/Casablanca",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]
DAYS = st.sampled_from(CLOCK_CHANGES).flatmap(
    lambda day: st.integers(-1, 1).map(lambda n: day + n * DAY)
) | st.dates(date(2000, 1, 1), date(2036, 12, 31))
ZONES = st.sampled_from(ODD_ZONES) | st.sampled_from(sorted(available_timezones()))
QUARTERS = st.tuples(st.integers(0, 95), st.integers(1, 96)).map(
    lambda pair: (min(pair) / 4, (max(pair) + (pair[0] == pair[1])) / 4)
)
# Bodies, but for the day on which they are: that counts from the first one asked for.
MEETINGS = st.fixed_dictionaries(
    {
        "day": st.integers(-3, 2),
        "minute": st.integers(0, 24 * 60 - 1),
        "duration_minutes": st.sampled_from([None, 0, 1, 15, 30, 60, 90, 1500]),
        "time_zone": st.none() | st.none() | ZONES,
        "all_day": st.sampled_from([False, False, False, True]),
        "status": st.sampled_from(["scheduled", "scheduled", "tentative", "completed", "cancelled"]),
        "every": st.sampled_from([None, None, 1, 2, 7]),
        "count": st.none() | st.integers(1, 4),
    }
)
USERS = st.fixed_dictionaries({"zone": ZONES, "meetings": st.lists(MEETINGS, max_size=3)})


def body(meeting, first):
    rule = None
    if meeting["every"]:
        rule = f"FREQ=DAILY;INTERVAL={meeting['every']}"
        rule += f";COUNT={meeting['count']}" if meeting["count"] else ""
    minute = 0 if meeting["all_day"] else meeting["minute"]
    wall = datetime.combine(first, datetime.min.time()) + meeting["day"] * DAY + minute * MINUTE
    return {**meeting, "scheduled_time": wall.isoformat(), "rrule": rule}


def begins_in(walls, wall):
    """The first minute that shows it; what is skipped counts on from the last minute before."""
    at = next(n for n, shown in enumerate(walls) if shown >= wall)
    return at if walls[at] == wall else at - 1 + (wall - walls[at - 1]) // MINUTE


class Grid:
    """Every minute that a meeting or a window of these days can have to do with, asked one by one."""

    def __init__(self, first, last):
        begins = datetime.combine(first, datetime.min.time(), UTC) - 4 * DAY
        self.minutes = [begins + n * MINUTE for n in range(((last - first).days + 7) * 24 * 60)]
        self.walls = {}

    def on(self, zone):
        """What the wall of a zone shows in each minute."""
        if zone not in self.walls:
            shown = ZoneInfo(zone)
            self.walls[zone] = [one.astimezone(shown).replace(tzinfo=None, fold=0) for one in self.minutes]
        return self.walls[zone]

    def at_work(self, zone, first, last, hours, weekdays):
        return {
            n
            for n, wall in enumerate(self.on(zone))
            if hours[0] <= wall.hour + wall.minute / 60 < hours[1]
            and first <= wall.date() <= last
            and wall.isoweekday() in weekdays
        }

    def busy(self, meeting, zone):
        walls, minutes = self.on(meeting["time_zone"] or zone), meeting["duration_minutes"]
        if meeting["status"] == "cancelled" or minutes == 0:
            return set()
        wall, found = datetime.fromisoformat(meeting["scheduled_time"]), set()
        for _ in range(meeting["count"] or 1000) if meeting["every"] else (0,):
            if wall > walls[-1]:
                break
            if meeting["all_day"]:
                ends = wall + -(-(minutes or 1440) // 1440) * DAY
                found |= {n for n, shown in enumerate(walls) if wall <= shown < ends}
            else:
                begins = begins_in(walls, wall)
                found |= set(range(begins, begins + (minutes or 60)))
            wall += (meeting["every"] or 0) * DAY
        return found

    def runs(self, free, duration):
        ordered = sorted(free)
        for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0]):
            found = [n for _, n in run]
            if len(found) >= duration:
                yield TimeSlot(self.minutes[found[0]], self.minutes[found[-1]] + MINUTE)


@settings(max_examples=30, deadline=None)
@given(
    users=st.lists(USERS, min_size=1, max_size=3),
    first=DAYS,
    days=st.integers(0, 1),
    hours=QUARTERS | st.just((9, 17)) | st.just((0, 24)),
    weekdays=st.sampled_from([range(1, 8), range(1, 6), (6, 7)]),
    duration=st.sampled_from([1, 15, 30, 60, 240]),
)
@example(
    users=[{"zone": "Pacific/Apia", "meetings": []}],
    first=date(2011, 12, 29),
    days=1,
    hours=(9, 17),
    weekdays=range(1, 8),
    duration=30,
)
@example(
    users=[{"zone": "Australia/Lord_Howe", "meetings": []}, {"zone": "Asia/Kathmandu", "meetings": []}],
    first=date(2024, 4, 7),
    days=1,
    hours=(0, 24),
    weekdays=range(1, 8),
    duration=30,
)
def test_what_is_offered_is_what_a_grid_of_minutes_leaves(*, users, first, days, hours, weekdays, duration):
    last = first + days * DAY
    low = datetime.combine(first, datetime.min.time(), UTC) - DAY
    high = low + (days + 3) * DAY
    calendars = [(user["zone"], [body(m, first) for m in user["meetings"]]) for user in users]

    windows = [work_windows(ZoneInfo(zone), first, last, hours, weekdays) for zone, _ in calendars]
    busy = [s for zone, kept in calendars for m in kept for s in busy_times(m, ZoneInfo(zone), low, high)]

    grid = Grid(first, last)
    left = set.intersection(*(grid.at_work(zone, first, last, hours, weekdays) for zone, _ in calendars))
    for zone, kept in calendars:
        for meeting in kept:
            left -= grid.busy(meeting, zone)
    assert free_slots(windows, busy, duration * MINUTE) == list(grid.runs(left, duration))


# The best first.


def on_day(number, begins, ends):
    """Hours of a day in March 2026: the 2nd is a Monday."""
    return TimeSlot(*(datetime(2026, 3, number, tzinfo=UTC) + h * HOUR for h in (begins, ends)))


UTC_ZONE = ZoneInfo("UTC")


def test_a_workday_comes_before_a_sooner_weekend():
    saturday, monday = on_day(7, 9, 11), on_day(9, 9, 11)
    assert ranked([saturday, monday], HOUR, [UTC_ZONE]) == [monday, saturday]


def test_a_weekend_in_anybodys_zone_counts():
    friday, sooner = on_day(6, 13, 15), on_day(6, 16, 18)  # from 15 h UTC on it is Saturday in Tokyo
    assert ranked([sooner, friday], HOUR, [BERLIN, ZoneInfo("Asia/Tokyo")]) == [friday, sooner]


def test_a_slot_that_reaches_from_a_weekend_into_monday_counts_as_monday():
    sunday, over = on_day(8, 0, 11), on_day(8, 20, 33)
    assert ranked([sunday, over], HOUR, [UTC_ZONE]) == [over, sunday]
    assert ranked([sunday, over], 10 * HOUR, [UTC_ZONE]) == [sunday, over]


def test_a_meeting_beside_lunch_comes_before_one_at_lunch():
    lunch, later = on_day(2, 11.5, 13), on_day(2, 13, 15)
    assert ranked([lunch, later], HOUR, [UTC_ZONE]) == [later, lunch]
    assert ranked([lunch, later], 0.5 * HOUR, [UTC_ZONE]) == [lunch, later]


def test_everybodys_lunch_counts_on_their_own_wall():
    early, late = on_day(2, 11, 12.5), on_day(2, 14, 15.5)  # 11 h UTC is noon in Berlin
    assert ranked([early, late], HOUR, [UTC_ZONE, BERLIN]) == [late, early]


def test_some_room_comes_before_none():
    tight, roomy = on_day(2, 9, 10), on_day(2, 14, 15.25)
    assert ranked([tight, roomy], HOUR, [UTC_ZONE]) == [roomy, tight]


def test_among_equals_the_sooner_comes_first_and_nothing_is_lost():
    given_ = [on_day(3, 9, 11), on_day(2, 15, 17), on_day(2, 9, 11)]
    assert ranked(given_, HOUR, [UTC_ZONE]) == sorted(given_)
    assert ranked([], HOUR, [UTC_ZONE]) == []
    assert ranked(given_, HOUR, []) == sorted(given_)


@given(HOURS, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert ranked(shuffled, HOUR, [BERLIN, NEW_YORK]) == ranked(found, HOUR, [NEW_YORK, BERLIN])
    assert sorted(shuffled) == sorted(ranked(found, HOUR, [BERLIN]))
