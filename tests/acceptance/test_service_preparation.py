"""The service layer, phase 4: what to know before a meeting."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from parley.errors import LLMAPIError
from parley.meetings.action_item import ActionItemChanges
from parley.meetings.action_items import ActionItemService
from parley.meetings.models import MeetingChanges
from parley.people.kinds import CONTACT
from tests.acceptance.world import NOW, PREPARATION, TENANT, Services, a_model, told
from tests.llm_stub import Behaviour
from tests.rooms.test_round_trips import counting

SECRETS = ("zoom.us", "meet.google.com", "https://", "4711 88", "84 31", "XK-2291", "650 479 3208")


@pytest.fixture
def here(records):
    return Services(records)


@pytest.fixture
async def model():
    async with a_model() as (stub, gateway, _):
        yield stub, gateway


async def prepared(here, gateway, **changes):
    """The preparation for a new meeting."""
    meeting = await here.meeting(**changes)
    return await here.preparation(gateway).generate_pre_meeting_prep(meeting)


async def held(here, title: str, day: str, items=None, **more) -> str:
    """A meeting with Jennifer that is over."""
    return await here.meeting(
        title=title, scheduled_time=f"{day}T10:00:00", status="completed", action_items=items, **more
    )


# -- phase 4: what is generated


async def test_a_preparation_has_its_four_parts(here, model):
    _, gateway = model
    made = await prepared(here, gateway)
    assert made.contact_summary == PREPARATION["contact_summary"]
    assert made.recent_interactions == PREPARATION["recent_interactions"]
    assert list(made.suggested_topics) == PREPARATION["suggested_topics"]
    assert len(made.pending_action_items) == 3
    assert made.source == "model"


@pytest.mark.parametrize("many", [3, 4, 5])
async def test_three_to_five_topics_are_given_as_they_are(here, many):
    topics = [f"Topic {n}" for n in range(many)]
    async with a_model(script={"preparation": PREPARATION | {"suggested_topics": topics}}) as (_, gateway, _):
        assert list((await prepared(here, gateway)).suggested_topics) == topics


async def test_of_more_topics_the_first_five_are_kept(here):
    topics = [f"Topic {n}" for n in range(9)]
    async with a_model(script={"preparation": PREPARATION | {"suggested_topics": topics}}) as (_, gateway, _):
        assert list((await prepared(here, gateway)).suggested_topics) == topics[:5]


async def test_the_model_is_told_who_the_contact_is_what_comes_and_what_was(here, model):
    stub, gateway = model
    await prepared(here, gateway, title="Pilot kick-off")
    for fact in (
        "Jennifer Liu",
        "VP of Engineering",
        "Acme Corp",
        "Pilot kick-off",
        "2025-11-15",
        "Product Demo",
        "2025-07-10",
        "asked about single sign-on",
        "Security Review",
        "data residency is still open",
    ):
        assert fact in told(stub), fact
    assert "depots" not in told(stub)


async def test_the_model_is_not_told_of_meetings_with_others_or_of_such_that_were_not_held(here, model):
    stub, gateway = model
    await held(here, "About Brightline", "2025-09-01", contact_id="contact_3")
    await here.meeting(title="Called off", status="cancelled", scheduled_time="2025-09-02T10:00:00")
    await here.meeting(title="Much later", scheduled_time="2026-02-01T10:00:00")
    await prepared(here, gateway)
    for title in ("About Brightline", "Called off", "Much later"):
        assert title not in told(stub)


async def test_of_many_past_meetings_the_latest_are_told(here, model):
    stub, gateway = model
    for day in range(1, 13):
        await held(here, f"Weekly {day:02d}", f"2025-10-{day:02d}", summary=f"Spoke of point {day:02d}.")
    await prepared(here, gateway)
    assert "point 12." in told(stub)
    assert "point 01." not in told(stub)


async def test_a_meeting_that_the_contact_was_only_invited_to_is_a_past_one_too(here, model):
    stub, gateway = model
    jennifer = [{"name": "Jennifer", "address": "jennifer.liu@acmecorp.com"}]
    await held(here, "Workshop", "2025-10-01", contact_id=None, attendees=jennifer, summary="Drew a map.")
    await prepared(here, gateway)
    assert "Drew a map." in told(stub)


async def test_before_a_first_meeting_the_model_is_told_so(here, model):
    stub, gateway = model
    made = await prepared(here, gateway, contact_id="contact_3")
    assert made.pending_action_items == ()
    assert 3 <= len(made.suggested_topics) <= 5
    assert "Amara Okafor" in told(stub)
    assert "Past meeting" not in told(stub)


async def test_the_rules_prepare_for_a_first_meeting_without_a_model(here):
    made = await prepared(here, None, contact_id="contact_3")
    assert "Amara Okafor" in made.contact_summary
    assert "first meeting" in made.recent_interactions
    assert 3 <= len(made.suggested_topics) <= 5
    assert (made.pending_action_items, made.source) == ((), "rules")


async def test_an_internal_meeting_is_an_error_and_no_model_is_asked(here, model):
    stub, gateway = model
    meeting = await here.meeting(contact_id=None)
    for prepare in (
        here.preparation(gateway).generate_pre_meeting_prep,
        here.preparation(gateway).generate_pre_meeting_prep_with_retry,
    ):
        with pytest.raises(ValueError, match="internal"):
            await prepare(meeting)
    colleagues = [{"name": "Marcus", "address": "marcus.webb@company.com"}]
    among_us = await here.meeting(contact_id=None, attendees=colleagues)
    with pytest.raises(ValueError, match="internal"):
        await here.preparation(gateway).generate_pre_meeting_prep(among_us)
    assert stub.calls == []


async def test_somebody_from_outside_among_the_attendees_is_the_contact(here, model):
    stub, gateway = model
    people = [
        {"name": "Marcus", "address": "marcus.webb@company.com"},
        {"name": "", "address": "tomasz.nowak@northwind.example"},
    ]
    await prepared(here, gateway, contact_id=None, attendees=people)
    assert "Tomasz Nowak" in told(stub)


@pytest.mark.parametrize(
    "content",
    [
        "Here is your preparation:",
        "{",
        "null",
        "[]",
        "{}",
        json.dumps({"contact_summary": "Only this"}),
        json.dumps(PREPARATION | {"suggested_topics": "one, two, three"}),
        json.dumps(PREPARATION | {"suggested_topics": ["One", "Two"]}),
        json.dumps(PREPARATION | {"suggested_topics": ["Same", "Same", "Same", "  "]}),
        json.dumps(PREPARATION | {"contact_summary": ""}),
        json.dumps(PREPARATION | {"recent_interactions": None}),
        json.dumps(PREPARATION | {"contact_summary": {"text": "nested"}}),
    ],
)
async def test_a_malformed_answer_is_the_models_error(here, content):
    async with a_model(behave=lambda *_: Behaviour(content=content)) as (stub, gateway, _):
        with pytest.raises(LLMAPIError):
            await prepared(here, gateway)
        assert len(stub.calls) == 1


# -- phase 4: what is still owed


async def test_what_is_owed_comes_from_all_past_meetings_each_with_where_it_was_promised(here, model):
    _, gateway = model
    for month in range(1, 7):
        title, owed = f"Review {month}", [f"Deliver part {month}"]
        await held(here, title, f"2025-{month:02d}-20", owed)
    made = await prepared(here, gateway)
    pending = "\n".join(made.pending_action_items)
    assert len(made.pending_action_items) == 9
    for month in range(1, 7):
        line = next(one for one in made.pending_action_items if f"Deliver part {month}" in one)
        assert f"Review {month}" in line
        assert f"2025-{month:02d}-20" in line
    assert "Sarah to send the single sign-on guide" in pending
    assert "Sarah to confirm that data can stay in the EU" in pending


async def test_an_item_says_whose_it_is_and_by_when(here, model):
    _, gateway = model
    item = {"text": "Send the contract", "owner": "Sarah Chen", "due_date": "2025-10-10"}
    await held(here, "Terms", "2025-10-01", [item])
    line = next(one for one in (await prepared(here, gateway)).pending_action_items if "contract" in one)
    for said in ("Sarah Chen", "2025-10-10", "Terms", "2025-10-01"):
        assert said in line


async def test_what_is_done_or_dropped_is_not_owed_and_what_is_opened_again_is(here, model):
    stub, gateway = model
    items = ActionItemService(here.records, TENANT)
    owed = (await items.page({"meeting_id": "hist_meeting_1"})).items
    guide, security = sorted(owed, key=lambda one: one["text"], reverse=True)
    await items.update(guide["id"], ActionItemChanges(status="done"), editor="user_1")
    await items.update(security["id"], ActionItemChanges(status="dropped"), editor="user_1")
    made = await prepared(here, gateway)
    assert len(made.pending_action_items) == 1
    assert "EU" in made.pending_action_items[0]
    assert "single sign-on guide" not in told(stub)
    await items.update(guide["id"], ActionItemChanges(status="open"), editor="user_1")
    assert len((await prepared(here, gateway)).pending_action_items) == 2


async def test_what_was_promised_to_somebody_else_or_in_a_removed_meeting_is_not_owed(here, model):
    _, gateway = model
    await held(here, "Elsewhere", "2025-10-01", ["Paint the fence"], contact_id="contact_2")
    removed = await held(here, "Mistake", "2025-10-02", ["Feed the cat"])
    await here.meetings.delete_meeting(removed)
    pending = "\n".join((await prepared(here, gateway)).pending_action_items)
    assert "fence" not in pending
    assert "cat" not in pending


async def test_items_that_are_written_into_a_meeting_later_are_owed_too(here, model):
    _, gateway = model
    meeting = await held(here, "Terms", "2025-10-01")
    await here.meetings.update_meeting(meeting, MeetingChanges(action_items=["Send the contract"]))
    pending = "\n".join((await prepared(here, gateway)).pending_action_items)
    assert "Send the contract" in pending


async def test_a_model_cannot_add_to_what_is_owed_or_take_from_it(here):
    lying = PREPARATION | {"pending_action_items": ["Pay me"]}
    async with a_model(script={"preparation": lying}) as (_, gateway, _):
        made = await prepared(here, gateway)
        assert "Pay me" not in made.pending_action_items
        assert len(made.pending_action_items) == 3


# -- what lets somebody into a meeting


async def test_what_lets_somebody_into_a_meeting_is_neither_told_nor_shown(here, model):
    stub, gateway = model
    await held(
        here,
        "Pricing call (https://us02web.zoom.us/j/81234567890?pwd=abc Passcode: 84 31)",
        "2025-10-01",
        ["Call back on +1 650 479 3208, PIN 4711 88#"],
        summary="We agreed on tiers. Next time at meet.google.com/abc-defg-hij. Meeting password: XK-2291.",
    )
    made = await prepared(here, gateway, title="Pricing follow-up https://zoom.us/j/99887766554?pwd=zz")
    shown = json.dumps(asdict(made))
    for secret in SECRETS:
        assert secret not in shown
        assert secret not in told(stub)
    assert "We agreed on tiers." in told(stub)
    assert "Pricing follow-up" in told(stub)
    assert any("Pricing call" in one for one in made.pending_action_items)


async def test_nothing_that_lets_somebody_in_comes_from_the_rules_either(here):
    await held(
        here,
        "Pricing call https://zoom.us/j/81234567890?pwd=abc",
        "2025-10-01",
        ["Dial in at +1 650 479 3208"],
        summary="We agreed on tiers. Meeting password: XK-2291.",
    )
    shown = json.dumps(asdict(await prepared(here, None, title="Next - meet.google.com/abc-defg-hij")))
    for secret in SECRETS:
        assert secret not in shown
    assert "We agreed on tiers" in shown


async def test_a_model_that_writes_links_and_codes_is_not_repeated(here):
    leaky = {
        "contact_summary": "Jennifer leads engineering. Join at https://zoom.us/j/81234567890?pwd=abc.",
        "recent_interactions": "A demo. The passcode: 84 31. Or dial +1 650 479 3208, PIN: 4711 88.",
        "suggested_topics": [
            "Price",
            "The pilot",
            "The room: meet.google.com/abc-defg-hij",
            "Meeting password: XK-2291 and more",
        ],
    }
    async with a_model(script={"preparation": leaky}) as (_, gateway, _):
        made = await prepared(here, gateway)
    shown = json.dumps(asdict(made))
    for secret in SECRETS:
        assert secret not in shown
    assert made.contact_summary.startswith("Jennifer leads engineering.")


async def test_a_meeting_of_today_is_prepared_without_being_counted_as_past(here, model):
    stub, gateway = model
    today = await here.meeting(title="This very one", scheduled_time=f"{NOW:%Y-%m-%d}T08:00:00")
    made = await here.preparation(gateway).generate_pre_meeting_prep(today)
    assert told(stub).count("This very one") == 1
    assert made.source == "model"


async def test_whom_it_is_with_is_not_told_from_the_meeting_itself(here, model):
    """The others have met nobody yet, be it that this very meeting is over already."""
    stub, gateway = model
    await here.contact("devon.patel@acmecorp.com", name="Devon Patel")
    people = [{"address": "devon.patel@acmecorp.com"}, {"address": "jennifer.liu@acmecorp.com"}]
    over = {"scheduled_time": f"{NOW:%Y-%m-%d}T07:00:00", "duration_minutes": 30}
    await prepared(here, gateway, contact_id=None, attendees=people, **over)
    assert "VP of Engineering" in told(stub)


async def test_of_somebody_without_a_company_no_company_is_made(here):
    await here.contact("pat@x.example", name="Pat Moe")
    made = await prepared(here, None, contact_id=None, attendees=[{"address": "pat@x.example"}])
    assert "What has changed for Pat Moe lately" in made.suggested_topics


async def test_a_series_was_held_once_its_first_is_over(here, model):
    stub, gateway = model
    weekly = await here.meeting(
        title="Weekly sync",
        scheduled_time="2025-10-01T10:00:00",
        rrule="FREQ=WEEKLY",
        action_items=["Send the roadmap"],
    )
    await here.meeting(title="Not yet", scheduled_time="2026-10-01T10:00:00", rrule="FREQ=WEEKLY")
    made = await prepared(here, gateway)
    assert "Weekly sync" in told(stub)
    assert "Not yet" not in told(stub)
    assert [item for item in made.pending_action_items if "Send the roadmap" in item]
    historical = await here.meetings.get_historical_meetings_for_contact("contact_1")
    assert historical[0]["id"] == weekly


async def test_a_series_was_held_as_often_as_it_came_and_last_when_it_came_last(here, model):
    stub, gateway = model
    weekly = {"rrule": "FREQ=WEEKLY", "exdates": ["2025-10-22"], "contact_id": "contact_3"}
    await here.meeting(title="Weekly sync", scheduled_time="2025-10-01T10:00:00", **weekly)
    await prepared(here, gateway, contact_id="contact_3")
    assert "Meetings held with the contact: 4" in told(stub)
    assert "Past meeting: Weekly sync, 2025-10-29" in told(stub)


async def test_a_series_is_prepared_for_at_its_next_time(here, model):
    stub, gateway = model
    await prepared(
        here, gateway, scheduled_time="2025-09-02T10:00:00", rrule="FREQ=WEEKLY", exdates=["2025-11-04"]
    )
    assert "2025-11-11 10:00" in told(stub)


async def test_rooms_and_groups_are_nobody_to_prepare_for(here, model):
    _, gateway = model
    people = [{"address": "atrium@else.example", "name": "Atrium", "kind": "room"}]
    with pytest.raises(ValueError, match="internal"):
        await prepared(here, gateway, contact_id=None, attendees=people)


async def test_what_a_colleague_met_is_not_told_to_who_was_not_there(here, model):
    stub, gateway = model
    colleague = await here.user("Cora")
    await held(here, "Kick-off", "2025-10-01", contact_id="contact_3", summary="Spoke of lenses.")
    meeting = await here.meeting(title="Next", contact_id="contact_3", user_id="user_1")
    await here.preparation(gateway).prepare(meeting)
    assert "Spoke of lenses." in told(stub)
    await here.preparation(gateway).prepare(meeting, colleague)
    assert "Meetings held with the contact: 0" in told(stub)


async def test_past_meetings_without_items_cost_no_question_each(here, stores):
    for day in range(1, 21):
        await held(here, f"Call {day}", f"2025-09-{day:02d}", contact_id="contact_3")
    with counting(stores.dynamodb) as sent:
        await prepared(here, None, contact_id="contact_3")
    assert sent.count("Query") < 10


async def test_before_a_meeting_that_is_over_is_what_was_before_it(here, model):
    stub, gateway = model
    await here.preparation(gateway).generate_pre_meeting_prep("hist_meeting_2")
    assert "Product Demo" in told(stub)
    await here.preparation(gateway).generate_pre_meeting_prep("hist_meeting_1")
    assert "Jennifer saw the search" not in told(stub)
    assert "data residency" not in told(stub)


async def test_a_free_mail_address_among_users_makes_no_colleagues(here, model):
    _, gateway = model
    await here.users.create("demo", {"name": "Me", "email": "me@gmail.com", "role": "", "time_zone": "UTC"})
    prospect = [{"name": "Pros Pect", "address": "prospect@gmail.com"}]
    made = await prepared(here, gateway, contact_id=None, attendees=prospect)
    assert made.source == "model"


async def test_a_contact_that_was_removed_is_named(here, model):
    _, gateway = model
    contact = await here.contact("gone@x.example")
    meeting = await here.meeting(contact_id=contact)
    await here.records.delete("demo", CONTACT, contact)
    with pytest.raises(ValueError, match=f"{contact} was removed"):
        await here.preparation(gateway).generate_pre_meeting_prep(meeting)
