"""A new domain is one folder and one row in ROOMS: a room that only this test knows shows what a row gives."""

from __future__ import annotations

from typing import Annotated

import aiohttp
import pytest
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from local.demo import seed_demo
from parley.api.auth import AnyCaller
from parley.api.dependencies import of_tenant
from parley.api.parameters import PathIdent, as_json_body, problems, record_response
from parley.api.room import Room
from parley.api.strict_route import StrictRoute
from parley.bootstrap.app import ROOMS, create_app
from parley.core.fields import EmailAddress, Ident, Line, Strict
from parley.people.kinds import USER
from parley.store.erasure import RoomErasure
from parley.store.kind import Kind
from tests.rooms.conftest import Api, make_tokens, serving

VISIT = Kind(name="visit", sort=lambda body: body["visitor"], people=lambda body: [body["visitor"]])


class Visit(Strict):
    visitor: EmailAddress
    gate: Line = ""


class VisitService:
    def __init__(self, records, tenant):
        self._records, self._tenant = records, tenant

    async def put(self, ident, body):
        return await self._records.put(self._tenant, VISIT, ident, {"id": ident, **body})

    async def get(self, ident):
        return await self._records.fetch(self._tenant, VISIT, ident)


Visits = Annotated[VisitService, Depends(of_tenant(VisitService))]
router = APIRouter(route_class=StrictRoute, prefix="/visits", tags=["visits"])


@router.put("/{visit_id}")
async def put_visit(visit_id: PathIdent, body: Visit, visits: Visits) -> JSONResponse:
    return record_response(await visits.put(visit_id, as_json_body(body)))


@router.get("/{visit_id}", responses=problems(404))
async def get_visit(visit_id: Ident, caller: AnyCaller, visits: Visits) -> JSONResponse:
    return record_response(await visits.get(visit_id))


class VisitsErasure(RoomErasure):
    async def erase_record(self, work, kind, ident, body, subject):
        if kind == VISIT.name:
            await work.remove("visits", VISIT, ident)


VISITS = Room(
    name="visits",
    routers=(router,),
    kinds=(VISIT,),
    tags={"visits": "Who came to the gate."},
    erasure=VisitsErasure(),
)


@pytest.fixture
async def with_visits(stores):
    await seed_demo(stores.store)
    app = create_app(store=stores.store, blobs=stores.blobs, rooms=(VISITS, *ROOMS))
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Api(base_url, await make_tokens(stores.store), session)


async def test_the_routes_of_a_room_answer_for_the_callers_tenant(with_visits):
    visit = {"visitor": "mina@harbour.example", "gate": "north"}
    assert (await with_visits.call("PUT", "/visits/v-1", json=visit))[0] == 200
    status, body, _ = await with_visits.call("GET", "/visits/v-1")
    assert (status, body) == (200, {"id": "v-1", **visit})
    assert (await with_visits.call("GET", "/visits/v-1", by="other"))[0] == 404
    assert (await with_visits.call("GET", "/visits/v-1", by=None))[0] == 401


async def test_a_room_stands_in_the_document_under_its_tag(with_visits):
    _, document, _ = await with_visits.call("GET", "/openapi.json", by=None)
    assert document["paths"]["/v1/visits/{visit_id}"]["get"]["tags"] == ["visits"]
    assert {"name": "visits", "description": "Who came to the gate."} in document["tags"]


async def test_an_erasure_removes_the_records_of_a_room(with_visits):
    for ident, visitor in (("v-1", "mina@harbour.example"), ("v-2", "joao@harbour.example")):
        await with_visits.call("PUT", f"/visits/{ident}", json={"visitor": visitor})
    wanted = {"address": "mina@harbour.example"}
    status, certificate, _ = await with_visits.call("POST", "/erasures", by="admin", json=wanted)
    assert (status, certificate["complete"], certificate["removed"]["visits"]) == (200, True, 1)
    assert (await with_visits.call("GET", "/visits/v-1"))[0] == 404
    assert (await with_visits.call("GET", "/visits/v-2"))[0] == 200


def test_no_two_rooms_keep_the_same_kind_of_record():
    twin = Room(name="twin", kinds=(USER,))
    with pytest.raises(ValueError, match="user"):
        create_app(store=None, blobs=None, rooms=(*ROOMS, twin))


def test_every_room_has_a_name_and_each_of_its_routes_a_tag_that_is_described():
    assert len({room.name for room in ROOMS}) == len(ROOMS)
    described = {tag for room in ROOMS for tag in room.tags}
    used = {tag for room in ROOMS for one in room.routers for route in one.routes for tag in route.tags}
    assert used == described
