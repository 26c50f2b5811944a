"""What the answer says of each event; never how to join it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from parley.inbound.routes.base import Job
from parley.inbound.routes.invite_writes import Calendars, own_addresses
from parley.mail.calendar.invite import Invite
from parley.mail.calendar.recurrence import occurrence_start, plus, wall_time
from parley.mail.calendar.schedule import (
    Occurrence,
    first_occurrence,
    further_dates,
    last_occurrence,
    upcoming,
)
from parley.mail.calendar.wording import rhythm, start_text, time_text

MOST_PEOPLE = 20
MOST_DATES = 5
_WORDS = {"CANCEL": "Cancelled", "REPLY": "Answer", "COUNTER": "Proposal"}
_ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "may come"}


def shown(job: Job, found: Calendars, invite: Invite, reader: ZoneInfo | None) -> dict[str, Any]:
    """One event for the templates; times on the wall of `reader`, who is unknown where that is None."""
    withdrawn = invite in found.leaving_some
    ours, rooms = own_addresses(job), {address for address, kind in invite.kinds if kind != "group"}
    booked = (one.name or one.address for one in invite.attendees if one.address.lower() in rooms)
    people = [] if withdrawn else [one for one in invite.people if one.address.lower() not in ours]
    return {
        "what": "No longer invited" if withdrawn else _what(invite),
        "cancelled": invite.cancelled and not withdrawn,
        "summary": title(invite),
        "when": when(job, found, invite, reader),
        "notes": list(clean(_notes(invite, reader, withdrawn=withdrawn))),
        "people": list(clean(map(str, people)))[:MOST_PEOPLE],
        "rooms": list(clean(booked)),
        "partstat": invite.partstat.lower() if invite.partstat else None,
        "problems": list(clean(invite.problems)),
    }


def _what(invite: Invite) -> str:
    return "Cancelled" if invite.cancelled else _WORDS.get(invite.method, "Noted")


def title(invite: Invite) -> str:
    """The event's name as it may be shown."""
    return next(clean([invite.summary]), "") or "Meeting"


def clean(texts: Iterable[str]) -> Iterator[str]:
    """The texts without what lets somebody in, and without those that are nothing else: a room, say."""
    # Its tables take long to load, and only invites need them.
    from parley.preparation.join_details import without_join_details

    return filter(None, map(without_join_details, texts))


def when(job: Job, found: Calendars, invite: Invite, reader: ZoneInfo | None) -> str | None:
    """The next time of an event, and how it recurs; None where it says no time."""
    first = first_occurrence(invite)
    if first is None or not invite.recurs:
        return time_text(first, reader) if first else None
    gone = elsewhere(found, invite)
    coming = upcoming(invite, job.now, gone)
    if coming is None:
        last = last_occurrence(invite, job.now) or first
        return f"over: the last was on {start_text(last, reader)}"
    text = ("next on " if coming.start != first.start else "") + time_text(coming, reader)
    return text + _recurring(invite, coming, gone, reader)


def elsewhere(found: Calendars, invite: Invite) -> list[str]:
    """The dates of a series that other events of the email move or cancel."""
    others = (one for one in found.invites if one.uid == invite.uid and one is not invite)
    return [one.recurrence_id for one in others if one.recurrence_id and not one.this_and_future]


def _recurring(invite: Invite, coming: Occurrence, gone: list[str], reader: ZoneInfo | None) -> str:
    if invite.rrule:
        dates = [start_text(one, reader) for one in islice(_named_dates(invite, coming), MOST_DATES)]
        return f", {_rhythm(invite, invite.rrule, reader)}" + (
            f", and also on {'; '.join(dates)}" if dates else ""
        )
    later = further_dates(invite, coming, gone)
    text = "".join(f"; and on {start_text(one, reader)}" for one in later[:MOST_DATES])
    return text + (f"; and {len(later) - MOST_DATES} more times" if len(later) > MOST_DATES else "")


def _rhythm(invite: Invite, rule: str, reader: ZoneInfo | None) -> str:
    first = first_occurrence(invite)
    assert first is not None  # there is a next one
    # Google writes in UTC what its readers see on their own wall.
    in_utc = first.zone is not None and first.zone.key == "UTC"
    return rhythm(rule, first.start, shown=first.on(reader).start if reader and in_utc else None)


def _named_dates(invite: Invite, coming: Occurrence) -> Iterator[Occurrence]:
    """The RDATEs of a series that are still to come."""
    zone, length = coming.zone or ZoneInfo("UTC"), coming.end - coming.start
    for text in invite.rdates:
        moment = occurrence_start(text, zone, f"T{coming.start:%H:%M:%S}")
        wall = wall_time(moment, zone) if moment else None
        if wall and wall > coming.start:
            yield Occurrence(wall, plus(wall, length), coming.zone, coming.all_day)


def _notes(invite: Invite, reader: ZoneInfo | None, *, withdrawn: bool) -> Iterator[str]:
    """What else there is to say: who is uninvited, who sends whom, from when it was moved."""
    if withdrawn:
        names = " and ".join(_name(invite, one.address) for one in invite.attendees)
        yield f"{names} {'is' if len(invite.attendees) == 1 else 'are'} no longer invited. The meeting stays."
    responses = dict(invite.responses)
    for delegator, delegate in invite.delegations:
        answer = _ANSWERS.get(responses.get(delegate, ""))
        yield f"{_name(invite, delegator)} delegated to {_name(invite, delegate)}" + (
            f", who {answer}" if answer else ""
        )
    before, now = _before(invite), first_occurrence(invite)
    if before and now and not invite.cancelled and before.start != now.start:
        yield f"Moved from {start_text(before, reader)}"
    if invite.this_and_future:
        yield "And so all that come after it."


def _before(invite: Invite) -> Occurrence | None:
    """When an occurrence would be by its series, on its own wall."""
    now = first_occurrence(invite)
    if now is None or invite.recurrence_id is None:
        return None
    zone = now.zone or ZoneInfo("UTC")
    moment = occurrence_start(invite.recurrence_id, zone, f"T{now.start:%H:%M:%S}")
    wall = wall_time(moment, zone) if moment else None
    return Occurrence(wall, wall, now.zone, now.all_day) if wall else None


def _name(invite: Invite, address: str) -> str:
    found = (one.name for one in invite.attendees if one.address.lower() == address.lower())
    return next(found, "") or address
