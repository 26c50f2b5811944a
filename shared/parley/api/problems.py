"""Errors as the API answers them: RFC 9457 problem details that name the fields that are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from parley.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidField,
    NotFound,
    PreconditionFailed,
    RejectedRequest,
    TooLarge,
    Unauthenticated,
)

PROBLEM_JSON = "application/problem+json"

STATUSES: Mapping[type[RejectedRequest], HTTPStatus] = {
    InvalidField: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
}
"""One row for each kind of request that the services reject."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer other than success."""

    status: HTTPStatus
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer (RFC 9457)."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": printable(self.detail),
            "errors": [{"field": printable(e.field), "message": printable(e.message)} for e in self.errors],
        }


def problem_of(error: RejectedRequest) -> Problem:
    """The answer to a request that a service rejected."""
    status = STATUSES[type(error)]
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Problem(status, error.detail, error.errors, headers)


def printable(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 answer can carry."""
    return text.encode("utf-8", "backslashreplace").decode()
