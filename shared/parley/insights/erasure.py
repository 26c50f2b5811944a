"""What an erasure removes of insights: versions, transcripts, and what models answered of them."""

from __future__ import annotations

from parley.core.ids import RunId
from parley.insights.service import InsightsService
from parley.insights.transcripts import PART as TRANSCRIPT
from parley.insights.transcripts import RUN_PART as ANALYSIS
from parley.meetings.erasure import made_by_run_alone, meetings_of
from parley.meetings.kinds import MEETING
from parley.store.erasure import Body, ErasedRun, Erasure, RoomErasure, Subject
from parley.store.kind import key_of


class InsightsErasure(RoomErasure):
    """Insights and transcripts of meetings."""

    async def erase_run(self, work: Erasure, run: ErasedRun) -> None:
        """Remove what the run found, and the transcripts of meetings that go with it."""
        insights = InsightsService(work.records)
        for meeting_id in meetings_of(work.tenant, run):
            removed = await insights.remove_run(work.tenant, meeting_id, run.run_id)
            work.removed["insights"] += removed
            if await made_by_run_alone(work.records, work.tenant, meeting_id, run.run_id):
                await _erase_transcripts(work, meeting_id)

    async def redact_run(self, work: Erasure, run: ErasedRun, subject: Subject) -> None:
        """Take the person out of the insights of each meeting that the run can have written."""
        for meeting_id in meetings_of(work.tenant, run):
            await _redact(work, meeting_id, subject)

    async def erase_record(self, work: Erasure, kind: str, ident: str, body: Body, subject: Subject) -> None:
        """Take the person out of the insights of a meeting."""
        del body
        if kind == MEETING.name:
            await _redact(work, ident, subject)


async def _redact(work: Erasure, meeting_id: str, subject: Subject) -> None:
    redacted = await InsightsService(work.records).redact(work.tenant, meeting_id, subject.redact)
    work.removed["redacted_insights"] += redacted
    # Nobody can be taken out of what was said.
    await _erase_transcripts(work, meeting_id)


async def _erase_transcripts(work: Erasure, meeting_id: str) -> None:
    """Remove a meeting's transcripts that came through the API, and what models answered of them."""
    partition = key_of(work.tenant, MEETING, meeting_id).partition
    kept = await work.records.store.parts(partition, prefix=TRANSCRIPT)
    noted = await work.records.store.parts(partition, prefix=ANALYSIS)
    runs = [RunId(one.key.part.removeprefix(ANALYSIS)) for one in noted]
    known = [await work.erase_from_ledger(run_id) for run_id in runs]
    if None in known:
        return
    for part in (*kept, *noted):
        await work.records.remove_part(part)
    if kept:
        work.removed["transcripts"] += len(kept)
