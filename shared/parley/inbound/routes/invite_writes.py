"""What an email's calendars have the backend keep: meetings, answers, and people as contacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from parley.inbound.routes.base import Job, Write
from parley.mail.calendar.invite import UNINVITED, Invite
from parley.mail.calendar.schedule import local_time
from parley.mail.email import Address

MOST_CONTACTS = 100
MOST_ATTENDEES = 200
"""Of one meeting; what it holds is found again by each of them."""
ORGANIZERS = frozenset({"PUBLISH", "REQUEST", "ADD", "CANCEL"})
"""The methods in which the organizer speaks; the others ask or answer, and change no meeting."""
_NO_ANSWER = "needs-action"


@dataclass(frozen=True, slots=True)
class Calendars:
    """Every event of the email's calendar parts, each meeting once, at its latest word.

    `withdrawn` are those of `invites` that uninvite whom they name, `leaving_some` those
    of them whose meeting is known to have others. Whether anybody is left is seen where
    invites are merged, because they arrive in any order.
    """

    invites: tuple[Invite, ...]
    problems: tuple[str, ...] = ()
    withdrawn: tuple[Invite, ...] = ()
    leaving_some: tuple[Invite, ...] = ()

    @property
    def spoken(self) -> tuple[Invite, ...]:
        """Those that make, move or cancel a meeting that can be told from others."""
        spoken = (i for i in self.invites if i.method in ORGANIZERS and i.uid)
        return tuple(i for i in spoken if i not in self.withdrawn)

    @property
    def answers(self) -> tuple[Invite, ...]:
        """Those in which attendees say whether they come."""
        return tuple(i for i in self.invites if i.method == "REPLY" and i.uid and any(_said(i)))


def meeting_id(job: Job, invite: Invite) -> str:
    """The same for every message about this meeting, or this occurrence of it."""
    return job.tenant_id("meeting", "ical", invite.uid, invite.recurrence_id or "")


def own_addresses(job: Job) -> set[str]:
    """Those of the mailbox, and its owner's."""
    return _mailbox(job) | {(job.mailbox.owner or "").lower()}


def _mailbox(job: Job) -> set[str]:
    return {job.mailbox.address, *job.mailbox.aliases}


async def with_withdrawals(job: Job, found: Calendars) -> Calendars:
    """The same, with the CANCELs told apart that withdraw invitations (RFC 5546, 3.2.5).

    Such a one has no STATUS, and names nobody but those on record. One that names all whom
    one date of a series has by its series cancels that date: what is merged there names nobody.
    """
    silent = [i for i in found.spoken if i.method == "CANCEL" and i.status is None and i.attendees]
    known = [await _on_record(job, invite) for invite in silent]
    some, withdrawn = [], []
    for invite, people in zip(silent, known, strict=True):
        named, asked = _named(job, invite), people - _not_asked(job, invite)
        if named < asked:
            some.append(invite)
        if named < asked or not people or (named == asked and invite.recurrence_id is None):
            withdrawn.append(invite)
    return replace(found, withdrawn=tuple(withdrawn), leaving_some=tuple(some))


async def _on_record(job: Job, invite: Invite) -> set[str]:
    """Whom the meeting on record invites, or its series where nothing is known of the one date."""
    meetings = await job.meetings(ical_uid=invite.uid)
    own = [one for one in meetings if one.get("recurrence_id") == invite.recurrence_id]
    series = [one for one in meetings if not one.get("recurrence_id")]
    return {address for one in (own or series)[:1] for address in _known(one)}


def _named(job: Job, invite: Invite) -> set[str]:
    return {one.address.lower() for one in invite.attendees} - _not_asked(job, invite)


def _not_asked(job: Job, invite: Invite) -> set[str]:
    """Who comes to no meeting by an invitation: whoever invites, and our mailbox."""
    return _mailbox(job) | ({invite.organizer.address.lower()} if invite.organizer else set())


def _known(meeting: dict[str, Any]) -> Iterator[str]:
    """Whoever a meeting on record invites, or did before they were uninvited."""
    yield from (one["address"].lower() for one in meeting.get("attendees") or () if one.get("address"))
    yield from meeting.get("responses") or ()


def writes(job: Job, found: Calendars) -> Iterator[Write]:
    """The meetings, and everyone in them who is not us as a contact."""
    for invite in found.spoken:
        yield Write("meeting", meeting_id(job, invite), _meeting(job, invite))
    for invite in found.withdrawn:
        said = dict.fromkeys((one.address.lower() for one in invite.attendees), UNINVITED)
        body = _answer(job, invite, said) | {"title": ""}
        # Where it turns out that nobody is left, this is the organizer's latest word.
        for answer in body["responses"].values():
            answer["sequence"] = invite.sequence
        yield Write("meeting", meeting_id(job, invite), body)
    for invite in found.answers:
        yield Write("meeting", meeting_id(job, invite), _answer(job, invite, answers(job, invite)))
    people: dict[str, Address] = {}
    for invite in found.spoken:
        for person in invite.people:
            people.setdefault(person.address.lower(), person)
    for address, person in list(people.items())[:MOST_CONTACTS]:
        if address not in own_addresses(job):
            body = {"name": person.name, "email": address}
            yield Write("contact", job.tenant_id("contact", address), body)


def answers(job: Job, invite: Invite) -> dict[str, str]:
    """Who answers what in a REPLY: the sender alone, unless somebody is sent instead of somebody."""
    said = dict(_said(invite))
    sender = job.email.from_.address.lower() if job.email.from_ else ""
    return {sender: said[sender]} if sender in said and not invite.delegations else said


def _said(invite: Invite) -> Iterator[tuple[str, str]]:
    return ((address, response) for address, response in invite.responses if response != _NO_ANSWER)


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
        "rdates": list(invite.rdates),
        "this_and_future": invite.this_and_future,
        "attendees": _attendees(job, invite),
        "ical_uid": invite.uid,
        "recurrence_id": invite.recurrence_id,
        "series": invite.uid if invite.recurs or invite.recurrence_id else None,
        "rrule": invite.rrule,
        "sequence": invite.sequence,
        "dtstamp": invite.dtstamp,
        "thread_id": job.thread_id,
        "run_id": job.run_id,
    }


def _attendees(job: Job, invite: Invite) -> list[dict[str, str | None]]:
    """Who is invited, with what the calendar says; whoever invites comes too, be it that no line says so."""
    said = dict(invite.responses)
    kinds = dict(invite.kinds) | dict.fromkeys(_mailbox(job), "mailbox")
    unlisted = _unlisted(invite)
    if unlisted:
        said.setdefault(unlisted.address.lower(), "accepted")
    everyone = (*invite.attendees[:MOST_ATTENDEES], *([unlisted] if unlisted else []))
    return [
        {"name": one.name, "address": one.address, "response": said.get(address), "kind": kinds.get(address)}
        for one in everyone
        if (address := one.address.lower())
    ]


def _unlisted(invite: Invite) -> Address | None:
    """The organizer, where no line names them among the attendees."""
    listed = {one.address.lower() for one in invite.attendees}
    return invite.organizer if invite.organizer and invite.organizer.address.lower() not in listed else None


def _answer(job: Job, invite: Invite, said: dict[str, str]) -> dict[str, Any]:
    """An answer says nothing of the meeting but who gave it: no sequence, so no claim on the schedule."""
    return {
        "title": invite.summary,
        "ical_uid": invite.uid,
        "recurrence_id": invite.recurrence_id,
        "responses": {who: {"response": what, "at": invite.dtstamp or ""} for who, what in said.items()},
        "run_id": job.run_id,
    }


def _status(invite: Invite) -> str:
    if invite.cancelled:
        return "cancelled"
    return "tentative" if invite.status == "TENTATIVE" else "scheduled"
