"""/mailboxes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from parley.api.auth import Admin, AnyCaller, AnyGrant, NamedTenant, tenant_of
from parley.api.dependencies import of_records
from parley.api.parameters import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    PathAddress,
    answer_response,
    as_json_body,
    changed_fields,
    idempotency,
    page_response,
    problems,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.conversations.bodies_mailboxes import MailboxBody, MailboxChanges, MailboxPage, MailboxRequest
from parley.conversations.mailboxes import MailboxService
from parley.core.fields import EmailAddress
from parley.errors import invalid
from parley.store.results import Body, Page

Mailboxes = Annotated[MailboxService, Depends(of_records(MailboxService))]

router = APIRouter(route_class=StrictRoute, prefix="/mailboxes", tags=["mailboxes"])


@router.post("", status_code=201, response_model=MailboxBody, responses=problems(409))
async def create_mailbox(
    body: MailboxRequest, caller: Admin, mailboxes: Mailboxes, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Add a mailbox. Its domain has to be one of the tenant's."""
    key = idempotency(caller, "mailboxes", idempotency_key, as_json_body(body))
    return answer_response(
        await mailboxes.create(caller.tenant, as_json_body(body), idempotency=key), at="/mailboxes/{address}"
    )


@router.get("", response_model=MailboxPage)
async def list_mailboxes(
    *,
    grant: AnyGrant,
    mailboxes: Mailboxes,
    named: NamedTenant = None,
    address: Annotated[EmailAddress | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    """With `address`, the one mailbox that mail to it is for.

    An address or alias that is exactly this one comes before what is without
    its plus tag, and that before a mailbox of the whole domain. The pipeline
    may ask without naming a tenant: the answer says whose it is.
    """
    tenant = tenant_of(grant, named)
    if address:
        box = await _find(mailboxes, tenant, address)
        return page_response(Page([box] if box else [], None))
    if tenant is None:
        raise invalid("Parley-Tenant", "names the tenant, and is missing")
    return page_response(await mailboxes.page(tenant, limit=limit, cursor=cursor))


async def _find(mailboxes: Mailboxes, tenant: str | None, address: str) -> Body | None:
    if tenant is None:
        return await mailboxes.anywhere(address)
    return await mailboxes.find(tenant, address)


@router.get("/{address:path}", response_model=MailboxBody, responses=problems(404))
async def get_mailbox(address: PathAddress, caller: AnyCaller, mailboxes: Mailboxes) -> JSONResponse:
    """One mailbox, by its address."""
    return record_response(await mailboxes.fetch(caller.tenant, address))


@router.patch("/{address:path}", response_model=MailboxBody, responses=problems(404, 409, 412))
async def update_mailbox(
    address: PathAddress, body: MailboxChanges, caller: Admin, mailboxes: Mailboxes, if_match: IfMatch = None
) -> JSONResponse:
    """Change some of a mailbox."""
    return record_response(
        await mailboxes.update(caller.tenant, address, changed_fields(body), if_match=if_match)
    )


@router.delete("/{address:path}", status_code=204, responses=problems(404, 409, 412))
async def delete_mailbox(
    address: PathAddress, caller: Admin, mailboxes: Mailboxes, if_match: IfMatch = None
) -> Response:
    """Remove a mailbox. Its addresses rest 30 days before another tenant can take them."""
    await mailboxes.delete(caller.tenant, address, if_match=if_match)
    return Response(status_code=204)
