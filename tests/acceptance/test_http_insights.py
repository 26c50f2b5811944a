"""The HTTP API: some insights alone, newer versions, a person's edits and keys."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.acceptance.world import (
    DOWN,
    EXTRACTORS,
    FAILED,
    TALK,
    a_modelled_api,
    analyzed,
    created,
    standing,
    told,
)
from tests.llm_stub import Behaviour

KEY = {"Idempotency-Key": "once-and-no-more"}
OTHER_TALK = "Ann Berg: I will book the room.\nJennifer Liu: Then I will bring the plans.\n"


async def edit(api, meeting: str, text: str) -> dict:
    kept = await standing(api, meeting)
    body = {"insights": kept["insights"] | {"summary": {"text": text}}}
    status, edited, _ = await api.call("PUT", f"/meetings/{meeting}/insights", json=body)
    assert (status, edited["stored"]) == (200, True)
    return edited


async def summary(api, meeting: str, **params) -> str:
    return (await standing(api, meeting, **params))["insights"]["summary"]["text"]


# -- some of the extractors


async def test_only_the_extractors_that_are_named_are_asked_and_answered(stores):
    async with a_modelled_api(stores) as (stub, api):
        answer = await analyzed(
            api, await created(api), params={"extractors": "sentiment, action_items,sentiment"}
        )
        assert set(answer) == {"meeting_id", "insights"}
        assert list(answer["insights"]) == ["action_items", "sentiment"]
        assert sorted(stub.calls) == ["action_items", "sentiment"]


async def test_what_one_request_found_stays_when_another_asks_for_the_rest(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting, params={"extractors": "action_items"})
        await analyzed(api, meeting, params={"extractors": "sentiment"})
        found = (await standing(api, meeting))["insights"]
        assert found["action_items"][0]["text"] == "Send the pricing sheet"
        assert found["sentiment"]["label"] == "positive"
        assert found["risks"] is None
        whole = await analyzed(api, meeting)
        assert Counter(stub.calls) == Counter(EXTRACTORS)
        assert (await standing(api, meeting))["insights"] == whole["insights"]


@pytest.mark.parametrize("names", ["feelings", "sentiment,feelings", "", ","])
async def test_an_extractor_that_there_is_not_is_a_422(api, names):
    meeting = await created(api)
    status, body, _ = await api.call(
        "POST", f"/meetings/{meeting}/analyze", params={"extractors": names}, json={"transcript": TALK}
    )
    assert (status, [error["field"] for error in body["errors"]]) == (422, ["extractors"])


async def test_when_the_only_one_that_was_asked_for_failed_it_is_a_503(stores):
    async with a_modelled_api(stores, behave=lambda *_: DOWN) as (stub, api):
        await analyzed(api, await created(api), status=503, params={"extractors": "sentiment"})
        assert stub.calls == ["sentiment"] * 3


# -- versions


async def test_regenerating_asks_everything_anew_and_keeps_the_version_before(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        stub.script["summary"] = {"text": "Said otherwise."}
        answer = await analyzed(api, meeting, regenerate=True)
        assert set(Counter(stub.calls).values()) == {2}
        assert set(answer) == {"meeting_id", "insights"}
        assert answer["insights"]["summary"]["text"] == "Said otherwise."
        assert (await standing(api, meeting))["version"] == 2
        assert await summary(api, meeting) == "Said otherwise."
        assert await summary(api, meeting, version=1) == "The pilot was agreed."
        assert (await api.call("GET", f"/meetings/{meeting}/insights", params={"version": 3}))[0] == 404


async def test_another_transcript_of_a_meeting_makes_another_version(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        stub.script["summary"] = {"text": "About the room."}
        await analyzed(api, meeting, transcript=OTHER_TALK)
        assert await summary(api, meeting) == "About the room."
        assert await summary(api, meeting, version=1) == "The pilot was agreed."


async def test_what_is_answered_is_what_stands_or_says_that_it_does_not(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        stub.script["summary"] = {"text": "About the room."}
        await analyzed(api, meeting, transcript=OTHER_TALK)
        back = await analyzed(api, meeting)
        kept = await standing(api, meeting)
        assert back["insights"] == kept["insights"] or back.get("stored") is False


async def test_a_regeneration_that_fails_in_part_is_told_and_in_whole_changes_nothing(stores):
    down: set[str] = set()
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        _,
        api,
    ):
        meeting = await created(api)
        first = await analyzed(api, meeting)
        down.update(EXTRACTORS)
        await analyzed(api, meeting, status=503, regenerate=True)
        kept = await standing(api, meeting)
        assert (kept["version"], kept["insights"]) == (1, first["insights"])
        down.clear()
        down.add("risks")
        partial = await analyzed(api, meeting, regenerate=True)
        assert partial["errors"] == {"risks": FAILED}


# -- a person's edit


async def test_what_a_person_edited_is_not_overwritten_and_the_answer_says_so(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        await edit(api, meeting, "As I remember it.")
        stub.script["summary"] = {"text": "Said otherwise."}
        answer = await analyzed(api, meeting, regenerate=True)
        assert (answer["stored"], answer["reason"]) == (False, "edited")
        assert answer["insights"]["summary"]["text"] == "Said otherwise."
        assert await summary(api, meeting) == "As I remember it."


async def test_an_edit_is_replaced_where_that_is_asked_for_and_kept_as_a_version(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        await edit(api, meeting, "As I remember it.")
        stub.script["summary"] = {"text": "Said otherwise."}
        answer = await analyzed(api, meeting, regenerate=True, replace_edits=True)
        assert set(answer) == {"meeting_id", "insights"}
        assert await summary(api, meeting) == "Said otherwise."
        assert await summary(api, meeting, version=2) == "As I remember it."
        assert (await standing(api, meeting))["edited_by"] is None


async def test_an_edit_can_be_replaced_by_what_was_found_before(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        await edit(api, meeting, "As I remember it.")
        answer = await analyzed(api, meeting, replace_edits=True)
        assert set(answer) == {"meeting_id", "insights"}
        assert await summary(api, meeting) == "The pilot was agreed."


async def test_the_same_analysis_again_after_an_edit_says_that_the_edit_stands(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        await edit(api, meeting, "As I remember it.")
        answer = await analyzed(api, meeting)
        assert await summary(api, meeting) == "As I remember it."
        assert answer.get("stored") is False


# -- keys


async def test_one_key_is_one_analysis(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        first = await analyzed(api, meeting, headers=KEY, regenerate=True)
        again = await analyzed(api, meeting, headers=KEY, regenerate=True)
        assert first == again
        assert Counter(stub.calls) == Counter(EXTRACTORS)
        await analyzed(api, meeting, headers=KEY, regenerate=True, transcript=OTHER_TALK, status=422)
        await analyzed(api, meeting, headers=KEY, regenerate=True, params={"extractors": "risks"}, status=422)


async def test_a_failure_is_not_what_a_key_answers_for_ever(stores):
    down = set(EXTRACTORS)
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        _,
        api,
    ):
        meeting = await created(api)
        await analyzed(api, meeting, headers=KEY, status=503)
        down.clear()
        await analyzed(api, meeting, headers=KEY)


async def test_while_an_analysis_is_made_anew_its_key_does_not_begin_another(stores):
    async with a_modelled_api(stores, behave=lambda *_: Behaviour(delay=0.3)) as (stub, api):
        meeting = await created(api)
        body = {"transcript": TALK, "regenerate": True}
        ends = await asyncio.gather(
            *(api.call("POST", f"/meetings/{meeting}/analyze", json=body, headers=KEY) for _ in range(2))
        )
        assert {status for status, _, _ in ends} <= {200, 409}
        assert Counter(stub.calls) == Counter(EXTRACTORS)


# -- later, or at once


async def test_without_a_queue_what_was_to_be_put_off_is_done_at_once(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        status, body, headers = await api.call(
            "POST",
            f"/meetings/{meeting}/analyze",
            json={"transcript": TALK},
            headers={"Prefer": "respond-async"},
        )
        assert (status, set(body)) == (200, {"meeting_id", "insights"})
        assert "Preference-Applied" not in headers
        assert (await standing(api, meeting))["insights"] == body["insights"]


async def test_a_failure_never_takes_the_place_of_an_insight(stores):
    down: set[str] = set()
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        _,
        api,
    ):
        meeting = await created(api)
        first = await analyzed(api, meeting)
        down.add("sentiment")
        partial = await analyzed(api, meeting, regenerate=True)
        assert partial["insights"]["sentiment"] is None
        assert partial["errors"] == {"sentiment": FAILED}
        kept = await standing(api, meeting)
        assert kept["insights"]["sentiment"] == first["insights"]["sentiment"]
        assert (kept["errors"], kept["partial_success"]) == ({}, False)


async def test_an_edit_of_some_insights_leaves_the_others(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        before = (await analyzed(api, meeting))["insights"]
        body = {"insights": {"summary": {"text": "Ours"}}, "extractors": ["summary"]}
        status, kept, _ = await api.call("PUT", f"/meetings/{meeting}/insights", json=body)
        assert status == 200
        assert kept["insights"] == before | {"summary": {"text": "Ours"}}


async def test_a_meeting_whose_transcript_comes_was_held_and_a_series_goes_on(api):
    once = await created(api, scheduled_time=None)
    series = await created(api, rrule="FREQ=WEEKLY")
    for meeting, status in ((once, "completed"), (series, "scheduled")):
        await analyzed(api, meeting)
        assert (await api.call("GET", f"/meetings/{meeting}"))[1]["status"] == status


async def test_the_days_of_a_series_count_from_today(stores):
    async with a_modelled_api(stores) as (stub, api):
        await analyzed(api, await created(api, rrule="FREQ=WEEKLY"))
        assert f"{datetime.now(UTC):%Y-%m}" in told(stub)
        assert "2025-11-15" not in told(stub)
