"""How a run ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a run ended. `failed` is a fault of ours: its attempts are used up, and it may be tried again."""

    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    FAILED = "failed"
