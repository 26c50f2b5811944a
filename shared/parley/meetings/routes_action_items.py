"""/action-items: what was promised, by whom and by when, and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse

from parley.api.auth import AnyCaller
from parley.api.dependencies import of_tenant
from parley.api.parameters import (
    Cursor,
    IfMatch,
    Limit,
    page_response,
    problems,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.core.fields import Day, Ident
from parley.core.trust import Trust
from parley.meetings.action_item import ActionIdent, ActionItem, ActionItemChanges, ActionStatus
from parley.meetings.action_items import ActionItemService
from parley.meetings.bodies import ActionItemPage

ActionItems = Annotated[ActionItemService, Depends(of_tenant(ActionItemService))]

router = APIRouter(route_class=StrictRoute, prefix="/action-items", tags=["action items"])

PathAction = Annotated[ActionIdent, Path()]


@router.get("", response_model=ActionItemPage)
async def get_action_items(
    *,
    items: ActionItems,
    owner: Annotated[str | None, Query(max_length=200)] = None,
    trust: Trust | None = None,
    status: ActionStatus | None = None,
    due_before: Annotated[Day | None, Query()] = None,
    meeting_id: Annotated[Ident | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    """By due date, those without one last. `due_before` leaves these out, and its own day.

    `owner` asks for people by name: every word of it must be in the owner's.
    """
    wanted = {
        "owner": owner,
        "status": status,
        "due_before": due_before,
        "meeting_id": meeting_id,
        "trust": trust,
    }
    filters = {name: str(value) for name, value in wanted.items() if value}
    return page_response(await items.page(filters, limit=limit, cursor=cursor))


@router.get("/{action_id}", response_model=ActionItem, responses=problems(404))
async def get_action_item(action_id: PathAction, items: ActionItems) -> JSONResponse:
    """One action item."""
    return record_response(await items.get(action_id))


@router.patch("/{action_id}", response_model=ActionItem, responses=problems(404, 409, 412))
async def update_action_item(
    action_id: PathAction,
    body: ActionItemChanges,
    caller: AnyCaller,
    items: ActionItems,
    if_match: IfMatch = None,
) -> JSONResponse:
    """What a person says of it stays, whatever a later analysis finds."""
    return record_response(await items.update(action_id, body, editor=caller.actor, if_match=if_match))
