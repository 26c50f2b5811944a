"""What an analysis through the API leaves behind goes with the person whom its meeting names."""

from __future__ import annotations

import time

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.bootstrap.app import create_app
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.erasure import EmailEraser
from parley.insights.analysis import AnalysisConfig
from parley.insights.analyst import Analyst
from parley.llm.gateway import Gateway
from tests.llm_stub import llm_stub
from tests.rooms.conftest import Api, make_tokens, seed, serving_warm
from tests.support import MemoryRunTable

ZOFIA = "zofia.maj@partner.example"
TALK = "Ann Berg: I will send the pricing sheet by Friday.\nZofia Maj: Then we start the pilot in May.\nAnn Berg: Good."


class NoRaw:
    async def remove(self, bucket, key):
        return 0


class Place:
    """The API with a model behind it, the ledger of its analyses, and one meeting with Zofia."""

    def __init__(self, api, table, stub):
        self.api, self.table, self.stub = api, table, stub

    async def call(self, method, path, **more):
        return await self.api.call(method, path, by="admin", **more)

    async def meeting(self, address):
        body = {"title": "Pilot", "user_id": "user_1", "status": "completed"}
        body["attendees"] = [{"name": "Zofia Maj", "address": address}]
        _, made, _ = await self.call("POST", "/meetings", json=body)
        return f"/meetings/{made['meeting_id']}"

    def steps(self):
        return [sk for _, sk in self.table.rows if sk.startswith("step#")]


@pytest.fixture
async def place(stores):
    await seed(stores)
    tokens = await make_tokens(stores.store)
    table = MemoryRunTable()
    async with llm_stub() as stub, aiohttp.ClientSession() as http:
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        machine = TranscriptMachine(Gateway(provider), fallback=False)
        app = create_app(
            store=stores.store,
            blobs=stores.blobs,
            runs=EmailEraser(table, NoRaw(), clock=time.time),
            ledger_key=b"secret",
            analysing=AnalysisConfig(
                analyst=Analyst(machine=machine, ledger=EmailLedger(table, clock=time.time))
            ),
        )
        async with serving_warm(app) as base_url:
            yield Place(Api(base_url, tokens, http), table, stub)


async def test_transcripts_and_recorded_answers_go_and_what_was_found_loses_the_person(place):
    path = await place.meeting(ZOFIA)
    for body in ({"transcript": TALK}, {"regenerate": True}):
        status, answer, _ = await place.call("POST", f"{path}/analyze", json=body)
        assert status == 200, answer
    assert len(place.steps()) == 14
    status, certificate, _ = await place.call("POST", "/erasures", json={"address": ZOFIA})
    assert (status, certificate["complete"]) == (200, True), certificate
    assert certificate["removed"]["transcripts"] == 1
    assert certificate["removed"]["steps"] == 14
    assert place.steps() == []
    _, insights, _ = await place.call("GET", f"{path}/insights")
    assert "Zofia" not in str(insights)
    _, items, _ = await place.call("GET", f"/action-items?meeting_id={path.rpartition('/')[2]}")
    assert "Zofia" not in str(items)
    status, problem, _ = await place.call("POST", f"{path}/analyze", json={})
    assert (status, problem["errors"][0]["field"]) == (422, "transcript")


async def test_a_meeting_that_does_not_name_the_person_keeps_its_transcript(place):
    path = await place.meeting("somebody@else.example")
    await place.call("POST", f"{path}/analyze", json={"transcript": TALK})
    await place.call("POST", "/erasures", json={"address": ZOFIA})
    asked = len(place.stub.calls)
    status, _, _ = await place.call("POST", f"{path}/analyze", json={})
    assert status == 200
    assert len(place.stub.calls) == asked


async def test_what_was_erased_can_be_sent_and_analysed_again(place):
    path = await place.meeting(ZOFIA)
    await place.call("POST", f"{path}/analyze", json={"transcript": TALK})
    await place.call("POST", "/erasures", json={"address": ZOFIA})
    status, answer, _ = await place.call("POST", f"{path}/analyze", json={"transcript": TALK})
    assert (status, answer["insights"]["action_items"][0]["owner"]) == (200, "Ann Berg")
    assert len(place.stub.calls) == 14


async def test_a_meeting_that_is_deleted_takes_its_transcripts_and_items_with_it(place):
    path = await place.meeting(ZOFIA)
    await place.call("POST", f"{path}/analyze", json={"transcript": TALK})
    before = (await place.call("GET", "/action-items", params={"owner": "Ann"}))[1]["items"]
    assert len(before) == 1
    assert (await place.call("DELETE", path))[0] == 204
    assert (await place.call("GET", "/action-items", params={"owner": "Ann"}))[1]["items"] == []
    assert (await place.call("GET", f"/action-items/{before[0]['id']}"))[0] == 404
