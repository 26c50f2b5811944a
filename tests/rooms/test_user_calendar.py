"""One user's calendar: series with dates moved, changed from one on, or no longer theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.availability.user_calendar import UserCalendar

ME, COLLEAGUE = "ines@lensworks.example", "rui@lensworks.example"
USER = {"id": "user_7", "email": ME, "time_zone": "Europe/Lisbon"}
LOW, HIGH = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def meeting(start, uid="glass", *, to=(ME,), **fields):
    return {
        "id": f"{uid}-{fields.get('recurrence_id')}-{start}",
        "user_id": None,
        "contact_id": None,
        "scheduled_time": start,
        "duration_minutes": 60,
        "time_zone": "UTC",
        "all_day": False,
        "status": "scheduled",
        "rrule": None,
        "ical_uid": uid,
        "recurrence_id": None,
        "sequence": 0,
        "dtstamp": "2027-01-01T00:00:00Z",
        "exdates": [],
        "responses": {},
        "attendees": [{"name": "", "address": one, "response": None} for one in to],
    } | fields


def busy(*meetings, between=(LOW, HIGH), tentative_is_free=False):
    calendar = UserCalendar(USER, (ME,), meetings, {})
    return sorted(calendar.busy(*between, tentative_is_free=tentative_is_free))


def starts(*meetings, **options):
    return [f"{one.start:%m-%d %H:%M}" for one in busy(*meetings, **options)]


WEEKLY = meeting("2027-03-02T09:00:00", rrule="FREQ=WEEKLY;COUNT=4")


def test_further_dates_take_their_time_and_one_with_an_end_of_its_own_that_long():
    more = WEEKLY | {
        "rdates": ["2027-03-11T15:00:00Z", "2027-03-12", "2027-04-01T08:00:00Z/2027-04-01T11:30:00Z"]
    }
    found = busy(more)
    assert [f"{one.start:%m-%d %H:%M}" for one in found] == [
        "03-02 09:00",
        "03-09 09:00",
        "03-11 15:00",
        "03-12 09:00",
        "03-16 09:00",
        "03-23 09:00",
        "04-01 08:00",
    ]
    assert found[-1].end - found[-1].start == 3.5 * HOUR


def test_dates_without_a_rule_are_dates_all_the_same():
    days = meeting("2027-03-02T09:00:00", rdates=["2027-03-04T09:00:00Z", "2027-03-04T09:00:00Z"])
    assert starts(days) == ["03-02 09:00", "03-04 09:00"]


def test_an_own_start_that_the_rule_does_not_name_counts_once():
    tuesday = meeting("2027-03-02T09:00:00", rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=3")
    assert starts(tuesday) == ["03-02 09:00", "03-03 09:00", "03-10 09:00"]


def change(rid, start, **fields):
    return meeting(start, recurrence_id=rid, this_and_future=True, sequence=1, **fields)


def test_a_change_from_a_date_on_moves_the_later_ones_too():
    later = change("2027-03-09T09:00:00Z", "2027-03-10T14:00:00", duration_minutes=30)
    found = busy(WEEKLY, later)
    assert [f"{one.start:%m-%d %H:%M}" for one in found] == [
        "03-02 09:00",
        "03-10 14:00",
        "03-17 14:00",
        "03-24 14:00",
    ]
    assert found[-1].end - found[-1].start == HOUR / 2


def test_of_two_changes_each_holds_until_the_next():
    first = change("2027-03-09T09:00:00Z", "2027-03-09T11:00:00")
    second = change("2027-03-23T09:00:00Z", "2027-03-23T16:00:00")
    assert starts(second, WEEKLY, first) == ["03-02 09:00", "03-09 11:00", "03-16 11:00", "03-23 16:00"]


@pytest.mark.parametrize("moved", ["2027-03-16T09:00:00Z", "2027-03-16T11:00:00Z"])
def test_a_date_that_was_moved_apart_is_not_moved_by_a_change(moved):
    later = change("2027-03-09T09:00:00Z", "2027-03-09T11:00:00")
    apart = meeting("2027-03-18T08:00:00", recurrence_id=moved, sequence=1)
    assert starts(WEEKLY, later, apart) == ["03-02 09:00", "03-09 11:00", "03-18 08:00", "03-23 11:00"]


def test_a_series_that_is_cancelled_from_a_date_on_ends_there():
    over = change("2027-03-16T09:00:00Z", "2027-03-16T09:00:00", status="cancelled")
    assert starts(WEEKLY, over) == ["03-02 09:00", "03-09 09:00"]


def test_a_change_of_a_series_that_is_not_known_is_busy_once():
    assert starts(change("2027-03-09T09:00:00Z", "2027-03-09T11:00:00")) == ["03-09 11:00"]


def test_whom_a_change_no_longer_names_is_free_from_then_on():
    others = change("2027-03-16T09:00:00Z", "2027-03-16T11:00:00", to=(COLLEAGUE,))
    assert starts(WEEKLY, others) == ["03-02 09:00", "03-09 09:00"]


def test_a_date_that_no_longer_names_somebody_is_free():
    theirs = meeting("2027-03-16T09:00:00", to=(COLLEAGUE,), recurrence_id="2027-03-16T09:00:00Z")
    assert starts(WEEKLY, theirs) == ["03-02 09:00", "03-09 09:00", "03-23 09:00"]


@pytest.mark.parametrize("response", ["uninvited", "delegated", "declined"])
def test_who_stays_away_is_free(response):
    assert starts(WEEKLY | {"responses": {ME: {"response": response, "at": ""}}}) == []


def test_who_is_uninvited_from_one_date_is_free_then():
    said = {"responses": {ME: {"response": "uninvited", "at": ""}}, "scheduled_time": None}
    one = meeting("2027-03-16T09:00:00", recurrence_id="2027-03-16T09:00:00Z", to=()) | said
    assert starts(WEEKLY, one) == ["03-02 09:00", "03-09 09:00", "03-23 09:00"]


MOVED = meeting("2027-03-10T14:00:00", recurrence_id="2027-03-09T09:00:00Z", sequence=1)


def test_what_was_moved_of_dates_that_a_later_invite_has_no_more_is_gone():
    now = meeting("2027-03-04T11:00:00", rrule="FREQ=WEEKLY;COUNT=2", sequence=2)
    assert starts(now, MOVED) == ["03-04 11:00", "03-11 11:00"]


def test_what_was_moved_of_a_series_that_is_one_meeting_now_is_gone():
    assert starts(meeting("2027-03-04T11:00:00", sequence=2), MOVED) == ["03-04 11:00"]


@pytest.mark.parametrize("series", [{"sequence": 1}, {"sequence": 3}])
def test_what_was_moved_stays_where_its_date_is_one_still(series):
    assert "03-10 14:00" in starts(WEEKLY | series, MOVED)


def test_what_was_moved_by_a_later_word_than_the_series_stays():
    now = meeting(
        "2027-03-04T11:00:00", rrule="FREQ=WEEKLY;COUNT=2", sequence=1, dtstamp="2026-12-01T00:00:00Z"
    )
    assert "03-10 14:00" in starts(now, MOVED)


# -- against every minute


ZONES = st.sampled_from(["UTC", "Europe/Lisbon", "America/Toronto", "Australia/Lord_Howe", "Asia/Kathmandu"])
SERIES = st.fixed_dictionaries(
    {
        "zone": ZONES,
        "day": st.integers(-3, 4),
        "quarter": st.integers(0, 95),
        "every": st.integers(1, 4),
        "count": st.integers(1, 9),
        "minutes": st.sampled_from([15, 45, 90]),
        "taken": st.sets(st.integers(0, 8), max_size=2),
        "dates": st.lists(
            st.tuples(st.integers(0, 20), st.integers(0, 95), st.sampled_from([None, 30])), max_size=3
        ),
        "changes": st.lists(
            st.tuples(st.integers(0, 8), st.integers(-40, 40), st.sampled_from([15, 60]), st.booleans()),
            max_size=2,
            unique_by=lambda one: one[0],
        ),
        "moved": st.lists(
            st.tuples(st.integers(0, 8), st.integers(-90, 90), st.booleans()),
            max_size=2,
            unique_by=lambda one: one[0],
        ),
    }
)
FIRST = datetime(2027, 3, 25)  # noqa: DTZ001 - a wall's time; clocks change soon after, here and there
QUARTER = timedelta(minutes=15)


def instant(wall, zone):
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_utc(wall, zone):
    return instant(wall, zone).isoformat().replace("+00:00", "Z")


def as_meetings(one):
    zone, begins = one["zone"], FIRST + one["day"] * DAY + one["quarter"] * QUARTER
    walls = [begins + n * one["every"] * DAY for n in range(one["count"])]
    dates = []
    for day, quarter, minutes in one["dates"]:
        start = FIRST + day * DAY + quarter * QUARTER
        ends = f"/{in_utc(start + timedelta(minutes=minutes), zone)}" if minutes else ""
        dates.append(in_utc(start, zone) + ends)
    series = meeting(
        begins.isoformat(),
        time_zone=zone,
        duration_minutes=one["minutes"],
        rrule=f"FREQ=DAILY;INTERVAL={one['every']};COUNT={one['count']}",
        rdates=dates,
        exdates=[in_utc(walls[n], zone) for n in one["taken"] if n < len(walls)],
    )
    yield series
    for n, quarters, minutes, named in one["changes"]:
        if n < len(walls):
            yield meeting(
                (walls[n] + quarters * QUARTER).isoformat(),
                to=(ME,) if named else (COLLEAGUE,),
                time_zone=zone,
                duration_minutes=minutes,
                recurrence_id=in_utc(walls[n], zone),
                this_and_future=True,
                sequence=1,
            )
    for n, quarters, named in one["moved"]:
        if n < len(walls):
            yield meeting(
                (walls[n] + quarters * QUARTER).isoformat(),
                to=(ME,) if named else (COLLEAGUE,),
                time_zone=zone,
                duration_minutes=45,
                recurrence_id=in_utc(walls[n], zone),
                sequence=1,
            )


def by_the_minute(one):
    """The minutes taken, occurrence by occurrence: who says when it is, and how long?"""
    zone, begins = one["zone"], FIRST + one["day"] * DAY + one["quarter"] * QUARTER
    walls = [begins + n * one["every"] * DAY for n in range(one["count"])]
    changes = sorted(
        (n, quarters, minutes, named) for n, quarters, minutes, named in one["changes"] if n < len(walls)
    )
    moved = {
        instant(walls[n], zone): (walls[n] + q * QUARTER, named)
        for n, q, named in one["moved"]
        if n < len(walls)
    }
    taken = {instant(walls[n], zone) for n in one["taken"] if n < len(walls)}
    lengths = dict.fromkeys(walls, one["minutes"])
    for day, quarter, minutes in one["dates"]:
        start = FIRST + day * DAY + quarter * QUARTER
        lengths[start] = minutes or lengths.get(start, one["minutes"])
    for start, length in lengths.items():
        original = instant(start, zone)
        said = [each for each in changes if instant(walls[each[0]], zone) <= original]
        if original in moved or original in taken:
            continue
        if said:
            _, quarters, minutes, named = said[-1]
            yield from span(start + quarters * QUARTER, minutes, zone) if named else ()
        else:
            yield from span(start, length, zone)
    for wall, named in moved.values():
        yield from span(wall, 45, zone) if named else ()


def span(wall, minutes, zone):
    begins = instant(wall, zone)
    return (begins + n * timedelta(minutes=1) for n in range(minutes))


@settings(max_examples=150, deadline=None)
@given(SERIES)
def test_series_with_dates_changes_and_exceptions_take_what_a_count_by_minutes_takes(one):
    low, high = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
    found = busy(*as_meetings(one), between=(low, high))
    minutes = {
        slot.start + n * timedelta(minutes=1)
        for slot in found
        for n in range(int((slot.end - slot.start) / timedelta(minutes=1)))
    }
    assert minutes == set(by_the_minute(one))
