"""The transcripts of a meeting, as they came through the API, and the uploads that they may come by.

demo#meeting#m-1   TRANSCRIPT#5f0c...   what was said, by segments; big ones in S3
uploads/demo/upload_ab12...             a file that was too big for a request; gone after a day
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from parley.errors import (
    FieldError,
    NotFound,
    NotYetThere,
    TooLarge,
    TranscriptError,
    UnknownFormat,
    invalid,
    not_found,
)
from parley.insights.analyst import transcript_digest, transcript_from, transcript_json
from parley.meetings.kinds import MEETING
from parley.store.blobs import canonical, unpack
from parley.store.kind import key_of
from parley.store.record import Action, Change, Guard, Record, create_change, record_key, set_change
from parley.transcripts import parse_transcript
from parley.transcripts.spoken_text import parse_spoken_text

if TYPE_CHECKING:
    from parley.store.record import RecordKey
    from parley.store.records import Records
    from parley.store.results import Body
    from parley.transcripts.transcript import Transcript

PART = "TRANSCRIPT#"
RUN_PART = "ANALYSIS#"
LARGEST_UPLOAD = 25 * 1024 * 1024
LARGEST_KEPT = 5_000_000
"""Bytes of a transcript as JSON; Lambda answers 6 MB."""
UPLOAD_SECONDS = 900
_UPLOAD = re.compile(r"upload_[0-9a-f]{32}")


class UploadStore(Protocol):
    """Where somebody may put a file without us in between."""

    async def presign(self, key: str, *, seconds: int) -> str:
        """A URL that takes one PUT of the object until then."""

    async def read(self, key: str, *, limit: int) -> bytes:
        """Its bytes. Raises NotYetThere where there is none, ValueError for more than `limit` bytes."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Where uploads go; `store` is None in a deployment that takes none."""

    store: UploadStore | None = None


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """What was said, and its name among the meeting's transcripts."""

    transcript: Transcript
    digest: str


class TranscriptService:
    """The transcripts of one tenant."""

    def __init__(self, records: Records, uploads: UploadStore | None, tenant: str) -> None:
        self._records = records
        self._uploads = uploads
        self._tenant = tenant

    async def begin_upload(self) -> Body:
        """Where to PUT a file of at most LARGEST_UPLOAD bytes, and the id to send after that."""
        ident = f"upload_{uuid.uuid4().hex}"
        url = await self._store().presign(self._upload_key(ident), seconds=UPLOAD_SECONDS)
        return {
            "upload_id": ident,
            "method": "PUT",
            "url": url,
            "expires_in": UPLOAD_SECONDS,
            "largest": LARGEST_UPLOAD,
        }

    async def uploaded(self, ident: str, filename: str | None = None) -> Transcript:
        """The transcript in an upload. Raises InvalidField where there is none that can be read."""
        if not _UPLOAD.fullmatch(ident):
            raise invalid("upload_id", "is not one that this API gave out")
        try:
            content = await self._store().read(self._upload_key(ident), limit=LARGEST_UPLOAD)
        except NotYetThere as error:
            raise invalid("upload_id", "nothing was uploaded: PUT the file to its URL first") from error
        except ValueError as error:
            raise _too_big(f"The upload holds more than {LARGEST_UPLOAD:,} bytes.", "upload_id") from error
        return await read(content, "upload_id", filename)

    def _store(self) -> UploadStore:
        if self._uploads is None:
            raise NotFound("This deployment takes no uploads.")
        return self._uploads

    def _upload_key(self, ident: str) -> str:
        return f"uploads/{self._tenant}/{ident}"

    async def keep(self, meeting_id: str, transcript: Transcript) -> StoredTranscript:
        """Keep it below its meeting, once. Raises NotFound where there is no such meeting."""
        body, name = transcript_json(transcript), transcript_digest(transcript)
        if len(canonical(body).encode()) > LARGEST_KEPT:
            detail = f"The transcript holds more than {LARGEST_KEPT:,} bytes of text: send it in parts."
            raise _too_big(detail, "transcript")
        key = self._key(meeting_id, name)
        record = replace(
            await self._records.record(self._tenant, MEETING, meeting_id, body),
            key=key,
            index=None,
            fields={},
            rank=None,
        )
        meeting = key_of(self._tenant, MEETING, meeting_id)
        refusal = await self._records.write(
            [
                create_change(record),
                Change(action=Action.CHECK, key=meeting, guard=Guard.LIVE),
            ]
        )
        if refusal and not refusal.is_own(record) and record.blob:
            await self._records.blobs.delete_blob(record.blob)
        if refusal and refusal.position == 1:
            raise not_found(MEETING.name, meeting_id)
        return StoredTranscript(transcript, name)

    async def get(self, meeting_id: str, name: str) -> Body:
        """A transcript as it is kept. Raises NotFound where there is no such one."""
        record = await self._records.store.get(self._key(meeting_id, name))
        if record is None or record.deleted:
            raise not_found("transcript of the meeting", name, field="digest")
        return await unpack(self._records.blobs, record)

    async def latest(self, meeting_id: str) -> StoredTranscript | None:
        """The transcript that was sent last; None where none came through the API."""
        partition = key_of(self._tenant, MEETING, meeting_id).partition
        kept = await self._records.store.parts(partition, prefix=PART)
        if not kept:
            return None
        last = max(kept, key=lambda record: record.created_at)
        body = await unpack(self._records.blobs, last)
        return StoredTranscript(transcript_from(body), last.key.part.removeprefix(PART))

    async def note_run(self, meeting_id: str, run_id: str) -> None:
        """Remember an analysis of one of the meeting's transcripts, so that erasure finds its answers."""
        now, key = self._records.now(), record_key(self._tenant, MEETING.name, meeting_id, RUN_PART + run_id)
        record = Record(key=key, created_at=now, updated_at=now)
        await self._records.write([set_change(record)])

    def _key(self, meeting_id: str, name: str) -> RecordKey:
        return record_key(self._tenant, MEETING.name, meeting_id, PART + name)


async def read(content: bytes, field: str, filename: str | None = None) -> Transcript:
    """What was said, whatever the format. Raises InvalidField that names `field`.

    In a thread: hours of talk take seconds, and other requests run on.
    """
    try:
        return await asyncio.to_thread(_parsed, content, filename)
    except TranscriptError as error:
        raise invalid(field, str(error)) from error


def _parsed(content: bytes, filename: str | None) -> Transcript:
    try:
        return parse_transcript(content, filename=filename, charset="utf-8")
    except UnknownFormat as unknown:
        # Whoever sends it here says that it is a transcript.
        try:
            return parse_spoken_text(content)
        except TranscriptError:
            raise unknown from None


def _too_big(detail: str, field: str) -> TooLarge:
    return TooLarge(detail, FieldError(field, detail))
