"""Errors as each service itself words them."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import NamedTuple

from tests.faults.wire import Answer


class Refusal(StrEnum):
    """What kind of error is answered."""

    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    DENIED = "denied"
    ABSENT = "absent"
    REJECTED = "rejected"


class _Words(NamedTuple):
    status: int
    code: str


_U, _T, _D, _A, _R = Refusal

_WORDS: dict[tuple[str, Refusal], _Words] = {
    ("dynamodb", _U): _Words(500, "InternalServerError"),
    ("dynamodb", _T): _Words(400, "ProvisionedThroughputExceededException"),
    ("dynamodb", _D): _Words(400, "AccessDeniedException"),
    ("sqs", _U): _Words(500, "InternalFailure"),
    ("sqs", _T): _Words(400, "ThrottlingException"),
    ("sqs", _D): _Words(403, "AccessDeniedException"),
    ("ses", _U): _Words(503, "ServiceUnavailable"),
    ("ses", _T): _Words(400, "Throttling"),
    ("ses", _D): _Words(403, "AccessDenied"),
    ("ses", _R): _Words(400, "MessageRejected"),
    ("s3", _U): _Words(500, "InternalError"),
    ("s3", _T): _Words(503, "SlowDown"),
    ("s3", _D): _Words(403, "AccessDenied"),
    ("s3", _A): _Words(404, "NoSuchKey"),
    ("api", _U): _Words(503, "Service Unavailable"),
    ("api", _T): _Words(429, "Too Many Requests"),
    ("api", _D): _Words(403, "Forbidden"),
    ("llm", _U): _Words(500, "server_error"),
    ("llm", _T): _Words(429, "rate_limit_exceeded"),
    ("llm", _D): _Words(401, "invalid_api_key"),
}


def refuse(service: str, refusal: Refusal) -> Answer:
    """The answer. KeyError for what the service never says."""
    words = _WORDS[service, refusal]
    return _FORMS[service](words)


def _json_rpc(words: _Words) -> Answer:
    body = {"__type": f"com.amazonaws.fault#{words.code}", "message": f"{words.code} on purpose"}
    return _answer(words, json.dumps(body), "application/x-amz-json-1.0")


def _query(words: _Words) -> Answer:
    side = "Sender" if words.status < 500 else "Receiver"
    body = (
        '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error>'
        f"<Type>{side}</Type><Code>{words.code}</Code><Message>{words.code} on purpose</Message>"
        "</Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return _answer(words, body, "text/xml")


def _s3(words: _Words) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{words.code}</Code><Message>{words.code} on purpose</Message></Error>"
    )
    return _answer(words, body, "application/xml")


def _problem(words: _Words) -> Answer:
    body = {"type": "about:blank", "title": words.code, "status": words.status, "detail": "on purpose"}
    answer = _answer(words, json.dumps(body), "application/problem+json")
    wait = (("Retry-After", "0"),) if words.status == 429 else ()
    return Answer(answer.status, answer.headers + wait, answer.body)


def _provider(words: _Words) -> Answer:
    body = {"error": {"message": "on purpose", "type": words.code, "code": words.code}}
    return _answer(words, json.dumps(body), "application/json")


def _answer(words: _Words, body: str, kind: str) -> Answer:
    return Answer(words.status, (("Content-Type", kind), ("x-amzn-RequestId", "0")), body.encode())


_FORMS = {
    "dynamodb": _json_rpc,
    "sqs": _json_rpc,
    "ses": _query,
    "s3": _s3,
    "api": _problem,
    "llm": _provider,
}
KNOWN: dict[str, frozenset[Refusal]] = {
    service: frozenset(r for s, r in _WORDS if s == service) for service in _FORMS
}
"""What each service may say."""
