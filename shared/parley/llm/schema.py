"""The JSON schema that a model is asked to fit, and the validation of its answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from parley.errors import LLMResponseError


def validated(kind: Any, data: Any, *, what: str) -> Any:
    """`data` as a value of the dataclass `kind`. Raises LLMResponseError when it does not fit."""
    from pydantic import ValidationError

    try:
        return type_adapter(kind).validate_python(data)
    except ValidationError as error:
        raise LLMResponseError(
            f"the model's {what} do not fit the schema: {error.error_count()} errors"
        ) from error


@cache
def type_adapter(kind: Any) -> Any:
    """Pydantic is imported only where a model or a record is read: never by the rules analyser."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


@cache
def strict_schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of a dataclass, in the strict form that providers take."""
    schema: dict[str, Any] = type_adapter(kind).json_schema()
    _tighten(schema)
    return schema


def _tighten(node: Any) -> None:
    """Strict mode wants every property required and no other allowed."""
    if isinstance(node, dict):
        node.pop("default", None)
        node.pop("title", None)
        if "properties" in node:
            node["required"] = list(node["properties"])
            node["additionalProperties"] = False
        for child in list(node.values()):
            _tighten(child)
    elif isinstance(node, list):
        for child in node:
            _tighten(child)
