"""What takes one user's time: their meetings, and of each series what was moved, changed or cancelled.

series   M . . M . . M . . M . . M          M: by its rule
moved          x  o                         the occurrence x is a meeting of its own, at o
changed                    C . . C          from here on (RANGE=THISANDFUTURE) another meeting says when
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parley.availability.occurrences import busy_times, excepted, original_start, recurrence_of
from parley.mail.calendar.invite import UNINVITED
from parley.mail.calendar.recurrence import wall_time
from parley.meetings.kinds import in_meeting
from parley.meetings.models import MeetingStatus

if TYPE_CHECKING:
    from parley.availability.free_time import TimeSlot
    from parley.store.results import Body

_STAYS_AWAY, _TENTATIVE = frozenset(("declined", "delegated", UNINVITED)), "tentative"
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UserCalendar:
    """One user's meetings, with all of the series that they are of.

    `names` are those by which a meeting is the user's; `owners` the zones of
    those whose meetings these are, by user id.
    """

    user: Body
    names: Collection[str]
    meetings: Sequence[Body]
    owners: Mapping[str, ZoneInfo]

    def busy(self, low: datetime, high: datetime, *, tentative_is_free: bool) -> list[TimeSlot]:
        """What takes the user's time in [low, high)."""
        return [
            slot
            for meeting in self.meetings
            if self._takes_time(meeting, tentative_is_free=tentative_is_free)
            for slot in self._slots(meeting, low, high)
        ]

    def _slots(self, meeting: Body, low: datetime, high: datetime) -> list[TimeSlot]:
        uid, zone = meeting["ical_uid"] or "", self._zone(meeting)
        series = self._series.get(uid)
        if not meeting["recurrence_id"] and meeting is not series:
            return busy_times(meeting, zone, low, high, except_starts=excepted(meeting, zone))
        if series is None or not (meeting is series or meeting.get("this_and_future")):
            return [] if series and self._is_gone(meeting, series) else busy_times(meeting, zone, low, high)
        if self._is_gone(meeting, series):
            return []
        return busy_times(
            meeting,
            zone,
            low,
            high,
            except_starts=self._moved.get(uid, set()) | excepted(series, self._zone(series)),
            until=self._next_change(meeting, uid),
            series=None if meeting is series else series,
        )

    @cached_property
    def _series(self) -> dict[str, Body]:
        """By UID, the meetings that are no single date; one that does not recur may have done so before."""
        whole = [one for one in self.meetings if one["ical_uid"] and not one["recurrence_id"]]
        return {one["ical_uid"]: one for one in sorted(whole, key=_recurs)}

    @cached_property
    def _moved(self) -> dict[str, set[datetime]]:
        """By UID, the starts of occurrences that are meetings of their own now, moved or cancelled."""
        found: dict[str, set[datetime]] = {}
        for meeting in self.meetings:
            start = original_start(meeting, self._zone(meeting))
            if start and meeting["ical_uid"] and not meeting.get("this_and_future") and self._counts(meeting):
                found.setdefault(meeting["ical_uid"], set()).add(start)
        return found

    def _counts(self, meeting: Body) -> bool:
        """Not so of an occurrence of which nothing is known but an answer, unless that is a no."""
        known = meeting["scheduled_time"] or meeting["status"] == MeetingStatus.CANCELLED
        return bool(known) or response_of(meeting, self.names) in _STAYS_AWAY

    def _next_change(self, meeting: Body, uid: str) -> datetime | None:
        """From when on another meeting says when the series is."""
        own = original_start(meeting, self._zone(meeting))
        starts = (start for start in self._changes(uid) if own is None or start > own)
        return min(starts, default=None)

    def _changes(self, uid: str) -> Iterator[datetime]:
        series = self._series[uid]
        for meeting in self.meetings:
            if meeting["ical_uid"] == uid and meeting.get("this_and_future"):
                start = original_start(meeting, self._zone(meeting))
                if start and not self._is_gone(meeting, series):
                    yield start

    def _is_gone(self, meeting: Body, series: Body) -> bool:
        """Whether what was moved is cancelled with its series, or of none of the dates that this has now."""
        if meeting is series:
            return False
        if series["status"] == MeetingStatus.CANCELLED:
            return True
        start = original_start(meeting, self._zone(meeting))
        if start is None or series["scheduled_time"] is None or _revision(series) <= _revision(meeting):
            return False
        recurrence = recurrence_of(series, self._zone(series))
        wall = wall_time(start, recurrence.zone)
        a_day = len(meeting["recurrence_id"]) == len("YYYY-MM-DD")
        return not recurrence.between(wall, wall + _A_DAY if a_day else wall)

    def _zone(self, meeting: Body) -> ZoneInfo:
        """A time without a zone is on its user's wall; without a user, on the wall of whoever reads it."""
        own = ZoneInfo(self.user["time_zone"])
        return self.owners.get(meeting["user_id"] or "", own)

    def _takes_time(self, meeting: Body, *, tentative_is_free: bool) -> bool:
        if meeting["status"] == MeetingStatus.CANCELLED or not set(self.names) & set(in_meeting(meeting)):
            return False
        if meeting["status"] == MeetingStatus.TENTATIVE and tentative_is_free:
            return False
        free = _STAYS_AWAY | {_TENTATIVE} if tentative_is_free else _STAYS_AWAY
        mine = meeting["user_id"] == self.user["id"]
        return mine or response_of(meeting, self.names) not in free


def _recurs(meeting: Body) -> bool:
    return bool(meeting["rrule"] or meeting.get("rdates"))


def _revision(meeting: Body) -> tuple[int, str]:
    return meeting.get("sequence") or 0, meeting.get("dtstamp") or ""


def response_of(meeting: Body, names: Collection[str]) -> str:
    """What an attendee with one of these addresses answered last: by mail, else as the calendar says."""
    responses = meeting["responses"] or {}
    answered = next((responses[one] for one in names if one in responses), None)
    if answered:
        return str(answered["response"]).lower()
    said = (one for one in meeting["attendees"] if (one.get("address") or "").lower() in names)
    return str(next((one.get("response") or "" for one in said), "")).lower()
