"""The bodies of analyses: transcripts, uploads and jobs."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from parley.analysis.machine import INSIGHT_NAMES
from parley.core.fields import Ident, Line, Strict
from parley.insights.bodies import ExtractorName
from parley.insights.job import JobStage, JobStatus


class AnalyzeRequest(Strict):
    """One of `transcript` (text in any format that is read) and `upload_id`; neither: the one sent last.

    `filename` helps to tell the format. `regenerate` asks for new answers
    where some are on record, `replace_edits` for insights in the place of a
    person's edit, which is kept as an earlier version.
    """

    transcript: Annotated[str, StringConstraints(min_length=1, max_length=6_000_000)] | None = None
    upload_id: Line | None = None
    filename: Line | None = None
    user_id: Ident | None = None
    regenerate: bool = False
    replace_edits: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> "AnalyzeRequest":
        if self.transcript is not None and self.upload_id is not None:
            raise ValueError("give either a transcript or an upload_id")
        return self


class AnalyzeAnswer(Strict):
    """Seed 001's answer: `errors` and `partial_success` only where an extractor failed.

    `stored` and `reason` only where what stands was kept: see `StoredInsights`.
    """

    meeting_id: Ident
    insights: dict[ExtractorName, Any]
    errors: Annotated[dict[ExtractorName, str], Field(default_factory=dict)]
    partial_success: bool = False
    stored: bool = True
    reason: Literal["edited", "newer", "deleted"] | None = None


class TranscriptSegment(Strict):
    """`start` and `end` are seconds, or None; `speaker` None where nobody is named."""

    text: str
    speaker: str | None
    start: float | None
    end: float | None


class Transcript(Strict):
    kind: Literal["transcript"] = "transcript"
    format: str
    segments: list[TranscriptSegment]


class Upload(Strict):
    """PUT the file to `url` within `expires_in` seconds; it may hold `largest` bytes."""

    upload_id: str
    method: Literal["PUT"] = "PUT"
    url: str
    expires_in: int
    largest: int


class JobProgress(Strict):
    """What a worker says. `ended` counts extractors; `round` is the attempt that it works on."""

    status: JobStatus | None = None
    stage: JobStage | None = None
    ended: Annotated[int, Field(ge=0, le=len(INSIGHT_NAMES))] | None = None
    round: Annotated[int, Field(ge=1)] | None = None
    insights_version: int | None = None
    errors: dict[str, str] | None = None
    reason: Line | None = None
    detail: Line | None = None


class Job(Strict):
    """`progress` is 0 to 1. `result` is set once it is done, and gone with the insights.

    `detail` says in a sentence why a job failed; asking for the same again queues it again.
    """

    id: Ident
    meeting_id: Ident
    user_id: Ident | None = None
    transcript: str
    edition: str
    extractors: list[ExtractorName]
    over_edits: bool = False
    status: JobStatus
    stage: JobStage
    ended: int
    round: int
    progress: float
    insights_version: int | None
    errors: dict[str, str]
    reason: str | None
    detail: str | None
    created_at: str
    result: AnalyzeAnswer | None
