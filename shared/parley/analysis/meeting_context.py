"""What an analysis may know beside the transcript itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class MeetingContext:
    """`date` is the meeting's day: "by Friday" is counted from it.

    Without it only absolute dates become due dates. `participants` are names
    of people who need not have spoken (attendees, recipients).
    """

    date: date | None = None
    subject: str = ""
    participants: tuple[str, ...] = ()
