"""The HTTP API, parts 1 and 2: a meeting made, and prepared for."""

from __future__ import annotations

import asyncio

import pytest

from tests.acceptance.world import DOWN, FAILED, MEETING, PREPARATION, a_model, api_with, created, told
from tests.llm_stub import FINE, Behaviour

PROBLEM = "application/problem+json"
KEY = {"Idempotency-Key": "once-and-no-more"}


async def titles(api) -> list[str]:
    return [one["title"] for one in (await api.call("GET", "/meetings"))[1]["items"]]


async def prepare(api, meeting: str, body=None, **more):
    sent = {"user_id": "user_1"} if body is None else body
    return await api.call("POST", f"/meetings/{meeting}/prepare", json=sent, **more)


# -- part 1: POST /meetings


async def test_a_meeting_is_created_and_answered_in_two_fields(api):
    status, body, _ = await api.call("POST", "/meetings", json=MEETING)
    assert status == 201
    assert set(body) == {"meeting_id", "message"}
    assert body["message"] == "Meeting created successfully"
    status, read, _ = await api.call("GET", f"/meetings/{body['meeting_id']}")
    assert status == 200
    assert {name: read[name] for name in MEETING} == MEETING


async def test_each_meeting_has_an_id_of_its_own(api):
    made = await asyncio.gather(*(created(api) for _ in range(5)))
    assert len(set(made)) == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": "user_99"}, "user_id"),
        ({"contact_id": "contact_99"}, "contact_id"),
        ({"user_id": "contact_1"}, "user_id"),
        ({"contact_id": "user_1"}, "contact_id"),
        ({"user_id": None}, "user_id"),
        ({"user_id": 1}, "user_id"),
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"status": "done"}, "status"),
        ({"scheduled_time": "15.11.2025"}, "scheduled_time"),
        ({"scheduled_time": "2025-02-30T10:00:00"}, "scheduled_time"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_invalid_data_is_a_422_that_names_the_field_and_makes_nothing(api, changes, field):
    before = await titles(api)
    status, body, headers = await api.call("POST", "/meetings", json=MEETING | changes)
    assert (status, headers["Content-Type"]) == (422, PROBLEM)
    assert [error["field"] for error in body["errors"]] == [field]
    assert await titles(api) == before


@pytest.mark.parametrize("missing", ["title", "user_id"])
async def test_a_field_that_is_missing_is_named(api, missing):
    sent = {name: value for name, value in MEETING.items() if name != missing}
    status, body, _ = await api.call("POST", "/meetings", json=sent)
    assert (status, [error["field"] for error in body["errors"]]) == (422, [missing])


@pytest.mark.parametrize("data", [b"{", b"", b"[]", b'"text"', b"\xff\xfe"])
async def test_what_is_no_object_is_refused(api, data):
    headers = {"Content-Type": "application/json"}
    status, _, answered = await api.call("POST", "/meetings", data=data, headers=headers)
    assert status in {400, 422}
    assert answered["Content-Type"] == PROBLEM


async def test_nobody_without_a_token_makes_a_meeting(api):
    status, _, headers = await api.call("POST", "/meetings", json=MEETING, by=None)
    assert (status, headers["Content-Type"]) == (401, PROBLEM)


async def test_a_meeting_is_made_once_for_one_key_however_often_it_is_asked_for(api):
    first = await api.call("POST", "/meetings", json=MEETING, headers=KEY)
    again = await api.call("POST", "/meetings", json=MEETING, headers=KEY)
    assert first[:2] == again[:2]
    assert (await titles(api)).count(MEETING["title"]) == 1
    other = await api.call("POST", "/meetings", json=MEETING | {"title": "Other"}, headers=KEY)
    assert other[0] == 422


async def test_of_requests_with_one_key_at_the_same_time_one_makes_the_meeting(api):
    ends = await asyncio.gather(*(api.call("POST", "/meetings", json=MEETING, headers=KEY) for _ in range(4)))
    assert {status for status, _, _ in ends} <= {201, 409}
    assert len({body["meeting_id"] for status, body, _ in ends if status == 201}) == 1
    assert (await titles(api)).count(MEETING["title"]) == 1


# -- part 2: POST /meetings/{id}/prepare


async def test_a_preparation_is_answered_in_exactly_the_printed_shape(stores):
    async with a_model() as (stub, gateway, _), api_with(stores, gateway) as api:
        meeting = await created(api)
        status, body, _ = await prepare(api, meeting)
        assert status == 200
        assert set(body) == {"meeting_id", "context"}
        assert body["meeting_id"] == meeting
        pending = body["context"].pop("pending_action_items")
        assert body["context"] == PREPARATION
        assert len(pending) == 3
        assert all(isinstance(one, str) for one in pending)
        assert any("Security Review" in one and "2025-08-05" in one for one in pending)
        for fact in ("Jennifer Liu", "VP of Engineering", "Acme Corp", MEETING["title"], "data residency"):
            assert fact in told(stub)


async def test_a_model_that_fails_twice_is_asked_a_third_time(stores):
    async with (
        a_model(behave=lambda n, _: DOWN if n < 2 else FINE) as (stub, gateway, naps),
        api_with(stores, gateway) as api,
    ):
        status, body, _ = await prepare(api, await created(api))
        assert (status, body["context"]["contact_summary"]) == (200, PREPARATION["contact_summary"])
        assert (len(stub.calls), len(naps.told)) == (3, 2)


@pytest.mark.parametrize("bad", [DOWN, Behaviour(drop=True), Behaviour(content="Sorry, no.")])
async def test_when_all_retries_failed_it_is_a_503_that_says_when_to_come_back(stores, bad):
    async with a_model(behave=lambda *_: bad) as (stub, gateway, _), api_with(stores, gateway) as api:
        status, body, headers = await prepare(api, await created(api))
        assert (status, headers["Content-Type"]) == (503, PROBLEM)
        assert int(headers["Retry-After"]) >= 1
        assert FAILED in body["detail"]
        assert stub.calls == ["preparation"] * 3


async def test_a_model_that_refuses_our_key_is_a_503_too_and_is_asked_once(stores):
    async with (
        a_model(behave=lambda *_: Behaviour(status=401)) as (stub, gateway, _),
        api_with(stores, gateway) as api,
    ):
        status, problem, headers = await prepare(api, await created(api))
        assert (status, headers["Content-Type"]) == (503, PROBLEM)
        # Only an operator can help: nobody is told to come back in a moment.
        assert "Retry-After" not in headers
        assert "operator" in problem["detail"]
        assert len(stub.calls) == 1


async def test_with_the_rules_behind_it_a_model_that_fails_costs_no_answer(stores):
    async with (
        a_model(behave=lambda *_: DOWN) as (stub, gateway, _),
        api_with(stores, gateway, fallback=True) as api,
    ):
        status, body, _ = await prepare(api, await created(api))
        assert status == 200
        assert "Jennifer Liu" in body["context"]["contact_summary"]
        assert "Security Review" in body["context"]["recent_interactions"]
        assert 3 <= len(body["context"]["suggested_topics"]) <= 5
        assert len(stub.calls) == 3


async def test_the_facts_that_it_is_written_from_can_be_read(api):
    status, facts, _ = await api.call("GET", f"/meetings/{await created(api)}/brief")
    assert status == 200
    assert (facts["name"], facts["role"], facts["company"]) == (
        "Jennifer Liu",
        "VP of Engineering",
        "Acme Corp",
    )
    assert [(one["title"], one["day"]) for one in facts["past"]] == [
        ("Security Review", "2025-08-05"),
        ("Product Demo", "2025-07-10"),
    ]
    assert {"text", "owner", "due_date", "title", "day"} == set(facts["pending"][0])


async def test_an_internal_meeting_cannot_be_prepared(api):
    status, body, headers = await prepare(api, await created(api, contact_id=None))
    assert (status, headers["Content-Type"]) == (422, PROBLEM)
    assert "internal" in body["detail"]


async def test_a_first_meeting_has_a_preparation_with_nothing_owed(api):
    status, body, _ = await prepare(api, await created(api, contact_id="contact_3"))
    assert (status, body["context"]["pending_action_items"]) == (200, [])
    assert body["context"]["recent_interactions"]


async def test_what_cannot_be_prepared_is_said_by_name(api):
    assert (await prepare(api, "meeting_99"))[0] == 404
    meeting = await created(api)
    status, body, _ = await prepare(api, meeting, {"user_id": "user_99"})
    assert (status, [error["field"] for error in body["errors"]]) == (422, ["user_id"])
    assert (await prepare(api, meeting, {"user": "user_1"}))[0] == 422
    assert (await prepare(api, meeting, {}, by="other"))[0] == 404
    assert (await prepare(api, meeting, by=None))[0] == 401
    assert (await prepare(api, meeting, {}))[0] == 200


async def test_one_key_is_one_preparation_and_pays_once(stores):
    async with a_model() as (stub, gateway, _), api_with(stores, gateway) as api:
        meeting = await created(api)
        first, again = await prepare(api, meeting, headers=KEY), await prepare(api, meeting, headers=KEY)
        assert first[:2] == again[:2]
        assert len(stub.calls) == 1
        assert (await prepare(api, meeting, {"user_id": "user_2"}, headers=KEY))[0] == 422
        assert (await prepare(api, meeting))[0] == 200
        assert len(stub.calls) == 2


async def test_a_failure_is_not_what_a_key_answers_for_ever(stores):
    async with (
        a_model(behave=lambda n, _: DOWN if n < 3 else FINE) as (_, gateway, _),
        api_with(stores, gateway) as api,
    ):
        meeting = await created(api)
        assert (await prepare(api, meeting, headers=KEY))[0] == 503
        assert (await prepare(api, meeting, headers=KEY))[0] == 200


async def test_while_a_preparation_is_being_made_its_key_does_not_begin_another(stores):
    async with (
        a_model(behave=lambda *_: Behaviour(delay=0.3)) as (stub, gateway, _),
        api_with(stores, gateway) as api,
    ):
        meeting = await created(api)
        ends = await asyncio.gather(*(prepare(api, meeting, headers=KEY) for _ in range(2)))
        assert {status for status, _, _ in ends} <= {200, 409}
        assert len(stub.calls) == 1


# -- and when everybody can meet


async def test_free_slots_are_answered_in_utc(api):
    await created(api, duration_minutes=60)
    body = {"user_ids": ["user_1"], "date": "2025-11-15", "duration_minutes": 60}
    status, answer, _ = await api.call("POST", "/availability", json=body)
    assert status == 200
    assert answer == {
        "slots": [
            {"start": "2025-11-15T17:00:00Z", "end": "2025-11-15T18:00:00Z"},
            {"start": "2025-11-15T19:00:00Z", "end": "2025-11-16T01:00:00Z"},
        ]
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_ids": []}, "user_ids"),
        ({"user_ids": ["user_99"]}, "user_ids"),
        ({"date": "2025-02-30"}, "date"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"work_hours": [17, 9]}, "work_hours"),
    ],
)
async def test_a_question_for_free_slots_that_makes_no_sense_is_a_422(api, changes, field):
    body = {"user_ids": ["user_1"], "date": "2025-11-15", "duration_minutes": 60} | changes
    status, answer, headers = await api.call("POST", "/availability", json=body)
    assert (status, headers["Content-Type"]) == (422, PROBLEM)
    assert [error["field"].partition(".")[0] for error in answer["errors"]] == [field]
