"""Read JSON of unknown shape: a value of the wrong type counts as absent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def records(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def first(item: dict[str, Any], keys: Iterable[str]) -> Any:
    """The value of the first key that is there and not null."""
    return next((item[key] for key in keys if item.get(key) is not None), None)


def number(value: Any, scale: float = 1) -> float | None:
    """A time in seconds: `value` (a number, or one in a string) divided by `scale`; never negative."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found / scale if math.isfinite(found) and found >= 0 else None
