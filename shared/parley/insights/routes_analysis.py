"""/meetings/{id}/analyze and its transcripts, /uploads and /jobs."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import JSONResponse
from pydantic import StringConstraints

from parley.analysis.machine import INSIGHT_NAMES
from parley.api.auth import PIPELINE_ONLY, AnyCaller
from parley.api.dependencies import StoredRecords, of_tenant, resource
from parley.api.parameters import (
    PREFIX,
    IdempotencyKey,
    PathIdent,
    answer_response,
    as_json_body,
    changed_fields,
    idempotency,
    problems,
    record_response,
)
from parley.api.strict_route import StrictRoute
from parley.errors import invalid
from parley.insights.analysis import AnalysisConfig, AnalysisRequest, AnalysisService
from parley.insights.bodies_analysis import (
    AnalyzeAnswer,
    AnalyzeRequest,
    Job,
    JobProgress,
    Transcript,
    Upload,
)
from parley.insights.jobs import JobService
from parley.insights.transcripts import TranscriptService, Uploads
from parley.store.results import Answered


async def _transcripts(
    records: StoredRecords, caller: AnyCaller, uploads: Annotated[Uploads, Depends(resource(Uploads))]
) -> TranscriptService:
    return TranscriptService(records, uploads.store, caller.tenant)


Transcripts = Annotated[TranscriptService, Depends(_transcripts)]


async def _analyses(
    records: StoredRecords,
    caller: AnyCaller,
    transcripts: Transcripts,
    config: Annotated[AnalysisConfig, Depends(resource(AnalysisConfig))],
) -> AnalysisService:
    return AnalysisService(records, transcripts, config, caller.tenant)


Analyses = Annotated[AnalysisService, Depends(_analyses)]
Jobs = Annotated[JobService, Depends(of_tenant(JobService))]

meetings = APIRouter(route_class=StrictRoute, prefix="/meetings", tags=["meetings"])
jobs = APIRouter(route_class=StrictRoute, prefix="/jobs", tags=["jobs"])
uploads = APIRouter(route_class=StrictRoute, prefix="/uploads", tags=["uploads"])

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$"), Path()]
Prefer = Annotated[
    str | None, Header(max_length=200, description="`respond-async`: do it as a job (RFC 7240).")
]
Extractors = Annotated[
    str | None,
    Query(
        max_length=200,
        description=f"Some of {', '.join(INSIGHT_NAMES)}; separated by commas. All, unless given.",
    ),
]


@meetings.post(
    "/{meeting_id}/analyze",
    response_model=AnalyzeAnswer,
    response_model_exclude_unset=True,
    responses={**problems(404, 409), 202: {"model": Job, "description": "The job that will do it."}},
)
async def analyze_meeting(
    *,
    meeting_id: PathIdent,
    caller: AnyCaller,
    records: StoredRecords,
    analyses: Analyses,
    queued: Jobs,
    body: AnalyzeRequest,
    extractors: Extractors = None,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """The insights of a transcript: all, or partial success with `errors`; 503 when everything failed.

    The same transcript again runs only what is missing; `regenerate` asks for
    all of it anew. Insights that a person has edited stand, unless
    `replace_edits` is said: then `stored` is false in the answer.
    """
    names = _names(extractors)
    asked = {**as_json_body(body), "extractors": list(names)}
    key = idempotency(caller, f"analyze {meeting_id}", idempotency_key, asked)
    wanted = AnalysisRequest(
        transcript=body.transcript,
        upload_id=body.upload_id,
        filename=body.filename,
        user_id=body.user_id,
        names=names,
        again=body.regenerate,
        over_edits=body.replace_edits,
    )

    async def make() -> Answered:
        if _respond_async(prefer) and analyses.puts_off:
            job = await analyses.analyze_later(meeting_id, wanted)
            shown = await queued.get(job["id"])
            return Answered(HTTPStatus.ACCEPTED, shown.body, shown.etag)
        body, version = await analyses.analyze(meeting_id, wanted)
        return Answered(HTTPStatus.OK, body, f'"{version}"')

    made = await records.once(caller.tenant, key, make)
    response = answer_response(made)
    if made.status == HTTPStatus.ACCEPTED:
        response.headers["Location"] = f"{PREFIX}/jobs/{made.body['id']}"
        response.headers["Preference-Applied"] = "respond-async"
    return response


def _names(extractors: str | None) -> tuple[str, ...]:
    """In the order of the insights, each once. Raises InvalidField for a name that is none."""
    if extractors is None:
        return INSIGHT_NAMES
    asked = {name.strip() for name in extractors.split(",") if name.strip()}
    unknown = sorted(asked.difference(INSIGHT_NAMES))
    if unknown or not asked:
        raise invalid("extractors", f"must be some of {', '.join(INSIGHT_NAMES)}")
    return tuple(name for name in INSIGHT_NAMES if name in asked)


def _respond_async(prefer: str | None) -> bool:
    preferences = (prefer or "").replace(";", ",").split(",")
    return any(one.strip().lower() == "respond-async" for one in preferences)


@meetings.get("/{meeting_id}/transcripts/{digest}", response_model=Transcript, responses=problems(404))
async def get_transcript(meeting_id: PathIdent, digest: Digest, transcripts: Transcripts) -> JSONResponse:
    """What was said, by segments: a segment's place is the `segment` of evidence."""
    return JSONResponse(await transcripts.get(meeting_id, digest))


@uploads.post("", status_code=201, response_model=Upload, responses=problems(404, 409))
async def begin_upload(
    caller: AnyCaller,
    records: StoredRecords,
    transcripts: Transcripts,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """A URL to PUT a transcript to that is too big for a request; then analyze with its `upload_id`."""
    key = idempotency(caller, "uploads", idempotency_key, {})

    async def make() -> Answered:
        begun = await transcripts.begin_upload()
        return Answered(HTTPStatus.CREATED, begun, f'"{begun["upload_id"]}"')

    return answer_response(await records.once(caller.tenant, key, make))


@jobs.get("/{job_id}", response_model=Job, responses=problems(404))
async def get_job(job_id: PathIdent, service: Jobs) -> JSONResponse:
    """How far it has come; `result` is what the request itself would have answered."""
    return record_response(await service.get(job_id))


@jobs.put("/{job_id}", response_model=Job, responses=problems(404), dependencies=[PIPELINE_ONLY])
async def put_job(job_id: PathIdent, body: JobProgress, service: Jobs) -> JSONResponse:
    """What the worker says of it; an earlier word never undoes a later one."""
    await service.put(job_id, changed_fields(body))
    return record_response(await service.get(job_id))
