"""/users and /contacts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from parley.api.auth import Admin, AnyCaller, Pipeline
from parley.api.bodies import Removed
from parley.api.parameters import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    PathIdent,
    Services,
    StrictRoute,
    answered,
    dumped,
    found,
    given,
    idempotency,
    listed,
    problems,
    put_answer,
)
from parley.core.fields import EmailAddress
from parley.people.bodies import ContactPage, UserPage
from parley.people.models import Contact, ContactChanges, ContactRequest, User, UserChanges, UserRequest

router = APIRouter(route_class=StrictRoute, tags=["people"])

ByAddress = Annotated[EmailAddress | None, Query()]


@router.post("/users", status_code=201, response_model=User, responses=problems(409))
async def create_user(
    body: UserRequest, caller: Admin, services: Services, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    key = idempotency(caller, "users", idempotency_key, dumped(body))
    return answered(await services.users.create(caller.tenant, dumped(body), idempotency=key))


@router.get("/users", response_model=UserPage)
async def list_users(
    caller: AnyCaller, services: Services, email: ByAddress = None, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    return listed(await services.users.page(caller.tenant, email=email, limit=limit, cursor=cursor))


@router.get("/users/{user_id}", response_model=User, responses=problems(404))
async def get_user(user_id: PathIdent, caller: AnyCaller, services: Services) -> JSONResponse:
    return found(await services.users.get(caller.tenant, user_id))


@router.patch("/users/{user_id}", response_model=User, responses=problems(404, 409, 412))
async def update_user(
    user_id: PathIdent, body: UserChanges, caller: Admin, services: Services, if_match: IfMatch = None
) -> JSONResponse:
    return found(await services.users.update(caller.tenant, user_id, given(body), if_match=if_match))


@router.post("/contacts", status_code=201, response_model=Contact, responses=problems(409))
async def create_contact(
    body: ContactRequest, caller: AnyCaller, services: Services, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    key = idempotency(caller, "contacts", idempotency_key, dumped(body))
    return answered(await services.contacts.create(caller.tenant, dumped(body), idempotency=key))


@router.get("/contacts", response_model=ContactPage)
async def list_contacts(
    caller: AnyCaller, services: Services, email: ByAddress = None, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    return listed(await services.contacts.page(caller.tenant, email=email, limit=limit, cursor=cursor))


@router.get("/contacts/{contact_id}", response_model=Contact, responses=problems(404))
async def get_contact(contact_id: PathIdent, caller: AnyCaller, services: Services) -> JSONResponse:
    return found(await services.contacts.get(caller.tenant, contact_id))


@router.put("/contacts/{contact_id}", response_model=Contact | Removed, responses=problems(409))
async def put_contact(
    contact_id: PathIdent, body: ContactRequest, caller: Pipeline, services: Services
) -> JSONResponse:
    """A contact whom an email names: it is made, or blank fields of the one that stands are filled.

    Where a contact has this address under another id, the answer is that one,
    with its own id. What is set is never overwritten, and who was removed stays so.
    """
    return put_answer(await services.contacts.put(caller.tenant, contact_id, dumped(body)))


@router.patch("/contacts/{contact_id}", response_model=Contact, responses=problems(404, 409, 412))
async def update_contact(
    contact_id: PathIdent,
    body: ContactChanges,
    caller: AnyCaller,
    services: Services,
    if_match: IfMatch = None,
) -> JSONResponse:
    return found(await services.contacts.update(caller.tenant, contact_id, given(body), if_match=if_match))


@router.delete("/contacts/{contact_id}", status_code=204, responses=problems(404, 409, 412))
async def delete_contact(
    contact_id: PathIdent, caller: AnyCaller, services: Services, if_match: IfMatch = None
) -> Response:
    await services.contacts.delete(caller.tenant, contact_id, if_match=if_match)
    return Response(status_code=204)
