from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from parley.bootstrap.app import create_app
from parley.store.record import Refusal
from tests.rooms.conftest import Api, make_tokens, seed, serving

MESSAGE = {"thread_id": "t-1", "text": "New"}
KEY = {"Idempotency-Key": "one-and-the-same"}


async def post(api, body=MESSAGE, path="/messages", by="member", headers=KEY):
    return await api.call("POST", path, by=by, json=body, headers=headers)


async def how_many(api) -> int:
    return len((await api.call("GET", "/messages", params={"thread_id": "t-1"}))[1]["items"])


async def test_the_same_request_gets_the_same_answer_and_has_one_effect(api):
    first = await post(api)
    again = await post(api)
    assert first[0] == again[0] == 201
    assert first[1] == again[1]
    assert first[2]["ETag"] == again[2]["ETag"]
    assert await how_many(api) == 1


async def test_without_a_key_each_request_counts(api):
    await post(api, headers={})
    await post(api, headers={})
    assert await how_many(api) == 2


async def test_at_once_it_has_one_effect_too(api):
    answers = await asyncio.gather(*(post(api) for _ in range(8)))
    assert {status for status, _, _ in answers} == {201}
    assert len({body["id"] for _, body, _ in answers}) == 1
    assert await how_many(api) == 1


async def test_another_body_under_the_same_key_is_422(api):
    await post(api)
    status, problem, _ = await post(api, MESSAGE | {"text": "Other"})
    assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert await how_many(api) == 1


async def test_a_key_belongs_to_one_caller_and_one_route(api):
    first = await post(api)
    second = await post(api, by="admin")
    assert second[0] == 201
    assert second[1]["id"] != first[1]["id"]
    meeting = {"title": "t", "user_id": "user_1"}
    assert (await post(api, meeting, "/meetings"))[0] == 201


async def test_a_request_that_failed_may_be_corrected_under_its_key(api):
    meeting = {"title": "t", "user_id": "user_99"}
    assert (await post(api, meeting, "/meetings"))[0] == 422
    assert (await post(api, meeting | {"user_id": "user_1"}, "/meetings"))[0] == 201


async def test_the_seed_answer_is_replayed(api):
    meeting = {"title": "t", "user_id": "user_1", "contact_id": "contact_1"}
    first, again = await post(api, meeting, "/meetings"), await post(api, meeting, "/meetings")
    assert first[:2] == again[:2]
    assert first[1]["message"] == "Meeting created successfully"


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_none_is_named(api, key):
    status, problem, _ = await post(api, headers={"Idempotency-Key": key})
    assert (status, problem["errors"][0]["field"].lower()) == (422, "idempotency-key")


async def test_a_key_is_kept_for_24_hours(stores):
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    await seed(stores)
    tokens = await make_tokens(stores.store)
    app = create_app(store=stores.store, blobs=stores.blobs, clock=lambda: now[0])
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        api = Api(base_url, tokens, session)
        _, first, _ = await post(api)
        now[0] += timedelta(hours=23, minutes=59)
        assert (await post(api))[1] == first
        now[0] += timedelta(minutes=2)
        assert (await post(api))[1]["id"] != first["id"]


class Contended:
    """A store whose transactions always meet another one under way."""

    def __init__(self, store) -> None:
        self._store = store
        self.writes = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def write(self, *changes):
        self.writes += 1
        return Refusal(len(changes) - 1, contended=True)


async def test_while_the_first_is_in_flight_it_is_409(stores):
    tokens = await make_tokens(stores.store)
    contended = Contended(stores.store)
    app = create_app(store=contended, blobs=stores.blobs)
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        status, problem, headers = await post(Api(base_url, tokens, session))
    assert (status, problem["title"], headers["Retry-After"]) == (409, "Conflict", "1")
    assert contended.writes > 1
