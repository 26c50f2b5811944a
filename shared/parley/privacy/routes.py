"""/erasures: a person's or a mail's end, and its certificate."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from parley.api.auth import TENANT_HEADER, AdminOrPipeline
from parley.api.parameters import (
    IdempotencyKey,
    PathIdent,
    answer_response,
    as_json_body,
    idempotency,
    problems,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.api.tokens import Role
from parley.errors import not_found
from parley.mail.mailbox import UNROUTED
from parley.privacy.bodies import Certificate, ErasureRequest
from parley.privacy.dependencies import Erasures

router = APIRouter(route_class=StrictRoute, prefix="/erasures", tags=["erasure"])


@router.post("", response_model=Certificate, responses=problems(404, 409))
async def erase(
    body: ErasureRequest, caller: AdminOrPipeline, erasures: Erasures, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Erase a person by address, or a mail by its run or delivery.

    `complete` false says that something is left, such as a mail that is being
    worked at this moment: repeat the request.
    """
    # An operator names the tenant by hand: a mistyped one would get a certificate too.
    by_hand = caller.role is Role.PIPELINE and caller.tenant != UNROUTED
    if by_hand and not await erasures.knows_tenant(caller.tenant):
        raise not_found("tenant with a mailbox", caller.tenant, field=TENANT_HEADER)
    key = idempotency(caller, "erasures", idempotency_key, as_json_body(body))
    if body.address:
        return answer_response(await erasures.erase_person(caller.tenant, body.address, idempotency=key))
    assert body.run_id is not None
    return answer_response(await erasures.erase_mail(caller.tenant, body.run_id, idempotency=key))


@router.get("/{erasure_id}", response_model=Certificate, responses=problems(404))
async def get_certificate(erasure_id: PathIdent, caller: AdminOrPipeline, erasures: Erasures) -> JSONResponse:
    """The certificate again. It names no person."""
    return record_response(await erasures.certificate(caller.tenant, erasure_id))
