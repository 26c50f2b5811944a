"""Records read, packed and written: what every other part of the store needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeGuard

from parley.errors import (
    Conflict,
    FieldError,
    TooLarge,
    not_found,
)
from parley.store.blobs import Packed, canonical, pack, unpack
from parley.store.kind import Kind, index_key, key_of
from parley.store.links import Part
from parley.store.ports import BlobStore, DataStore
from parley.store.record import (
    Change,
    Record,
    Refusal,
)
from parley.store.results import Body, Stored

LARGEST_RECORD = 5_000_000
"""Characters of a body as JSON: what is stored can also be answered, and Lambda answers 6 MB."""
WRITE_ATTEMPTS = 4
"""How often a change starts over when another writer was quicker."""


def is_visible_to(record: Record | None, tenant: str, kind: Kind) -> TypeGuard[Record]:
    """Whether there is a record and this tenant may see it."""
    if record is None or record.deleted:
        return False
    return not kind.everywhere or record.fields.get("tenant") == tenant


class RecordAccess:
    """Bodies by (tenant, kind, id) over a DataStore and a BlobStore."""

    def __init__(
        self,
        store: DataStore,
        blobs: BlobStore,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.clock = clock

    def now(self) -> str:
        """The time of a write: ISO 8601 UTC, to the millisecond."""
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def find(self, tenant: str, kind: Kind, ident: str) -> Stored | None:
        """The record of this id; None where there is none that the tenant may see."""
        record = await self.store.get(key_of(tenant, kind, ident))
        return await self.stored(record) if is_visible_to(record, tenant, kind) else None

    async def fetch(self, tenant: str, kind: Kind, ident: str) -> Stored:
        """The record of this id. Raises NotFound."""
        found = await self.find(tenant, kind, ident)
        if found is None:
            raise not_found(kind.name, ident, field=kind.ident_field)
        return found

    async def stored(self, record: Record | None) -> Stored | None:
        """A record with its body read; None for none, and for a deleted one."""
        if record is None or record.deleted:
            return None
        return Stored(await unpack(self.blobs, record), record.version)

    async def record(self, tenant: str, kind: Kind, ident: str, body: Body, **more: Any) -> Record:
        """A record of `body`, its big text already stored; `more` are other fields of Record."""
        text = canonical(body)
        if len(text) > LARGEST_RECORD:
            detail = f"The body holds more than {LARGEST_RECORD:,} characters."
            raise TooLarge(detail, FieldError("body", detail))
        packed = await pack(self.blobs, text, folder=f"{tenant}/{kind.name}/{ident}")
        return self._assemble(tenant, kind, ident, body=body, packed=packed, more=more)

    def _assemble(
        self, tenant: str, kind: Kind, ident: str, *, body: Body, packed: Packed, more: dict[str, Any]
    ) -> Record:
        now = self.now()
        fields = {name: str(body[name]) for name in kind.fields if body.get(name) is not None}
        standard: dict[str, Any] = {
            "key": key_of(tenant, kind, ident),
            "body": packed.body,
            "blob": packed.blob,
            "digest": packed.digest,
            "created_at": now,
            "updated_at": now,
            "index": index_key(tenant, kind, ident, body, now=now),
            "fields": fields,
            "rank": kind.rank(body),
        }
        return Record(**(standard | more))

    async def write(self, changes: Sequence[Change]) -> Refusal | None:
        """All changes or none; contention is waited out, and raises Conflict when it stays."""
        refusal = await self.store.write(*changes)
        for attempt in range(1, WRITE_ATTEMPTS):
            if refusal is None or not refusal.contended:
                break
            await asyncio.sleep(0.02 * 2**attempt)
            refusal = await self.store.write(*changes)
        if refusal and refusal.contended:
            raise Conflict("The same records are being written by another request.", retry_after=1)
        return refusal

    async def write_parts(self, parts: Sequence[Part]) -> Refusal | None:
        """The changes of all parts, or none."""
        return await self.write([part.change for part in parts])

    async def drop_blob(self, old: Record | None, new: Record | None = None) -> None:
        """Remove the blob of a record that no longer stands, or never did; `new` is what stands."""
        if old and old.blob and (new is None or new.blob != old.blob):
            await self.blobs.delete_blob(old.blob)

    def epoch(self) -> int:
        """Now, in seconds since 1970."""
        return int(self.clock().timestamp())


def next_version(old: Record | None) -> dict[str, Any]:
    """The fields of a Record that follow from the one that it replaces."""
    return {"version": old.version + 1, "created_at": old.created_at} if old else {}
