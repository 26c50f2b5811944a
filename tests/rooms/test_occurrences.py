"""When a meeting takes time: once or by its rule, over clock changes and at the ends of the calendar."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.availability.free_time import TimeSlot
from parley.availability.occurrences import busy_times
from parley.mail.calendar.recurrence import MOST_OCCURRENCES

BERLIN, NEW_YORK, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC))
MEETING = {
    "scheduled_time": "2026-03-02T09:00:00",
    "duration_minutes": 30,
    "time_zone": "Europe/Berlin",
    "all_day": False,
    "status": "scheduled",
    "rrule": None,
}


def busy(between=MARCH, zone=UTC_ZONE, except_starts=(), **fields):
    return busy_times(MEETING | fields, zone, *between, except_starts=except_starts)


def starts(**fields):
    return [f"{slot.start:%m-%d %H:%M}" for slot in busy(**fields)]


def wall_time(text):
    return datetime.fromisoformat(text)


def utc(text):
    return wall_time(text).replace(tzinfo=UTC)


# Once.


def test_a_meeting_is_busy_on_the_wall_of_its_own_zone():
    assert busy() == [TimeSlot(utc("2026-03-02T08:00"), utc("2026-03-02T08:30"))]


def test_without_a_zone_of_its_own_it_is_on_the_wall_of_its_user():
    assert starts(time_zone=None, zone=NEW_YORK) == ["03-02 14:00"]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"status": "cancelled", "rrule": "FREQ=DAILY"},
        {"scheduled_time": None},
        {"duration_minutes": 0},
        {"duration_minutes": 0, "all_day": True},
    ],
)
def test_what_takes_no_time_is_never_busy(fields):
    assert busy(**fields) == []


@pytest.mark.parametrize("status", ["scheduled", "tentative", "completed"])
def test_any_other_status_is_busy(status):
    assert len(busy(status=status)) == 1


def test_a_length_that_is_not_known_is_taken_for_an_hour():
    (slot,) = busy(duration_minutes=None)
    assert slot.end - slot.start == HOUR


def test_only_what_overlaps_the_range_is_answered_and_it_is_not_clipped():
    ends, begins = utc("2026-03-02T08:30"), utc("2026-03-02T08:00")
    assert busy(between=(ends, ends + HOUR)) == []
    assert busy(between=(begins - HOUR, begins)) == []
    assert busy(between=(begins + HOUR / 4, begins + HOUR / 3)) == busy()


def test_a_meeting_over_a_clock_change_lasts_as_long_as_it_says():
    (slot,) = busy(scheduled_time="2026-03-29T01:30:00", duration_minutes=60)
    assert slot == TimeSlot(utc("2026-03-29T00:30"), utc("2026-03-29T01:30"))


def test_a_time_that_comes_twice_is_the_first_and_a_skipped_one_counts_on():
    autumn = (utc("2026-10-20"), utc("2026-10-30"))
    assert starts(scheduled_time="2026-10-25T02:30:00", between=autumn) == ["10-25 00:30"]
    assert starts(scheduled_time="2026-03-29T02:30:00") == ["03-29 01:30"]


# Whole days.


@pytest.mark.parametrize(
    ("day", "minutes", "hours"),
    [
        ("2026-03-10", None, 24),
        ("2026-03-29", None, 23),
        ("2026-03-28", 2 * 1440, 47),
        ("2026-03-29", 60, 23),
    ],
)
def test_a_whole_day_is_from_midnight_to_midnight_on_the_wall(day, minutes, hours):
    (slot,) = busy(scheduled_time=f"{day}T00:00:00", all_day=True, duration_minutes=minutes)
    assert slot.start == datetime.fromisoformat(day).replace(tzinfo=BERLIN).astimezone(UTC)
    assert slot.end - slot.start == hours * HOUR


def test_a_whole_day_without_a_zone_is_its_users_day():
    (slot,) = busy(scheduled_time="2026-03-10T00:00:00", all_day=True, time_zone=None, zone=NEW_YORK)
    assert slot == TimeSlot(utc("2026-03-10T04:00"), utc("2026-03-11T04:00"))


# Series.


def test_a_weekly_meeting_stays_at_nine_over_a_clock_change():
    assert starts(rrule="FREQ=WEEKLY;COUNT=6;BYDAY=MO") == [
        "03-02 08:00",
        "03-09 08:00",
        "03-16 08:00",
        "03-23 08:00",
        "03-30 07:00",
        "04-06 07:00",
    ]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
@pytest.mark.parametrize("wall", ["2026-03-02T02:15:00", "2026-03-02T09:00:00"])
def test_every_day_around_the_clock_changes_is_where_dateutil_sees_it_on_the_wall(zone, wall):
    year = (utc("2026-03-02"), utc("2026-11-10"))
    found = busy(rrule="FREQ=DAILY", time_zone=zone, scheduled_time=wall, between=year)
    seen = rrulestr("FREQ=DAILY", dtstart=wall_time(wall))
    walls = seen.between(wall_time("2026-03-01"), wall_time("2026-11-12"))
    wanted = [one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in walls]
    assert [slot.start for slot in found] == [
        start for start in wanted if year[0] < start + HOUR / 2 and start < year[1]
    ]


def test_all_day_series_follow_the_wall_too():
    days = busy(rrule="FREQ=DAILY;COUNT=3", scheduled_time="2026-03-28T00:00:00", all_day=True)
    assert [(slot.end - slot.start) / HOUR for slot in days] == [24, 23, 24]
    assert all(a.end == b.start for a, b in pairwise(days))


def test_a_long_meeting_of_a_series_is_found_though_it_began_before_the_range():
    two_days = busy(
        rrule="FREQ=MONTHLY", duration_minutes=5 * 1440, between=(utc("2026-05-06"), utc("2026-05-07"))
    )
    assert [slot.start for slot in two_days] == [utc("2026-05-02T07:00")]


def test_what_became_a_meeting_of_its_own_is_left_out():
    moved = {utc("2026-03-09T08:00"), utc("2026-03-30T07:00").astimezone(NEW_YORK)}
    assert starts(rrule="FREQ=WEEKLY;COUNT=5", except_starts=moved) == [
        "03-02 08:00",
        "03-16 08:00",
        "03-23 08:00",
    ]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260330T070000Z", "03-30 07:00"),
        ("20260330T065959Z", "03-23 08:00"),
        ("20260330T090000", "03-30 07:00"),
        ("20260330T085959", "03-23 08:00"),
        ("20260330", "03-30 07:00"),
        ("20260329", "03-23 08:00"),
        ("99991231T235959Z", "04-13 07:00"),
        ("99991231", "04-13 07:00"),
    ],
)
def test_until_is_read_in_utc_on_the_wall_and_as_a_day(until, last):
    assert starts(rrule=f"FREQ=WEEKLY;UNTIL={until}")[-1] == last


def test_an_end_before_the_beginning_leaves_nothing():
    assert busy(rrule="FREQ=WEEKLY;UNTIL=00010101T000000Z") == []


def test_a_series_of_decades_is_found_at_once():
    assert starts(scheduled_time="0001-01-01T09:00:00", rrule="FREQ=DAILY;INTERVAL=20", time_zone="UTC") == [
        f"{one:%m-%d %H:%M}"
        for one in (wall_time("0001-01-01T09:00") + n * 20 * DAY for n in range(36_900, 37_100))
        if MARCH[0].replace(tzinfo=None) <= one < MARCH[1].replace(tzinfo=None)
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "rubbish",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "COUNT=3",
        "FREQ=WEEKLY;COUNT=three",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;UNTIL=someday",
        "FREQ=DAILY;UNTIL=20269999",
        "FREQ=YEARLY;BYMONTH=13;BYDAY=1MO",
        "FREQ=MONTHLY;INTERVAL=" + "9" * 400,
        "FREQ=DAILY;EXDATE:20260302T090000",
        "FREQ=DAILY\nEXDATE:20260302T090000",
        "FREQ=DAILY;DTSTART=19700101",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;BYSETPOS=300",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "=",
        ";;;",
        "\x00",
    ],
)
def test_a_rule_that_cannot_be_read_counts_once(rule):
    assert starts(rrule=rule) == ["03-02 08:00"]


@pytest.mark.parametrize(
    "rule", ["RRULE:FREQ=WEEKLY;COUNT=2", "freq=weekly;count=2", " FREQ=WEEKLY; COUNT=2;"]
)
def test_a_rule_is_read_however_it_is_written(rule):
    assert starts(rrule=rule) == ["03-02 08:00", "03-09 08:00"]


def test_the_week_in_which_the_search_begins_is_whole():
    week = (utc("2026-03-07"), utc("2026-03-17"))
    rule = "FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1"
    assert starts(scheduled_time="2026-01-07T09:00:00", rrule=rule, between=week) == [
        "03-09 08:00",
        "03-16 08:00",
    ]


def test_the_week_in_which_the_range_ends_is_reached():
    week = (utc("2026-03-01"), utc("2026-03-09"))
    rule = "FREQ=WEEKLY;WKST=SU;BYDAY=SU"
    assert starts(scheduled_time="2026-02-25T09:00:00", rrule=rule, between=week) == [
        "03-01 08:00",
        "03-08 08:00",
    ]


# dateutil alone would be busy with these for longer than anybody waits.
NUMBERS = ",".join(str(n) for n in range(1, 367))
SIXTY = ",".join(str(n) for n in range(60))


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00", "2020-01-01T09:00:00", "9999-12-31T23:59:00"])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        f"FREQ=DAILY;BYSETPOS={NUMBERS}",
        f"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYYEARDAY={NUMBERS};BYSETPOS={NUMBERS};COUNT=9",
        f"FREQ=MONTHLY;BYDAY=MO;BYSETPOS={NUMBERS};BYMONTHDAY=40",
        f"FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE={SIXTY};BYSECOND={SIXTY};BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=MINUTELY;COUNT=999999999",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_a_hostile_rule_ends(rule, since):
    assert len(busy(rrule=rule, scheduled_time=since)) <= MOST_OCCURRENCES


def test_a_meeting_every_minute_is_busy_for_as_far_as_it_is_followed():
    found = busy(rrule="FREQ=MINUTELY", scheduled_time="1990-01-01T00:00:00")
    assert 0 < len(found) <= MOST_OCCURRENCES
    assert found[0].start <= MARCH[0]


# All come true now and then: for one that does not, dateutil would look until 9999.
RULES = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.integers(1, 4),
        "COUNT": st.integers(1, 400),
        "BYDAY": st.sampled_from(["MO", "TU,TH", "MO,TU,WE,TH,FR", "SU"]),
        "BYMONTHDAY": st.sampled_from(["1", "15,31", "-1"]),
        "BYMONTH": st.just("1,2,3,4"),
        "BYSETPOS": st.sampled_from(["1", "-1"]),
        "BYHOUR": st.sampled_from(["9", "8,14"]),
        "WKST": st.sampled_from(["SU", "WE"]),
    },
) | st.fixed_dictionaries(
    {"FREQ": st.just("HOURLY")}, optional={"INTERVAL": st.integers(12, 50), "COUNT": st.integers(1, 400)}
)


@settings(max_examples=60, deadline=None)
@given(
    parts=RULES,
    since=st.datetimes(wall_time("2023-01-01"), wall_time("2026-04-20")).map(
        lambda one: one.replace(second=0, microsecond=0)
    ),
)
def test_beginning_near_the_range_finds_what_dateutil_finds_from_the_start(parts, since):
    """And the meeting's own start, which the rule need not name; it is the first of a COUNT."""
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    low, high = (edge.replace(tzinfo=None) for edge in MARCH)
    try:
        wanted = list(takewhile(lambda one: one < high, rrulestr(rule, dtstart=since)))
    except ValueError:
        wanted = []
    if since not in wanted:
        kept = len(wanted) - 1 if len(wanted) == parts.get("COUNT") else len(wanted)
        wanted = [since, *wanted[:kept]]
    found = busy(rrule=rule, scheduled_time=since.isoformat(), time_zone="UTC")
    assert [slot.start.replace(tzinfo=None) for slot in found] == [
        one for one in wanted if low < one + HOUR / 2 and one < high
    ]


SCRAPS = [
    "FREQ=YEARLY",
    "FREQ=WEEKLY",
    "FREQ=DAILY",
    "FREQ=HOURLY",
    "INTERVAL=9",
    "INTERVAL=99999999",
    "COUNT=3",
    "BYMONTH=2",
    "BYMONTHDAY=30",
    "BYDAY=5MO",
    "BYSETPOS=-1",
    "BYWEEKNO=53",
    "BYHOUR=25",
    "UNTIL=99991231T235959Z",
    "UNTIL=00010101T000000Z",
]
ANY_BODY = st.fixed_dictionaries(
    {
        "scheduled_time": st.datetimes().map(lambda one: one.replace(microsecond=0).isoformat())
        | st.sampled_from(["0001-01-01T00:00:00", "9999-12-31T23:59:59"]),
        "duration_minutes": st.none() | st.integers(0, 2**53 - 1),
        "time_zone": st.sampled_from([None, "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"]),
        "all_day": st.booleans(),
        "status": st.sampled_from(["scheduled", "completed"]),
        "rrule": st.none()
        | st.text(max_size=40)
        | st.lists(
            st.sampled_from(SCRAPS),
            max_size=5,
        ).map(";".join),
    }
)
EDGES = [datetime.min.replace(tzinfo=UTC), *MARCH, datetime.max.replace(tzinfo=UTC)]


@settings(max_examples=80, deadline=None)
@given(meeting=ANY_BODY, edges=st.sampled_from([EDGES[:2], EDGES[1:3], EDGES[2:]]))
def test_no_meeting_raises_wherever_it_lies(meeting, edges):
    found = busy(between=edges, **meeting)
    assert found == sorted(found)
    assert all(s.start < s.end and s.start < edges[1] and edges[0] < s.end for s in found)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "UTC"])
@pytest.mark.parametrize("all_day", [True, False])
def test_the_ends_of_the_calendar_do_not_matter_to_the_middle(day, zone, all_day):
    assert busy(scheduled_time=f"{day}T00:00:00", time_zone=zone, all_day=all_day) == []


def test_the_last_hour_of_the_calendar_is_busy_to_its_end():
    (slot,) = busy(
        between=EDGES[2:], scheduled_time="9999-12-31T23:30:00", time_zone="UTC", duration_minutes=60
    )
    assert slot.end == EDGES[-1]


def test_dateutil_is_on_nobodys_cold_path():
    code = "import sys, parley.availability.occurrences; print('dateutil' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
