"""After a meeting (seed 001 part 3): a transcript analysed, its insights stored with the meeting.

    transcript ─▶ kept ─┬▶ now: the analyst's run ─▶ insights ─▶ 200, partial success, or 503
                        └▶ later: a job in the queue ─▶ 202, and λ analysis_jobs does the same

Where every extractor failed it is a 503, and the transcript is kept: the same
request, or one without a transcript, runs what is missing and nothing else.
"""

from __future__ import annotations

import datetime
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from parley.analysis.insight import ActionItem, FollowUp, KeyTopic, Sentiment
from parley.analysis.machine import INSIGHT_NAMES, Analysis
from parley.core.clock import Clock, Deadline
from parley.core.ids import TenantId
from parley.core.tasks import together
from parley.errors import BusyError, Conflict, LLMAPIError, ProviderConfigError, invalid
from parley.insights.analyst import Analyst, Task, analysis_run, context_of, insights_body
from parley.insights.jobs import JobService, job_id
from parley.insights.service import InsightsService, StoredInsightsVersion
from parley.insights.transcripts import StoredTranscript, TranscriptService, read
from parley.ledger.keys import RunKey
from parley.llm.budget import Budget
from parley.meetings.kinds import MEETING
from parley.meetings.models import MeetingStatus
from parley.meetings.service import MeetingService
from parley.people.kinds import USER

if TYPE_CHECKING:
    from parley.store.records import Records
    from parley.store.results import Body
    from parley.transcripts.transcript import Transcript

log = logging.getLogger("parley.api.analysis")

SECONDS = 27.0
"""For one analysis: API Gateway waits for 30, and the function for 29."""
MARGIN = 2.0
EARLIEST_ZONE = datetime.timezone(datetime.timedelta(hours=14))
RETRY_AFTER = 5


class JobQueue(Protocol):
    """Takes what λ analysis_jobs shall work."""

    async def send(self, bodies: Sequence[Any]) -> None:
        """Raises RetryableError when one was not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """What analyses need beside the records. Without a `queue` every analysis is done at once."""

    analyst: Analyst
    queue: JobQueue | None = None
    clock: Clock = time.time
    seconds: float = SECONDS

    def deadline(self) -> Deadline:
        """When an analysis that begins now has to end."""
        return Deadline(self.clock() + self.seconds, self.clock, margin=MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRequest:
    """One request to analyse. Without `transcript` and `upload_id` the one that was sent last is meant.

    `names` are the extractors; `again` asks for new answers where some are on
    record; `over_edits` for insights in the place of a person's edit.
    """

    transcript: str | None = None
    upload_id: str | None = None
    filename: str | None = None
    user_id: str | None = None
    names: tuple[str, ...] = INSIGHT_NAMES
    again: bool = False
    over_edits: bool = False


class AnalysisService:
    """The analyses of one tenant."""

    def __init__(
        self,
        records: Records,
        transcripts: TranscriptService,
        analysing: AnalysisConfig,
        tenant: str,
        *,
        insights: InsightsService | None = None,
    ) -> None:
        self._records = records
        self._transcripts = transcripts
        self._analysing = analysing
        self._tenant = tenant
        self._insights = insights or InsightsService(records)
        self._jobs = JobService(records, tenant)

    # -- seed 001's four functions; each raises LLMAPIError when all its retries failed

    async def extract_action_items(self, transcript: str) -> tuple[ActionItem, ...]:
        """Tasks and their owners."""
        return await self._extracted("action_items", transcript)  # type: ignore[no-any-return]  # by its name

    async def extract_key_topics(self, transcript: str) -> tuple[KeyTopic, ...]:
        """What was talked about."""
        return await self._extracted("key_topics", transcript)  # type: ignore[no-any-return]  # by its name

    async def analyze_sentiment(self, transcript: str) -> Sentiment | None:
        """The tone, and how the relationship stands."""
        return await self._extracted("sentiment", transcript)  # type: ignore[no-any-return]  # by its name

    async def generate_follow_ups(self, transcript: str) -> tuple[FollowUp, ...]:
        """The next contacts that the talk gives cause for."""
        return await self._extracted("follow_ups", transcript)  # type: ignore[no-any-return]  # by its name

    async def _extracted(self, name: str, transcript: str) -> Any:
        deadline = self._analysing.deadline()
        said = await read(transcript.encode(), "transcript")
        analysis = await self._analysing.analyst.machine.run(
            said,
            context_of({}, self._today(), said.day),
            budget=Budget(seconds=deadline.remaining),
            names=[name],
        )
        if name in analysis.errors:
            raise LLMAPIError(analysis.errors[name])
        return getattr(analysis.insights, name)

    # -- now

    async def analyze(self, meeting_id: str, wanted: AnalysisRequest) -> tuple[Body, int]:
        """Seed 001's answer, and the version that stands. LLMAPIError (503) when every extractor failed.

        What a person has edited stands, unless the request says otherwise: the
        answer then says `stored: false`, and why.
        """
        deadline = self._analysing.deadline()
        meeting, kept = await self._asked(meeting_id, wanted)

        async def store(analysis: Analysis, source: str) -> StoredInsightsVersion:
            body = _insights_body(analysis, source, wanted.names, kept.digest)
            return await self._insights.put_run(
                self._tenant, meeting_id, body, over_edits=wanted.over_edits, on_request=True
            )

        task = Task(
            transcript=kept.transcript,
            context=context_of(meeting, self._today(), kept.transcript.day),
            store=store,
            names=wanted.names,
        )
        key = await self._run(meeting_id, kept, wanted)
        try:
            analysis, stored = await self._analysing.analyst.analyse(key, task, deadline=deadline)
        except BusyError as error:
            raise Conflict(
                "This transcript is being analysed by another request.",
                retry_after=max(1, round(error.retry_after or 1)),
            ) from error
        log.info("analysis finished", extra=analysis.log_fields())
        if stored is None and analysis.refused:
            raise ProviderConfigError(_why(analysis))
        if stored is None:
            rests = self._analysing.analyst.machine.retry_after()
            raise LLMAPIError(_why(analysis), retry_after=max(RETRY_AFTER, rests))
        return answer(meeting_id, analysis, stored, wanted.names), stored.version

    async def _asked(self, meeting_id: str, wanted: AnalysisRequest) -> tuple[Body, StoredTranscript]:
        """The meeting, and the transcript to analyse, kept."""
        meeting = (await self._records.fetch(self._tenant, MEETING, meeting_id)).body
        if wanted.user_id and await self._records.find(self._tenant, USER, wanted.user_id) is None:
            raise invalid("user_id", f"there is no user {wanted.user_id}")
        said = await self._said(wanted)
        if said is not None:
            _, kept = await together(self._note_held(meeting), self._transcripts.keep(meeting_id, said))
            return meeting, kept
        latest = await self._transcripts.latest(meeting_id)
        if latest is None:
            raise invalid("transcript", "is missing, and none of this meeting is kept")
        return meeting, latest

    async def _note_held(self, meeting: Body) -> None:
        """A meeting that has a transcript was held, as by mail; not a series, nor what is to come."""
        open_ = meeting["status"] in (MeetingStatus.SCHEDULED, MeetingStatus.TENTATIVE)
        if open_ and not meeting["rrule"] and self._has_begun(meeting):
            await MeetingService(self._records, self._tenant).put_meeting(
                meeting["id"], {"status": str(MeetingStatus.COMPLETED)}
            )

    def _has_begun(self, meeting: Body) -> bool:
        """A time without a zone counts from where its day begins first."""
        start = meeting["scheduled_time"]
        if start is None:
            return True
        zone = ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else EARLIEST_ZONE
        return datetime.datetime.fromisoformat(start).replace(tzinfo=zone) <= self._records.clock()

    async def _said(self, wanted: AnalysisRequest) -> Transcript | None:
        if wanted.transcript is not None:
            return await read(wanted.transcript.encode(), "transcript", wanted.filename)
        if wanted.upload_id is not None:
            return await self._transcripts.uploaded(wanted.upload_id, wanted.filename)
        return None

    async def _run(self, meeting_id: str, kept: StoredTranscript, wanted: AnalysisRequest) -> RunKey:
        again = f".{uuid.uuid4().hex}" if wanted.again else ""
        edition = self._analysing.analyst.machine.edition + again
        key = analysis_run(TenantId(self._tenant), meeting_id, kept.digest, edition)
        await self._transcripts.note_run(meeting_id, key.run_id)
        return key

    def _today(self) -> datetime.date:
        return datetime.datetime.fromtimestamp(self._analysing.clock(), datetime.UTC).date()

    # -- later

    @property
    def puts_off(self) -> bool:
        """Whether there is a queue to put an analysis into."""
        return self._analysing.queue is not None

    async def analyze_later(self, meeting_id: str, wanted: AnalysisRequest) -> Body:
        """The job that will do it: the same for the same transcript and extractors, unless it is `again`."""
        _, kept = await self._asked(meeting_id, wanted)
        key = await self._run(meeting_id, kept, wanted)
        over = await self._insights.version(self._tenant, meeting_id) if wanted.over_edits else None
        ident = job_id(key.run_id, wanted.names, over=over)
        job = await self._jobs.begin(
            ident,
            {
                "meeting_id": meeting_id,
                "user_id": wanted.user_id,
                "transcript": kept.digest,
                "edition": key.subject[2],
                "extractors": list(wanted.names),
                "over_edits": wanted.over_edits,
            },
        )
        if job["status"] != "done" and self._analysing.queue is not None:
            await self._analysing.queue.send([{"job_id": ident, "tenant": self._tenant}])
        return job


def _insights_body(analysis: Analysis, source: str, names: Sequence[str], transcript: str) -> Body:
    body = insights_body(analysis, source, names, transcript)
    whole = len(names) == len(INSIGHT_NAMES)
    return body | {"extractors": None if whole else list(names), "edited_by": None}


def answer(meeting_id: str, analysis: Analysis, stored: StoredInsightsVersion, names: Sequence[str]) -> Body:
    """Exactly what seed 001 prints, and more insights; what was not stored says so."""
    found = analysis.insights_json()
    body: Body = {"meeting_id": meeting_id, "insights": {name: found[name] for name in names}}
    if analysis.errors:
        body |= {"errors": analysis.errors, "partial_success": True}
    if stored.reason in {"edited", "newer", "deleted"}:
        body |= {"stored": False, "reason": stored.reason}
    return body


def _why(analysis: Analysis) -> str:
    """One sentence for all that failed; each has its own words in the log."""
    reasons = list(dict.fromkeys(analysis.errors.values()))
    return "; ".join(reasons[:2])
