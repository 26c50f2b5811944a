"""A transcript, in an attachment or in the body: analysed, stored, answered."""

from __future__ import annotations

import datetime
import re
from dataclasses import asdict, dataclass

from parley.analysis.machine import Analysis, AnalysisState
from parley.core.tasks import together
from parley.errors import TranscriptError
from parley.inbound.routes.base import Answer, Handled, Job, Write
from parley.inbound.routes.how_to import ANALYSED, answer_in_thread, how_to, refuse_machine
from parley.inbound.routes.how_to import NAME as OTHER
from parley.inbound.routes.invite import read_calendars, readers_zone
from parley.inbound.routes.invite_writes import Calendars, writes
from parley.inbound.routes.matching import Match, find_meeting
from parley.mail.automated import automated
from parley.mail.calendar.schedule import has_begun
from parley.mail.email import Address, Attachment, InboundEmail
from parley.mail.quoted_messages import messages_in
from parley.mail.threads import normalize_subject_for_thread, title_of
from parley.transcripts import find_in_text, is_transcript_file, parse_transcript
from parley.transcripts.meeting_day import MeetingDay, decide_meeting_day
from parley.transcripts.transcript import Transcript

NAME = "transcript"
CUES = frozenset({"webvtt", "srt", "sbv"})
FIRST_STATEMENTS = 5
"""What a transcript is known by where it comes again: a quote may be cut short."""


@dataclass(frozen=True, slots=True)
class Found:
    """The transcript to work on, or why the one that was sent cannot be read.

    `recording`: it came as a file of cues. `quoted`: it stands in a mail that
    the sender quotes or forwards. `written` is when the mail in which it
    stands was sent, where that is another mail.
    """

    transcript: Transcript | None
    problem: str | None = None
    recording: bool = False
    quoted: bool = False
    written: datetime.datetime | None = None


class TranscriptRoute:
    name = NAME

    def takes(self, job: Job) -> Found | None:
        found = find_transcript(job.email, job.ours)
        return None if found and _is_agenda(found, read_calendars(job.email), job.received) else found

    async def handle(self, job: Job, found: Found) -> Handled:
        if found.transcript is None:
            refuse_machine(job)
            # Told once a thread and file: the next broken file is told too.
            first = await job.once("problem", job.mailbox.address, job.thread_id, found.problem or "")
            return Handled(OTHER, answer=how_to(job, found.problem) if first else None)
        if not await _is_new(job, found, found.transcript):
            return await answer_in_thread(job)
        # Only a transcript pays for loading the rules analyser.
        from parley.analysis.meeting_context import MeetingContext

        transcript, calendars = found.transcript, read_calendars(job.email)

        async def analyse(day: datetime.date) -> Analysis:
            context = MeetingContext(
                date=day,
                subject=normalize_subject_for_thread(job.email.subject),
                participants=tuple(a.name for a in _attendees(job) if a.name),
            )
            return await job.machine.run(transcript, context, budget=job.budget, record=job.record)

        sent = await _sent_on(job)
        if calendars.spoken or job.email.references or job.email.in_reply_to:
            # There may be a meeting already, whose day says what "Friday" is.
            match = await find_meeting(job, transcript, calendars)
            day = _day(job, found, sent, match.day)
            analysis = await analyse(day.date)
        else:
            day = _day(job, found, sent)
            analysis, match = await together(analyse(day.date), find_meeting(job, transcript, calendars))
        return _handled(job, transcript, analysis, match, calendars, day=day)


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


async def _sent_on(job: Job) -> datetime.date:
    """The day of the mail on its sender's wall: by the offset of its date, else by the zone on record."""
    zone = await readers_zone(job) if not job.received.utcoffset() else None
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


def find_transcript(email: InboundEmail, ours: frozenset[str] = frozenset()) -> Found | None:
    """The best transcript among attachments, else the first in the text: typed, quoted, or enclosed.

    A file that is a transcript by its name and cannot be read is a problem to
    tell, as is one that cannot be opened; any other attachment that holds none
    is simply none. What is quoted from `ours` is no speech.
    """
    problem = None
    best: Found | None = None
    for part in email.with_enclosed():
        for attachment in part.attachments:
            if not is_transcript_file(attachment.filename, attachment.content_type):
                continue
            try:
                transcript = _read(attachment, _day_of(part) or _day_of(email))
            except TranscriptError as error:
                problem = problem or f"{attachment.filename or 'the attachment'}: {error}"
                continue
            written = part.date if part is not email else None
            one = Found(transcript, recording=transcript.format in CUES, written=written)
            if best is None or _rank(one) > _rank(best):
                best = one
    best = best or _in_text(email, ours)
    if best is None:
        sealed = next((why for part in email.with_enclosed() for why in part.sealed), None)
        return Found(None, problem or sealed) if problem or sealed else None
    return best


def _rank(found: Found) -> tuple[bool, int]:
    """What was recorded goes before what was written beside it; then the longer goes first."""
    return found.recording, len(found.transcript.segments) if found.transcript else 0


def _in_text(email: InboundEmail, ours: frozenset[str]) -> Found | None:
    """A transcript in what was typed, then in what is quoted below it, then in an enclosed email."""
    for part in email.with_enclosed():
        if (part is not email and _answered_by_machine(part)) or any(
            one.body == part.body for one in part.enclosed
        ):
            continue
        typed, *quoted = messages_in(part.body)
        if found := find_in_text(typed.text, arrived=_day_of(part)):
            return Found(found, written=part.date if part is not email else None)
        for message in quoted:
            if message.sender and message.sender.address.lower() in ours:
                continue
            if found := find_in_text(message.text, arrived=_day_of(part)):
                return Found(found, quoted=True, written=message.sent_before(_day_of(email)))
    return None


def _answered_by_machine(email: InboundEmail) -> bool:
    """Whether an enclosed email is a machine's answer, ours among them."""
    found = automated(email)
    return found is not None and not found.carries


def _day_of(email: InboundEmail) -> datetime.date | None:
    return email.date.date() if email.date else None


def _read(attachment: Attachment, arrived: datetime.date | None) -> Transcript:
    return parse_transcript(
        attachment.content,
        filename=attachment.filename,
        content_type=attachment.content_type,
        charset=attachment.charset,
        arrived=arrived,
    )


def _people(email: InboundEmail) -> tuple[Address, ...]:
    return (*email.senders, *email.to, *email.cc)


def _attendees(job: Job) -> list[Address]:
    return [a for a in dict.fromkeys(_people(job.email)) if a.address != job.mailbox.address]


def _handled(
    job: Job,
    transcript: Transcript,
    analysis: Analysis,
    match: Match,
    calendars: Calendars,
    *,
    day: MeetingDay,
) -> Handled:
    meeting_id = match.meeting_id or job.derived_id("meeting")
    title = title_of(job.email.subject) or "Meeting"
    insights = analysis.insights_json()
    return Handled(
        NAME,
        writes=(
            *writes(job, calendars),
            Write(
                "meeting",
                meeting_id,
                _completed(job, day.date) if match.meeting_id else _meeting(job, title, day.date),
            ),
            Write(
                "insights",
                meeting_id,
                {
                    "run_id": job.source,
                    "insights": insights,
                    "errors": analysis.errors,
                    "partial_success": analysis.partial_success,
                },
            ),
        ),
        analysis=analysis,
        meeting_id=meeting_id,
        day=day,
        invites=calendars.invites,
        answer=Answer(
            "insights",
            {
                "title": title,
                "day": day.words,
                "insights": insights,
                "errors": analysis.errors,
                "failed": analysis.state is AnalysisState.FAILED,
                "speakers": list(transcript.speakers),
                "seconds": transcript.seconds,
                "rules": _made_by_rules(insights),
                "several": list(match.several),
            },
        ),
        notes=analysis.notes,
    )


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
