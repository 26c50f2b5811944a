"""A transcript, in an attachment or in the body: analysed, stored, answered."""

from __future__ import annotations

import datetime
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from parley.analysis.language import unread_language
from parley.analysis.machine import Analysis, AnalysisState, Recorder
from parley.core.tasks import together
from parley.inbound.routes.base import Answer, Handled, HeldMeeting, Job, Write
from parley.inbound.routes.find_transcripts import Found, find_transcript
from parley.inbound.routes.how_to import ANALYSED, answer_in_thread, how_to, refuse_machine
from parley.inbound.routes.how_to import NAME as OTHER
from parley.inbound.routes.invite import read_calendars, readers_zone
from parley.inbound.routes.invite_writes import Calendars, writes
from parley.inbound.routes.matching import Match, find_meeting
from parley.mail.calendar.schedule import has_begun
from parley.mail.email import Address, InboundEmail
from parley.mail.language_notes import language_note
from parley.mail.threads import normalize_subject_for_thread, title_of
from parley.transcripts.meeting_day import MeetingDay, decide_meeting_day
from parley.transcripts.transcript import Transcript

NAME = "transcript"
FIRST_STATEMENTS = 5
"""What a transcript is known by where it comes again: a quote may be cut short."""


class TranscriptRoute:
    name = NAME

    def takes(self, job: Job) -> Found | None:
        found, calendars = find_transcript(job.email, job.ours), read_calendars(job.email)
        if found is None or _is_agenda(found, calendars, job.received):
            return None
        more = tuple(one for one in found.more if not _is_agenda(one, calendars, job.received))
        return replace(found, more=more)

    async def handle(self, job: Job, found: Found) -> Handled:
        if found.transcript is None:
            refuse_machine(job)
            # Told once a thread and file: the next broken file is told too.
            first = await job.once("problem", job.mailbox.address, job.thread_id, found.problem or "")
            return Handled(OTHER, answer=how_to(job, found.problem) if first else None)
        calendars = read_calendars(job.email)
        new = _is_new(job, found, found.transcript)
        hold = partial(self._hold, job, found, found.transcript, calendars, number=1)
        if not found.quoted:
            # It is analysed whatever the thread has seen; the note of it is made meanwhile.
            one, _ = await together(hold(), new)
        elif await new:
            one = await hold()
        else:
            return await answer_in_thread(job)
        held = [one]
        for number, other in enumerate(found.more, 2):
            assert other.transcript is not None
            one = await self._hold(job, other, other.transcript, calendars, number=number)
            taken = {known.meeting_id for known in held}
            held.append(
                one if one.meeting_id not in taken else one.apart(job.derived_id(f"meeting.{number}"))
            )
        return _handled(job, held, calendars, found.left_out)

    async def _hold(
        self, job: Job, found: Found, transcript: Transcript, calendars: Calendars, *, number: int
    ) -> _Held:
        """Analyse one transcript, and find the meeting that it is of. `number` counts those of the email."""
        # Only a transcript pays for loading the rules analyser.
        from parley.analysis.meeting_context import MeetingContext

        async def analyse(day: datetime.date) -> Analysis:
            context = MeetingContext(
                date=day,
                subject=normalize_subject_for_thread(job.email.subject),
                participants=tuple(a.name for a in _attendees(job) if a.name),
            )
            record = job.record if number == 1 else partial(_record_numbered, job.record, number)
            return await job.machine.run(transcript, context, budget=job.budget, record=record)

        sent = _sent_on(job)
        if calendars.spoken or job.email.references or job.email.in_reply_to:
            # There may be a meeting already, whose day says what "Friday" is.
            match = await find_meeting(job, transcript, calendars)
            day = _day(job, found, sent, match.day)
            analysis = await analyse(day.date)
        else:
            day = _day(job, found, sent)
            analysis, match = await together(analyse(day.date), find_meeting(job, transcript, calendars))
        own = job.derived_id("meeting" if number == 1 else f"meeting.{number}")
        return _Held(found, transcript, analysis, match, day, match.meeting_id or own)


async def _record_numbered(
    record: Recorder, number: int, name: str, make: Callable[[], Awaitable[Any]]
) -> Any:
    """Record an answer about the second or a later transcript of an email under a name of its own."""
    return await record(f"{name}.{number}", make)


@dataclass(frozen=True, slots=True)
class _Held:
    """One talk of the email, analysed: the meeting that was held."""

    found: Found
    transcript: Transcript
    analysis: Analysis
    match: Match
    day: MeetingDay
    meeting_id: str

    def apart(self, meeting_id: str) -> _Held:
        """The same as a meeting of its own: another talk of the email is the one that was found."""
        return replace(self, match=Match(), meeting_id=meeting_id)

    def title(self, job: Job, *, named: bool) -> str:
        """The subject; with the name of the file where there are several."""
        title = title_of(job.email.subject) or "Meeting"
        return f"{title}: {self.found.name or 'in the mail'}" if named else title


def _is_agenda(found: Found, calendars: Calendars, now: datetime.datetime) -> bool:
    """Whether it is what an invite brings along: of a meeting that has not begun nobody has said a word.

    Only what was recorded, in seconds from its start, is of another meeting.
    """
    if found.transcript is None:
        return bool(calendars.invites)
    recorded = found.recording and found.transcript.seconds is not None
    return bool(calendars.spoken) and not recorded and not any(has_begun(i, now) for i in calendars.spoken)


async def _is_new(job: Job, found: Found, transcript: Transcript) -> bool:
    """Whether this thread has not analysed it yet; the run that asks first is known to have done so.

    A reply quotes what is known. What is forwarded in the thread may be another talk.
    """
    place = (job.mailbox.address, job.thread_id)
    said = "".join(f"{one.speaker} {one.text} " for one in transcript.segments[:FIRST_STATEMENTS])
    words = " ".join(re.findall(r"\w+", said.casefold()))
    first, unheard = await together(job.once(ANALYSED, *place), job.once("transcript", *place, words))
    return not found.quoted or (unheard and (first or job.email.forwarded is not None))


def _sent_on(job: Job) -> datetime.date:
    """The day of the mail on its sender's wall: by the offset of its date, else by the zone on record."""
    zone = readers_zone(job) if not job.received.utcoffset() else None
    return job.received.astimezone(zone).date() if zone else job.received.date()


def _day(job: Job, found: Found, sent: datetime.date, meeting: datetime.date | None = None) -> MeetingDay:
    """The day that "by Friday" counts from; `meeting` is that of the meeting that was matched."""
    day = decide_meeting_day(
        said=found.transcript.day if found.transcript else None,
        meeting=meeting,
        written=found.written or _forwarded_at(job.email),
        sent=sent,
    )
    assert day is not None  # the mail's own day is always known
    return day


def _forwarded_at(email: InboundEmail) -> datetime.datetime | None:
    return email.forwarded.date if email.forwarded else None


def _people(email: InboundEmail) -> tuple[Address, ...]:
    return (*email.senders, *email.to, *email.cc)


def _attendees(job: Job) -> list[Address]:
    return [a for a in dict.fromkeys(_people(job.email)) if a.address != job.mailbox.address]


def _handled(job: Job, held: list[_Held], calendars: Calendars, left_out: tuple[str, ...]) -> Handled:
    several = len(held) > 1
    first = held[0]
    sections = [_section(job, one, named=several) for one in held]
    return Handled(
        NAME,
        writes=(
            *writes(job, calendars),
            *(write for one in held for write in _writes(job, one, named=several)),
        ),
        analysis=first.analysis,
        meeting_id=first.meeting_id,
        day=first.day,
        kind=first.transcript.kind,
        meetings=tuple(
            HeldMeeting(one.meeting_id, one.title(job, named=True), one.analysis) for one in held if several
        ),
        invites=calendars.invites,
        answer=Answer("insights", {"meetings": sections, "left_out": list(left_out)}),
        notes={name: note for one in held for name, note in one.analysis.notes.items()},
    )


def _writes(job: Job, held: _Held, *, named: bool) -> tuple[Write, Write]:
    title = held.title(job, named=named)
    meeting = _completed(job, held.day.date) if held.match.meeting_id else _meeting(job, title, held.day.date)
    insights = {
        "run_id": job.source,
        "insights": held.analysis.insights_json(),
        "errors": held.analysis.errors,
        "partial_success": held.analysis.partial_success,
    }
    return Write("meeting", held.meeting_id, meeting), Write("insights", held.meeting_id, insights)


def _section(job: Job, held: _Held, *, named: bool) -> dict[str, object]:
    """What the answer says of one meeting."""
    insights = held.analysis.insights_json()
    return {
        "title": held.title(job, named=named),
        "day": held.day.words,
        "insights": insights,
        "errors": held.analysis.errors,
        "failed": held.analysis.state is AnalysisState.FAILED,
        "speakers": list(held.transcript.speakers),
        "seconds": held.transcript.seconds,
        "rules": (rules := _made_by_rules(insights)),
        "unread": language_note(unread_language(held.transcript)) if rules else "",
        "notes": held.transcript.kind == "notes",
        "several": list(held.match.several),
    }


def _completed(job: Job, day: datetime.date) -> dict[str, object]:
    """A meeting that an invite made has been held; all else stays as the invite said it."""
    return {"title": "", "status": "completed", "run_id": job.run_id, "source": _source(day)}


def _source(day: datetime.date) -> dict[str, str]:
    """Not when it was held: the day that its dates count from."""
    return {"kind": "email", "at": day.isoformat()}


def _meeting(job: Job, title: str, day: datetime.date) -> dict[str, object]:
    # When the meeting was held is not known from a transcript alone: it is not guessed.
    return {
        "title": title,
        "user_id": job.mailbox.owner,
        "status": "completed",
        "thread_id": job.thread_id,
        "run_id": job.run_id,
        "attendees": [asdict(a) for a in _attendees(job)],
        "source": _source(day),
    }


def _made_by_rules(insights: dict[str, object]) -> bool:
    """Whether any item shown came from the rules analyser."""
    return any(
        isinstance(item, dict) and item.get("source") == "rules"
        for value in insights.values()
        for item in (value if isinstance(value, list | tuple) else [value])
    )
