"""/meetings."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, StringConstraints

from parley.api.auth import PIPELINE_ONLY, AnyCaller
from parley.api.bodies import Removed
from parley.api.dependencies import of_tenant
from parley.api.parameters import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    PathIdent,
    answer_response,
    as_json_body,
    idempotency,
    page_response,
    problems,
    put_response,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.core.fields import Ident
from parley.core.trust import Trust
from parley.meetings.bodies import MeetingCreated, MeetingPage
from parley.meetings.models import (
    DerivedMeeting,
    Kept,
    Meeting,
    MeetingChanges,
    MeetingRequest,
    MeetingStatus,
)
from parley.meetings.service import MeetingService, time_bound

Meetings = Annotated[MeetingService, Depends(of_tenant(MeetingService))]

router = APIRouter(route_class=StrictRoute, prefix="/meetings", tags=["meetings"])

TimeBound = Annotated[
    Annotated[str, StringConstraints(max_length=40), AfterValidator(time_bound)] | None,
    Query(description="A local date or time, ISO 8601 without an offset."),
]


@router.post("", status_code=201, response_model=MeetingCreated, responses=problems(409))
async def create_meeting(
    body: MeetingRequest, caller: AnyCaller, meetings: Meetings, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Add a meeting. The answer is the same for the same Idempotency-Key."""
    key = idempotency(caller, "meetings", idempotency_key, as_json_body(body))
    return answer_response(await meetings.create_meeting(body, idempotency=key), at="/meetings/{meeting_id}")


@router.get("", response_model=MeetingPage)
async def get_all_meetings(
    *,
    meetings: Meetings,
    user_id: Annotated[Ident | None, Query()] = None,
    contact_id: Annotated[Ident | None, Query()] = None,
    status: MeetingStatus | None = None,
    thread_id: Annotated[Ident | None, Query()] = None,
    ical_uid: Annotated[Kept | None, Query()] = None,
    trust: Trust | None = None,
    begins: Annotated[TimeBound, Query(alias="from")] = None,
    ends: Annotated[TimeBound, Query(alias="to")] = None,
    text: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    """By time. `from` is included, `to` is not; both leave out meetings without a time.

    `text` is looked for in titles, summaries and attendees, whatever its case.
    """
    wanted = {
        "contact_id": contact_id,
        "status": status,
        "thread_id": thread_id,
        "ical_uid": ical_uid,
        "trust": trust,
        "from": begins,
        "to": ends,
        "text": text,
    }
    filters = {name: str(value) for name, value in wanted.items() if value}
    return page_response(await meetings.get_all_meetings(user_id, filters, limit=limit, cursor=cursor))


@router.get("/{meeting_id}", response_model=Meeting, responses=problems(404))
async def get_meeting(meeting_id: PathIdent, meetings: Meetings) -> JSONResponse:
    """One meeting."""
    return record_response(await meetings.get_meeting(meeting_id))


@router.put(
    "/{meeting_id}", response_model=Meeting | Removed, responses=problems(409), dependencies=[PIPELINE_ONLY]
)
async def put_meeting(meeting_id: PathIdent, body: DerivedMeeting, meetings: Meetings) -> JSONResponse:
    """What an email says of a meeting: an invite (it has a `sequence`), or a transcript.

    Only the fields that are given count, and of two invites the one with the
    higher sequence; a CANCEL before a REQUEST; the later `dtstamp`. What a
    person changed stays, but for what an invite is about: time, attendees,
    status, recurrence. Repeating the write changes nothing.
    """
    said = {name: value for name, value in as_json_body(body).items() if name in body.model_fields_set}
    return put_response(await meetings.put_meeting(meeting_id, said))


@router.patch("/{meeting_id}", response_model=Meeting, responses=problems(404, 409, 412))
async def update_meeting(
    meeting_id: PathIdent,
    body: MeetingChanges,
    meetings: Meetings,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Change some of a meeting. What a person sets stays, but for a schedule that a later invite changes."""
    return record_response(await meetings.update_meeting(meeting_id, body, if_match=if_match))


@router.delete("/{meeting_id}", status_code=204, responses=problems(404, 409, 412))
async def delete_meeting(meeting_id: PathIdent, meetings: Meetings, if_match: IfMatch = None) -> Response:
    """Remove a meeting with its insights. A later invite, or a transcript, brings it back."""
    await meetings.delete_meeting(meeting_id, if_match=if_match)
    return Response(status_code=204)
