"""Every resource's reading and writing: one place for versions, lists, idempotency and deletion."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from parley.backend.problems import FieldError, conflict, invalid, not_found, precondition_failed
from parley.backend.services.bodies import Packed, canonical, fingerprint, pack, unpack
from parley.backend.services.cursors import decode_cursor, encode_cursor
from parley.errors import RequestError
from parley.models.record import (
    GLOBAL,
    Action,
    Change,
    Guard,
    IndexKey,
    ListQuery,
    Record,
    RecordKey,
    Refusal,
    record_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from parley.backend.services.kinds import Kind
    from parley.backend.stores import BlobStore, DataStore

WRITE_ATTEMPTS = 4
"""How often a change starts over when another writer was quicker."""

IDEMPOTENCY_KEPT = timedelta(hours=24)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """A body as it stands. `applied` is False where a derived write changed nothing."""

    body: Body
    version: int
    applied: bool = True
    deleted: bool = False

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


@dataclass(frozen=True, slots=True)
class Answered:
    """What a POST answers, the first time and each time its key comes back."""

    status: int
    body: Body
    etag: str


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One POST's Idempotency-Key. `scope` keeps callers and routes apart."""

    scope: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A body's field that names another record, which has to exist."""

    field: str
    kind: Kind
    ident: str


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Body]
    next_cursor: str | None


def place(tenant: str, kind: Kind, ident: str, body: Mapping[str, Any], *, now: str) -> IndexKey:
    """Where a body stands in its tenant's lists."""
    return IndexKey(f"{tenant}#{kind.group_of(body)}", f"{kind.sort(body) or now}#{ident}")


def key_of(tenant: str, kind: Kind, ident: str) -> RecordKey:
    return record_key(GLOBAL if kind.everywhere else tenant, kind.name, ident)


def _is_theirs(record: Record | None, tenant: str, kind: Kind) -> TypeGuard[Record]:
    """Whether there is a record and this tenant may see it."""
    if record is None or record.deleted:
        return False
    return not kind.everywhere or record.fields.get("tenant") == tenant


def if_match_holds(if_match: str | None, version: int) -> bool:
    """RFC 9110: no condition, `*`, or one of the listed strong entity tags."""
    if if_match is None or if_match.strip() == "*":
        return True
    return f'"{version}"' in [tag.strip() for tag in if_match.split(",")]


class Records:
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
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def find(self, tenant: str, kind: Kind, ident: str) -> Stored | None:
        record = await self.store.get(key_of(tenant, kind, ident))
        return await self.stored(record) if _is_theirs(record, tenant, kind) else None

    async def fetch(self, tenant: str, kind: Kind, ident: str) -> Stored:
        found = await self.find(tenant, kind, ident)
        if found is None:
            raise not_found(kind.name, ident)
        return found

    async def stored(self, record: Record | None) -> Stored | None:
        if record is None or record.deleted:
            return None
        return Stored(await unpack(self.blobs, record), record.version)

    async def record(self, tenant: str, kind: Kind, ident: str, body: Body, **more: Any) -> Record:
        """A record of `body`, its big text already stored; `more` are other fields of Record."""
        text = canonical(body)
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
            "index": place(tenant, kind, ident, body, now=now),
            "fields": fields,
            "rank": kind.rank(body),
        }
        return Record(**(standard | more))

    # -- derived writes: ids made by the caller, repeating them changes nothing

    async def put(self, tenant: str, kind: Kind, ident: str, body: Body) -> Stored:
        """Write `body` unless the very same write was made before, or a later one stands."""
        record = await self.record(tenant, kind, ident, body)
        done = await self.store.upsert(record, token=fingerprint(canonical(body)))
        if done.applied:
            return Stored(body, done.record.version)
        standing = done.record
        kept = await unpack(self.blobs, standing)
        return Stored(kept, standing.version, applied=False, deleted=standing.deleted)

    async def set(self, tenant: str, kind: Kind, ident: str, body: Body) -> None:
        """Write `body` whatever stands: what a caller means now counts."""
        record = await self.record(tenant, kind, ident, body)
        await self.write([Change(action=Action.PUT, key=record.key, guard=Guard.ANY, record=record)])

    # -- POST

    async def create(
        self,
        tenant: str,
        kind: Kind,
        ident: str,
        body: Body,
        *,
        answer: Body,
        references: Sequence[Reference] = (),
        idempotency: Idempotency | None = None,
    ) -> Answered:
        """Make a new record, the proof of its references and its Idempotency-Key, all at once."""
        answered = Answered(201, answer, '"1"')
        record = await self.record(tenant, kind, ident, body)
        changes = [_put(record)]
        changes += [_exists(tenant, reference) for reference in references]
        if idempotency:
            changes.append(await self._remember(tenant, idempotency, answered))
        refusal = await self.write(changes)
        if refusal is None or (refusal.position == 0 and refusal.is_own(record)):
            return answered
        if idempotency and changes[refusal.position].guard is Guard.EXPIRED:
            return await self._replay(idempotency, refusal)
        raise _refused(refusal, kind, ident, references)

    async def write(self, changes: Sequence[Change]) -> Refusal | None:
        """All changes or none; contention is waited out, and is a 409 Problem when it stays."""
        refusal = await self.store.write(*changes)
        for attempt in range(1, WRITE_ATTEMPTS):
            if refusal is None or not refusal.contended:
                break
            await asyncio.sleep(0.02 * 2**attempt)
            refusal = await self.store.write(*changes)
        if refusal and refusal.contended:
            raise conflict("The same records are being written by another request.", retry_after=1)
        return refusal

    async def _remember(self, tenant: str, idempotency: Idempotency, answered: Answered) -> Change:
        memory = {"request": idempotency.request, "status": answered.status}
        text = canonical(memory | {"answer": answered.body, "etag": answered.etag})
        key = _memory_key(tenant, idempotency)
        packed = await pack(self.blobs, text, folder=f"{tenant}/idempotency/{fingerprint(key.partition)}")
        now = self._epoch()
        record = Record(
            key=key,
            body=packed.body,
            blob=packed.blob,
            digest=packed.digest,
            created_at=self.now(),
            expires_at=now + int(IDEMPOTENCY_KEPT.total_seconds()),
        )
        return Change(action=Action.PUT, key=key, guard=Guard.EXPIRED, record=record, now=now)

    async def _replay(self, idempotency: Idempotency, refusal: Refusal) -> Answered:
        if refusal.standing is None:
            raise conflict("A request with this Idempotency-Key is under way.", retry_after=1)
        memory = await unpack(self.blobs, refusal.standing)
        if memory["request"] != idempotency.request:
            raise invalid("Idempotency-Key", "was used for another request")
        return Answered(memory["status"], memory["answer"], memory["etag"])

    def _epoch(self) -> int:
        return int(self.clock().timestamp())

    # -- changes of what stands

    async def change(
        self,
        tenant: str,
        kind: Kind,
        ident: str,
        *,
        edit: Callable[[Body], Body],
        if_match: str | None = None,
        references: Sequence[Reference] = (),
    ) -> Stored:
        """Replace a body by `edit` of it; nothing that another writer did meanwhile is lost."""
        for _ in range(WRITE_ATTEMPTS):
            old, body = await self._standing(tenant, kind, ident, if_match)
            edited = edit(body)
            new = await self.record(
                tenant,
                kind,
                ident,
                edited,
                version=old.version + 1,
                created_at=old.created_at,
                applied=old.applied,
                rank=_highest(old.rank, kind.rank(edited)),
            )
            refusal = await self.write(
                [_replace(new, old), *(_exists(tenant, reference) for reference in references)]
            )
            if refusal is None or (refusal.position == 0 and refusal.is_own(new)):
                await self._drop_blob(old, new)
                return Stored(edited, new.version)
            if refusal.position > 0:
                raise _refused(refusal, kind, ident, references)
        raise conflict("The record keeps changing.", retry_after=1)

    async def _standing(
        self, tenant: str, kind: Kind, ident: str, if_match: str | None
    ) -> tuple[Record, Body]:
        record = await self.store.get(key_of(tenant, kind, ident))
        if not _is_theirs(record, tenant, kind):
            raise not_found(kind.name, ident)
        if not if_match_holds(if_match, record.version):
            raise precondition_failed(record.version)
        return record, await unpack(self.blobs, record)

    async def _drop_blob(self, old: Record, new: Record | None = None) -> None:
        if old.blob and (new is None or new.blob != old.blob):
            await self.blobs.delete_blob(old.blob)

    async def delete(self, tenant: str, kind: Kind, ident: str, *, if_match: str | None = None) -> None:
        """Remove the record and what hangs below it.

        Of one that came from an email stays which derived writes it has seen,
        so that the email coming back does not bring back what a person removed.
        """
        for _ in range(WRITE_ATTEMPTS):
            old, _body = await self._standing(tenant, kind, ident, if_match)
            refusal = await self.write([self._removal(old)])
            if refusal is None or refusal.standing is None:
                await self._drop_blob(old)
                await self._delete_parts(old.key.partition)
                return
        raise conflict("The record keeps changing.", retry_after=1)

    async def _delete_parts(self, partition: str) -> None:
        for part in await self.store.parts(partition):
            if not part.deleted:
                await self.write([self._removal(part)])
                await self._drop_blob(part)

    def _removal(self, old: Record) -> Change:
        return _replace(self._emptied(old), old) if old.applied else _remove(old)

    def _emptied(self, old: Record) -> Record:
        return Record(
            key=old.key,
            version=old.version + 1,
            created_at=old.created_at,
            updated_at=self.now(),
            rank=old.rank,
            applied=old.applied,
            deleted=True,
        )

    # -- lists

    async def page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        if cursor:
            query = replace(query, after=decode_cursor(query, cursor))
        try:
            found = await self.store.query(query)
        except RequestError as error:
            if cursor is None:
                raise
            raise invalid("cursor", "is not one that this API gave out") from error
        items = [await unpack(self.blobs, record) for record in found.records]
        return Page(items, encode_cursor(replace(query, after=None), found.end) if found.end else None)


def _highest(*ranks: int | None) -> int | None:
    return max((rank for rank in ranks if rank is not None), default=None)


def _memory_key(tenant: str, idempotency: Idempotency) -> RecordKey:
    return record_key(tenant, "idempotency", fingerprint(idempotency.scope, idempotency.key))


def _put(record: Record) -> Change:
    return Change(action=Action.PUT, key=record.key, guard=Guard.NEW, record=record)


def _replace(new: Record, old: Record) -> Change:
    return Change(action=Action.PUT, key=new.key, guard=Guard.VERSION, record=new, version=old.version)


def _remove(record: Record) -> Change:
    return Change(action=Action.DELETE, key=record.key, guard=Guard.VERSION, version=record.version)


def _exists(tenant: str, reference: Reference) -> Change:
    key = key_of(tenant, reference.kind, reference.ident)
    return Change(action=Action.CHECK, key=key, guard=Guard.LIVE)


def _refused(refusal: Refusal, kind: Kind, ident: str, references: Sequence[Reference]) -> Exception:
    if 0 < refusal.position <= len(references):
        reference = references[refusal.position - 1]
        return invalid(reference.field, f"there is no {reference.kind.name} {reference.ident}")
    detail = f"There is a {kind.name} {ident} already."
    return conflict(detail, FieldError("id", detail))
