"""An .ics file or text/calendar part to the invites in it; one bad event does not cost the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.mail.calendar.components import MAX_BYTES, MAX_EVENTS, split
from parley.mail.calendar.invite import Invite
from parley.mail.calendar.people import (
    read_delegations,
    read_kinds,
    read_partstat,
    read_people,
    read_person,
    read_responses,
)
from parley.mail.calendar.properties import UNREADABLE, clean, read_line, read_text
from parley.mail.calendar.times import (
    is_this_and_future,
    read_dtstamp,
    read_exdates,
    read_rdates,
    read_recurrence_id,
    read_times,
)
from parley.mail.calendar.vtimezone import Work
from parley.mail.calendar.vtimezone_reader import read_zones
from parley.mail.calendar.zones import Zones

if TYPE_CHECKING:
    from parley.mail.calendar.components import Component

MAX_SUMMARY = 1_000
MAX_UID = 1_000
MAX_RRULE = 1_000
MAX_PROBLEMS = 50
"""Of one invite, and of one calendar."""
MAX_SEQUENCE = 2**31 - 1
METHODS = frozenset(["PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"])
_TYPES = frozenset(("text/calendar", "application/ics", "text/x-vcalendar", "application/x-ics", "text/ics"))
_ENDINGS = (".ics", ".ical", ".icalendar", ".vcs")
_RULE = re.compile(
    r"(?=(?:.{0,999};)?FREQ=(?:SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$))"
    r"[A-Z-]+=[A-Z0-9,+-]+(?:;[A-Z-]+=[A-Z0-9,+-]+)*;?"
)
_INTEGER = re.compile(r"\d{1,10}")


@dataclass(frozen=True, slots=True)
class Calendar:
    """`problems` concern the file; an event's own are in its invite."""

    invites: tuple[Invite, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an event takes from the calendar around it."""

    method: str
    zones: Zones


def is_calendar(filename: str | None, content_type: str | None) -> bool:
    """Whether an attachment says of itself that it is a calendar."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind in _TYPES or (filename or "").strip().lower().endswith(_ENDINGS)


def read_invites(
    content: bytes, *, charset: str | None = None, method: str | None = None
) -> tuple[Invite, ...]:
    """Every VEVENT as an Invite, in the order of the file; () for what is no calendar. Raises nothing."""
    return read_calendar(content, charset=charset, method=method).invites


def read_calendar(content: bytes, *, charset: str | None = None, method: str | None = None) -> Calendar:
    """The events of an iCalendar file (RFC 5545, 5546), and what could not be read. Raises nothing.

    `charset` and `method` are the MIME part's parameters: METHOD in the file
    comes first, PUBLISH last. Tasks, journals and free-busy times are left out.
    """
    problems: list[str] = []
    if len(content) > MAX_BYTES:
        problems.append(f"only the first {MAX_BYTES} bytes were read")
    calendars = split(content, charset)
    if not calendars:
        problems.append("no calendar in it")
    invites: list[Invite] = []
    work = Work()
    for calendar in calendars:
        scope = _scope(calendar, method, work, problems)
        invites += _read_events(calendar, scope, MAX_EVENTS - len(invites), problems)
    return Calendar(tuple(invites), _distinct(problems))


def _scope(calendar: Component, method: str | None, work: Work, problems: list[str]) -> _Scope:
    zones = [component for component in calendar.walk() if component.name == "VTIMEZONE"]
    return _Scope(_method(calendar, method, problems), Zones(read_zones(zones, work, problems)))


def _read_events(calendar: Component, scope: _Scope, room: int, problems: list[str]) -> list[Invite]:
    events = [component for component in calendar.walk() if component.name == "VEVENT"]
    if calendar.name and not calendar.closed:
        problems.append("no END:VCALENDAR")
    if len(events) > room:
        problems.append(f"only the first {MAX_EVENTS} events were read")
    return [_read_event(event, scope) for event in events[:room]]


def _read_event(event: Component, scope: _Scope) -> Invite:
    problems: list[str] = [] if event.closed else ["no END:VEVENT"]
    times = read_times(event, scope.zones, problems)
    start, end = times.start, times.end
    organizer, attendees = event.first("ORGANIZER"), event.all("ATTENDEE")
    people = [*([organizer] if organizer else []), *attendees]
    exdates = read_exdates(event, scope.zones, problems)
    rdates = read_rdates(event, times, scope.zones, problems)
    rrule = _rrule(event, problems)
    if (rrule or rdates) and start and start.zone and start.zone.name is None:
        problems.append("its time zone is known by its offset alone: other occurrences may be an hour off")
    return Invite(
        uid=_uid(event, problems),
        method=scope.method,
        sequence=_sequence(event, problems),
        recurrence_id=read_recurrence_id(event, scope.zones, problems),
        start=start.iso() if start else None,
        end=end.iso() if end else None,
        all_day=times.all_day,
        floating=start is not None and start.kind == "floating",
        time_zone=start.zone.name if start and start.zone else None,
        organizer=read_person(organizer, problems) if organizer else None,
        attendees=read_people(attendees, problems),
        summary=_text(event, "SUMMARY", MAX_SUMMARY, problems),
        status=_text(event, "STATUS", 40, problems).upper() or None,
        rrule=rrule,
        problems=_distinct(problems),
        dtstamp=read_dtstamp(event, scope.zones),
        partstat=read_partstat(attendees) if scope.method == "REPLY" else None,
        exdates=exdates,
        responses=read_responses(attendees),
        transparent=_text(event, "TRANSP", 40, problems).upper() == "TRANSPARENT",
        rdates=rdates,
        this_and_future=is_this_and_future(event),
        delegations=read_delegations(attendees),
        kinds=read_kinds(people, _text(event, "LOCATION", MAX_SUMMARY, [])),
    )


def _method(calendar: Component, fallback: str | None, problems: list[str]) -> str:
    said = _text(calendar, "METHOD", 40, problems).upper()
    mime = (fallback or "").strip().upper()
    if said and mime and said != mime:
        problems.append(f"METHOD is {said}, but the part says {clean(mime, 40)}")
    if said and said not in METHODS:
        problems.append(f"unknown METHOD {said}")
    return next((method for method in (said, mime) if method in METHODS), "PUBLISH")


def _uid(event: Component, problems: list[str]) -> str:
    uid = _text(event, "UID", MAX_UID + 1, problems)
    if not uid:
        problems.append("no UID")
    elif len(uid) > MAX_UID:
        problems.append(f"a UID of more than {MAX_UID} characters")
        return ""
    return uid


def _sequence(event: Component, problems: list[str]) -> int:
    text = _text(event, "SEQUENCE", MAX_UID, problems)
    if not text:
        return 0
    if not _INTEGER.fullmatch(text) or int(text) > MAX_SEQUENCE:
        problems.append(f"unreadable SEQUENCE: {text[:40]!r}")
        return 0
    return int(text)


def _rrule(event: Component, problems: list[str]) -> str | None:
    """RRULE as it stands, never cut: half a rule is another rule."""
    line = event.first("RRULE")
    if line is None:
        return None
    if len(event.all("RRULE")) > 1:
        problems.append("more than one RRULE: the first was taken")
    try:
        rule = read_line(line).value.strip()
    except UNREADABLE:
        rule = ""
    if len(rule) > MAX_RRULE or not _RULE.fullmatch(rule.upper()):
        problems.append(f"unreadable RRULE: {clean(line, 80)!r}")
        return None
    return clean(rule, MAX_RRULE)


def _text(component: Component, name: str, limit: int, problems: list[str]) -> str:
    line = component.first(name)
    if line is None:
        return ""
    try:
        text = read_text(line)
    except UNREADABLE:
        problems.append(f"unreadable {name}: {clean(line, 80)!r}")
        return ""
    if len(text) > limit:
        problems.append(f"{name} was cut to {limit} characters")
    return text[:limit]


def _distinct(problems: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(problems))[:MAX_PROBLEMS]
