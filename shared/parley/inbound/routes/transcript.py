"""A transcript, in an attachment or in the body: analysed, stored, answered."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass

from parley.analysis.machine import Analysis, AnalysisState
from parley.core.tasks import together
from parley.errors import TranscriptError
from parley.inbound.routes.base import Answer, Handled, Job, Write
from parley.inbound.routes.how_to import NAME as OTHER
from parley.inbound.routes.how_to import how_to
from parley.inbound.routes.invite import read_calendars
from parley.inbound.routes.invite_writes import Calendars, writes
from parley.inbound.routes.matching import Match, find_meeting
from parley.mail.email import Address, Attachment, InboundEmail
from parley.mail.threads import normalize_subject_for_thread, title_of
from parley.transcripts import find_in_text, is_transcript_file, parse_transcript
from parley.transcripts.transcript import Transcript

NAME = "transcript"


@dataclass(frozen=True, slots=True)
class Found:
    """The transcript to work on, or why the one that was sent cannot be read."""

    transcript: Transcript | None
    problem: str | None = None


class TranscriptRoute:
    name = NAME

    def takes(self, job: Job) -> Found | None:
        return find_transcript(job.email)

    async def handle(self, job: Job, found: Found) -> Handled:
        if found.transcript is None:
            # Told once a thread and file: the next broken file is told too.
            first = await job.once("problem", job.mailbox.address, job.thread_id, found.problem or "")
            return Handled(OTHER, answer=how_to(job, found.problem) if first else None)
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

        if calendars.spoken or job.email.references or job.email.in_reply_to:
            # There may be a meeting already, whose day says what "Friday" is.
            match = await find_meeting(job, transcript, calendars)
            day = match.day or _day(job)
            analysis = await analyse(day)
        else:
            day = _day(job)
            analysis, match = await together(analyse(day), find_meeting(job, transcript, calendars))
        return _handled(job, transcript, analysis, match, calendars, day=day)


def _day(job: Job) -> datetime.date:
    """The day that "by Friday" counts from if the meeting's is not known: a forwarded mail's own."""
    forwarded = job.email.forwarded
    if forwarded and forwarded.date:
        return min(forwarded.date.date(), job.received.date())
    return job.received.date()


def find_transcript(email: InboundEmail) -> Found | None:
    """The longest transcript among attachments, else one in the body or in the forwarded mail.

    A file that is a transcript by its name and cannot be read is a problem to
    tell; any other attachment that holds none is simply none.
    """
    problem = None
    best: Transcript | None = None
    for attachment in email.attachments:
        if not is_transcript_file(attachment.filename, attachment.content_type):
            continue
        try:
            transcript = _read(attachment)
        except TranscriptError as error:
            problem = problem or f"{attachment.filename or 'the attachment'}: {error}"
            continue
        if best is None or len(transcript.segments) > len(best.segments):
            best = transcript
    best = best or find_in_text(email.body)
    if best is None and email.forwarded:
        best = find_in_text(email.forwarded.text)
    if best is None and problem is None:
        return None
    return Found(best, problem)


def _read(attachment: Attachment) -> Transcript:
    return parse_transcript(
        attachment.content,
        filename=attachment.filename,
        content_type=attachment.content_type,
        charset=attachment.charset,
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
    day: datetime.date,
) -> Handled:
    meeting_id = match.meeting_id or job.derived_id("meeting")
    title = title_of(job.email.subject) or "Meeting"
    insights = analysis.insights_json()
    return Handled(
        NAME,
        writes=(
            *writes(job, calendars),
            Write(
                "meeting", meeting_id, _completed(job, day) if match.meeting_id else _meeting(job, title, day)
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
        invites=calendars.invites,
        answer=Answer(
            "insights",
            {
                "title": title,
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
