"""The route class of all rooms: strict about JSON and queries, and it answers If-None-Match."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.routing import APIRoute
from starlette.types import Scope

from parley.errors import invalid

DEEPEST = 64
"""Levels of nesting of a body. What is deeper can be read but not always written again."""
TOO_DEEP = f"is nested more than {DEEPEST} levels deep"


class _StrictRequest(Request):
    """JSON as its standard says it: NaN and Infinity, which Python's reader accepts, are none."""

    async def json(self) -> Any:
        """The body. Raises JSONDecodeError for what is no JSON, and for what is nested too deep."""
        if not hasattr(self, "_json"):
            self._json = _parsed(await self.body())
        return self._json


def _parsed(data: bytes) -> Any:
    try:
        value = json.loads(data, parse_constant=_no_constant)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError(TOO_DEEP, "", 0) from error
    except ValueError as error:
        # FastAPI tells only this one as what it is.
        raise json.JSONDecodeError(str(error), "", 0) from error
    if _is_too_deep(value):
        raise json.JSONDecodeError(TOO_DEEP, "", 0)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_too_deep(value: object) -> bool:
    """Level by level: a recursion would fail on exactly what is looked for."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _as_json(scope: Scope) -> Scope:
    """A body is JSON, whatever its Content-Type: curl and others say something else unasked."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    return {**scope, "headers": [*headers, (b"content-type", b"application/json")]}


def _without_blanks(scope: Scope) -> Scope:
    """A filter of a list without a value is one that was not given."""
    pairs = scope["query_string"].split(b"&")
    return {**scope, "query_string": b"&".join(pair for pair in pairs if pair.partition(b"=")[2])}


class StrictRoute(APIRoute):
    """A route in whose query every name is one of its own, given once.

    A filter that is misspelled would otherwise find everything. A GET with
    If-None-Match is answered 304 when the version is the one that it names.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the checks before and after it."""
        handle = super().get_route_handler()
        parameters = get_flat_params(self.dependant)
        known = {one.alias for one in parameters if isinstance(one.field_info, QueryParameter)}

        async def strictly(request: Request) -> Response:
            _check_query(request, known)
            scope = _as_json(_without_blanks(request.scope) if request.method == "GET" else request.scope)
            response = await handle(_StrictRequest(scope, request.receive))
            return _not_modified(request, response) or response

        return strictly


def _check_query(request: Request, known: set[str]) -> None:
    for name, times in Counter(one for one, _ in request.query_params.multi_items()).items():
        if times > 1:
            raise invalid(name[:100], f"is given {times} times: once, its values separated by commas")
        if name not in known:
            may = f"may have {', '.join(sorted(known))}" if known else "has none"
            raise invalid(name[:100], f"is no parameter: the query of this request {may}")


def _not_modified(request: Request, response: Response) -> Response | None:
    etag, wanted = response.headers.get("ETag"), request.headers.get("If-None-Match")
    if request.method != "GET" or etag is None or wanted is None:
        return None
    tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag}) if etag in tags else None
