"""What may be said of an error in a log, where nobody's words may stand."""

from __future__ import annotations

import traceback
from typing import Any

from parley.errors import RetryableError


def of_bug(error: BaseException) -> dict[str, Any]:
    """Its class and where it happened, as `extra` of a log line; its own words may quote an email."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "where": where}


def kind_of(error: BaseException) -> str:
    """Its class, and its words where they are ours and name no person (a RetryableError's)."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RetryableError) else type(error).__name__
