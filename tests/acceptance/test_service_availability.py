"""The service layer, phase 3: when everybody can meet on a day."""

from __future__ import annotations

from datetime import date

import pytest

from parley.availability.service import AvailabilityQuery
from parley.meetings.models import MeetingChanges
from tests.acceptance.days import DAY, busy, free, invited, shown
from tests.acceptance.world import Services


@pytest.fixture
def here(records):
    return Services(records)


@pytest.fixture
async def ada(here):
    return await here.user("Ada")


@pytest.fixture
async def ben(here):
    return await here.user("Ben")


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
    removed, moved = await busy(here, ada, "10:00"), await busy(here, ada, "12:00")
    await here.meetings.delete_meeting(removed)
    changes = MeetingChanges.model_validate({"scheduled_time": f"{DAY}T15:00:00"})
    await here.meetings.update_meeting(moved, changes)
    assert await free(here, ada) == ["09:00-15:00", "16:00-17:00"]


async def test_a_tentative_meeting_takes_time_unless_it_is_said_not_to(here, ada):
    await busy(here, ada, "10:00", status="tentative")
    assert await free(here, ada) == ["09:00-10:00", "11:00-17:00"]
    asked = AvailabilityQuery(
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
