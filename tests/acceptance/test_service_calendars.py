"""The service layer, phase 3: series, time zones, clock changes and more than one day."""

from __future__ import annotations

from datetime import datetime

import pytest

from parley.availability.service import EVERY_DAY
from parley.meetings.models import MeetingChanges
from tests.acceptance.days import DAY, busy, days, free, invited, shown
from tests.acceptance.world import TENANT, Services
from tests.rooms.test_round_trips import counting


@pytest.fixture
def here(records):
    return Services(records)


@pytest.fixture
async def ada(here):
    return await here.user("Ada")


@pytest.fixture
async def ben(here):
    return await here.user("Ben")


# -- series


async def test_each_meeting_of_a_series_takes_its_time(here, ada):
    await busy(here, ada, "10:00", 30, day="2025-10-01", rrule="FREQ=WEEKLY;BYDAY=WE")
    assert await free(here, ada) == ["09:00-10:00", "10:30-17:00"]
    assert await free(here, ada, day="2025-11-13") == ["09:00-17:00"]


@pytest.mark.parametrize("end", ["COUNT=3", "UNTIL=20251111T000000Z"])
async def test_a_series_that_is_over_takes_no_time(here, ada, end):
    await busy(here, ada, "10:00", 30, day="2025-10-01", rrule=f"FREQ=WEEKLY;{end}")
    assert await free(here, ada) == ["09:00-17:00"]


async def test_one_of_a_series_that_was_moved_takes_its_new_time_alone(here, ada):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "series", "ada@company.com", **series)
    moved = {
        "ical_uid": "weekly",
        "recurrence_id": "2025-11-12T10:00:00Z",
        "scheduled_time": f"{DAY}T14:00:00",
    }
    await invited(here, "moved", "ada@company.com", **moved)
    assert await free(here, ada) == ["09:00-14:00", "15:00-17:00"]
    assert await free(here, ada, day="2025-11-19") == ["09:00-10:00", "11:00-17:00"]


@pytest.mark.parametrize("to", ["2025-12-01T14:00:00", "2025-10-20T14:00:00"])
@pytest.mark.parametrize(
    ("recurrence_id", "zone"),
    [
        ("2025-11-12T10:00:00Z", "UTC"),
        ("2025-11-12T10:00:00+00:00", "Asia/Tokyo"),
        ("2025-11-12T10:00:00", "UTC"),
    ],
)
async def test_one_of_a_series_that_was_moved_to_another_week_leaves_its_day_free(
    here, ada, to, recurrence_id, zone
):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "series", "ada@company.com", **series)
    moved = {"ical_uid": "weekly", "recurrence_id": recurrence_id, "scheduled_time": to, "time_zone": zone}
    await invited(here, "moved", "ada@company.com", **moved)
    assert await free(here, ada) == ["09:00-17:00"]
    assert await free(here, ada, day="2025-11-19") == ["09:00-10:00", "11:00-17:00"]


async def test_one_of_a_series_that_was_moved_is_over_when_it_was_held(here):
    contact = await here.contact("pat@x.example")
    moved = {"ical_uid": "weekly", "recurrence_id": "2025-12-24", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "moved", "pat@x.example", **moved)
    assert [m["id"] for m in await here.meetings.get_historical_meetings_for_contact(contact)] == ["moved"]


async def test_a_series_stays_where_it_is_on_the_wall_when_clocks_change(here):
    dora = await here.user("Dora", "Europe/Berlin")
    await busy(here, dora, "10:00", 60, day="2025-10-22", rrule="FREQ=WEEKLY")
    assert await free(here, dora, day="2025-10-22") == ["07:00-08:00", "09:00-15:00"]
    assert await free(here, dora, day="2025-10-29") == ["08:00-09:00", "10:00-16:00"]


@pytest.mark.parametrize(
    ("answer", "slots"), [("ACCEPTED", ["09:00-10:00", "11:00-17:00"]), ("declined", ["09:00-17:00"])]
)
async def test_an_answer_to_one_of_a_series_says_not_when_it_is(here, ada, answer, slots):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "series", "ada@company.com", **series)
    said = {"response": answer, "at": "2025-11-01T10:00:00Z"}
    reply = {
        "ical_uid": "weekly",
        "recurrence_id": "2025-11-12T10:00:00Z",
        "responses": {"ada@company.com": said},
    }
    await here.meetings.put_meeting("reply", {"title": "Invited"} | reply)
    assert await free(here, ada) == slots


async def test_a_series_that_is_cancelled_takes_what_was_moved_with_it(here, ada):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    moved = {
        "ical_uid": "weekly",
        "recurrence_id": "2025-11-11T10:00:00Z",
        "scheduled_time": f"{DAY}T14:00:00",
    }
    await invited(here, "series", "ada@company.com", **series)
    await invited(here, "moved", "ada@company.com", **moved)
    await invited(here, "series", "ada@company.com", **series, status="cancelled", sequence=1)
    assert await free(here, ada) == ["09:00-17:00"]


@pytest.mark.parametrize("day", [DAY, f"{DAY}T10:00:00", f"{DAY}T10:00:00Z"])
async def test_a_day_that_is_taken_out_of_a_series_is_free(here, ada, day):
    await busy(here, ada, "10:00", 30, day="2025-10-01", rrule="FREQ=WEEKLY", time_zone="UTC", exdates=[day])
    assert await free(here, ada) == ["09:00-17:00"]


async def test_a_date_that_no_longer_invites_somebody_is_free(here, ada):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "series", "ada@company.com", **series)
    others = {"ical_uid": "weekly", "recurrence_id": f"{DAY}T10:00:00Z", "scheduled_time": f"{DAY}T10:00:00"}
    await invited(here, "others", "ben@company.com", **others)
    assert await free(here, ada) == ["09:00-17:00"]
    assert await free(here, ada, day="2025-11-19") == ["09:00-10:00", "11:00-17:00"]


async def test_a_series_is_where_a_change_from_a_date_on_says(here, ada):
    series = {"ical_uid": "weekly", "rrule": "FREQ=WEEKLY", "scheduled_time": "2025-10-01T10:00:00"}
    await invited(here, "series", "ada@company.com", **series)
    change = {"ical_uid": "weekly", "recurrence_id": "2025-11-05T10:00:00Z", "this_and_future": True}
    await invited(here, "change", "ada@company.com", **change, scheduled_time="2025-11-06T15:00:00")
    assert await free(here, ada, day="2025-10-29") == ["09:00-10:00", "11:00-17:00"]
    assert await free(here, ada) == ["09:00-17:00"]
    assert await free(here, ada, day="2025-11-13") == ["09:00-15:00", "16:00-17:00"]


async def test_further_dates_take_their_time(here, ada):
    dates = ["2025-11-12T14:00:00Z", "2025-11-13T09:00:00Z/2025-11-13T12:00:00Z"]
    await invited(here, "days", "ada@company.com", scheduled_time="2025-10-01T10:00:00", rdates=dates)
    assert await free(here, ada) == ["09:00-14:00", "15:00-17:00"]
    assert await free(here, ada, day="2025-11-13") == ["12:00-17:00"]


# -- zones


async def test_work_hours_are_on_each_users_own_wall(here):
    berlin, york = await here.user("Bo", "Europe/Berlin"), await here.user("Yi", "America/New_York")
    assert await free(here, berlin) == ["08:00-16:00"]
    assert await free(here, york) == ["14:00-22:00"]
    assert await free(here, berlin, york) == ["14:00-16:00"]


async def test_users_who_are_never_at_work_together_have_no_slot(here):
    west, east = await here.user("Wil", "America/Los_Angeles"), await here.user("Eve", "Europe/Berlin")
    assert await free(here, west, east) == []


async def test_a_meetings_time_is_on_its_users_wall_unless_it_names_another(here):
    york, kyoto = await here.user("Yi", "America/New_York"), await here.user("Kei", "Asia/Tokyo")
    await busy(here, york, "10:00")
    await busy(here, kyoto, "10:00", time_zone="UTC")
    assert await free(here, york) == ["14:00-15:00", "16:00-22:00"]
    assert await free(here, kyoto, hours=(17, 23)) == ["08:00-10:00", "11:00-14:00"]


async def test_a_colleagues_meeting_is_on_the_colleagues_wall(here):
    york, berlin = await here.user("Yi", "America/New_York"), await here.user("Bo", "Europe/Berlin")
    await busy(here, york, "09:00", attendees=[{"address": "bo@company.com"}])
    assert await free(here, berlin) == ["08:00-14:00", "15:00-16:00"]


async def test_half_hours_from_utc_are_no_trouble(here):
    delhi = await here.user("Dev", "Asia/Kolkata")
    await busy(here, delhi, "09:00")
    assert await free(here, delhi) == ["04:30-11:30"]


@pytest.mark.parametrize(
    ("day", "hours", "slots"),
    [
        ("2025-03-30", (0, 6), ["23:00-04:00"]),  # an hour is missing
        ("2025-10-26", (0, 6), ["22:00-05:00"]),  # one comes twice
        ("2025-03-30", (9, 17), ["07:00-15:00"]),
        ("2025-03-29", (9, 17), ["08:00-16:00"]),
    ],
)
async def test_a_day_with_a_clock_change_is_as_long_as_it_is(here, day, hours, slots):
    dora = await here.user("Dora", "Europe/Berlin")
    assert await free(here, dora, day=day, hours=hours) == slots


async def test_a_meeting_over_a_clock_change_takes_the_time_that_passes(here):
    dora = await here.user("Dora", "Europe/Berlin")
    await busy(here, dora, "01:30", 60, day="2025-03-30")
    assert await free(here, dora, day="2025-03-30", hours=(0, 6)) == ["23:00-00:30", "01:30-04:00"]


# -- one list a user


async def test_a_calendar_is_read_in_one_query_a_user_however_many_days(here, stores, ada, ben):
    for n in range(1, 29):
        await busy(here, ada, "10:00", 30, day=f"2025-11-{n:02}")
        await invited(here, f"m-{n}", "ada@company.com", scheduled_time=f"2025-11-{n:02}T12:00:00")
    with counting(stores.dynamodb) as sent:
        found = await here.availability.find([ada, ben], days("2025-11-01", "2025-11-28"))
    assert len(found) == 20 * 3
    assert sent.count("Query") == 2
    assert set(sent) == {"Query", "BatchGetItem"}


async def test_a_past_day_reads_nothing_of_what_came_long_after(here, stores, ada):
    for n in range(1, 29):
        await busy(here, ada, "10:00", 30, day=f"2025-10-{n:02}")
    await busy(here, ada, "12:00", day="2025-06-11")
    await busy(here, ada, "09:00", 30, day="2020-01-01", rrule="FREQ=DAILY")
    with counting(stores.dynamodb) as sent:
        assert await free(here, ada, day="2025-06-11") == ["09:30-12:00", "13:00-17:00"]
    assert sent.count("Query") == 2  # of that time, and the series; not all since


async def test_whose_address_changes_keeps_the_calendar_and_leaves_the_address(here, ada):
    await busy(here, ada, "09:00")
    await invited(here, "before", "ada@company.com", scheduled_time=f"{DAY}T11:00:00")
    await here.users.update(TENANT, ada, {"email": "ada@acme.com"}, if_match=None)
    await busy(here, ada, "13:00")
    await invited(here, "after", "ada@acme.com", scheduled_time=f"{DAY}T15:00:00")
    assert await free(here, ada) == ["10:00-11:00", "12:00-13:00", "14:00-15:00", "16:00-17:00"]
    # Another Ada gets the address, and with it what is sent there.
    other = await here.user("Ada")
    assert await free(here, other) == ["09:00-11:00", "12:00-17:00"]
    assert await free(here, ada) == ["10:00-13:00", "14:00-15:00", "16:00-17:00"]


async def test_a_meeting_that_changes_hands_changes_calendars(here, ada, ben):
    meeting = await busy(here, ada, "09:00")
    await here.meetings.update_meeting(meeting, MeetingChanges(user_id=ben))
    assert await free(here, ada) == ["09:00-17:00"]
    assert await free(here, ben) == ["10:00-17:00"]
    await here.meetings.update_meeting(meeting, MeetingChanges(scheduled_time=f"{DAY}T16:00:00"))
    assert await free(here, ben) == ["09:00-16:00"]


# -- several days


async def test_a_range_gives_each_day_by_time(here, ada):
    await busy(here, ada, "09:00", 420)
    found = await here.availability.find([ada], days("2025-11-11", "2025-11-13"))
    assert shown(found) == ["11-11 09:00-17:00", "11-12 16:00-17:00", "11-13 09:00-17:00"]


async def test_a_range_leaves_out_weekends_unless_they_are_asked_for(here, ada):
    asked = days("2025-11-14", "2025-11-17")
    assert shown(await here.availability.find([ada], asked)) == ["11-14 09:00-17:00", "11-17 09:00-17:00"]
    asked = days("2025-11-14", "2025-11-17", weekdays=[6])
    assert shown(await here.availability.find([ada], asked)) == ["11-15 09:00-17:00"]


async def test_a_saturday_that_is_asked_for_by_its_date_is_offered(here, ada):
    assert await free(here, ada, day="2025-11-15") == ["09:00-17:00"]


async def test_a_range_that_ends_before_it_begins_is_an_error(here, ada):
    with pytest.raises(ValueError, match="end_date"):
        await here.availability.find([ada], days("2025-11-13", "2025-11-12"))


async def test_the_best_comes_first_and_nothing_is_left_out(here, ada):
    # Wednesday leaves a slot over lunch alone, Thursday a tight one, Friday a roomy one; then a Saturday.
    for begins, minutes, day in [
        ("09:00", 180, "12"),
        ("13:00", 240, "12"),
        ("10:00", 420, "13"),
        ("09:00", 300, "14"),
    ]:
        await busy(here, ada, begins, minutes, day=f"2025-11-{day}")
    by_time = await here.availability.find([ada], days("2025-11-12", "2025-11-15", weekdays=EVERY_DAY))
    best = await here.availability.find(
        [ada], days("2025-11-12", "2025-11-15", weekdays=EVERY_DAY, best_first=True)
    )
    assert shown(best) == [
        "11-14 14:00-17:00",
        "11-13 09:00-10:00",
        "11-12 12:00-13:00",
        "11-15 09:00-17:00",
    ]
    assert sorted(best) == by_time


async def test_a_crowded_day_leaves_what_a_count_by_minutes_leaves(here, ada, ben):
    taken = set()
    for n in range(40):
        begins, minutes = 9 * 60 + (n * 47) % 470, 1 + (n * 13) % 9
        clock = f"{begins // 60:02d}:{begins % 60:02d}"
        await busy(here, (ada, ben)[n % 2], clock, minutes)
        taken.update(range(begins, begins + minutes))
    slots = await here.availability.find_available_slots([ada, ben], DAY, 1)
    midnight = datetime.fromisoformat(f"{DAY}T00:00:00+00:00")
    minutes_of = [
        minute
        for slot in slots
        for minute in range(
            int((slot.start - midnight).total_seconds() // 60),
            int((slot.end - midnight).total_seconds() // 60),
        )
    ]
    assert minutes_of == [minute for minute in range(9 * 60, 17 * 60) if minute not in taken]
