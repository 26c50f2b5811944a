"""/blacklist (whom we do not hear) and /suppressions (whom we do not write to)."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from parley.api.auth import Admin, AdminOrPipeline, AnyCaller
from parley.api.dependencies import of_records
from parley.api.parameters import (
    Cursor,
    Limit,
    PathEntry,
    as_json_body,
    page_response,
    problems,
)
from parley.api.strict_route import StrictRoute
from parley.people.address_lists import AddressListService
from parley.people.bodies import Block, BlockPage, BlockRequest
from parley.people.kinds import BLACKLIST, SUPPRESSION

Blacklist = Annotated[AddressListService, Depends(of_records(partial(AddressListService, kind=BLACKLIST)))]
Suppressions = Annotated[
    AddressListService, Depends(of_records(partial(AddressListService, kind=SUPPRESSION)))
]

router = APIRouter(route_class=StrictRoute, tags=["blocked addresses"])


@router.get("/blacklist", response_model=BlockPage)
async def list_blacklist(
    caller: AnyCaller, blacklist: Blacklist, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    """The addresses and domains that are not heard."""
    return page_response(await blacklist.page(caller.tenant, limit=limit, cursor=cursor))


@router.get("/blacklist/{address:path}", response_model=Block, responses=problems(404))
async def get_blacklisted(address: PathEntry, caller: AnyCaller, blacklist: Blacklist) -> JSONResponse:
    """The entry of this address, else of its domain."""
    return JSONResponse(await blacklist.find(caller.tenant, address))


@router.put("/blacklist/{address:path}", response_model=Block, responses=problems(404, 409))
async def put_blacklisted(
    address: PathEntry, body: BlockRequest, caller: Admin, blacklist: Blacklist
) -> JSONResponse:
    """Hear an address or a domain no more: its mail is refused."""
    return JSONResponse(await blacklist.put(caller.tenant, address, as_json_body(body)))


@router.delete("/blacklist/{address:path}", status_code=204, responses=problems(404, 409))
async def delete_blacklisted(address: PathEntry, caller: Admin, blacklist: Blacklist) -> Response:
    """Hear it again."""
    await blacklist.delete(caller.tenant, address)
    return Response(status_code=204)


@router.get("/suppressions", response_model=BlockPage)
async def list_suppressions(
    caller: AnyCaller, suppressions: Suppressions, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    """The addresses and domains that are not written to."""
    return page_response(await suppressions.page(caller.tenant, limit=limit, cursor=cursor))


@router.get("/suppressions/{address:path}", response_model=Block, responses=problems(404))
async def get_suppressed(address: PathEntry, caller: AnyCaller, suppressions: Suppressions) -> JSONResponse:
    """The entry of this address, else of its domain."""
    return JSONResponse(await suppressions.find(caller.tenant, address))


@router.put("/suppressions/{address:path}", response_model=Block, responses=problems(404, 409))
async def put_suppressed(
    address: PathEntry, body: BlockRequest, caller: AdminOrPipeline, suppressions: Suppressions
) -> JSONResponse:
    """Write to an address or a domain no more."""
    return JSONResponse(await suppressions.put(caller.tenant, address, as_json_body(body)))


@router.delete("/suppressions/{address:path}", status_code=204, responses=problems(404, 409))
async def delete_suppressed(address: PathEntry, caller: Admin, suppressions: Suppressions) -> Response:
    """Write to it again."""
    await suppressions.delete(caller.tenant, address)
    return Response(status_code=204)
