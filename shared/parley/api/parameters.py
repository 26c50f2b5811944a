"""What the routes of all rooms share: parameters, and how answers are made."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header, Path, Query, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, StringConstraints
from starlette.types import Scope

from parley.api.auth import Caller
from parley.api.problems import PROBLEM_JSON
from parley.core.fields import Address, EmailAddress, Ident
from parley.errors import invalid
from parley.store.blobs import canonical, fingerprint
from parley.store.idempotency import Idempotency
from parley.store.results import Answered, Page, Stored

LARGEST_PAGE = 100


PathIdent = Annotated[Ident, Path()]
PathAddress = Annotated[EmailAddress, Path()]
PathEntry = Annotated[Address, Path(description="A bare address, or @domain.")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str | None, Query(max_length=4000)]
IfMatch = Annotated[str | None, Header(max_length=200, description='The ETag that was read: "3".')]


class _StrictRequest(Request):
    """JSON as its standard says it: NaN and Infinity, which Python's reader accepts, are none."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = json.loads(await self.body(), parse_constant=_no_constant)
            except json.JSONDecodeError:
                raise
            except ValueError as error:
                # Only this one is told as what it is.
                raise json.JSONDecodeError(str(error), "", 0) from error
        return self._json


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _as_json(scope: Scope) -> Scope:
    """A body is JSON: one that says nothing of its type, or what curl says unasked, is taken for it."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    said = dict(scope["headers"]).get(b"content-type", b"")
    if said and not said.startswith(b"application/x-www-form-urlencoded"):
        return scope
    return {**scope, "headers": [*headers, (b"content-type", b"application/json")]}


class StrictRoute(APIRoute):
    """A route that reads its body by _StrictRequest, and in whose query every name is one of its own.

    A filter that is misspelled would otherwise find everything.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        parameters = get_flat_params(self.dependant)
        known = {one.alias for one in parameters if isinstance(one.field_info, QueryParameter)}

        async def strictly(request: Request) -> Response:
            for name, times in Counter(one for one, _ in request.query_params.multi_items()).items():
                if times > 1:
                    raise invalid(name[:100], f"is given {times} times: once, its values separated by commas")
                if name not in known:
                    may = f"may have {', '.join(sorted(known))}" if known else "has none"
                    raise invalid(name[:100], f"is no parameter: the query of this request {may}")
            return await handle(_StrictRequest(_as_json(request.scope), request.receive))

        return strictly


def _printable_ascii(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable ASCII")
    return text


IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable_ascii)] | None,
    Header(description="Kept for 24 hours: the same request gets the same answer."),
]


_TEXT = {"type": "string"}
_FIELD = {
    "type": "object",
    "required": ["field", "message"],
    "properties": {"field": _TEXT, "message": _TEXT},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {"type": "array", "items": _FIELD},
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for the OpenAPI document."""
    content = {PROBLEM_JSON: {"schema": PROBLEM_SCHEMA}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


EVERYWHERE = (400, 401, 403, 413, 422, 503)
"""What any route can answer."""


def idempotency(caller: Caller, route: str, key: str | None, body: Mapping[str, Any]) -> Idempotency | None:
    """The Idempotency-Key of one POST: a caller's own, for one route."""
    if key is None:
        return None
    return Idempotency(f"{route} {caller.actor}", key, fingerprint(canonical(body)))


def as_json_body(body: BaseModel) -> dict[str, Any]:
    """A whole body as JSON values, every field named."""
    return body.model_dump(mode="json", by_alias=True)


def changed_fields(body: BaseModel) -> dict[str, Any]:
    """Only what the caller gave: the changes of a PATCH."""
    return body.model_dump(mode="json", by_alias=True, exclude_unset=True)


def answer_response(answer: Answered) -> JSONResponse:
    """The response to a POST, with the ETag of what it made."""
    return JSONResponse(answer.body, answer.status, headers={"ETag": answer.etag})


def record_response(stored: Stored) -> JSONResponse:
    """A record and its ETag."""
    return JSONResponse(stored.body, headers={"ETag": stored.etag})


def put_response(stored: Stored) -> JSONResponse:
    """A derived write: 200 whether it changed something or not; a deleted one has no body left."""
    if stored.deleted:
        return JSONResponse({"deleted": True})
    return record_response(stored)


def page_response(page: Page) -> JSONResponse:
    """A page of a list."""
    return JSONResponse({"items": page.items, "next_cursor": page.next_cursor})
