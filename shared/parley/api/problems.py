"""Errors as the API answers them: RFC 9457 problem details that name the field."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from parley.errors import RequestError


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is a dotted path into the body, or the name of a parameter or header."""

    field: str
    message: str


class Problem(RequestError):
    """An answer other than success; `status` is the HTTP status."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *errors: FieldError,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": printable(self.detail),
            "errors": [{"field": printable(e.field), "message": printable(e.message)} for e in self.errors],
        }


class InvalidRequest(Problem, ValueError):
    """422: a value that the caller gave is wrong, or names what is not there (ValueError: seeds 000, 001)."""


class NotFound(Problem, ValueError):
    """404: what the call is about is not there (ValueError: seeds 000 and 001)."""


def printable(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 answer can carry."""
    return text.encode("utf-8", "backslashreplace").decode()


def unauthorized(detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


def forbidden(detail: str, *errors: FieldError) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, detail, *errors)


def not_found(what: str, ident: str) -> NotFound:
    return NotFound(HTTPStatus.NOT_FOUND, f"There is no {what} {ident}.")


def conflict(detail: str, *errors: FieldError, retry_after: int | None = None) -> Problem:
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return Problem(HTTPStatus.CONFLICT, detail, *errors, headers=headers)


def precondition_failed(version: int) -> Problem:
    detail = f'The record has changed: it is at version "{version}" now.'
    return Problem(HTTPStatus.PRECONDITION_FAILED, detail, FieldError("If-Match", detail))


def invalid(field: str, message: str) -> InvalidRequest:
    text = f"{field}: {message}"
    return InvalidRequest(HTTPStatus.UNPROCESSABLE_ENTITY, text, FieldError(field, message))
