"""What the routes of all rooms share: parameters, and how answers are made."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Header, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, StringConstraints

from parley.api.auth import Caller
from parley.api.problems import PROBLEM_JSON
from parley.core.fields import Address, EmailAddress, Ident
from parley.store.blobs import canonical, fingerprint
from parley.store.idempotency import Idempotency
from parley.store.results import Answered, Page, Stored

PREFIX = "/v1"
LARGEST_PAGE = 100

PathIdent = Annotated[Ident, Path()]
PathAddress = Annotated[EmailAddress, Path()]
PathEntry = Annotated[Address, Path(description="A bare address, or @domain.")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str | None, Query(max_length=4000)]
IfMatch = Annotated[str | None, Header(max_length=200, description='The ETag that was read: "3".')]


def _printable_ascii(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable ASCII")
    return text


IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable_ascii)] | None,
    Header(description="Kept for 24 hours: the same request gets the same answer."),
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for the OpenAPI document."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
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


def answer_response(answer: Answered, *, at: str | None = None) -> JSONResponse:
    """The response to a POST, with the ETag of what it made.

    `at` is the path of what was made, such as `/users/{id}`, filled from the
    body; a 201 names it as its Location.
    """
    response = JSONResponse(answer.body, answer.status, headers={"ETag": answer.etag})
    if at and answer.status == HTTPStatus.CREATED:
        named = {name: quote(str(value), safe="@:+=~") for name, value in answer.body.items()}
        response.headers["Location"] = PREFIX + at.format_map(named)
    return response


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
