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
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from parley.analysis.machine import INSIGHT_NAMES, Analysis, Recorder, TranscriptMachine
from parley.core.clock import Deadline, day_in
from parley.core.ids import digest
from parley.core.outcome import Outcome
from parley.ledger.claims import Claim, RunKey
from parley.llm.budget import Budget
from parley.mail.threads import normalize_subject_for_thread
from parley.transcripts.transcript import Segment, Transcript

if TYPE_CHECKING:
    from parley.analysis.meeting_context import MeetingContext

SECONDS_TO_STORE = 3.0
"""What must be left when the extractors end."""

Store = Callable[[Analysis, str], Awaitable[Any]]
"""Keeps an analysis under the name of its source."""


class Journal(Protocol):
    """`runs.Runs`, as far as an analysis needs it."""

    async def resume(self, key: RunKey, *, lease_until: float) -> Claim: ...

    async def step(self, claim: Claim, name: str, make: Callable[[], Awaitable[Any]]) -> Any: ...

    async def mark_email_processed(self, claim: Claim, outcome: Outcome) -> bool: ...

    async def release(self, claim: Claim, *, counted: bool = True) -> None: ...


class NoJournal:
    """Nothing is recorded: for whoever has no runs table."""

    async def resume(self, key: RunKey, *, lease_until: float) -> Claim:
        del lease_until
        return Claim(key, {})

    async def step(self, claim: Claim, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        del claim, name
        return await make()

    async def mark_email_processed(self, claim: Claim, outcome: Outcome) -> bool:
        del claim, outcome
        return True

    async def release(self, claim: Claim, *, counted: bool = True) -> None:
        del claim, counted


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
    """Who analyses: the machine, and the journal of its answers."""

    machine: TranscriptMachine
    journal: Journal

    async def analyse(self, key: RunKey, task: Task, *, deadline: Deadline) -> tuple[Analysis, Any]:
        """The analysis, and what `store` answered. Where all extractors failed, nothing is stored: None.

        Raises BusyError while the same transcript of the meeting is being
        analysed, DeadlineExceeded when the time ended.
        """
        async with deadline.limit("begin the analysis"):
            claim = await self.journal.resume(key, lease_until=deadline.at)
        try:
            async with deadline.limit("analyse the transcript"):
                return await self._analyse(claim, task, deadline)
        except BaseException:
            async with deadline.last_words():
                await self.journal.release(claim, counted=False)
            raise

    async def _analyse(self, claim: Claim, task: Task, deadline: Deadline) -> tuple[Analysis, Any]:
        record: Recorder = partial(self.journal.step, claim)
        analysis = await self.machine.run(
            task.transcript,
            task.context,
            budget=Budget(seconds=lambda: deadline.remaining() - SECONDS_TO_STORE),
            record=record,
            names=task.names,
            ended=task.ended,
        )
        failed = len(analysis.errors) == len(task.names)
        stored = None if failed else await task.store(analysis, source_of(claim.key, analysis))
        await self.journal.mark_email_processed(claim, Outcome.PROCESSED)
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


def context_of(meeting: Mapping[str, Any], today: datetime.date) -> MeetingContext:
    """What the analyser may know of a meeting, as its body says it.

    Days count from that from which they did when its transcript came in by mail;
    else from the day of the meeting; else, as for a series, from `today`.
    """
    from parley.analysis.meeting_context import MeetingContext

    people = meeting.get("attendees") or ()
    return MeetingContext(
        date=day_in((meeting.get("source") or {}).get("at")) or _day_of(meeting) or today,
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
    return {"kind": "transcript", "format": transcript.format, "segments": said}


def transcript_from(body: Mapping[str, Any]) -> Transcript:
    """The transcript that `transcript_json` made the body of."""
    return Transcript(
        body["format"],
        tuple(
            Segment(index, one["text"], one["speaker"], one["start"], one["end"])
            for index, one in enumerate(body["segments"])
        ),
    )


def transcript_digest(transcript: Transcript) -> str:
    """A name for exactly what was said."""
    return digest(json.dumps(transcript_json(transcript)["segments"], ensure_ascii=False))[:24]
