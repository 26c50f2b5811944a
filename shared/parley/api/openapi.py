"""The OpenAPI document, with a word on every field, and the page that shows it."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from parley.api.parameters import PREFIX
from parley.api.room import Room

Schema = dict[str, Any]

DOCS = f"{PREFIX}/docs"
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
"""Swagger UI, as the package fastapi_offline carries it: no other host is asked for anything."""
_A_DAY = "public, max-age=86400"


def _object(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
    }


PROBLEM_SCHEMAS = {
    "Problem": _object(
        "RFC 9457 problem details: the answer to every request that fails.",
        type={"type": "string"},
        title={"type": "string"},
        status={"type": "integer"},
        detail={"type": "string"},
        errors={"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
    ),
    "FieldProblem": _object("A field that is wrong.", field={"type": "string"}, message={"type": "string"}),
}

FIELDS = {
    "Health.status": "Always ok: the API answers.",
    "Removed.deleted": "A person removed the record; a derived write does not bring it back.",
    "id": "The record's id.",
    "items": "The records of this page.",
    "limit": "The most records of one page.",
    "cursor": "The `next_cursor` of the page before. It goes with the same filters.",
    "next_cursor": "Asks for the next page as `cursor`; null on the last one.",
    "tenant": "Whose record it is.",
    "Problem.type": "Always about:blank: `status` says what kind of problem it is.",
    "Problem.title": "The phrase of the status.",
    "Problem.status": "The HTTP status.",
    "Problem.detail": "What is wrong and what to do, in a sentence.",
    "Problem.errors": "Each field that is wrong.",
    "FieldProblem.field": "The path of the field, such as `attendees.0.address`.",
    "FieldProblem.message": "What is wrong with it.",
}
"""What belongs to no room: see `Room.fields`."""


def describe(app: FastAPI, rooms: Sequence[Room]) -> None:
    """Have `app` say what every field means, and show it all at DOCS."""
    app.openapi = partial(_document, app, app.openapi, rooms)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    app.add_api_route(DOCS, _page, include_in_schema=False)
    app.add_api_route(f"{DOCS}/{{name}}", _asset, include_in_schema=False)


def _document(app: FastAPI, made: Any, rooms: Sequence[Room]) -> Schema:
    if app.openapi_schema is None:
        document = made()
        document["components"]["schemas"] |= copy.deepcopy(PROBLEM_SCHEMAS)
        fields = fields_of(rooms)
        for owner, name, schema in described(document):
            if "description" not in schema and (text := fields.get(f"{owner}.{name}") or fields.get(name)):
                schema["description"] = text
    assert app.openapi_schema is not None
    return app.openapi_schema


def fields_of(rooms: Iterable[Room]) -> Mapping[str, str]:
    """What the fields of all rooms mean. Raises ValueError where two rooms explain the same one."""
    found = dict(FIELDS)
    for room in rooms:
        if twice := found.keys() & room.fields.keys():
            raise ValueError(f"{room.name} explains again: {', '.join(sorted(twice))}")
        found |= room.fields
    return found


def described(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    """All that a reader may ask about: (schema, property, its schema) and (operation id, parameter, it)."""
    for owner, schema in document["components"]["schemas"].items():
        for name, inner in schema.get("properties", {}).items():
            yield owner, name, inner
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                yield operation["operationId"], parameter["name"], parameter


async def _page() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Parley: HTTP API",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
        swagger_ui_parameters={"docExpansion": "none", "defaultModelsExpandDepth": 0},
    )


async def _asset(name: str) -> FileResponse:
    package = find_spec("fastapi_offline")
    if name not in ASSETS or package is None or package.origin is None:
        raise HTTPException(404)
    path = Path(package.origin).parent / "static" / name
    return FileResponse(path, media_type=ASSETS[name], headers={"Cache-Control": _A_DAY})
