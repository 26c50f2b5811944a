"""What a request is for, in words that are the same in every run.

Requests run side by side, so that their order says nothing; their labels do:
`dynamodb:PutItem:outbox:sending`, `s3:GetObject`, `api:PUT /meetings/{id}`.
Nothing here counts on how many there are, or on which attributes they carry.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.faults.wire import Request

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request")
_COLLECTIONS = frozenset({"insights", "prepare", "analyze"})


def service_of(upstream: str, request: Request) -> str:
    """The AWS service by the signature's scope; other upstreams are their own service."""
    if upstream in {"api", "llm"}:
        return upstream
    found = _SCOPE.search(request.header("authorization"))
    return found[1] if found else "unsigned"


def label_of(service: str, request: Request) -> str:
    """The label of one request."""
    maker = _MAKERS.get(service)
    return f"{service}:{maker(request) if maker else request.method}"


def _target(request: Request) -> str:
    return request.header("x-amz-target").rpartition(".")[2]


def _dynamodb(request: Request) -> str:
    operation, body = _target(request), json.loads(request.body or b"{}")
    purpose = _DYNAMODB.get(operation, lambda _body: "")(body)
    return f"{operation}:{purpose}" if purpose else operation


def _put(body: dict[str, Any]) -> str:
    item = body.get("Item", {})
    pk, sk, state = (_text(item.get(name)) for name in ("pk", "sk", "state"))
    if sk == "claim" and _kind(pk) == "run":
        return f"run:{_claim_write(body, item, state)}"
    if sk.startswith("outbox#"):
        return f"outbox:{state}"
    return sk.replace("#", ":") if sk.startswith("step#") else _kind(pk)


def _claim_write(body: dict[str, Any], item: dict[str, Any], state: str) -> str:
    if "attribute_not_exists" in body.get("ConditionExpression", ""):
        return "claim"
    if state == "finished":
        return "finish"
    return "release" if item.get("lease_until", {}).get("N") == "0" else "take over"


def _get(body: dict[str, Any]) -> str:
    key = body.get("Key", {})
    return f"{_kind(_text(key.get('pk')))}:{_text(key.get('sk')).partition('#')[0]}"


def _query(body: dict[str, Any]) -> str:
    """By the first value that looks like a partition key of ours, whatever the placeholder is called."""
    values = [_text(v) for v in body.get("ExpressionAttributeValues", {}).values()]
    index = body.get("IndexName", "")
    return ":".join(filter(None, (index, next((_kind(v) for v in values if "#" in v), ""))))


_DYNAMODB = {"PutItem": _put, "UpdateItem": _get, "DeleteItem": _get, "GetItem": _get, "Query": _query}


def _kind(pk: str) -> str:
    """`{tenant}#{kind}#...`"""
    return pk.split("#")[1] if "#" in pk else pk


def _text(value: dict[str, Any] | None) -> str:
    return str((value or {}).get("S", ""))


def _ses(request: Request) -> str:
    return parse_qs(request.body.decode()).get("Action", ["?"])[0]


def _s3(request: Request) -> str:
    deep = urlsplit(request.path).path.strip("/").count("/") > 0
    what = {"GET": "Get", "PUT": "Put", "HEAD": "Head", "DELETE": "Delete", "POST": "Post"}[request.method]
    return f"{what}{'Object' if deep else 'Bucket'}"


def _api(request: Request) -> str:
    """`GET /meetings?thread_id` and `PUT /meetings/{id}/insights`: names, never values."""
    whole = urlsplit(request.path)
    segments = unquote(whole.path).strip("/").split("/")[1:]  # the first is the version
    named = [one if n % 2 == 0 or one in _COLLECTIONS else "{id}" for n, one in enumerate(segments)]
    names = "&".join(sorted(set(parse_qs(whole.query)) - {"limit", "cursor"}))
    return f"{request.method} /{'/'.join(named)}" + (f"?{names}" if names else "")


def _llm(request: Request) -> str:
    return str(json.loads(request.body)["response_format"]["json_schema"]["name"])


_MAKERS = {"dynamodb": _dynamodb, "sqs": _target, "ses": _ses, "s3": _s3, "api": _api, "llm": _llm}
