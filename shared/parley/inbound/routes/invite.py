"""A calendar's word on meetings: created, moved or cancelled, and their people known.

The meeting's id derives from UID and RECURRENCE-ID, so that every message
about it meets the same meeting; the backend lets the organizer's latest word
stand, whatever order the messages come in.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from parley.analysis.machine import PREPARATION
from parley.errors import LLMAPIError
from parley.inbound.routes.base import Answer, Handled, Job, Write
from parley.mail.calendar import is_calendar, newer, read_calendar
from parley.mail.calendar.invite import Invite
from parley.mail.email import Address, Attachment, InboundEmail

NAME = "invite"
A_DAY = datetime.timedelta(days=1)
"""A floating time may be up to this far from UTC's."""
MOST_INVITES = 50
MOST_CONTACTS = 100
_ORGANIZERS = frozenset({"PUBLISH", "REQUEST", "ADD", "CANCEL"})
"""The methods in which the organizer speaks; the others ask or answer, and change no meeting."""


@dataclass(frozen=True, slots=True)
class Calendars:
    """Every event of the email's calendar parts, each meeting once, at its latest word."""

    invites: tuple[Invite, ...]
    problems: tuple[str, ...] = ()

    @property
    def spoken(self) -> tuple[Invite, ...]:
        """Those that make, move or cancel a meeting that can be told from others."""
        return tuple(i for i in self.invites if i.method in _ORGANIZERS and i.uid)

    @property
    def answers(self) -> tuple[Invite, ...]:
        """Those in which one attendee says whether they come."""
        return tuple(i for i in self.invites if i.method == "REPLY" and i.uid and i.partstat and i.attendees)


class InviteRoute:
    name = NAME

    def takes(self, job: Job) -> Calendars | None:
        found = read_calendars(job.email)
        return found if found.invites or found.problems else None

    async def handle(self, job: Job, found: Calendars) -> Handled:
        first = next(iter((*found.spoken, *found.answers)), None)
        stored = tuple(writes(job, found))
        ahead = [invite for invite in found.spoken if _is_ahead(invite, job.received)]
        upcoming = min(ahead, key=_begins, default=None)
        preparation, stands, unstored = await _prepared(job, upcoming, stored)
        return Handled(
            NAME,
            writes=unstored,
            meeting_id=meeting_id(job, first) if first else None,
            invites=found.invites,
            answer=Answer(
                "invite",
                {
                    "events": [_shown(invite) for invite in found.invites],
                    "problems": list(_clean(found.problems)),
                    "preparation": preparation,
                    "stands": stands,
                    "prepared": _title(upcoming) if upcoming and len(found.invites) > 1 else None,
                },
            ),
        )


async def _prepared(
    job: Job, upcoming: Invite | None, stored: tuple[Write, ...]
) -> tuple[dict[str, Any] | None, str | None, tuple[Write, ...]]:
    """What to know, what stands if this is not the latest word, and what is still to be stored.

    The meeting and its people are stored first, for they are what is looked up.
    A model's answer is recorded, and its cost is the email's.
    """
    if upcoming is None or job.brief is None:
        return None, None, stored
    brief = await job.brief(stored, meeting_id(job, upcoming))
    if brief is None:
        return None, None, ()

    async def write() -> dict[str, Any]:
        budget = job.budget.part()
        try:
            made = asdict(await job.preparer().prepare_or_fall_back(brief, budget=budget))
        except LLMAPIError:
            made = None
        return {"preparation": made, "usage": asdict(budget.used)}

    recorded = await job.record(PREPARATION, write)
    start, _ = local_time(upcoming.start, upcoming)
    said = f"{start:%Y-%m-%d %H:%M}" if start else brief.when
    stands = f"{brief.title} is at {brief.when}" if brief.when and brief.when != said else None
    return recorded["preparation"], stands, ()


def _is_ahead(invite: Invite, now: datetime.datetime) -> bool:
    """Whether there is something to prepare for: its time has not passed, or it comes again."""
    if invite.cancelled:
        return False
    if invite.rrule or invite.start is None:
        return True
    start = datetime.datetime.fromisoformat(invite.start)
    return (start if start.tzinfo else start.replace(tzinfo=datetime.UTC)) > now - A_DAY


def _begins(invite: Invite) -> str:
    """Sorts by time; what has none comes last."""
    return invite.start or "~"


def read_calendars(email: InboundEmail) -> Calendars:
    """The calendar parts of an email. Mailers send an event as a part and again as a file: it is one."""
    latest: dict[tuple[str, str | None, str], Invite] = {}
    problems: list[str] = []
    for attachment in email.attachments:
        if not is_calendar(attachment.filename, attachment.content_type):
            continue
        calendar = read_calendar(attachment.content, charset=attachment.charset, method=_method(attachment))
        problems += calendar.problems
        for invite in calendar.invites:
            key = (invite.uid, invite.recurrence_id, "" if invite.method in _ORGANIZERS else invite.method)
            if key not in latest or newer(invite, latest[key]):
                latest[key] = invite
    invites = tuple(latest.values())
    if len(invites) > MOST_INVITES:
        problems.append(f"only the first {MOST_INVITES} of {len(invites)} events were taken")
    return Calendars(invites[:MOST_INVITES], tuple(dict.fromkeys(problems)))


def _method(attachment: Attachment) -> str | None:
    """The MIME part's own `method` parameter."""
    parameters = (p.partition("=") for p in attachment.content_type.split(";")[1:])
    return next((v.strip(' "') for k, _, v in parameters if k.strip().lower() == "method"), None)


def meeting_id(job: Job, invite: Invite) -> str:
    """The same for every message about this meeting, or this occurrence of it."""
    return job.tenant_id("meeting", "ical", invite.uid, invite.recurrence_id or "")


def writes(job: Job, found: Calendars) -> Iterator[Write]:
    """The meetings, and everyone in them who is not us as a contact."""
    for invite in found.spoken:
        yield Write("meeting", meeting_id(job, invite), _meeting(job, invite))
    for invite in found.answers:
        yield Write("meeting", meeting_id(job, invite), _answer(job, invite))
    people: dict[str, Address] = {}
    for invite in found.spoken:
        for person in (*([invite.organizer] if invite.organizer else []), *invite.attendees):
            people.setdefault(person.address.lower(), person)
    ours = {job.mailbox.address, *job.mailbox.aliases, (job.mailbox.owner or "").lower()}
    for address, person in list(people.items())[:MOST_CONTACTS]:
        if address not in ours:
            body = {"name": person.name, "email": address}
            yield Write("contact", job.tenant_id("contact", address), body)


def _meeting(job: Job, invite: Invite) -> dict[str, Any]:
    start, zone = local_time(invite.start, invite)
    end, _ = local_time(invite.end, invite)
    return {
        # A cancellation without a summary leaves the title that stands.
        "title": invite.summary or ("" if invite.cancelled else "Meeting"),
        "user_id": job.mailbox.owner,
        "status": _status(invite),
        "scheduled_time": start.isoformat() if start else None,
        "duration_minutes": max(0, int((end - start).total_seconds() // 60)) if start and end else None,
        "time_zone": zone,
        "all_day": invite.all_day,
        "transparent": invite.transparent,
        "exdates": list(invite.exdates),
        "attendees": _attendees(invite),
        "ical_uid": invite.uid,
        "recurrence_id": invite.recurrence_id,
        "series": invite.uid if invite.rrule or invite.recurrence_id else None,
        "rrule": invite.rrule,
        "sequence": invite.sequence,
        "dtstamp": invite.dtstamp,
        "thread_id": job.thread_id,
        "run_id": job.run_id,
    }


def _attendees(invite: Invite) -> list[dict[str, str | None]]:
    """Who is invited, with what the calendar says; whoever invites comes too, be it that no line says so."""
    said = dict(invite.responses)
    unlisted = _unlisted(invite)
    if unlisted:
        said.setdefault(unlisted.address.lower(), "accepted")
    everyone = (*invite.attendees, *([unlisted] if unlisted else []))
    return [{"name": a.name, "address": a.address, "response": said.get(a.address.lower())} for a in everyone]


def _unlisted(invite: Invite) -> Address | None:
    """The organizer, where no line names them among the attendees."""
    listed = {a.address.lower() for a in invite.attendees}
    return invite.organizer if invite.organizer and invite.organizer.address.lower() not in listed else None


def _answer(job: Job, invite: Invite) -> dict[str, Any]:
    """An answer says nothing of the meeting but who gave it: no sequence, so no claim on the schedule."""
    (attendee, *_) = invite.attendees
    said = {"response": (invite.partstat or "").lower(), "at": invite.dtstamp or ""}
    return {
        "title": invite.summary,
        "ical_uid": invite.uid,
        "recurrence_id": invite.recurrence_id,
        "responses": {attendee.address.lower(): said},
        "run_id": job.run_id,
    }


def _status(invite: Invite) -> str:
    if invite.cancelled:
        return "cancelled"
    return "tentative" if invite.status == "TENTATIVE" else "scheduled"


def local_time(moment: str | None, invite: Invite) -> tuple[datetime.datetime | None, str | None]:
    """A meeting is kept as the wall shows it, with its zone; a floating one has its reader's zone."""
    if moment is None:
        return None, None
    if len(moment) == len("YYYY-MM-DD"):
        return datetime.datetime.combine(datetime.date.fromisoformat(moment), datetime.time()), None
    time = datetime.datetime.fromisoformat(moment)
    if time.tzinfo is None:
        return time, None
    zone = invite.time_zone or "UTC"
    try:
        return time.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone
    except (ValueError, OSError, LookupError, OverflowError):
        # A calendar's own zone has rules and no IANA name: UTC says the same moment.
        return time.astimezone(datetime.UTC).replace(tzinfo=None), "UTC"


def _shown(invite: Invite) -> dict[str, Any]:
    """What the answer says of one event; never how to join it."""
    start, zone = local_time(invite.start, invite)
    unlisted = _unlisted(invite) if invite.method in _ORGANIZERS else None
    when = None
    if start:
        when = f"{start:%A, %Y-%m-%d}" + (
            "" if invite.all_day else f" at {start:%H:%M} ({zone or 'local time'})"
        )
    return {
        "what": {"CANCEL": "Cancelled", "REPLY": "Answer", "COUNTER": "Proposal"}.get(invite.method, "Noted"),
        "cancelled": invite.cancelled,
        "summary": _title(invite),
        "when": when,
        "people": list(_clean(map(str, (*([unlisted] if unlisted else []), *invite.attendees))))[:20],
        "repeats": invite.rrule is not None,
        "partstat": invite.partstat.lower() if invite.partstat else None,
        "problems": list(_clean(invite.problems)),
    }


def _title(invite: Invite) -> str:
    return next(_clean([invite.summary]), "") or "Meeting"


def _clean(texts: Iterable[str]) -> Iterator[str]:
    """The texts without what lets somebody in, and without those that are nothing else: a room, say."""
    # Its tables take long to load, and only invites need them.
    from parley.preparation.join_details import without_join_details

    return filter(None, map(without_join_details, texts))
