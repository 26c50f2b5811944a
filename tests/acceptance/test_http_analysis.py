"""The HTTP API, part 3: a transcript analysed by a model of which some calls fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from local.demo import seed_demo
from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.bootstrap.app import create_app
from parley.errors import LLMAPIError
from parley.insights.analysis import AnalysisConfig, AnalysisService
from parley.insights.analyst import Analyst
from parley.insights.transcripts import TranscriptService
from parley.llm.gateway import Gateway
from tests.acceptance.world import (
    DOWN,
    EXTRACTORS,
    FAILED,
    TALK,
    TENANT,
    a_model,
    a_modelled_api,
    analyzed,
    api_with,
    created,
    failing,
    standing,
    told,
)
from tests.llm_stub import SCRIPT, Behaviour, LLMStub
from tests.rooms.conftest import Api, make_tokens, serving

PROBLEM = "application/problem+json"
FUNCTIONS = {
    "extract_action_items": "action_items",
    "extract_key_topics": "key_topics",
    "analyze_sentiment": "sentiment",
    "generate_follow_ups": "follow_ups",
}


# -- the four functions


@pytest.fixture
def service(records):
    """The service over a gateway; nothing of it is recorded."""

    def over(gateway) -> AnalysisService:
        machine = TranscriptMachine(gateway, fallback=False)
        analysing = AnalysisConfig(analyst=Analyst(machine=machine))
        return AnalysisService(records, TranscriptService(records, None, TENANT), analysing, TENANT)

    return over


@pytest.mark.parametrize(("function", "name"), FUNCTIONS.items())
async def test_each_function_asks_one_question_of_its_own_about_the_transcript(service, function, name):
    async with a_model() as (stub, gateway, _):
        await getattr(service(gateway), function)(TALK)
        assert stub.calls == [name]
        assert "I will send the pricing sheet by Friday." in told(stub)


async def test_the_functions_return_structured_insights(service):
    follow_up = {"text": "Speak again", "due_date": None, "quote": "Let us speak again", "segment": 2}
    async with a_model(script={"follow_ups": {"items": [follow_up]}}) as (_, gateway, _):
        found = service(gateway)
        (item,) = await found.extract_action_items(TALK)
        assert (item.text, item.owner, item.due_date) == ("Send the pricing sheet", "Ann Berg", "2026-03-06")
        assert item.evidence.verified
        (topic,) = await found.extract_key_topics(TALK)
        assert topic.topic == "Pricing"
        mood = await found.analyze_sentiment(TALK)
        assert (mood.label, mood.score, mood.relationship_health) == ("positive", 0.6, "strong")
        (next_step,) = await found.generate_follow_ups(TALK)
        assert next_step.text == "Speak again"


@pytest.mark.parametrize(("function", "name"), FUNCTIONS.items())
async def test_each_function_tries_three_times_and_then_raises(service, function, name):
    async with a_model(behave=failing(name, times=2)) as (stub, gateway, naps):
        await getattr(service(gateway), function)(TALK)
        assert (stub.calls, len(naps.told)) == ([name] * 3, 2)
    async with a_model(behave=failing(name)) as (stub, gateway, _):
        with pytest.raises(LLMAPIError, match=FAILED):
            await getattr(service(gateway), function)(TALK)
        assert stub.calls == [name] * 3


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_no_function_asks_a_model_about_nothing(service, function):
    async with a_model() as (stub, gateway, _):
        with pytest.raises(ValueError, match="transcript"):
            await getattr(service(gateway), function)("  \n ")
        assert stub.calls == []


# -- success


async def test_success_is_the_meeting_and_its_insights_and_nothing_else(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        answer = await analyzed(api, meeting)
        assert set(answer) == {"meeting_id", "insights"}
        assert answer["meeting_id"] == meeting
        assert set(answer["insights"]) == set(EXTRACTORS)
        (item,) = answer["insights"]["action_items"]
        assert {"text", "owner", "due_date", "evidence", "source"} == set(item)
        assert item["evidence"]["quote"] in TALK
        assert answer["insights"]["sentiment"]["label"] == "positive"
        assert answer["insights"]["follow_ups"] == []
        assert Counter(stub.calls) == Counter(EXTRACTORS)
        # And it is stored with the meeting.
        kept = await standing(api, meeting)
        assert (kept["insights"], kept["version"], kept["errors"]) == (answer["insights"], 1, {})


async def test_without_a_model_the_rules_answer_in_the_same_shape(api):
    answer = await analyzed(api, await created(api))
    assert set(answer) == {"meeting_id", "insights"}
    assert set(answer["insights"]) == set(EXTRACTORS)
    (item,) = answer["insights"]["action_items"]
    assert (item["owner"], item["source"]) == ("Ann Berg", "rules")
    # The meeting is on a Saturday.
    assert item["due_date"] == "2025-11-21"


async def test_the_days_of_a_transcript_count_from_its_meeting(stores):
    async with a_modelled_api(stores) as (stub, api):
        await analyzed(api, await created(api, scheduled_time="2025-12-24T10:00:00"))
        assert "2025-12-24" in told(stub)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scheduled_time": "2031-02-03T09:00:00"}, "scheduled"),
        ({"scheduled_time": "2031-02-03T09:00:00", "time_zone": "Asia/Tokyo"}, "scheduled"),
        ({"scheduled_time": "2031-02-03T00:00:00", "all_day": True, "status": "tentative"}, "tentative"),
        ({"scheduled_time": "2025-11-15T10:00:00"}, "completed"),
        ({"scheduled_time": None}, "completed"),
    ],
)
async def test_a_meeting_is_held_by_its_transcript_unless_it_is_still_to_come(api, changes, status):
    meeting = await created(api, **changes)
    await analyzed(api, meeting)
    assert (await api.call("GET", f"/meetings/{meeting}"))[1]["status"] == status


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("We agreed to repaint the hall. Noor orders the paint by Thursday.", [None]),
        ("- the pump stays\n- Noor will order a valve", [None, None]),
        ("Vendor: We deliver in May.\nClient: Then we sign today.", ["Vendor", "Client"]),
        ("Speaker 1: Is it ready?\nSpeaker 2: I will send it tomorrow.", ["Speaker 1", "Speaker 2"]),
        ("議事録を明日送ります。", [None]),
    ],
)
async def test_what_a_caller_calls_a_transcript_is_one(api, text, speakers):
    meeting = await created(api)
    await analyzed(api, meeting, transcript=text)
    kept = await standing(api, meeting)
    _, told, _ = await api.call("GET", f"/meetings/{meeting}/transcripts/{kept['source']['transcript']}")
    assert [one["speaker"] for one in told["segments"]] == speakers


# -- failures


async def test_a_model_that_refuses_our_key_is_an_operators_to_mend(stores):
    refused = Behaviour(status=401)
    async with a_modelled_api(stores, behave=lambda *_: refused) as (_, api):
        meeting = await created(api)
        body = {"transcript": TALK}
        status, problem, headers = await api.call("POST", f"/meetings/{meeting}/analyze", json=body)
        assert (status, "Retry-After" in headers) == (503, False)
        assert "operator" in problem["detail"]


async def test_an_analysis_that_takes_too_long_says_how_to_ask_for_it(stores):
    await seed_demo(stores.store)
    config = AnalysisConfig(analyst=Analyst(machine=TranscriptMachine(None)), seconds=0.0)
    app = create_app(store=stores.store, blobs=stores.blobs, analysing=config)
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        api = Api(base_url, await make_tokens(stores.store), session)
        problem = await analyzed(api, await created(api), status=503)
        assert "respond-async" in problem["detail"]
        assert "model" not in problem["detail"]


async def test_one_extractor_that_fails_is_null_and_named_and_costs_the_others_nothing(stores):
    async with a_modelled_api(stores, behave=failing("sentiment")) as (stub, api):
        meeting = await created(api)
        answer = await analyzed(api, meeting)
        assert set(answer) == {"meeting_id", "insights", "errors", "partial_success"}
        assert answer["errors"] == {"sentiment": "LLM call failed after 3 retries"}
        assert answer["partial_success"] is True
        assert answer["insights"]["sentiment"] is None
        assert all(answer["insights"][name] is not None for name in EXTRACTORS if name != "sentiment")
        assert stub.calls.count("sentiment") == 3
        kept = await standing(api, meeting)
        assert kept["insights"] == answer["insights"]
        assert (kept["errors"], kept["partial_success"]) == (answer["errors"], True)


@pytest.mark.parametrize("bad", [Behaviour(drop=True), Behaviour(content="{"), Behaviour(content="{}")])
async def test_an_answer_of_the_wrong_shape_is_a_failure_like_any_other(stores, bad):
    async with a_modelled_api(
        stores, behave=lambda _, name: bad if name == "key_topics" else Behaviour()
    ) as (_, api):
        answer = await analyzed(api, await created(api))
        assert answer["errors"] == {"key_topics": FAILED}
        assert answer["insights"]["key_topics"] is None


async def test_failures_that_a_retry_makes_good_are_not_told(stores):
    async with a_modelled_api(stores, behave=failing(*EXTRACTORS, times=2)) as (stub, api):
        answer = await analyzed(api, await created(api))
        assert set(answer) == {"meeting_id", "insights"}
        assert set(Counter(stub.calls).values()) == {3}


async def test_the_same_request_again_asks_only_what_is_missing(stores):
    down = {"sentiment", "risks"}
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        stub,
        api,
    ):
        meeting = await created(api)
        first = await analyzed(api, meeting)
        assert set(first["errors"]) == {"sentiment", "risks"}
        stub.calls.clear()
        down.clear()
        second = await analyzed(api, meeting)
        assert sorted(stub.calls) == ["risks", "sentiment"]
        assert set(second) == {"meeting_id", "insights"}
        assert second["insights"]["action_items"] == first["insights"]["action_items"]
        kept = await standing(api, meeting)
        assert (kept["version"], kept["errors"], kept["insights"]) == (2, {}, second["insights"])
        stub.calls.clear()
        assert await analyzed(api, meeting) == second
        assert stub.calls == []


async def test_when_everything_failed_it_is_a_503_and_the_transcript_is_kept(stores):
    down = set(EXTRACTORS)
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        stub,
        api,
    ):
        meeting = await created(api)
        status, body, headers = await api.call(
            "POST", f"/meetings/{meeting}/analyze", json={"transcript": TALK, "user_id": "user_1"}
        )
        assert (status, headers["Content-Type"]) == (503, PROBLEM)
        assert int(headers["Retry-After"]) >= 1
        assert FAILED in body["detail"]
        assert set(Counter(stub.calls).values()) == {3}
        assert (await api.call("GET", f"/meetings/{meeting}/insights"))[0] == 404
        # Then one comes back, then the others; none is asked that has answered.
        down.discard("summary")
        partial = await analyzed(api, meeting, transcript=None)
        assert set(partial["errors"]) == down
        down.clear()
        stub.calls.clear()
        whole = await analyzed(api, meeting, transcript=None)
        assert sorted(stub.calls) == sorted(set(EXTRACTORS) - {"summary"})
        assert set(whole) == {"meeting_id", "insights"}


async def test_with_the_rules_behind_it_nothing_is_null_and_each_item_says_who_found_it(stores):
    async with a_modelled_api(stores, fallback=True, behave=failing("action_items")) as (_, api):
        answer = await analyzed(api, await created(api))
        assert set(answer) == {"meeting_id", "insights"}
        assert {one["source"] for one in answer["insights"]["action_items"]} == {"rules"}
        assert {one["source"] for one in answer["insights"]["key_topics"]} == {"model"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"transcript": ""}, "transcript"),
        ({"transcript": " \n "}, "transcript"),
        ({"transcript": 7}, "transcript"),
        ({}, "transcript"),
        ({"transcript": TALK, "user_id": "user_99"}, "user_id"),
        ({"transcript": TALK, "colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_analysed_is_a_422_that_names_the_field(api, body, field):
    status, answer, headers = await api.call("POST", f"/meetings/{await created(api)}/analyze", json=body)
    assert (status, headers["Content-Type"]) == (422, PROBLEM)
    assert [error["field"] for error in answer["errors"]] == [field]


async def test_an_unknown_meeting_or_somebody_elses_cannot_be_analysed(api):
    meeting = await created(api)
    body = {"transcript": TALK}
    assert (await api.call("POST", "/meetings/meeting_99/analyze", json=body))[0] == 404
    assert (await api.call("POST", f"/meetings/{meeting}/analyze", json=body, by="other"))[0] == 404
    assert (await api.call("POST", f"/meetings/{meeting}/analyze", json=body, by=None))[0] == 401


# -- side by side


@dataclass
class Crowd(LLMStub):
    """A model that answers nobody before `wanted` questions are there together, or a while has passed."""

    wanted: int = 1
    present: int = 0
    peak: int = 0
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.present += 1
        self.peak = max(self.peak, self.present)
        if self.present == self.wanted:
            self.all_there.set()
        try:
            async with asyncio.timeout(3):
                await self.all_there.wait()
        except TimeoutError:
            pass
        try:
            return await super().answer(request)
        finally:
            self.present -= 1


async def test_the_extractors_run_side_by_side(stores):
    crowd = Crowd(script=dict(SCRIPT), wanted=len(EXTRACTORS))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", crowd.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        async with aiohttp.ClientSession() as http:
            gateway = Gateway(OpenAIProvider(http, base_url=url, model="m", api_key="k"))
            async with api_with(stores, gateway) as api:
                await analyzed(api, await created(api))
    finally:
        await runner.cleanup()
    assert crowd.peak == len(EXTRACTORS)
    assert len(crowd.calls) == len(EXTRACTORS)


async def test_two_requests_for_the_same_analysis_at_once_pay_for_one(stores):
    async with a_modelled_api(stores, behave=lambda *_: Behaviour(delay=0.3)) as (stub, api):
        meeting = await created(api)
        body = {"transcript": TALK, "user_id": "user_1"}
        ends = await asyncio.gather(
            *(api.call("POST", f"/meetings/{meeting}/analyze", json=body) for _ in range(2))
        )
        assert sorted(status for status, _, _ in ends) == [200, 409]
        busy = next(headers for status, _, headers in ends if status == 409)
        assert int(busy["Retry-After"]) >= 1
        assert Counter(stub.calls) == Counter(EXTRACTORS)
