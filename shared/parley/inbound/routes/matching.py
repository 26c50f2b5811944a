"""Which meeting a transcript is of: by its own invite, its thread, or title, people and time.

If exactly one meeting fits, the transcript is filed under it. If several fit,
none is taken and the answer names them: a transcript under a meeting of its own
does less harm than one under the wrong meeting.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from parley.core.clock import day_in
from parley.core.tasks import together
from parley.inbound.routes.base import Job
from parley.inbound.routes.invite_writes import Calendars, meeting_id
from parley.mail.calendar.invite import Invite
from parley.mail.calendar.schedule import has_begun, local_time
from parley.mail.threads import normalize_subject_for_thread
from parley.transcripts.transcript import Transcript

DAYS_BACK = 6
"""Less than a week, so that of a weekly meeting only one date fits."""
DAYS_AHEAD = 1
"""The sender's day may be ahead of ours."""
SHORTEST_TITLE = 8
"""Characters of a title that may be found inside a longer subject."""

Meeting = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """`meeting_id` None: none fits, or `several` do (their titles and times). `day`: when it is, if known."""

    meeting_id: str | None = None
    day: datetime.date | None = None
    several: tuple[str, ...] = ()


async def find_meeting(job: Job, transcript: Transcript, calendars: Calendars) -> Match:
    """Look in the email itself, then in its thread, then among the meetings of these days."""
    if calendars.spoken:
        if not any(has_begun(one, job.received) for one in calendars.spoken):
            return Match()  # the transcript is of another meeting than the one to come
        return _one({meeting_id(job, one): (one.summary, _day(one)) for one in calendars.spoken})
    day = datetime.timedelta(days=1)
    in_thread, nearby = await together(
        job.meetings(thread_id=job.thread_id),
        job.meetings(
            from_=(job.received - DAYS_BACK * day).date().isoformat(),
            to=(job.received + (DAYS_AHEAD + 1) * day).date().isoformat(),
        ),
    )
    if in_thread := _from_invites(in_thread):
        return _one({m["id"]: (_named(m), day_in(m.get("scheduled_time"))) for m in in_thread})
    fitting = [m for m in _from_invites(nearby) if _same_title(m, job) and _shared_people(m, job, transcript)]
    return _one({m["id"]: (_named(m), day_in(m.get("scheduled_time"))) for m in fitting})


def _one(found: dict[str, tuple[str, datetime.date | None]]) -> Match:
    if len(found) == 1:
        [(ident, (_, day))] = found.items()
        return Match(ident, day)
    return Match(several=tuple(name for name, _ in found.values()))


def _day(invite: Invite) -> datetime.date | None:
    start, _ = local_time(invite.start, invite)
    return start.date() if start and not invite.rrule else None


def _from_invites(meetings: list[Meeting]) -> list[Meeting]:
    """A meeting that an earlier transcript made is that transcript's; a whole series is no meeting."""
    return [m for m in meetings if m.get("ical_uid") and m["status"] != "cancelled" and not m.get("rrule")]


def _same_title(meeting: Meeting, job: Job) -> bool:
    title = normalize_subject_for_thread(meeting["title"]).casefold()
    subject = normalize_subject_for_thread(job.email.subject).casefold()
    if not title or title == subject:
        return bool(title)
    # "Meeting assets for Acme pilot review are ready": the title as whole words in a longer subject.
    return len(title) >= SHORTEST_TITLE and f" {title} " in f" {subject} "


def _shared_people(meeting: Meeting, job: Job, transcript: Transcript) -> bool:
    """Somebody of the email or the transcript was invited; an invite that names nobody excludes nobody."""
    email = job.email
    addresses = {a.address.lower() for a in (*email.senders, *email.to, *email.cc)}
    addresses.discard(job.mailbox.address)
    names = {speaker.casefold() for speaker in transcript.speakers}
    attendees = meeting.get("attendees") or []
    return not attendees or any(
        (a.get("address") or "").lower() in addresses or (a.get("name") or "").casefold() in names
        for a in attendees
    )


def _named(meeting: Meeting) -> str:
    when = meeting.get("scheduled_time")
    return f"{meeting['title']} ({when})" if when else str(meeting["title"])
