"""/meetings/{id}/prepare and /meetings/{id}/brief."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from parley.api.auth import AnyCaller
from parley.api.dependencies import StoredRecords, resource
from parley.api.parameters import (
    IdempotencyKey,
    PathIdent,
    answer_response,
    as_json_body,
    idempotency,
    problems,
)
from parley.api.strict_route import StrictRoute
from parley.preparation.bodies import BriefBody, PrepareAnswer, PrepareRequest
from parley.preparation.service import PreparationConfig, PreparationService, context
from parley.store.results import Answered


async def _preparation(
    records: StoredRecords,
    caller: AnyCaller,
    config: Annotated[PreparationConfig, Depends(resource(PreparationConfig))],
) -> PreparationService:
    return PreparationService(records, config, caller.tenant)


Preparations = Annotated[PreparationService, Depends(_preparation)]

router = APIRouter(route_class=StrictRoute, prefix="/meetings", tags=["meetings"])


@router.post("/{meeting_id}/prepare", response_model=PrepareAnswer, responses=problems(404))
async def prepare_meeting(
    *,
    meeting_id: PathIdent,
    caller: AnyCaller,
    records: StoredRecords,
    preparations: Preparations,
    body: PrepareRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """What to know before a meeting with a contact. 503 with Retry-After when the model fails for good.

    The ETag says who wrote the prose: "model" or "rules".
    """
    wanted = body or PrepareRequest()
    key = idempotency(caller, f"prepare {meeting_id}", idempotency_key, as_json_body(wanted))

    async def make() -> Answered:
        made = await preparations.prepare(meeting_id, wanted.user_id)
        # The tag tells who wrote it; the body is seed 001's and no more.
        return Answered(200, {"meeting_id": meeting_id, "context": context(made)}, f'"{made.source}"')

    return answer_response(await records.once(caller.tenant, key, make))


@router.get("/{meeting_id}/brief", response_model=BriefBody, responses=problems(404))
async def get_brief(meeting_id: PathIdent, preparations: Preparations) -> JSONResponse:
    """The facts that a preparation is written from. 422 for an internal meeting."""
    return JSONResponse(asdict(await preparations.brief(meeting_id)))
