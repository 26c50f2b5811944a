"""The day of a meeting, from which "by Friday" counts, and what said it.

One function decides, for mail, API and command alike. In this order: what the
caller gives; a date in the transcript's own head; the file's name; the meeting
that it belongs to; the header of the mail in which it stands; the mail's own
date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

DaySource = Literal["given", "transcript", "file", "meeting", "forwarded", "mail"]

LATEST_POST = timedelta(days=60)
"""A transcript that is sent longer after a meeting is of another, even in that meeting's thread."""
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MeetingDay:
    """`source`: given | transcript | file | meeting | forwarded | mail."""

    date: date
    source: DaySource

    def as_json(self) -> dict[str, str]:
        return {"date": self.date.isoformat(), "source": self.source}

    @classmethod
    def from_json(cls, value: dict[str, Any] | None) -> MeetingDay | None:
        """What `as_json` made; None of None."""
        return cls(date.fromisoformat(value["date"]), value["source"]) if value else None

    @property
    def words(self) -> str:
        """`Thursday, 2 October 2025`."""
        return f"{self.date:%A}, {self.date.day} {self.date:%B %Y}"


def decide_meeting_day(
    *,
    given: date | None = None,
    said: MeetingDay | None = None,
    meeting: date | None = None,
    written: datetime | None = None,
    sent: date | None = None,
) -> MeetingDay | None:
    """The meeting's day; None where nothing says it.

    `said` is what the transcript's head or its file's name says (`Transcript.day`);
    `meeting` the day of the meeting it was matched with; `written` when the
    innermost quoted or forwarded mail was sent in which it stands; `sent` the
    day of the mail itself, as its sender's clock says it. A day after `sent` is
    none of a meeting that was held.
    """
    if given:
        return MeetingDay(given, "given")
    if meeting and sent and sent - meeting > LATEST_POST:
        meeting = None
    candidates = (
        said,
        meeting and MeetingDay(meeting, "meeting"),
        written and MeetingDay(written.date(), "forwarded"),
        sent and MeetingDay(sent, "mail"),
    )
    return next((one for one in candidates if one and (sent is None or one.date <= sent + _AHEAD)), None)
