"""A calendar's word on meetings: created, moved or cancelled, and their people known.

The meeting's id derives from UID and RECURRENCE-ID, so that every message
about it meets the same meeting; the backend lets the organizer's latest word
stand, whatever order the messages come in.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from parley.analysis.machine import PREPARATION
from parley.errors import LLMAPIError
from parley.inbound.routes.base import Answer, Handled, Job, Write
from parley.inbound.routes.invite_reply import clean, elsewhere, shown, title
from parley.inbound.routes.invite_writes import (
    MOST_ATTENDEES,
    ORGANIZERS,
    Calendars,
    meeting_id,
    with_withdrawals,
    writes,
)
from parley.mail.calendar import is_calendar, newer, read_calendar
from parley.mail.calendar.invite import Invite
from parley.mail.calendar.recurrence import END
from parley.mail.calendar.schedule import Occurrence, upcoming
from parley.mail.email import Attachment, InboundEmail

NAME = "invite"
MOST_INVITES = 50


class InviteRoute:
    name = NAME

    def takes(self, job: Job) -> Calendars | None:
        found = read_calendars(job.email)
        return found if found.invites or found.problems else None

    async def handle(self, job: Job, found: Calendars) -> Handled:
        found = await with_withdrawals(job, found)
        first = next(iter((*found.spoken, *found.withdrawn, *found.answers)), None)
        stored = tuple(writes(job, found))
        ahead = _next_meeting(job, found)
        preparation, stands, unstored = await _prepared(job, ahead, stored)
        reader = readers_zone(job)
        return Handled(
            NAME,
            writes=unstored,
            meeting_id=meeting_id(job, first) if first else None,
            invites=found.invites,
            answer=Answer(
                "invite",
                {
                    "events": [shown(job, found, invite, reader) for invite in found.invites],
                    "problems": list(clean(found.problems)),
                    "preparation": preparation,
                    "stands": stands,
                    "prepared": title(ahead[0]) if ahead and len(found.invites) > 1 else None,
                },
            ),
        )


def _next_meeting(job: Job, found: Calendars) -> tuple[Invite, Occurrence | None] | None:
    """What there is to prepare for: the next that is not over, with its time; what says none comes last."""
    coming = [
        (invite, upcoming(invite, job.now, elsewhere(found, invite)))
        for invite in found.spoken
        if not invite.cancelled
    ]
    ahead = [(invite, one) for invite, one in coming if one or invite.start is None]
    return min(ahead, key=lambda pair: pair[1].utc if pair[1] else END, default=None)


def readers_zone(job: Job) -> ZoneInfo | None:
    """The zone of whoever is answered; None of whom nobody has told it. UTC is what users have until then."""
    zone = (job.reader or {}).get("time_zone") or "UTC"
    return None if zone == "UTC" else ZoneInfo(zone)


async def _prepared(
    job: Job, ahead: tuple[Invite, Occurrence | None] | None, stored: tuple[Write, ...]
) -> tuple[dict[str, Any] | None, str | None, tuple[Write, ...]]:
    """What to know, what stands if this is not the latest word, and what is still to be stored.

    The meeting and its people are stored first, for they are what is looked up.
    A model's answer is recorded, and its cost is the email's.
    """
    if ahead is None or job.brief is None:
        return None, None, stored
    brief = await job.brief(stored, meeting_id(job, ahead[0]))
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
    said = f"{ahead[1].start:%Y-%m-%d %H:%M}" if ahead[1] else brief.when
    stands = f"{brief.title} is at {brief.when}" if brief.when and brief.when != said else None
    return recorded["preparation"], stands, ()


def read_calendars(email: InboundEmail) -> Calendars:
    """The calendar parts of an email. Mailers send an event as a part and again as a file: it is one."""
    latest: dict[tuple[str, str | None, str], Invite] = {}
    problems: list[str] = []
    for attachment in (item for part in email.with_enclosed() for item in part.attachments):
        if not is_calendar(attachment.filename, attachment.content_type):
            continue
        calendar = read_calendar(attachment.content, charset=attachment.charset, method=_method(attachment))
        problems += calendar.problems
        for invite in calendar.invites:
            key = (invite.uid, invite.recurrence_id, "" if invite.method in ORGANIZERS else invite.method)
            if key not in latest or newer(invite, latest[key]):
                latest[key] = invite
    invites = tuple(latest.values())
    if len(invites) > MOST_INVITES:
        problems.append(f"only the first {MOST_INVITES} of {len(invites)} events were taken")
    for invite in invites[:MOST_INVITES]:
        if (people := len(invite.attendees)) > MOST_ATTENDEES:
            problems.append(f"only the first {MOST_ATTENDEES} of {people} people were taken")
    return Calendars(invites[:MOST_INVITES], tuple(dict.fromkeys(problems)))


def _method(attachment: Attachment) -> str | None:
    """The MIME part's own `method` parameter."""
    parameters = (p.partition("=") for p in attachment.content_type.split(";")[1:])
    return next((v.strip(' "') for k, _, v in parameters if k.strip().lower() == "method"), None)
