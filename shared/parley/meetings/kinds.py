"""The kind of record that a meeting is: its lists, whom it names, and from when until when it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from parley.people.kinds import USER, USER_PREFIX, contact_name, user_name
from parley.store.kind import UNSCHEDULED, Alias, Body, Kind, Span
from parley.store.mentions import addresses, list_or_empty, mapping_or_empty

ASSUMED_LENGTH = timedelta(hours=1)
ASSUMED_DAY = timedelta(days=1)
LONGEST = timedelta(days=70)
"""More than a person may say that a meeting lasts; what lasts longer stands among the series."""
MOST_MINUTES = 2**31


def length_of(meeting: Body) -> timedelta:
    """How long a meeting is, or is taken to be where nobody has said."""
    minutes = meeting.get("duration_minutes")
    if minutes is None:
        return ASSUMED_DAY if meeting.get("all_day") else ASSUMED_LENGTH
    return timedelta(minutes=min(minutes, MOST_MINUTES))


def recurs(meeting: Body) -> bool:
    """Whether it takes place more than once, or says when a series is from some day on."""
    return bool(meeting.get("rrule") or meeting.get("rdates") or meeting.get("this_and_future"))


def _span(meeting: Body) -> Span:
    """A series is never over, nor is what lasts longer than LONGEST.

    One without a time was when its transcript came in.
    """
    time = meeting.get("scheduled_time")
    if time is None:
        came = (meeting.get("source") or {}).get("at")
        return Span(until=came if isinstance(came, str) else "")
    if recurs(meeting) or length_of(meeting) > LONGEST:
        return Span(time, UNSCHEDULED)
    return _once(meeting, time)


def _once(meeting: Body, time: str) -> Span:
    try:
        return Span(time, (datetime.fromisoformat(time) + length_of(meeting)).isoformat())
    except OverflowError:
        return Span(time, UNSCHEDULED)


def _spans(meeting: Body) -> tuple[Span, ...]:
    """When it is; for a series also its first, for a moved occurrence of one when that would have been."""
    now, was = _span(meeting), _recurrence(meeting)
    if now.until == UNSCHEDULED and recurs(meeting):
        return (now, _once(meeting, now.begins))
    if was is None or was == now.begins:
        return (now,)
    until = datetime.fromisoformat(was) + max(length_of(meeting), ASSUMED_DAY)
    return (now, Span(was, until.isoformat()))


def _recurrence(meeting: Body) -> str | None:
    """The wall's time that RECURRENCE-ID names; in UTC where the meeting has no zone."""
    try:
        moment = datetime.fromisoformat(meeting.get("recurrence_id") or "")
        if moment.tzinfo is not None:
            zone = ZoneInfo(meeting["time_zone"]) if meeting.get("time_zone") else UTC
            moment = moment.astimezone(zone).replace(tzinfo=None)
        moment + max(length_of(meeting), ASSUMED_DAY)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat()


def in_meeting(body: Body) -> list[str]:
    """Whose it is, the contact that it is with, attendees, and those who answered."""
    attendees = [mapping_or_empty(one).get("address") for one in list_or_empty(body.get("attendees"))]
    user, contact = body.get("user_id"), body.get("contact_id")
    known = [
        *([user_name(user)] if isinstance(user, str) and user else ()),
        *([contact_name(contact)] if isinstance(contact, str) and contact else ()),
    ]
    return [*known, *addresses([*attendees, *mapping_or_empty(body.get("responses"))])]


MEETING = Kind(
    name="meeting",
    sort=lambda body: body.get("scheduled_time") or UNSCHEDULED,
    fields=("user_id", "contact_id", "status", "thread_id", "ical_uid", "trust"),
    links=("ical_uid", "thread_id", "contact_id", "user_id"),
    people=in_meeting,
    spans=_spans,
    aliases=(Alias(USER_PREFIX, USER, "email"),),
)
