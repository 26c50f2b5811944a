"""One analysis of a transcript of a meeting: the same work for the API and for a job.

    resume the run ─▶ extractors, each a recorded step ─▶ store ─▶ end the run

The run is the transcript's and the meeting's, whoever asks and how often: what
an earlier analysis recorded is read back, so that a second one pays only for
what the first could not get.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from parley.analysis.machine import INSIGHT_NAMES, Analysis, TranscriptMachine
from parley.core.clock import Deadline, day_in
from parley.core.ids import TenantId, digest
from parley.core.outcome import Outcome
from parley.ledger.keys import RunKey
from parley.ledger.ledger import Ledger, unrecorded
from parley.llm.budget import Budget
from parley.mail.threads import normalize_subject_for_thread
from parley.transcripts.meeting_day import MeetingDay, decide_meeting_day
from parley.transcripts.transcript import Segment, Transcript

if TYPE_CHECKING:
    from parley.analysis.meeting_context import MeetingContext

SECONDS_TO_STORE = 3.0
"""What must be left when the extractors end."""

Store = Callable[[Analysis, str], Awaitable[Any]]
"""Keeps an analysis under the name of its source."""


def analysis_run(tenant: TenantId, meeting_id: str, transcript: str, edition: str) -> RunKey:
    """The key of the analysis of one transcript (its digest) of a meeting.

    `edition` names who answers, to which questions, and which repetition it is.
    """
    return RunKey(tenant, "analysis", (meeting_id, transcript, edition))


async def _unheard(name: str) -> None:
    del name


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to analyse and where it goes. `names` are the extractors; `ended` hears of each that has ended."""

    transcript: Transcript
    context: MeetingContext
    store: Store
    names: Sequence[str] = INSIGHT_NAMES
    ended: Callable[[str], Awaitable[None]] = _unheard


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyst:
    """Who analyses: the machine, and the ledger of its answers. Without a ledger nothing is recorded."""

    machine: TranscriptMachine
    ledger: Ledger = field(default_factory=unrecorded)

    async def analyse(self, key: RunKey, task: Task, *, deadline: Deadline) -> tuple[Analysis, Any]:
        """The analysis, and what `store` answered. Where all extractors failed, nothing is stored: None.

        Raises BusyError while the same transcript of the meeting is being
        analysed, DeadlineExceeded when the time ended.
        """
        async with deadline.limit("begin the analysis"):
            claim = await self.ledger.resume(key, lease_until=deadline.at)
        async with self.ledger.attempt(claim, deadline=deadline, what="analyse the transcript"):
            analysis = await self.machine.run(
                task.transcript,
                task.context,
                budget=Budget(seconds=lambda: deadline.remaining() - SECONDS_TO_STORE),
                record=partial(self.ledger.step, claim),
                names=task.names,
                ended=task.ended,
            )
            failed = len(analysis.errors) == len(task.names)
            stored = None if failed else await task.store(analysis, source_of(claim.key, analysis))
            await self.ledger.finish(claim, Outcome.PROCESSED)
            return analysis, stored


def source_of(key: RunKey, analysis: Analysis) -> str:
    """The name under which these insights are written, once: the same for the same results."""
    text = json.dumps([asdict(analysis.insights), analysis.errors], sort_keys=True, ensure_ascii=False)
    return f"{key.run_id}.{digest(text)[:12]}"


def insights_body(analysis: Analysis, source: str, names: Sequence[str], transcript: str) -> dict[str, Any]:
    """PUT /meetings/{id}/insights of an analysis; `transcript` is the digest by which that is kept."""
    return {
        "run_id": source,
        "insights": analysis.insights_json(),
        "errors": analysis.errors,
        "partial_success": analysis.partial_success,
        "extractors": list(names),
        "source": {"kind": "transcript", "transcript": transcript},
    }


def context_of(
    meeting: Mapping[str, Any], today: datetime.date, said: MeetingDay | None = None
) -> MeetingContext:
    """What the analyzer may know of a meeting, as its body says it.

    Days count from what the transcript says of its own day (`said`); else from
    the day from which they did when it came in by mail; else from the day of
    the meeting; else, as for a series, from `today`.
    """
    from parley.analysis.meeting_context import MeetingContext

    people = meeting.get("attendees") or ()
    day = decide_meeting_day(
        said=said, meeting=day_in((meeting.get("source") or {}).get("at")) or _day_of(meeting)
    )
    return MeetingContext(
        date=day.date if day else today,
        subject=normalize_subject_for_thread(meeting.get("title") or ""),
        participants=tuple(one["name"] for one in people if one.get("name")),
    )


def _day_of(meeting: Mapping[str, Any]) -> datetime.date | None:
    return None if meeting.get("rrule") else day_in(meeting.get("scheduled_time"))


# -- a transcript as it is kept ----------------------------------------------------------------


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript as JSON; a segment's place is its id, for good."""
    said = [
        {"text": one.text, "speaker": one.speaker, "start": one.start, "end": one.end}
        for one in transcript.segments
    ]
    day = transcript.day.as_json() if transcript.day else None
    return {"kind": "transcript", "format": transcript.format, "day": day, "segments": said}


def transcript_from(body: Mapping[str, Any]) -> Transcript:
    """The transcript that `transcript_json` made the body of."""
    return Transcript(
        body["format"],
        tuple(
            Segment(index, one["text"], one["speaker"], one["start"], one["end"])
            for index, one in enumerate(body["segments"])
        ),
        MeetingDay.from_json(body.get("day")),
    )


def transcript_digest(transcript: Transcript) -> str:
    """A name for exactly what was said."""
    return digest(json.dumps(transcript_json(transcript)["segments"], ensure_ascii=False))[:24]
