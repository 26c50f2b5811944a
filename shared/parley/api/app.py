"""The shell of the HTTP API: it mounts the routes of rooms, and answers every error as a problem."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from parley.api.bodies import Health
from parley.api.limits import BodyLimit, HeadAsGet
from parley.api.openapi import describe
from parley.api.parameters import EVERYWHERE, PREFIX, problems
from parley.api.problems import PROBLEM_JSON, Problem, problem_of
from parley.api.room import Room
from parley.api.strict_route import TOO_DEEP
from parley.api.tokens import Tokens
from parley.core.fields import PATTERNS
from parley.errors import (
    DeadlineExceeded,
    FieldError,
    LLMAPIError,
    ProviderConfigError,
    RejectedRequest,
    RetryableError,
)
from parley.store.records import Records

MODEL_RESTS = 5.0
"""Seconds until the model is worth asking again, where it has not said so itself."""
logger = logging.getLogger("parley.api")


def create_shell(
    rooms: Sequence[Room], *, records: Records, tokens: Tokens, resources: Mapping[type, object]
) -> FastAPI:
    """The API of these rooms. Whoever opened the stores closes them: the app has no lifespan of its own.

    `resources` are what the rooms need beside the records, by type. Raises
    ValueError where two rooms have a kind of record of the same name.
    """
    app = FastAPI(
        title="Parley",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        openapi_tags=[*_tags(rooms), {"name": "health", "description": "Whether the API is up."}],
    )
    _check_kinds(rooms)
    app.state.records = records
    app.state.tokens = tokens
    app.state.resources = resources
    app.state.rooms = tuple(rooms)
    for router in (router for room in rooms for router in room.routers):
        app.include_router(router, prefix=PREFIX, responses=problems(*EVERYWHERE))
    app.add_api_route(f"{PREFIX}/health", get_health, response_model=Health, tags=["health"])
    describe(app, rooms)
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAsGet)
    _answer_problems(app)
    return app


def _tags(rooms: Sequence[Room]) -> list[dict[str, str]]:
    return [{"name": tag, "description": text} for room in rooms for tag, text in room.tags.items()]


def _check_kinds(rooms: Sequence[Room]) -> None:
    names = [kind.name for room in rooms for kind in room.kinds]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two rooms have the same kind of record: {', '.join(twice)}")


async def get_health() -> Health:
    """Whether the API is up. Needs no token."""
    return Health()


def _answer_problems(app: FastAPI) -> None:
    handlers: tuple[tuple[type[Exception], Callable[..., Awaitable[JSONResponse]]], ...] = (
        (RejectedRequest, _on_rejected),
        (RequestValidationError, _on_invalid),
        (ValidationError, _on_invalid),
        (LLMAPIError, _on_model),
        (ProviderConfigError, _on_provider),
        (DeadlineExceeded, _on_deadline),
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
    return FieldError("body" if entry["type"] == "json_invalid" else _path(entry["loc"]), _message(entry))


def _message(entry: Mapping[str, Any]) -> str:
    """What is wrong, in words for the caller: neither pydantic's prefix nor a bare pattern."""
    if entry["type"] == "json_invalid":
        too_deep = entry.get("ctx", {}).get("error") == TOO_DEEP
        return TOO_DEEP if too_deep else f"is no JSON, from character {entry['loc'][-1]} on"
    if entry["type"] == "string_pattern_mismatch":
        return PATTERNS.get(entry["ctx"]["pattern"], "is not of the form that is taken here")
    return str(entry["msg"]).removeprefix("Value error, ")


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


async def _on_provider(_: Request, error: ProviderConfigError) -> JSONResponse:
    """Nothing that the caller repeats helps: an operator has to mend it."""
    logger.error("the model provider refuses this deployment", extra={"error": type(error).__name__})
    detail = f"The model provider refuses this deployment, which an operator has to mend: {error}."
    return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail))


async def _on_deadline(_: Request, error: DeadlineExceeded) -> JSONResponse:
    logger.warning("a request took too long", extra={"error": type(error).__name__})
    detail = "This takes longer than one request may: send it with `Prefer: respond-async`."
    return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"}))


async def _on_http(request: Request, error: HTTPException) -> JSONResponse:
    headers, status = dict(error.headers or {}), HTTPStatus(error.status_code)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    wrong = {HTTPStatus.NOT_FOUND: "path", HTTPStatus.METHOD_NOT_ALLOWED: "method"}.get(status)
    errors = [FieldError(wrong, f"{error.detail}: see {PREFIX}/openapi.json")] if wrong else []
    return _answer(Problem(status, str(error.detail), errors, headers))


def _methods(request: Request) -> list[str]:
    """All methods of a path; Starlette names those of the first route that has it."""
    path = request.url.path.removeprefix(PREFIX)
    routes = (one for room in request.app.state.rooms for router in room.routers for one in router.routes)
    found = {method for one in routes if one.path_regex.match(path) for method in one.methods}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def _on_bug(_: Request, error: Exception) -> JSONResponse:
    logger.error("a request failed", exc_info=error)
    return _answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This is our fault, and is recorded."))
