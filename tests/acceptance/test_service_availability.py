"""The service layer, phase 3: when everybody can meet."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from parley.backend.services.availability import Asked
from tests.acceptance.world import Services

DAY = "2025-11-12"
"""A Wednesday."""


@pytest.fixture
def here(records):
    return Services(records)


@pytest.fixture
async def ada(here):
    return await here.user("Ada")


@pytest.fixture
async def ben(here):
    return await here.user("Ben")


async def busy(here, user: str, begins: str, minutes: int | None = 60, *, day: str = DAY, **more) -> str:
    """A meeting of this user's from that time on."""
    return await here.meeting(
        user_id=user, scheduled_time=f"{day}T{begins}:00", duration_minutes=minutes, **more
    )


async def invited(here, ident: str, address: str, response: str | None = None, **more) -> None:
    """A meeting that came by mail and names this address; it is nobody's own."""
    said = {
        "title": "Invited",
        "scheduled_time": f"{DAY}T10:00:00",
        "duration_minutes": 60,
        "time_zone": "UTC",
        "attendees": [{"name": "", "address": address, "response": response}],
        "sequence": 0,
        "ical_uid": ident,
    }
    await here.meetings.put_meeting(ident, said | more)


def shown(slots) -> list[str]:
    """Each slot as `11-12 09:00-10:00`, in UTC."""
    assert all(one.start.utcoffset().total_seconds() == 0 for one in slots)
    return [f"{one.start.astimezone(UTC):%m-%d %H:%M}-{one.end.astimezone(UTC):%H:%M}" for one in slots]


async def free(here, *users: str, minutes: int = 30, day: str = DAY, hours=(9, 17)) -> list[str]:
    """The free slots of one day, without the day."""
    slots = await here.availability.find_available_slots(list(users), day, minutes, hours)
    return [one[6:] for one in shown(slots)]


# -- what is asked for


async def test_nobody_to_meet_is_an_error(here):
    with pytest.raises(ValueError, match="user_ids"):
        await here.availability.find_available_slots([], DAY, 30)


async def test_somebody_unknown_is_an_error_that_names_them(here, ada):
    with pytest.raises(ValueError, match="user_99"):
        await here.availability.find_available_slots([ada, "user_99"], DAY, 30)


@pytest.mark.parametrize(
    ("day", "minutes", "hours"),
    [
        ("2025-02-30", 30, (9, 17)),
        ("tomorrow", 30, (9, 17)),
        (DAY, 0, (9, 17)),
        (DAY, -15, (9, 17)),
        (DAY, 30, (17, 9)),
        (DAY, 30, (9, 9)),
        (DAY, 30, (-1, 9)),
        (DAY, 30, (9, 25)),
    ],
)
async def test_a_question_that_makes_no_sense_is_an_error(here, ada, day, minutes, hours):
    with pytest.raises(ValueError):
        await here.availability.find_available_slots([ada], day, minutes, hours)


async def test_a_user_who_is_named_twice_is_one_user(here, ada):
    await busy(here, ada, "10:00")
    assert await free(here, ada, ada) == await free(here, ada)


# -- one user's day


async def test_a_day_without_meetings_is_free_from_nine_to_five(here, ada):
    assert await free(here, ada) == ["09:00-17:00"]


async def test_a_day_that_is_fully_booked_has_no_slot(here, ada):
    await busy(here, ada, "09:00", 240)
    await busy(here, ada, "13:00", 240)
    assert await free(here, ada) == []


async def test_work_longer_than_the_day_leaves_no_slot(here, ada):
    assert await free(here, ada, minutes=8 * 60) == ["09:00-17:00"]
    assert await free(here, ada, minutes=8 * 60 + 1) == []


async def test_meetings_that_overlap_or_lie_in_each_other_are_one_stretch(here, ada):
    await busy(here, ada, "10:00", 90)
    await busy(here, ada, "11:00", 60)
    await busy(here, ada, "10:15", 15)
    assert await free(here, ada) == ["09:00-10:00", "12:00-17:00"]


async def test_between_meetings_that_touch_there_is_no_slot(here, ada):
    await busy(here, ada, "10:00", 60)
    await busy(here, ada, "11:00", 60)
    assert await free(here, ada, minutes=1) == ["09:00-10:00", "12:00-17:00"]


async def test_a_gap_of_exactly_the_length_fits_and_a_shorter_one_does_not(here, ada):
    await busy(here, ada, "09:30", 90)
    await busy(here, ada, "11:45", 315)
    assert await free(here, ada, minutes=30) == ["09:00-09:30", "11:00-11:45"]
    assert await free(here, ada, minutes=31) == ["11:00-11:45"]
    assert await free(here, ada, minutes=46) == []


async def test_what_reaches_into_the_day_or_out_of_it_is_cut_at_its_edges(here, ada):
    await busy(here, ada, "08:00", 90)
    await busy(here, ada, "16:30", 120)
    await busy(here, ada, "06:00", 60)
    await busy(here, ada, "20:00", 60)
    assert await free(here, ada) == ["09:30-16:30"]


async def test_other_work_hours_are_kept_to(here, ada):
    await busy(here, ada, "10:00")
    assert await free(here, ada, hours=(8.5, 12)) == ["08:30-10:00", "11:00-12:00"]
    assert await free(here, ada, hours=(0, 24)) == ["00:00-10:00", "11:00-00:00"]


async def test_a_meeting_over_midnight_takes_time_on_both_days(here, ada):
    await busy(here, ada, "22:00", 240, day="2025-11-11")
    assert await free(here, ada, hours=(0, 8)) == ["02:00-08:00"]
    assert await free(here, ada, hours=(18, 24), day="2025-11-11") == ["18:00-22:00"]


async def test_a_meeting_of_several_days_takes_those_between_whole(here, ada):
    await busy(here, ada, "12:00", 2 * 24 * 60, day="2025-11-11")
    assert await free(here, ada) == []
    assert await free(here, ada, day="2025-11-13") == ["12:00-17:00"]


async def test_a_whole_day_off_leaves_no_slot(here, ada):
    await busy(here, ada, "00:00", None, all_day=True)
    assert await free(here, ada) == []


async def test_a_meeting_of_unknown_length_is_taken_for_an_hour(here, ada):
    await busy(here, ada, "10:00", None)
    assert await free(here, ada) == ["09:00-10:00", "11:00-17:00"]


async def test_a_meeting_without_a_time_takes_none(here, ada):
    await here.meeting(user_id=ada, scheduled_time=None, duration_minutes=60)
    assert await free(here, ada) == ["09:00-17:00"]


async def test_a_cancelled_meeting_takes_no_time(here, ada):
    await busy(here, ada, "10:00", status="cancelled")
    assert await free(here, ada) == ["09:00-17:00"]


async def test_a_removed_or_moved_meeting_takes_no_time_where_it_was(here, ada):
    from parley.models.meeting import MeetingChanges

    removed, moved = await busy(here, ada, "10:00"), await busy(here, ada, "12:00")
    await here.meetings.delete_meeting(removed)
    changes = MeetingChanges.model_validate({"scheduled_time": f"{DAY}T15:00:00"})
    await here.meetings.update_meeting(moved, changes)
    assert await free(here, ada) == ["09:00-15:00", "16:00-17:00"]


async def test_a_tentative_meeting_takes_time_unless_it_is_said_not_to(here, ada):
    await busy(here, ada, "10:00", status="tentative")
    assert await free(here, ada) == ["09:00-10:00", "11:00-17:00"]
    asked = Asked(
        first=date.fromisoformat(DAY),
        last=date.fromisoformat(DAY),
        duration_minutes=30,
        tentative_is_free=True,
    )
    assert shown(await here.availability.find([ada], asked)) == ["11-12 09:00-17:00"]


# -- several users


async def test_only_what_is_free_for_everybody_is_a_slot(here, ada, ben):
    await busy(here, ada, "09:00", 120)
    await busy(here, ben, "10:30", 90)
    await busy(here, ben, "16:00", 60)
    assert await free(here, ada, ben) == ["12:00-16:00"]
    assert await free(here, ben) == ["09:00-10:30", "12:00-16:00"]


async def test_others_meetings_take_nobodys_time(here, ada, ben):
    await busy(here, ben, "09:00", 480)
    assert await free(here, ada) == ["09:00-17:00"]


# -- who is invited


async def test_who_is_invited_by_address_alone_is_busy(here, ada):
    await invited(here, "invite-1", "Ada@Company.com")
    assert await free(here, ada) == ["09:00-10:00", "11:00-17:00"]


async def test_who_is_invited_to_a_colleagues_meeting_is_busy(here, ada, ben):
    await busy(here, ben, "10:00", attendees=[{"name": "Ada", "address": "ada@company.com"}])
    assert await free(here, ada) == ["09:00-10:00", "11:00-17:00"]


@pytest.mark.parametrize("word", ["declined", "DECLINED"])
async def test_who_has_declined_is_free(here, ada, word):
    await invited(here, "invite-1", "ada@company.com", word)
    assert await free(here, ada) == ["09:00-17:00"]


async def test_who_declines_by_mail_is_free_and_the_others_are_not(here, ada, ben):
    await busy(
        here,
        ben,
        "10:00",
        attendees=[{"address": "ada@company.com", "response": "accepted"}],
        ical_uid="uid-1",
    )
    page = await here.meetings.get_all_meetings(ben)
    answer = {"ada@company.com": {"response": "declined", "at": "2025-11-04T09:00:00Z"}}
    await here.meetings.put_meeting(page.items[0]["id"], {"responses": answer})
    assert await free(here, ada) == ["09:00-17:00"]
    assert await free(here, ben) == ["09:00-10:00", "11:00-17:00"]


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


async def test_a_series_stays_where_it_is_on_the_wall_when_clocks_change(here):
    dora = await here.user("Dora", "Europe/Berlin")
    await busy(here, dora, "10:00", 60, day="2025-10-22", rrule="FREQ=WEEKLY")
    assert await free(here, dora, day="2025-10-22") == ["07:00-08:00", "09:00-15:00"]
    assert await free(here, dora, day="2025-10-29") == ["08:00-09:00", "10:00-16:00"]


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


# -- several days


def days(first: str, last: str, **more) -> Asked:
    return Asked(
        first=date.fromisoformat(first), last=date.fromisoformat(last), **({"duration_minutes": 60} | more)
    )


async def test_a_range_gives_each_day_by_time(here, ada):
    await busy(here, ada, "09:00", 420)
    found = await here.availability.find([ada], days("2025-11-11", "2025-11-13"))
    assert shown(found) == ["11-11 09:00-17:00", "11-12 16:00-17:00", "11-13 09:00-17:00"]


async def test_a_range_can_leave_out_weekends(here, ada):
    asked = days("2025-11-14", "2025-11-17", weekdays=range(1, 6))
    assert shown(await here.availability.find([ada], asked)) == ["11-14 09:00-17:00", "11-17 09:00-17:00"]


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
    by_time = await here.availability.find([ada], days("2025-11-12", "2025-11-15"))
    best = await here.availability.find([ada], days("2025-11-12", "2025-11-15", best_first=True))
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
