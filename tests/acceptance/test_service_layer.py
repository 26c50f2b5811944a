"""The service layer, phases 1 and 2: what a user, a contact and a meeting are, and what is done with them."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from parley.errors import NotFound, PreconditionFailed
from parley.meetings.models import Meeting, MeetingChanges, MeetingRequest, MeetingStatus
from parley.meetings.service import MeetingService
from parley.people.models import Contact, User
from tests.acceptance.world import MEETING, Services


@pytest.fixture
def here(records):
    return Services(records)


# -- phase 1: models


def test_a_user_has_an_id_a_name_an_address_and_a_role():
    sarah = User(id="user_1", name="Sarah Chen", email="sarah.chen@company.com", role="Account Executive")
    assert (sarah.id, sarah.name, sarah.role) == ("user_1", "Sarah Chen", "Account Executive")
    assert sarah.time_zone == "UTC"


@pytest.mark.parametrize("missing", ["id", "name", "email"])
def test_a_user_without_one_of_these_is_refused(missing):
    body = {"id": "user_1", "name": "Sarah Chen", "email": "sarah.chen@company.com"}
    with pytest.raises(ValidationError, match=missing):
        User.model_validate({name: value for name, value in body.items() if name != missing})


def test_a_contact_is_known_by_an_address_and_the_rest_may_come_later():
    someone = Contact(id="contact_1", email="Jennifer.Liu@AcmeCorp.com")
    assert (someone.email, someone.company, someone.role) == ("jennifer.liu@acmecorp.com", "", "")


@pytest.mark.parametrize("address", ["", "jennifer", "@acmecorp.com", "a b@acmecorp.com", "j@x.com, k@x.com"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        Contact(id="contact_1", email=address)


def test_a_meeting_needs_a_title_and_its_user_and_nothing_else():
    least = MeetingRequest(title="Stand-up", user_id="user_1")
    assert least.status is MeetingStatus.SCHEDULED
    optional = ("contact_id", "scheduled_time", "duration_minutes", "summary", "action_items", "sentiment")
    assert [getattr(least, name) for name in optional] == [None] * len(optional)
    for missing in ("title", "user_id"):
        with pytest.raises(ValidationError, match=missing):
            MeetingRequest.model_validate({"title": "Stand-up", "user_id": "user_1"} | {missing: None})


def test_a_meeting_that_was_held_keeps_what_came_of_it():
    held = Meeting(
        id="hist_meeting_1",
        user_id="user_1",
        contact_id="contact_1",
        title="Product Demo",
        scheduled_time="2025-07-10T14:00:00",
        status="completed",
        summary="Jennifer liked the search.",
        action_items=["Send the guide", {"text": "Name a contact", "owner": "Jennifer"}],
        sentiment="positive",
    )
    assert Meeting.model_validate(held.model_dump(mode="json")) == held


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("status", "perhaps"),
        ("scheduled_time", "next week"),
        ("duration_minutes", -30),
        ("time_zone", "Mars/Base"),
        ("attendees", [{"name": "", "address": None}]),
        ("exdates", ["2026-03-02", "the first Monday"]),
        ("recurrence_id", "next"),
        ("rrule", "FREQ=WEEKLY;BYDAY=XX"),
        ("rrule", "FREQ=DAILY;COUNT=0"),
        ("rrule", "FREQ=DAILY;INTERVAL=0"),
        ("rrule", "FREQ=DAILY;UNTIL=2026-05-01"),
        ("rrule", "FREQ=DAILY;BYFOO=3"),
        ("colour", "red"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_the_name_of_its_field(field, value):
    with pytest.raises(ValidationError, match=field):
        MeetingRequest.model_validate(MEETING | {field: value})


# -- phase 2: create, read, update, delete


async def test_what_is_created_can_be_read_under_an_id_of_its_own(here):
    first, second = await here.meeting(), await here.meeting()
    assert first != second
    stored = await here.meetings.get_meeting(first)
    assert {name: stored.body[name] for name in MEETING} == MEETING
    assert stored.body["id"] == first


@pytest.mark.parametrize(("field", "ident"), [("user_id", "user_99"), ("contact_id", "contact_99")])
async def test_nobody_unknown_has_a_meeting(here, field, ident):
    before = await here.titles()
    with pytest.raises(ValueError, match=field):
        await here.meeting(**{field: ident})
    assert await here.titles() == before


@pytest.mark.parametrize(("field", "ident"), [("user_id", "user_99"), ("contact_id", "contact_99")])
async def test_nobody_unknown_is_given_a_meeting_later(here, field, ident):
    meeting = await here.meeting()
    with pytest.raises(ValueError, match=field):
        await here.meetings.update_meeting(meeting, MeetingChanges.model_validate({field: ident}))
    stored = await here.meetings.get_meeting(meeting)
    assert (stored.body[field], stored.version) == (MEETING[field], 1)


async def test_what_is_not_there_cannot_be_read_changed_or_removed(here):
    service, changes = here.meetings, MeetingChanges(title="Other")
    for attempt in (
        service.get_meeting("meeting_99"),
        service.update_meeting("meeting_99", changes),
        service.delete_meeting("meeting_99"),
    ):
        with pytest.raises(NotFound, match="meeting_99") as error:
            await attempt
        assert isinstance(error.value, ValueError)


async def test_an_internal_meeting_has_no_contact_and_can_get_one(here):
    meeting = await here.meeting(contact_id=None)
    assert (await here.meetings.get_meeting(meeting)).body["contact_id"] is None
    changed = await here.meetings.update_meeting(meeting, MeetingChanges(contact_id="contact_2"))
    assert changed.body["contact_id"] == "contact_2"
    back = await here.meetings.update_meeting(meeting, MeetingChanges(contact_id=None))
    assert back.body["contact_id"] is None


async def test_an_update_changes_the_given_fields_alone(here):
    meeting = await here.meeting(summary="Before", duration_minutes=30)
    await here.meetings.update_meeting(meeting, MeetingChanges(status=MeetingStatus.COMPLETED))
    body = (await here.meetings.get_meeting(meeting)).body
    assert (body["status"], body["summary"], body["duration_minutes"]) == ("completed", "Before", 30)


async def test_an_update_of_nothing_changes_nothing(here):
    meeting = await here.meeting()
    before = (await here.meetings.get_meeting(meeting)).body
    assert (await here.meetings.update_meeting(meeting, MeetingChanges())).body == before


async def test_a_title_cannot_be_taken_away(here):
    meeting = await here.meeting()
    with pytest.raises(ValueError):
        await here.meetings.update_meeting(meeting, MeetingChanges(title=None))
    assert (await here.meetings.get_meeting(meeting)).body["title"] == MEETING["title"]


async def test_a_removed_meeting_is_gone_from_everywhere(here):
    meeting = await here.meeting(title="Called off")
    await here.meetings.delete_meeting(meeting)
    assert not await here.meetings.meeting_exists(meeting)
    assert "Called off" not in await here.titles("user_1")
    with pytest.raises(NotFound):
        await here.meetings.delete_meeting(meeting)


async def test_who_is_there_can_be_asked(here):
    assert await here.meetings.user_exists("user_1")
    assert await here.meetings.contact_exists("contact_1")
    assert await here.meetings.meeting_exists("hist_meeting_1")
    assert not await here.meetings.user_exists("contact_1")
    assert not await here.meetings.contact_exists("user_1")
    assert not await here.meetings.meeting_exists("user_1")


async def test_the_past_meetings_with_a_contact_are_those_that_were_held_the_latest_first(here):
    await here.meeting(title="Still to come")
    await here.meeting(title="Called off", status="cancelled", scheduled_time="2025-10-01T10:00:00")
    found = await here.meetings.get_historical_meetings_for_contact("contact_1")
    assert [one["title"] for one in found] == ["Security Review", "Product Demo"]
    latest = await here.meetings.get_historical_meetings_for_contact("contact_1", limit=1)
    assert [one["title"] for one in latest] == ["Security Review"]
    assert await here.meetings.get_historical_meetings_for_contact("contact_3") == []


# -- phase 2: lists


@pytest.mark.parametrize("filters", [None, {}, {"contact_id": "", "status": "", "text": "", "from": ""}])
async def test_empty_filters_leave_nothing_out(here, filters):
    assert await here.titles("user_1", filters) == ["Product Demo", "Security Review"]


async def test_a_user_without_meetings_and_an_unknown_one_have_an_empty_list(here):
    nobody = await here.user("Idle")
    assert await here.titles(nobody) == []
    assert await here.titles("user_99") == []


async def test_a_list_is_by_time_and_what_has_none_stands_last(here):
    await here.meeting(title="Some day", scheduled_time=None)
    await here.meeting(title="Earliest", scheduled_time="2025-01-02T09:00:00")
    assert await here.titles("user_1") == ["Earliest", "Product Demo", "Security Review", "Some day"]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"contact_id": "contact_1"}, ["Product Demo", "Security Review", "Pilot kick-off"]),
        ({"contact_id": "contact_3"}, []),
        ({"status": "scheduled"}, ["Pilot kick-off", "Scanner rollout"]),
        ({"contact_id": "contact_1", "status": "completed"}, ["Product Demo", "Security Review"]),
        ({"from": "2025-08-05T10:30:00"}, ["Security Review", "Pilot kick-off", "Scanner rollout"]),
        ({"to": "2025-08-05T10:30:00"}, ["Product Demo"]),
        ({"from": "2025-08-01", "to": "2025-12-01"}, ["Security Review", "Pilot kick-off"]),
        ({"text": "SINGLE sign-on"}, ["Product Demo"]),
        ({"text": "pilot"}, ["Pilot kick-off"]),
        ({"text": "eva.holm"}, ["Scanner rollout"]),
        ({"text": "nothing of the kind"}, []),
        ({"text": "o", "status": "scheduled", "contact_id": "contact_2"}, ["Scanner rollout"]),
    ],
)
async def test_each_filter_leaves_only_what_it_names(here, filters, left):
    await here.meeting(title="Pilot kick-off", scheduled_time="2025-11-20T10:00:00")
    await here.meeting(
        title="Scanner rollout",
        contact_id="contact_2",
        scheduled_time="2025-12-01T10:00:00",
        attendees=[{"name": "Eva", "address": "eva.holm@northwind.example"}],
    )
    assert await here.titles("user_1", filters) == left


@pytest.mark.parametrize("text", ["cafe\u0301", "CAF\u00c9", "fu\u0308r", "\uff21lle"])
async def test_a_text_is_found_whichever_way_it_is_written(here, text):
    await here.meeting(title="Caf\u00e9 f\u00fcr alle")
    assert await here.titles("user_1", {"text": text}) == ["Caf\u00e9 f\u00fcr alle"]


async def test_pages_give_each_meeting_once_in_the_order_of_time(here):
    days = [f"2025-12-{day:02d}" for day in range(1, 12)]
    for day in reversed(days):
        await here.meeting(title=day, scheduled_time=f"{day}T09:00:00", contact_id="contact_3")
    seen, cursor = [], None
    while True:
        page = await here.meetings.get_all_meetings(
            "user_1", {"contact_id": "contact_3"}, limit=4, cursor=cursor
        )
        assert len(page.items) <= 4
        seen += [one["title"] for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == days


# -- phase 2: two writers


async def test_of_two_writers_who_read_the_same_version_one_is_refused(here):
    meeting = await here.meeting()
    read = (await here.meetings.get_meeting(meeting)).etag
    ends = await asyncio.gather(
        here.meetings.update_meeting(meeting, MeetingChanges(title="One"), if_match=read),
        here.meetings.update_meeting(meeting, MeetingChanges(title="Two"), if_match=read),
        return_exceptions=True,
    )
    refused = [end for end in ends if isinstance(end, PreconditionFailed)]
    won = [end for end in ends if not isinstance(end, BaseException)]
    assert (len(refused), len(won)) == (1, 1)
    standing = await here.meetings.get_meeting(meeting)
    assert (standing.body["title"], standing.version) == (won[0].body["title"], 2)


async def test_writers_of_different_fields_lose_nothing_of_each_other(here):
    meeting = await here.meeting()
    await asyncio.gather(
        here.meetings.update_meeting(meeting, MeetingChanges(title="Renamed")),
        here.meetings.update_meeting(meeting, MeetingChanges(summary="Written up")),
        here.meetings.update_meeting(meeting, MeetingChanges(duration_minutes=25)),
    )
    body = (await here.meetings.get_meeting(meeting)).body
    assert (body["title"], body["summary"], body["duration_minutes"]) == ("Renamed", "Written up", 25)


async def test_what_somebody_else_changed_is_not_removed_unseen(here):
    meeting = await here.meeting()
    read = (await here.meetings.get_meeting(meeting)).etag
    await here.meetings.update_meeting(meeting, MeetingChanges(title="Changed meanwhile"))
    with pytest.raises(PreconditionFailed):
        await here.meetings.delete_meeting(meeting, if_match=read)
    assert await here.meetings.meeting_exists(meeting)


async def test_no_tenant_sees_what_is_anothers(here):
    rival = MeetingService(here.records, "rival")
    with pytest.raises(NotFound):
        await rival.get_meeting("hist_meeting_1")
    assert (await rival.get_all_meetings()).items == []
