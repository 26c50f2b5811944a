"""/messages, /conversations and /emails."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import StringConstraints

from parley.api.auth import AnyCaller, Pipeline
from parley.api.bodies import Removed
from parley.api.dependencies import of_records
from parley.api.parameters import (
    Cursor,
    IdempotencyKey,
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
from parley.conversations.bodies import (
    Conversation,
    Email,
    EmailPage,
    EmailProgress,
    Message,
    MessagePage,
    MessageRequest,
)
from parley.conversations.service import ConversationService
from parley.core.fields import EmailAddress, Ident
from parley.core.outcome import Outcome
from parley.core.trust import Trust
from parley.errors import not_found
from parley.privacy.dependencies import Erasures

Mail = Annotated[ConversationService, Depends(of_records(ConversationService))]

router = APIRouter(route_class=StrictRoute, tags=["mail"])


@router.post("/messages", status_code=201, response_model=Message, responses=problems(409))
async def create_message(
    body: MessageRequest, caller: AnyCaller, mail: Mail, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Add a message to a conversation."""
    key = idempotency(caller, "messages", idempotency_key, as_json_body(body))
    return answer_response(await mail.create_message(caller.tenant, as_json_body(body), idempotency=key))


@router.put("/messages/{message_id}", response_model=Message | Removed, responses=problems(409))
async def put_message(
    message_id: PathIdent, body: MessageRequest, caller: Pipeline, mail: Mail
) -> JSONResponse:
    """Store the message of an email run: the pipeline's own, under an id that it derives."""
    return put_response(await mail.put_message(caller.tenant, message_id, as_json_body(body)))


@router.get("/messages", response_model=MessagePage)
async def list_messages(
    caller: AnyCaller,
    mail: Mail,
    thread_id: Annotated[Ident, Query()],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    """One thread's messages, oldest first."""
    return page_response(await mail.messages(caller.tenant, thread_id, limit=limit, cursor=cursor))


@router.get("/conversations/{thread_id}", response_model=Conversation, responses=problems(404))
async def get_conversation(
    thread_id: PathIdent, caller: AnyCaller, mail: Mail, limit: Limit = 50, cursor: Cursor = None
) -> JSONResponse:
    """The messages of a thread, oldest first."""
    page = await mail.messages(caller.tenant, thread_id, limit=limit, cursor=cursor)
    if not page.items and cursor is None:
        raise not_found("conversation", thread_id, field="thread_id")
    body = {"thread_id": thread_id, "messages": page.items, "next_cursor": page.next_cursor}
    return JSONResponse(body)


@router.put("/emails/{run_id}", response_model=Email | Removed, responses=problems(409))
async def put_email(
    run_id: PathIdent, body: EmailProgress, caller: Pipeline, mail: Mail, erasures: Erasures
) -> JSONResponse:
    """Store what became of an email: an earlier state never replaces a later one."""
    if await erasures.drop_copy(caller.tenant, run_id, as_json_body(body)):
        return JSONResponse({"deleted": True})
    return put_response(await mail.put_email(caller.tenant, run_id, as_json_body(body)))


@router.get("/emails/{run_id}", response_model=Email, responses=problems(404))
async def get_email(run_id: PathIdent, caller: AnyCaller, mail: Mail) -> JSONResponse:
    """What became of an email, by its run."""
    return record_response(await mail.email(caller.tenant, run_id))


@router.get("/emails", response_model=EmailPage)
async def list_emails(
    *,
    caller: AnyCaller,
    mail: Mail,
    outcome: Outcome | None = None,
    trust: Trust | None = None,
    route: Annotated[str | None, StringConstraints(max_length=40), Query()] = None,
    mailbox: Annotated[EmailAddress | None, Query()] = None,
    sent_by: Literal["person", "machine"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JSONResponse:
    """Newest first."""
    wanted = {
        "outcome": outcome,
        "route": route,
        "mailbox": mailbox,
        "trust": trust,
        "sent_by": sent_by,
    }
    filters = {name: str(value) for name, value in wanted.items() if value}
    return page_response(await mail.emails(caller.tenant, filters, limit=limit, cursor=cursor))
