"""/meetings/{id}/insights."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from parley.analysis.machine import INSIGHT_NAMES
from parley.api.auth import AnyCaller
from parley.api.dependencies import of_records
from parley.api.parameters import IfMatch, PathIdent, as_json_body, problems
from parley.api.strict_route import StrictRoute
from parley.api.tokens import Role
from parley.insights.bodies import InsightsRequest, StoredInsights
from parley.insights.service import InsightsService

Insights = Annotated[InsightsService, Depends(of_records(InsightsService))]

router = APIRouter(route_class=StrictRoute, prefix="/meetings", tags=["meetings"])


@router.get("/{meeting_id}/insights", response_model=StoredInsights, responses=problems(404))
async def get_insights(
    meeting_id: PathIdent,
    caller: AnyCaller,
    insights: Insights,
    version: Annotated[int | None, Query(ge=1, le=999_999)] = None,
) -> JSONResponse:
    """The insights that stand, or those of one `version`."""
    kept = await insights.get(caller.tenant, meeting_id, version)
    return JSONResponse(kept.as_json(meeting_id), headers={"ETag": f'"{kept.version}"'})


@router.put("/{meeting_id}/insights", response_model=StoredInsights, responses=problems(404, 409, 412))
async def put_insights(
    meeting_id: PathIdent,
    body: InsightsRequest,
    caller: AnyCaller,
    insights: Insights,
    if_match: IfMatch = None,
) -> JSONResponse:
    """The pipeline's are written once per run; anyone else's count as a person's edit."""
    wanted = as_json_body(body) | {"insights": body.insights.as_given(), "edited_by": None}
    if len(wanted["extractors"] or INSIGHT_NAMES) == len(INSIGHT_NAMES):
        wanted["extractors"] = None
    if caller.role is Role.PIPELINE:
        over_edits = wanted.pop("over_edits")
        kept = await insights.put_run(caller.tenant, meeting_id, wanted, over_edits=over_edits)
    else:
        kept = await insights.put_edit(
            caller.tenant, meeting_id, wanted, editor=caller.actor, if_match=if_match
        )
    return JSONResponse(kept.as_json(meeting_id), headers={"ETag": f'"{kept.version}"'})
