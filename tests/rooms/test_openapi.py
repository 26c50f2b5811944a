from __future__ import annotations

import asyncio
import os
import re
import threading
from http import HTTPStatus

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parley.api.openapi import described, fields_of
from parley.api.problems import Problem
from parley.bootstrap.app import ROOMS, create_app
from tests.rooms.conftest import make_tokens, open_stores, seed, serving

EXAMPLES = int(os.environ.get("PARLEY_SCHEMA_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


async def test_the_document_stands_below_the_base_url(api):
    status, document, _ = await api.call("GET", "/openapi.json", by=None)
    assert status == 200
    paths = set(document["paths"])
    assert {"/v1/meetings", "/v1/meetings/{meeting_id}/insights", "/v1/emails/{run_id}"} <= paths
    created = document["paths"]["/v1/meetings"]["post"]["responses"]
    assert set(created) >= {"201", "401", "403", "409", "422"}
    assert "application/problem+json" in created["422"]["content"]


async def test_everything_in_it_is_described(api):
    _, document, _ = await api.call("GET", "/openapi.json", by=None)
    found = [(owner, name) for owner, name, one in described(document) if not one.get("description")]
    assert not found
    assert not [path for path, one in operations(document) if not one.get("description")]
    assert {one["tags"][0] for _, one in operations(document)} <= {one["name"] for one in document["tags"]}


async def test_what_is_said_of_fields_is_said_of_one_that_there_is(api):
    _, document, _ = await api.call("GET", "/openapi.json", by=None)
    there = {name for owner, name, _ in described(document)}
    there |= {f"{owner}.{name}" for owner, name, _ in described(document)}
    assert fields_of(ROOMS).keys() - there == set()


async def test_operations_are_named_by_what_they_do_and_problems_are_one_schema(api):
    _, document, _ = await api.call("GET", "/openapi.json", by=None)
    names = [one["operationId"] for _, one in operations(document)]
    assert len(names) == len(set(names))
    assert {"create_meeting", "get_all_meetings", "erase", "get_health"} <= set(names)
    problems = [
        answer["content"]["application/problem+json"]["schema"]
        for _, one in operations(document)
        for answer in one["responses"].values()
        if "application/problem+json" in answer.get("content", {})
    ]
    assert len(problems) > 100
    assert all(one == {"$ref": "#/components/schemas/Problem"} for one in problems)
    assert set(document["components"]["schemas"]["Problem"]["properties"]) == set(
        Problem(HTTPStatus.NOT_FOUND, "").as_json()
    )


def operations(document):
    return [(path, one) for path, methods in document["paths"].items() for one in methods.values()]


async def test_the_page_that_shows_it_asks_no_other_host(live):
    async with aiohttp.ClientSession(base_url=live["url"]) as http:
        page = await http.get("/v1/docs")
        text = await page.text()
        assert page.content_type == "text/html"
        assert "://" not in text
        assert "url: 'openapi.json'" in text
        for name in re.findall(r'(?:src|href)="([^"]+)"', text):
            asset = await http.get(f"/v1/{name}")
            assert asset.status == 200, name
            assert len(await asset.read()) > 1000
        assert (await http.get("/v1/docs/secrets.txt")).status == 404


@pytest.fixture(scope="module")
def live(moto_url):
    """The API on a thread of its own: (base URL, tokens)."""
    ready, stop, found = threading.Event(), threading.Event(), {}

    async def serve() -> None:
        async with open_stores(moto_url) as stores:
            await seed(stores)
            found["tokens"] = await make_tokens(stores.store)
            app = create_app(store=stores.store, blobs=stores.blobs)
            async with serving(app) as base_url:
                found["document"] = app.openapi()
                found["url"] = base_url.removesuffix("/v1")
                ready.set()
                await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield found
    stop.set()
    thread.join()


@pytest.mark.parametrize("by", ["admin", "pipeline"])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route_keeps_its_own_description(live, mode, by):
    """Bounded random requests to every operation: no 5xx, and no answer that the document lacks."""
    schema = schemathesis.openapi.from_dict(live["document"])
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:
        if operation.path != "/v1/health":  # takes nothing, so there is nothing to get wrong
            _probe(operation, mode, live["url"], _headers(live["tokens"], operation.method, by))


def _probe(operation, mode, url, headers) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def check(case):
        answer = case.call(base_url=url, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    check()


def _headers(tokens, method, by) -> dict[str, str]:
    if method.lower() == "put" or by == "pipeline":
        return {"Authorization": f"Bearer {tokens['pipeline']}", "Parley-Tenant": "demo"}
    return {"Authorization": f"Bearer {tokens['admin']}"}


@pytest.mark.parametrize("levels", [70, 300, 5_000])
async def test_no_route_breaks_on_a_body_that_is_nested_deep(api, levels):
    _, document, _ = await api.call("GET", "/openapi.json", by=None)
    taking = [
        (method.upper(), path.removeprefix("/v1"))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]
    assert len(taking) > 15
    deep = "[" * levels + "]" * levels
    for method, path in taking:
        for by in ("admin", "pipeline"):
            where = path.replace("{address}", "a@b.example").replace("{", "").replace("}", "")
            for data in (deep, f'{{"x": {deep}}}'):
                status, problem, _ = await api.call(method, where, by=by, data=data)
                assert status in {401, 403, 404, 422}, (method, path, problem)
