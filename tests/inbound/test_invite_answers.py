"""What the answer to a calendar says: the reader's own wall, what recurs, who is no longer invited, who comes instead."""

from __future__ import annotations

import itertools

import pytest

from tests.inbound.test_invite import ics, invitation
from tests.inbound.test_invite_preparation import BRIEF
from tests.inbound.test_pipeline import BOX, MAILBOX, World

OVER_BRIEF = BRIEF | {"when": ""}


def world(zone=None, *, brief=None):
    """It is 1 June 2026 at noon, UTC."""
    made = World(MAILBOX)
    made.clock.now = 1_780_315_200.0
    made.backend.brief = brief
    made.backend.users = {"sarah@acme.test"}

    async def find_user(_tenant, email):
        return {"id": "user_1", "email": email, "time_zone": zone or "UTC"}

    made.backend.find_user = find_user
    return made


async def answer(made, *calendars):
    for number, calendar in enumerate(calendars):
        await made.deliver(invitation(calendar, number, as_file=True), delivery=f"d{number}")
    text = made.message(len(made.sender.sent) - 1).get_body(("plain",)).get_content()
    return text.replace("\r\n", "\n")


def later(**more):
    return ics(start="20260610T130000Z", end="20260610T134500Z") if not more else ics(**more)


async def test_times_are_on_the_wall_of_whoever_is_answered():
    assert "Wednesday, 2026-06-10 at 15:00-15:45 (Europe/Warsaw)" in await answer(
        world("Europe/Warsaw"), later()
    )
    assert "Wednesday, 2026-06-10 at 13:00-13:45 (UTC)" in await answer(world(), later())
    zoned = ics(start="TZID=America/Bogota:20260610T080000", end=None)
    text = await answer(world("Europe/Warsaw"), zoned)
    assert "Wednesday, 2026-06-10 at 15:00 (Europe/Warsaw), 08:00 in America/Bogota" in text
    assert "Wednesday, 2026-06-10 at 08:00 (America/Bogota)" in await answer(world(), zoned)


async def test_days_are_told_to_the_last():
    days = ics(start="VALUE=DATE:20260610", end=None, extra=["DTEND;VALUE=DATE:20260613"])
    assert "Wednesday, 2026-06-10 to Friday, 2026-06-12\n" in await answer(world("Asia/Tokyo"), days)


async def test_our_own_address_is_nobody_to_meet_with():
    assert BOX not in (await answer(world(), later())).partition("With ")[2].partition("\n")[0]


def series(*extra, start="20260105T090000Z", **more):
    return ics(start=start, end=None, extra=["DURATION:PT30M", *extra], **more)


async def test_a_series_is_shown_by_its_next_date_with_its_rhythm():
    text = await answer(world(), series("RRULE:FREQ=WEEKLY"))
    assert "next on Monday, 2026-06-08 at 09:00-09:30 (UTC), every Monday\n" in text
    text = await answer(world(), series("RRULE:FREQ=WEEKLY;COUNT=9", start="20260615T090000Z"))
    assert "  Monday, 2026-06-15 at 09:00-09:30 (UTC), every Monday, 9 times in all\n" in text


async def test_a_rhythm_in_utc_is_told_by_the_readers_weekday():
    text = await answer(world("Asia/Tokyo"), series("RRULE:FREQ=WEEKLY", start="20260105T220000Z"))
    assert "next on Tuesday, 2026-06-02 at 07:00-07:30 (Asia/Tokyo), every Tuesday\n" in text


async def test_a_series_that_is_over_is_said_to_be_and_not_prepared_for():
    made = world(brief=OVER_BRIEF)
    text = await answer(made, series("RRULE:FREQ=WEEKLY;UNTIL=20260301T000000Z"))
    assert "over: the last was on Monday, 2026-02-23 at 09:00 (UTC)\n" in text
    assert "BEFORE YOU MEET" not in text
    assert "BEFORE YOU MEET" in await answer(world(brief=OVER_BRIEF), series("RRULE:FREQ=WEEKLY"))


async def test_further_dates_are_told():
    text = await answer(
        world(), later(start="20260610T090000Z", extra=["RDATE:20260612T090000Z,20260611T090000Z"])
    )
    assert "; and on Thursday, 2026-06-11 at 09:00 (UTC); and on Friday, 2026-06-12 at 09:00 (UTC)\n" in text
    text = await answer(world(), series("RRULE:FREQ=WEEKLY", "RDATE:20260604T090000Z,20260105T090000Z"))
    assert "next on Thursday, 2026-06-04 at 09:00-09:30 (UTC), every Monday\n" in text
    text = await answer(world(), series("RRULE:FREQ=WEEKLY", "RDATE:20260611T090000Z"))
    assert "every Monday, and also on Thursday, 2026-06-11 at 09:00 (UTC)\n" in text
    many = ",".join(f"202607{day:02d}T090000Z" for day in range(1, 20))
    assert "; and 14 more times\n" in await answer(
        world(), later(start="20260610T090000Z", extra=[f"RDATE:{many}"])
    )


async def test_a_moved_date_says_from_when_and_a_change_that_the_later_ones_move_too():
    moved = later(start="20260609T110000Z", end=None, extra=["RECURRENCE-ID:20260608T090000Z"])
    text = await answer(world(), series("RRULE:FREQ=WEEKLY"), moved)
    assert "Tuesday, 2026-06-09 at 11:00 (UTC)\n  Moved from Monday, 2026-06-08 at 09:00 (UTC)\n" in text
    assert "after it" not in text
    made = world()
    change = later(
        start="20260609T110000Z", end=None, extra=["RECURRENCE-ID;RANGE=THISANDFUTURE:20260608T090000Z"]
    )
    text = await answer(made, series("RRULE:FREQ=WEEKLY"), change)
    assert "And so all that come after it." in text
    assert "Not understood" not in text
    _, kept = made.backend.of("meeting")
    assert kept["this_and_future"] is True


@pytest.mark.parametrize("method", ["REQUEST", "PUBLISH"])
async def test_what_is_cancelled_by_its_status_is_called_cancelled(method):
    one = later(
        method=method,
        start="20260608T090000Z",
        end=None,
        extra=["RECURRENCE-ID:20260608T090000Z", "STATUS:CANCELLED"],
    )
    text = await answer(world(), one)
    assert "Cancelled: Pilot call\n  Monday, 2026-06-08 at 09:00 (UTC)\n" in text
    assert "Noted" not in text
    assert "Moved from" not in text


# -- rooms and other no people


async def test_rooms_are_no_contacts_and_stand_apart():
    made = world()
    room = "ATTENDEE;CUTYPE=ROOM;CN=Winter garden:mailto:garden@acme.test"
    group = "ATTENDEE;CUTYPE=GROUP;CN=All of sales:mailto:sales@acme.test"
    text = await answer(made, later(start="20260610T090000Z", extra=[room, group]))
    assert "  In Winter garden\n" in text
    assert "garden@acme.test" not in text
    assert {one["email"] for one in made.backend.of("contact")} == {"sarah@acme.test", "bo@customer.test"}
    (meeting,) = made.backend.of("meeting")
    kinds = {one["address"]: one["kind"] for one in meeting["attendees"]}
    assert (kinds["garden@acme.test"], kinds["sales@acme.test"], kinds["bo@customer.test"]) == (
        "room",
        "group",
        None,
    )


# -- a withdrawn invitation

THREE = ["ATTENDEE;CN=Kim Oduya:mailto:kim@customer.test"]


def cancel(*attendees, extra=(), **more):
    text = later(method="CANCEL", sequence=1, start="20260610T090000Z", extra=extra, **more)
    head, _, rest = text.partition("ATTENDEE")
    tail = rest[rest.index(BOX) + len(BOX) :]
    return head + "\r\n".join(f"ATTENDEE:mailto:{one}" for one in attendees) + tail


async def test_a_cancel_of_some_uninvites_them_and_the_meeting_stays():
    made = world()
    text = await answer(made, later(start="20260610T090000Z", extra=THREE), cancel("bo@customer.test"))
    assert "No longer invited: Pilot call\n" in text
    assert "bo@customer.test is no longer invited. The meeting stays.\n" in text
    (meeting,) = made.backend.of("meeting")
    assert meeting["status"] == "scheduled"
    assert meeting["responses"] == {
        "bo@customer.test": {"response": "uninvited", "at": "2026-03-01T08:00:00Z", "sequence": 1}
    }


@pytest.mark.parametrize(
    "calendar",
    [
        cancel("bo@customer.test", "kim@customer.test", BOX),
        cancel("bo@customer.test", "kim@customer.test"),  # we are never invited
        cancel("bo@customer.test", extra=["STATUS:CANCELLED"]),
        cancel("bo@customer.test", extra=["STATUS:CONFIRMED"]),
        cancel("stranger@else.test"),
        cancel(),
    ],
    ids=["all", "all but us", "cancelled", "confirmed", "nobody of it", "nobody named"],
)
async def test_a_cancel_of_all_cancels(calendar):
    made = world()
    text = await answer(made, later(start="20260610T090000Z", extra=THREE), calendar)
    assert "Cancelled: Pilot call\n" in text
    (meeting,) = made.backend.of("meeting")
    assert meeting["status"] == "cancelled"


async def test_a_cancel_that_comes_before_its_invite_uninvites_whom_it_names():
    made = world()
    await answer(made, cancel("bo@customer.test"), later(start="20260610T090000Z", extra=THREE))
    assert "Cancelled: Pilot call" in made.message(0).get_body(("plain",)).get_content()
    (meeting,) = made.backend.of("meeting")
    assert meeting["status"] == "scheduled"
    assert meeting["responses"]["bo@customer.test"]["response"] == "uninvited"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_cancel_of_all_without_a_status_cancels_in_whatever_order(order):
    said = [
        later(start="20260610T090000Z"),
        later(sequence=1, start="20260611T090000Z"),
        cancel("bo@customer.test"),
    ]
    made = world()
    await answer(made, *(said[n] for n in order))
    (meeting,) = made.backend.of("meeting")
    assert (meeting["status"], meeting["scheduled_time"]) == ("cancelled", "2026-06-11T09:00:00")
    assert [one["kind"] for one in meeting["attendees"]] == ["mailbox", None]


async def test_whoever_is_uninvited_last_does_not_cancel_for_the_rest():
    made = world()
    await answer(
        made,
        later(start="20260610T090000Z", extra=THREE),
        cancel("bo@customer.test"),
        cancel("bo@customer.test"),
    )
    (meeting,) = made.backend.of("meeting")
    assert meeting["status"] == "scheduled"


async def test_of_a_series_somebody_is_uninvited_from_one_date():
    made = world()
    weekly = later(start="20260608T090000Z", extra=["RRULE:FREQ=WEEKLY", *THREE])
    one = cancel("kim@customer.test", extra=["RECURRENCE-ID:20260615T090000Z"])
    assert "No longer invited" in await answer(made, weekly, one)
    _, date = made.backend.of("meeting")
    assert date["responses"]["kim@customer.test"]["response"] == "uninvited"
    assert date["status"] != "cancelled"


# -- answers


def reply(*attendees):
    text = later(method="REPLY", start="20260610T090000Z")
    head, _, rest = text.partition("ATTENDEE")
    return head + "\r\n".join(f"ATTENDEE;{one}" for one in attendees) + rest[rest.index(BOX) + len(BOX) :]


async def test_who_is_sent_instead_answers_too():
    made = world()
    text = await answer(
        made,
        reply(
            'CN=Bo Lind;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:kim@customer.test":mailto:bo@customer.test',
            "CN=Kim Oduya;PARTSTAT=TENTATIVE:mailto:kim@customer.test",
        ),
    )
    assert "Answer: Pilot call\n" in text
    assert "  Bo Lind delegated to Kim Oduya, who may come\n" in text
    (meeting,) = made.backend.of("meeting")
    assert {who: one["response"] for who, one in meeting["responses"].items()} == {
        "bo@customer.test": "delegated",
        "kim@customer.test": "tentative",
    }


async def test_of_several_in_an_answer_the_sender_answers():
    made = world()
    await answer(
        made,
        reply("PARTSTAT=DECLINED:mailto:sarah@acme.test", "PARTSTAT=ACCEPTED:mailto:bo@customer.test"),
    )
    (meeting,) = made.backend.of("meeting")
    assert {who: one["response"] for who, one in meeting["responses"].items()} == {
        "sarah@acme.test": "declined"
    }
