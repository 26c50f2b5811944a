"""/users and /contacts."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from parley.api.auth import Admin, AnyCaller, Pipeline
from parley.api.bodies import Removed
from parley.api.dependencies import of_records
from parley.api.parameters import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    PathIdent,
    answer_response,
    as_json_body,
    changed_fields,
    idempotency,
    page_response,
    problems,
    put_response,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.core.fields import EmailAddress
from parley.people.bodies import ContactPage, UserPage
from parley.people.kinds import CONTACT, USER
from parley.people.models import Contact, ContactChanges, ContactRequest, User, UserChanges, UserRequest
from parley.people.service import PeopleService, UserService

Users = Annotated[UserService, Depends(of_records(partial(UserService, kind=USER, model=User)))]
Contacts = Annotated[PeopleService, Depends(of_records(partial(PeopleService, kind=CONTACT, model=Contact)))]

router = APIRouter(route_class=StrictRoute, tags=["people"])

ByAddress = Annotated[EmailAddress | None, Query()]


@router.post("/users", status_code=201, response_model=User, responses=problems(409))
async def create_user(
    body: UserRequest, caller: Admin, users: Users, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Add a user: one of the tenant's own people, who may write to its mailboxes."""
    key = idempotency(caller, "users", idempotency_key, as_json_body(body))
    return answer_response(
        await users.create(caller.tenant, as_json_body(body), idempotency=key), at="/users/{id}"
    )


@router.get("/users", response_model=UserPage)
async def list_users(
    caller: AnyCaller, users: Users, email: ByAddress = None, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    """The users, or the one with an `email`."""
    return page_response(await users.page(caller.tenant, email=email, limit=limit, cursor=cursor))


@router.get("/users/{user_id}", response_model=User, responses=problems(404))
async def get_user(user_id: PathIdent, caller: AnyCaller, users: Users) -> JSONResponse:
    """One user."""
    return record_response(await users.get(caller.tenant, user_id))


@router.patch("/users/{user_id}", response_model=User, responses=problems(404, 409, 412))
async def update_user(
    user_id: PathIdent, body: UserChanges, caller: Admin, users: Users, if_match: IfMatch = None
) -> JSONResponse:
    """Change some of a user."""
    return record_response(
        await users.update(caller.tenant, user_id, changed_fields(body), if_match=if_match)
    )


@router.post("/contacts", status_code=201, response_model=Contact, responses=problems(409))
async def create_contact(
    body: ContactRequest, caller: AnyCaller, contacts: Contacts, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Add a contact: somebody outside whom the tenant meets."""
    key = idempotency(caller, "contacts", idempotency_key, as_json_body(body))
    return answer_response(
        await contacts.create(caller.tenant, as_json_body(body), idempotency=key), at="/contacts/{id}"
    )


@router.get("/contacts", response_model=ContactPage)
async def list_contacts(
    caller: AnyCaller, contacts: Contacts, email: ByAddress = None, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    """The contacts, or the one with an `email`."""
    return page_response(await contacts.page(caller.tenant, email=email, limit=limit, cursor=cursor))


@router.get("/contacts/{contact_id}", response_model=Contact, responses=problems(404))
async def get_contact(contact_id: PathIdent, caller: AnyCaller, contacts: Contacts) -> JSONResponse:
    """One contact."""
    return record_response(await contacts.get(caller.tenant, contact_id))


@router.put("/contacts/{contact_id}", response_model=Contact | Removed, responses=problems(409))
async def put_contact(
    contact_id: PathIdent, body: ContactRequest, caller: Pipeline, contacts: Contacts
) -> JSONResponse:
    """A contact whom an email names: it is made, or blank fields of the one that stands are filled.

    Where a contact has this address under another id, the answer is that one,
    with its own id. What is set is never overwritten, and who was removed stays so.
    """
    return put_response(await contacts.put(caller.tenant, contact_id, as_json_body(body)))


@router.patch("/contacts/{contact_id}", response_model=Contact, responses=problems(404, 409, 412))
async def update_contact(
    contact_id: PathIdent,
    body: ContactChanges,
    caller: AnyCaller,
    contacts: Contacts,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Change some of a contact."""
    return record_response(
        await contacts.update(caller.tenant, contact_id, changed_fields(body), if_match=if_match)
    )


@router.delete("/contacts/{contact_id}", status_code=204, responses=problems(404, 409, 412))
async def delete_contact(
    contact_id: PathIdent, caller: AnyCaller, contacts: Contacts, if_match: IfMatch = None
) -> Response:
    """Remove a contact. Emails that name them do not bring them back."""
    await contacts.delete(caller.tenant, contact_id, if_match=if_match)
    return Response(status_code=204)
