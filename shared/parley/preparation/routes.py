"""/meetings/{id}/prepare and /meetings/{id}/brief."""

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from parley.api.auth import AnyCaller
from parley.api.parameters import (
    IdempotencyKey,
    PathIdent,
    Services,
    StrictRoute,
    answered,
    dumped,
    idempotency,
    problems,
)
from parley.preparation.bodies import BriefBody, PrepareAnswer, PrepareRequest
from parley.preparation.service import context
from parley.store.results import Answered

router = APIRouter(route_class=StrictRoute, prefix="/meetings", tags=["meetings"])


@router.post("/{meeting_id}/prepare", response_model=PrepareAnswer, responses=problems(404))
async def prepare_meeting(
    meeting_id: PathIdent,
    caller: AnyCaller,
    services: Services,
    body: PrepareRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """What to know before a meeting with a contact. 503 with Retry-After when the model fails for good.

    The ETag says who wrote the prose: "model" or "rules".
    """
    wanted = body or PrepareRequest()
    key = idempotency(caller, f"prepare {meeting_id}", idempotency_key, dumped(wanted))

    async def make() -> Answered:
        made = await services.preparation(caller.tenant).prepare(meeting_id, wanted.user_id)
        # The tag tells who wrote it; the body is seed 001's and no more.
        return Answered(200, {"meeting_id": meeting_id, "context": context(made)}, f'"{made.source}"')

    return answered(await services.records.once(caller.tenant, key, make))


@router.get("/{meeting_id}/brief", response_model=BriefBody, responses=problems(404))
async def get_brief(meeting_id: PathIdent, caller: AnyCaller, services: Services) -> JSONResponse:
    """The facts that a preparation is written from. 422 for an internal meeting."""
    return JSONResponse(asdict(await services.preparation(caller.tenant).brief(meeting_id)))
