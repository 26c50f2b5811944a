"""The HTTP API: routes over services over stores."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from parley.analysis.machine import TranscriptMachine
from parley.api.bodies import Health
from parley.api.limits import BodyLimit
from parley.api.parameters import EVERYWHERE, Backend, problems
from parley.api.problems import PROBLEM_JSON, Problem, problem_of
from parley.api.tokens import Tokens
from parley.availability import routes as availability
from parley.availability.service import AvailabilityService
from parley.conversations import routes as mail
from parley.conversations import routes_mailboxes as mailboxes
from parley.conversations.mailboxes import MailboxService
from parley.conversations.service import MailService
from parley.errors import FieldError, LLMAPIError, RejectedRequest, RetryableError
from parley.insights import routes as insights
from parley.insights import routes_analysis as work
from parley.insights.analysis import Analysing, AnalysisService
from parley.insights.analyst import Analyst
from parley.insights.jobs import JobService
from parley.insights.service import InsightsService
from parley.insights.transcripts import TranscriptService, UploadStore
from parley.meetings import routes as meetings
from parley.meetings import routes_action_items as action_items
from parley.meetings.action_items import ActionItemService
from parley.meetings.service import MeetingService
from parley.people import routes as people
from parley.people import routes_address_lists as blocks
from parley.people.address_lists import BlockService
from parley.people.kinds import BLACKLIST, CONTACT, SUPPRESSION, USER
from parley.people.models import Contact, User
from parley.people.service import PeopleService, UserService
from parley.preparation import routes as preparation
from parley.preparation.preparer import Preparer
from parley.preparation.service import PreparationService, Preparing
from parley.privacy import routes as erasures
from parley.privacy.run_erasure import NoLedger, RunEraser
from parley.privacy.service import ErasureService
from parley.store.ports import BlobStore, DataStore
from parley.store.records import Records

PREFIX = "/v1"
ROUTERS: tuple[APIRouter, ...] = (
    meetings.router,
    insights.router,
    preparation.router,
    work.meetings,
    work.uploads,
    work.jobs,
    availability.router,
    action_items.router,
    mail.router,
    mailboxes.router,
    people.router,
    blocks.router,
    erasures.router,
)
MODEL_RESTS = 5.0
"""Seconds until the model is worth asking again, where it has not said so itself."""
logger = logging.getLogger("parley.api")


def create_app(
    *,
    store: DataStore,
    blobs: BlobStore,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    token_cache_seconds: float = 30.0,
    runs: RunEraser | None = None,
    ledger_key: bytes = b"",
    preparing: Preparing | None = None,
    analysing: Analysing | None = None,
    uploads: UploadStore | None = None,
) -> FastAPI:
    """The API over these stores. Whoever opened them closes them; the app has no lifespan of its own.

    `runs` erases what the pipeline keeps; None where there is no pipeline.
    Without `preparing` and `analysing` the rules do both, and nothing of it
    is recorded or put off; without `uploads` there are none.
    """
    app = FastAPI(
        title="Parley",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    records = Records(store, blobs, clock=clock)
    by_rules = Analysing(analyst=Analyst(machine=TranscriptMachine(None)))
    transcripts = partial(TranscriptService, records, uploads)
    app.state.backend = Backend(
        records=records,
        tokens=Tokens(store, cache_seconds=token_cache_seconds),
        meetings=partial(MeetingService, records),
        insights=InsightsService(records),
        action_items=partial(ActionItemService, records),
        availability=partial(AvailabilityService, records),
        preparation=partial(PreparationService, records, preparing or Preparing(preparer=Preparer(None))),
        analysis=lambda tenant: AnalysisService(records, transcripts(tenant), analysing or by_rules, tenant),
        transcripts=transcripts,
        jobs=partial(JobService, records),
        mail=MailService(records),
        mailboxes=MailboxService(records),
        users=UserService(records, USER, User),
        contacts=PeopleService(records, CONTACT, Contact),
        blacklist=BlockService(records, BLACKLIST),
        suppressions=BlockService(records, SUPPRESSION),
        erasures=ErasureService(records, runs or NoLedger(), key=ledger_key),
    )
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, responses=problems(*EVERYWHERE))
    app.add_api_route(f"{PREFIX}/health", _health, response_model=Health, tags=["health"])
    app.add_middleware(BodyLimit)
    _answer_problems(app)
    return app


async def _health() -> Health:
    return Health()


def _answer_problems(app: FastAPI) -> None:
    handlers: tuple[tuple[type[Exception], Callable[..., Awaitable[JSONResponse]]], ...] = (
        (RejectedRequest, _on_rejected),
        (RequestValidationError, _on_invalid),
        (ValidationError, _on_invalid),
        (LLMAPIError, _on_model),
        (RetryableError, _on_retryable),
        (HTTPException, _on_http),
        (Exception, _on_bug),
    )
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)


def _answer(problem: Problem) -> JSONResponse:
    return JSONResponse(
        problem.as_json(), problem.status, headers=dict(problem.headers), media_type=PROBLEM_JSON
    )


async def _on_rejected(_: Request, error: RejectedRequest) -> JSONResponse:
    return _answer(problem_of(error))


async def _on_invalid(_: Request, error: RequestValidationError | ValidationError) -> JSONResponse:
    """Names the fields, and never repeats what was sent."""
    found = [_field_error(entry) for entry in error.errors()[:50]]
    detail = "; ".join(f"{entry.field}: {entry.message}" for entry in found[:3])
    return _answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, found))


def _field_error(entry: Mapping[str, Any]) -> FieldError:
    if entry["type"] == "json_invalid":
        return FieldError("body", f"is no JSON, from character {entry['loc'][-1]} on")
    return FieldError(_path(entry["loc"]), entry["msg"])


def _path(where: tuple[int | str, ...]) -> str:
    places = {"body", "query", "path", "header"}
    steps = where[1:] if len(where) > 1 and where[0] in places else where
    return ".".join(str(step) for step in steps)


async def _on_retryable(_: Request, error: RetryableError) -> JSONResponse:
    logger.warning("the store did not answer", exc_info=error)
    headers = {"Retry-After": str(max(1, round(error.retry_after or 1)))}
    detail = "The data store does not answer; the same request can succeed later."
    return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers))


async def _on_model(_: Request, error: LLMAPIError) -> JSONResponse:
    """The model's fault, and said so: what was sent is kept."""
    logger.warning("the model did not answer", extra={"error": type(error).__name__})
    headers = {"Retry-After": str(max(1, round(error.retry_after or MODEL_RESTS)))}
    detail = f"The model gave no usable answer; the same request can succeed later: {error}."
    return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers))


async def _on_http(_: Request, error: HTTPException) -> JSONResponse:
    headers = dict(error.headers or {})
    return _answer(Problem(HTTPStatus(error.status_code), str(error.detail), headers=headers))


async def _on_bug(_: Request, error: Exception) -> JSONResponse:
    logger.error("a request failed", exc_info=error)
    return _answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This is our fault, and is recorded."))
