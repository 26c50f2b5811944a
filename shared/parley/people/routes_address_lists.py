"""/blacklist (whom we do not hear) and /suppressions (whom we do not write to)."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from parley.api.auth import Admin, AdminOrPipeline, AnyCaller
from parley.api.parameters import (
    Cursor,
    Limit,
    PathEntry,
    Services,
    StrictRoute,
    dumped,
    listed,
    problems,
)
from parley.people.bodies import Block, BlockPage, BlockRequest

router = APIRouter(route_class=StrictRoute, tags=["blocked addresses"])


@router.get("/blacklist", response_model=BlockPage)
async def list_blacklist(
    caller: AnyCaller, services: Services, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    return listed(await services.blacklist.page(caller.tenant, limit=limit, cursor=cursor))


@router.get("/blacklist/{address:path}", response_model=Block, responses=problems(404))
async def get_blacklisted(address: PathEntry, caller: AnyCaller, services: Services) -> JSONResponse:
    """The entry of this address, else of its domain."""
    return JSONResponse(await services.blacklist.find(caller.tenant, address))


@router.put("/blacklist/{address:path}", response_model=Block, responses=problems(404, 409))
async def put_blacklisted(
    address: PathEntry, body: BlockRequest, caller: Admin, services: Services
) -> JSONResponse:
    return JSONResponse(await services.blacklist.put(caller.tenant, address, dumped(body)))


@router.delete("/blacklist/{address:path}", status_code=204, responses=problems(404, 409))
async def delete_blacklisted(address: PathEntry, caller: Admin, services: Services) -> Response:
    await services.blacklist.delete(caller.tenant, address)
    return Response(status_code=204)


@router.get("/suppressions", response_model=BlockPage)
async def list_suppressions(
    caller: AnyCaller, services: Services, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    return listed(await services.suppressions.page(caller.tenant, limit=limit, cursor=cursor))


@router.get("/suppressions/{address:path}", response_model=Block, responses=problems(404))
async def get_suppressed(address: PathEntry, caller: AnyCaller, services: Services) -> JSONResponse:
    """The entry of this address, else of its domain."""
    return JSONResponse(await services.suppressions.find(caller.tenant, address))


@router.put("/suppressions/{address:path}", response_model=Block, responses=problems(404, 409))
async def put_suppressed(
    address: PathEntry, body: BlockRequest, caller: AdminOrPipeline, services: Services
) -> JSONResponse:
    return JSONResponse(await services.suppressions.put(caller.tenant, address, dumped(body)))


@router.delete("/suppressions/{address:path}", status_code=204, responses=problems(404, 409))
async def delete_suppressed(address: PathEntry, caller: Admin, services: Services) -> Response:
    await services.suppressions.delete(caller.tenant, address)
    return Response(status_code=204)
