"""What an erasure removes of meetings: a meeting that only the erased email made, and its action items.

A meeting that other emails or people had a part in stays, without the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.core.ids import digest
from parley.meetings.action_items import ActionItemService
from parley.meetings.kinds import MEETING
from parley.store.blobs import unpack
from parley.store.erasure import Body, ErasedRun, Erasure, RoomErasure, Subject
from parley.store.kind import key_of

if TYPE_CHECKING:
    from parley.store.records import Records


class MeetingsErasure(RoomErasure):
    """Meetings and action items."""

    async def erase_run(self, work: Erasure, run: ErasedRun) -> None:
        """Remove the run's action items, and the meetings that nobody else spoke of."""
        items = ActionItemService(work.records, work.tenant)
        for meeting_id in meetings_of(work.tenant, run):
            work.removed["action_items"] += await items.remove_run(meeting_id, run.run_id)
            if meeting_id == own_meeting(run.run_id):
                await work.remove("meetings", MEETING, meeting_id)
            elif await made_by_run_alone(work.records, work.tenant, meeting_id, run.run_id):
                await work.records.delete(work.tenant, MEETING, meeting_id)
                work.removed["meetings"] += 1
            elif await work.records.find(work.tenant, MEETING, meeting_id):
                work.keep(f"meeting {meeting_id}", "other mails, or somebody by hand, made it what it is")

    async def redact_run(self, work: Erasure, run: ErasedRun, subject: Subject) -> None:
        """Take the person out of each meeting that the run can have written."""
        for meeting_id in meetings_of(work.tenant, run):
            await _redact(work, meeting_id, subject)

    async def erase_record(self, work: Erasure, kind: str, ident: str, body: Body, subject: Subject) -> None:
        """Take the person out of a meeting and of its action items."""
        del body
        if kind == MEETING.name:
            await _redact(work, ident, subject)


async def _redact(work: Erasure, meeting_id: str, subject: Subject) -> None:
    items = ActionItemService(work.records, work.tenant)
    work.removed["redacted_action_items"] += await items.redact(meeting_id, subject.redact)
    await work.redact(MEETING, meeting_id, subject)


async def made_by_run_alone(records: Records, tenant: str, meeting_id: str, run_id: str) -> bool:
    """Whether a meeting goes with this run: no other run can make it, or none has and nobody changed it."""
    if meeting_id == own_meeting(run_id):
        return True
    meeting = await records.store.get(key_of(tenant, MEETING, meeting_id))
    if meeting is None or meeting.deleted or meeting.version > 1:
        return False
    return (await unpack(records.blobs, meeting)).get("run_id") == run_id


def own_meeting(run_id: str) -> str:
    """The meeting that no other run can make (`Job.derived_id`)."""
    return f"meeting_{digest(run_id, 'meeting')[:24]}"


def meetings_of(tenant: str, run: ErasedRun) -> list[str]:
    """The meetings that a run can have written: its own, the one it says, and those of its invites."""
    said, invites = run.report.get("meeting_id"), run.report.get("invites")
    calendars = [
        f"meeting_{digest(tenant, 'meeting', 'ical', uid, _text(invite, 'recurrence_id'))[:24]}"
        for invite in (invites if isinstance(invites, list) else [])
        if (uid := _text(invite, "uid"))
    ]
    found = [own_meeting(run.run_id), *([said] if isinstance(said, str) else []), *calendars]
    return list(dict.fromkeys(found))


def _text(value: object, name: str) -> str:
    """A field of a body that may have any shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
