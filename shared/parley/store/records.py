"""Every resource's reading and writing: one place for versions, lists, idempotency and deletion."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from parley.core.tasks import together
from parley.errors import (
    Conflict,
    FieldError,
    NotYetThere,
    RequestError,
    RetryableError,
    invalid,
    not_found,
    precondition_failed,
)
from parley.meetings.merging import Standing
from parley.store.blobs import Packed, canonical, fingerprint, pack, unpack
from parley.store.cursors import decode_cursor, encode_cursor
from parley.store.kinds import USER
from parley.store.links import (
    HOLDER,
    LINK,
    Part,
    beside,
    left_behind,
    mentions,
    over,
    unguarded,
    unguarded_change,
)
from parley.store.mentions import user_name, user_of
from parley.store.record import (
    GLOBAL,
    ITSELF,
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
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from parley.store.kinds import Kind
    from parley.store.ports import BlobStore, DataStore
    from parley.store.record import Position, RecordPage

WRITE_ATTEMPTS = 4
"""How often a change starts over when another writer was quicker."""

DERIVE_ATTEMPTS = 12
"""The same for a derived write: several emails about one meeting can arrive at once."""

IDEMPOTENCY_KEPT = timedelta(hours=24)

UNDER_WAY = 30
"""Seconds after which a request that holds a key and says nothing is taken for dead."""

ANSWERS = "_answers"
"""Where the big answers of Idempotency-Keys lie until the bucket's lifecycle ends them; no tenant's name."""

ERASED = 2**53
"""The rank of what was erased: no derived write comes over it."""

MENTIONS_AT_ONCE = 10
MENTIONS_WITH_IT = 40
MORE_WITH_IT = 40
"""A transaction holds 100 changes."""

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

    # -- derived writes: repeating them changes nothing

    async def put(self, tenant: str, kind: Kind, ident: str, body: Body) -> Stored:
        """Write `body` unless the very same write was made before, or a later one stands."""
        record = await self.record(tenant, kind, ident, body)
        upsert = self.store.upsert(record, token=fingerprint(canonical(body)))
        named = mentions(
            tenant, kind, record.key.partition, kind.people(body), kind.spans(body), now=record.updated_at
        )
        done, _ = await together(upsert, self._mention(named))
        standing = done.record
        if standing.deleted:
            await self._delete_parts(record.key.partition)
        if done.applied:
            await self._drop_blob(done.replaced, standing)
            return Stored(body, standing.version)
        await self._drop_blob(record, standing)
        kept = await unpack(self.blobs, standing)
        return Stored(kept, standing.version, applied=False, deleted=standing.deleted)

    async def _mention(self, links: Sequence[Record]) -> None:
        """Let a record be found by those whom its body names. Repeated with the write until both are made."""
        turn = asyncio.Semaphore(MENTIONS_AT_ONCE)

        async def put(link: Record) -> None:
            async with turn:
                await self.write([unguarded(link).change])

        await together(*(put(link) for link in links))

    async def _mentioned(
        self, tenant: str, kind: Kind, partition: str, body: Body, *, old: Body | None = None
    ) -> list[Part]:
        """A record's mentions, to be made with it; what is too much for that is made now.

        What `old`, the body that stands, was mentioned with already is left out.
        """
        standing = set(kind.people(old)) if old and kind.spans(old) == kind.spans(body) else set()
        names = await self._lists(tenant, [name for name in kind.people(body) if name not in standing])
        links = mentions(tenant, kind, partition, names, kind.spans(body), now=self.now())
        await self._mention(links[MENTIONS_WITH_IT:])
        return [unguarded(link) for link in links[:MENTIONS_WITH_IT]]

    async def list_again(self, tenant: str, kind: Kind, ident: str, *, left: str) -> None:
        """Put a record into the list of its user, unless that is the one that it just left."""
        stored = await self.find(tenant, kind, ident)
        if stored is None:
            return
        owners = [name for name in kind.people(stored.body) if user_of(name)]
        names = [name for name in await self._lists(tenant, owners) if name != left]
        partition = key_of(tenant, kind, ident).partition
        await self._mention(mentions(tenant, kind, partition, names, kind.spans(stored.body), now=self.now()))

    async def _lists(self, tenant: str, names: Sequence[str]) -> list[str]:
        """The lists that these names have: a user's is that of their address, where invites put them too."""
        users = [ident for name in names if (ident := user_of(name))]
        if not users:
            return list(names)
        read = await self.store.get_many([key_of(tenant, USER, ident) for ident in users])
        known = [await unpack(self.blobs, record) for record in read if record and not record.deleted]
        addresses = {user_name(user["id"]): user["email"] for user in known}
        return [addresses.get(name, name) for name in names]

    async def derive(
        self,
        tenant: str,
        kind: Kind,
        ident: str,
        said: Body,
        *,
        make: Callable[[Standing, Body], Standing | None],
        unless: RecordKey | None = None,
    ) -> Stored:
        """Let `make` work `said` into what stands; it answers None when `said` changes nothing.

        Where another record holds a name that `said` claims, it is that one
        which stands, with its own id. One round trip for something new and for
        a repetition, one more where there is something to change. Raises
        RetryableError when other writers are quicker each time.
        """
        token = fingerprint(canonical(said))
        old: Record | None = None
        for attempt in range(DERIVE_ATTEMPTS):
            await asyncio.sleep(0.02 * max(0, attempt - 1))
            standing = await self._read(old)
            made = None if old and _is_settled(old, kind, token) else make(standing, said)
            if made is None:
                version = old.version if old else 0
                return Stored(dict(standing.body), version, applied=False, deleted=standing.deleted)
            new = await self._derived(tenant, kind, _ident(old) if old else ident, made, old=old, token=token)
            body = {**made.body, "id": _ident(new)}
            # A removed one has left nothing beside it.
            before = (old, dict(standing.body)) if old and not old.deleted else None
            named = await self._mentioned(
                tenant, kind, new.key.partition, body, old=before[1] if before else None
            )
            parts = [_part(new, old), *beside(tenant, kind, new, body, old=before), *named, *_unless(unless)]
            refusal = await self._write_parts(parts)
            if refusal is None or refusal.is_own(new):
                await self._drop_blob(old, new)
                return Stored(body, new.version)
            await self._drop_blob(new, refusal.standing)
            if refusal.standing and refusal.standing.key == unless:
                return Stored({}, 0, applied=False, deleted=True)
            old = await self._in_the_way(tenant, kind, refusal)
        raise RetryableError(f"The {kind.name} {ident} keeps changing")

    async def _read(self, record: Record | None) -> Standing:
        if record is None:
            return Standing()
        return Standing(await unpack(self.blobs, record), record.stamps, record.deleted)

    async def _derived(
        self, tenant: str, kind: Kind, ident: str, made: Standing, *, old: Record | None, token: str
    ) -> Record:
        body = {**made.body, "id": ident}
        applied = (old.applied if old else frozenset()) | {token}
        more = _counting_on(old) | {"stamps": made.stamps, "applied": applied}
        return await self.record(tenant, kind, ident, body, **more)

    async def _in_the_way(self, tenant: str, kind: Kind, refusal: Refusal) -> Record | None:
        holder = refusal.standing.fields.get(HOLDER) if refusal.standing else None
        if refusal.position > 0 and holder:
            return await self.store.get(key_of(tenant, kind, holder))
        return refusal.standing

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
        stamps: Mapping[str, str] | None = None,
        status: int = 201,
        more: Sequence[Change] = (),
    ) -> Answered:
        """Make a new record, the proof of its references and its Idempotency-Key, all at once.

        `more` are changes that nothing can refuse: a few are made with it, the others after it.
        """
        answered = Answered(status, answer, '"1"')
        record = await self.record(tenant, kind, ident, body, stamps=stamps or {})
        memory = [await self._remember(tenant, idempotency, answered)] if idempotency else []
        parts = [
            *memory,
            _part(record, None),
            *(_exists(tenant, reference) for reference in references),
            *beside(tenant, kind, record, body),
            *await self._mentioned(tenant, kind, record.key.partition, body),
            *(unguarded_change(change) for change in more[:MORE_WITH_IT]),
        ]
        refusal = await self._take_over(tenant, kind, parts)
        if refusal is None or _is_own(refusal, parts):
            for change in more[MORE_WITH_IT:]:
                await self.write([change])
            return answered
        await self._drop_blob(record)
        if idempotency and refusal.position == 0:
            return await self._replay(idempotency, refusal)
        raise parts[refusal.position].problem

    async def _write_parts(self, parts: Sequence[Part]) -> Refusal | None:
        return await self.write([part.change for part in parts])

    async def _take_over(self, tenant: str, kind: Kind, parts: list[Part]) -> Refusal | None:
        """Write, and take the names whose holders were removed since."""
        refusal = await self._write_parts(parts)
        while refusal and (part := await self._free(tenant, kind, parts, refusal)):
            parts[refusal.position] = part
            refusal = await self._write_parts(parts)
        return refusal

    async def _free(self, tenant: str, kind: Kind, parts: list[Part], refusal: Refusal) -> Part | None:
        """The claim again, over the one that stands, if that holds nothing any more."""
        part, standing = parts[refusal.position], refusal.standing
        claim = part.change.record
        if standing is None or claim is None or part.change.guard is not Guard.NEW:
            return None
        if HOLDER not in claim.fields or HOLDER not in standing.fields:
            return None
        other = await self.store.get(key_of(tenant, kind, standing.fields[HOLDER]))
        return None if other and not other.deleted else over(part, standing)

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

    async def _remember(self, tenant: str, idempotency: Idempotency, answered: Answered) -> Part:
        memory = {"request": idempotency.request, "status": answered.status}
        text = canonical(memory | {"answer": answered.body, "etag": answered.etag})
        key = _memory_key(tenant, idempotency)
        packed = await pack(self.blobs, text, folder=f"{ANSWERS}/{tenant}/{fingerprint(key.partition)}")
        now = self._epoch()
        record = Record(
            key=key,
            body=packed.body,
            blob=packed.blob,
            digest=packed.digest,
            created_at=self.now(),
            expires_at=now + int(IDEMPOTENCY_KEPT.total_seconds()),
        )
        change = Change(action=Action.PUT, key=key, guard=Guard.EXPIRED, record=record, now=now)
        return Part(change, Conflict("This Idempotency-Key was used before."))

    async def once(
        self, tenant: str, idempotency: Idempotency | None, make: Callable[[], Awaitable[Answered]]
    ) -> Answered:
        """Do what a POST that makes no record asks for; with a key once, and its answer is kept.

        Raises Conflict while the first is at it. One that failed is forgotten.
        """
        if idempotency is None:
            return await make()
        key, now = _memory_key(tenant, idempotency), self._epoch()
        under_way = Record(
            key=key,
            body=canonical({"request": idempotency.request, "under_way": uuid.uuid4().hex}),
            created_at=self.now(),
            expires_at=now + UNDER_WAY,
        )
        begin = Change(action=Action.PUT, key=key, guard=Guard.EXPIRED, record=under_way, now=now)
        refusal = await self.write([begin])
        if refusal and not refusal.is_own(under_way):
            return await self._replay(idempotency, refusal)
        try:
            answered = await make()
        except BaseException:
            await self.write([Change(action=Action.DELETE, key=key, guard=Guard.ANY)])
            raise
        part = await self._remember(tenant, idempotency, answered)
        await self.write([replace(part.change, guard=Guard.ANY)])
        return answered

    async def recall(self, tenant: str, idempotency: Idempotency | None) -> Answered | None:
        """What the Idempotency-Key was answered before; for a POST whose effects are more than its record."""
        if idempotency is None:
            return None
        standing = await self.store.get(_memory_key(tenant, idempotency))
        if standing is None or (standing.expires_at or 0) < self._epoch():
            return None
        return await self._replay(idempotency, Refusal(0, standing))

    async def _replay(self, idempotency: Idempotency, refusal: Refusal) -> Answered:
        if refusal.standing is None:
            raise Conflict("A request with this Idempotency-Key is under way.", retry_after=1)
        memory = await unpack(self.blobs, refusal.standing)
        if memory["request"] != idempotency.request:
            raise invalid("Idempotency-Key", "was used for another request")
        if "under_way" in memory:
            raise Conflict("A request with this Idempotency-Key is under way.", retry_after=1)
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
        stamp: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda stamps: stamps,
        rank: int | None = None,
    ) -> Stored:
        """Replace a body by `edit` of it; nothing that another writer did meanwhile is lost.

        `rank`, where it is given, is the record's from now on.
        """
        for _ in range(WRITE_ATTEMPTS):
            old, body = await self._standing(tenant, kind, ident, if_match)
            edited = edit(body)
            new = await self.record(
                tenant,
                kind,
                ident,
                edited,
                applied=old.applied,
                stamps=stamp(old.stamps),
                rank=old.rank if rank is None else rank,
                **_counting_on(old),
            )
            parts = [
                _part(new, old),
                *(_exists(tenant, reference) for reference in references),
                *beside(tenant, kind, new, edited, old=(old, body)),
                *await self._mentioned(tenant, kind, new.key.partition, edited, old=body),
            ]
            refusal = await self._take_over(tenant, kind, parts)
            if refusal is None or refusal.is_own(new):
                await self._drop_blob(old, new)
                return Stored(edited, new.version)
            await self._drop_blob(new, refusal.standing)
            if refusal.position > 0:
                raise parts[refusal.position].problem
        raise Conflict("The record keeps changing.", retry_after=1)

    async def _standing(
        self, tenant: str, kind: Kind, ident: str, if_match: str | None
    ) -> tuple[Record, Body]:
        record = await self.store.get(key_of(tenant, kind, ident))
        if not _is_theirs(record, tenant, kind):
            raise not_found(kind.name, ident)
        if not if_match_holds(if_match, record.version):
            raise precondition_failed(record.version)
        return record, await unpack(self.blobs, record)

    async def _drop_blob(self, old: Record | None, new: Record | None = None) -> None:
        """Remove the blob of a record that no longer stands, or never did; `new` is what stands."""
        if old and old.blob and (new is None or new.blob != old.blob):
            await self.blobs.delete_blob(old.blob)

    async def delete(self, tenant: str, kind: Kind, ident: str, *, if_match: str | None = None) -> None:
        """Remove the record and what hangs below it.

        Of one that came from an email stays which derived writes it has seen,
        so that the email coming back does not bring back what a person removed.
        """
        for _ in range(WRITE_ATTEMPTS):
            old, body = await self._standing(tenant, kind, ident, if_match)
            left = (part.change for part in left_behind(tenant, kind, old, body))
            refusal = await self.write([self._removal(old, remembered=kind.remembered), *left])
            if refusal is None or refusal.standing is None:
                await self._drop_blob(old)
                await self._delete_parts(old.key.partition)
                return
        raise Conflict("The record keeps changing.", retry_after=1)

    async def erase(self, tenant: str, kind: Kind, ident: str) -> bool:
        """Remove the record and all below it, for good: no derived write brings it back, be it the first.

        The tombstone holds no hash of what stood. Whether anything did.
        """
        key = key_of(tenant, kind, ident)
        for _ in range(WRITE_ATTEMPTS):
            old = await self.store.get(key)
            if old and old.deleted and old.rank == ERASED:
                await self._delete_parts(key.partition)
                return False
            tombstone = replace(_tombstone(key, now=self.now()), **_counting_on(old))
            body = await unpack(self.blobs, old) if old and not old.deleted else {}
            # Not even a remembered one keeps its claims: the tombstone alone stands for it.
            forgotten = replace(kind, remembered=False)
            left = [p.change for p in left_behind(tenant, forgotten, old, body)] if old and body else []
            put = _replace(tombstone, old) if old else _put(tombstone)
            if await self.write([put, *left]) is None:
                await self._drop_blob(old)
                await self._delete_parts(key.partition)
                return old is not None and not old.deleted
        raise Conflict("The record keeps changing.", retry_after=1)

    async def _delete_parts(self, partition: str) -> None:
        for part in await self.store.parts(partition):
            if part.key.part != ITSELF and not part.key.part.startswith(LINK) and not part.deleted:
                await self.write([self._removal(part)])
                await self._drop_blob(part)

    async def remove_part(self, part: Record) -> None:
        """Remove one thing that hangs below a record, and its blob."""
        await self.write([_remove(part)])
        await self._drop_blob(part)

    def _removal(self, old: Record, *, remembered: bool = False) -> Change:
        return _replace(self._emptied(old), old) if old.applied or remembered else _remove(old)

    def _emptied(self, old: Record) -> Record:
        return Record(
            key=old.key,
            version=old.version + 1,
            created_at=old.created_at,
            updated_at=self.now(),
            rank=old.rank,
            stamps=old.stamps,
            applied=old.applied,
            deleted=True,
        )

    # -- lists

    async def page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        query = _from(query, cursor)
        found = await self._query(query, cursor)
        items = [await self._listed(record) for record in found.records]
        return _page([item for item in items if item is not None], query, found.end)

    async def _listed(self, record: Record) -> Body | None:
        """A list lags behind: where the blob it names was replaced since, the record itself is asked."""
        try:
            return await unpack(self.blobs, record)
        except NotYetThere:
            now = await self.store.get(record.key)
            if now and now.blob == record.blob:
                raise
            return await unpack(self.blobs, now) if now and not now.deleted else None

    async def linked_page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        """The same by way of links: two round trips, and only what is linked is read."""
        query = _from(query, cursor)
        found = await self._query(replace(query, fields={}), cursor)
        keys = [RecordKey(link.key.partition) for link in found.records]
        records = await self.store.get_many(keys)
        wanted = [record for record in records if record and _matches(record, query.fields)]
        return _page([await unpack(self.blobs, record) for record in wanted], query, found.end)

    async def _query(self, query: ListQuery, cursor: str | None) -> RecordPage:
        try:
            return await self.store.query(query)
        except RequestError as error:
            if cursor is None:
                raise
            raise invalid("cursor", "is not one that this API gave out") from error


def _from(query: ListQuery, cursor: str | None) -> ListQuery:
    return replace(query, after=decode_cursor(query, cursor)) if cursor else query


def _page(items: list[Body], query: ListQuery, end: Position | None) -> Page:
    return Page(items, encode_cursor(replace(query, after=None), end) if end else None)


def _matches(record: Record, fields: Mapping[str, str]) -> bool:
    """A link can lag behind its record: what counts is what the record says now."""
    return not record.deleted and all(record.fields.get(name) == value for name, value in fields.items())


def _is_own(refusal: Refusal, parts: Sequence[Part]) -> bool:
    """Whether the write was made, and only its answer was lost: then all that it put stands."""
    record = parts[0].change.record
    return refusal.position == 0 and record is not None and refusal.is_own(record)


def _ident(record: Record) -> str:
    return record.key.partition.split("#", 2)[2]


def _counting_on(old: Record | None) -> dict[str, Any]:
    return {"version": old.version + 1, "created_at": old.created_at} if old else {}


def _is_settled(old: Record, kind: Kind, token: str) -> bool:
    """Whether a derived write has nothing to say any more."""
    return token in old.applied or (old.deleted and kind.remembered)


def _unless(key: RecordKey | None) -> list[Part]:
    if key is None:
        return []
    return [Part(Change(action=Action.CHECK, key=key, guard=Guard.NEW), Conflict("It was erased."))]


def _tombstone(key: RecordKey, *, now: str) -> Record:
    return Record(key=key, created_at=now, updated_at=now, rank=ERASED, deleted=True)


def _memory_key(tenant: str, idempotency: Idempotency) -> RecordKey:
    return record_key(tenant, "idempotency", fingerprint(idempotency.scope, idempotency.key))


def _part(new: Record, old: Record | None) -> Part:
    _, kind, ident = new.key.partition.split("#", 2)
    detail = f"There is a {kind} {ident} already."
    change = _replace(new, old) if old else _put(new)
    return Part(change, Conflict(detail, FieldError("id", detail)))


def _put(record: Record) -> Change:
    return Change(action=Action.PUT, key=record.key, guard=Guard.NEW, record=record)


def _replace(new: Record, old: Record) -> Change:
    return Change(action=Action.PUT, key=new.key, guard=Guard.VERSION, record=new, version=old.version)


def _remove(record: Record) -> Change:
    return Change(action=Action.DELETE, key=record.key, guard=Guard.VERSION, version=record.version)


def _exists(tenant: str, reference: Reference) -> Part:
    key = key_of(tenant, reference.kind, reference.ident)
    problem = invalid(reference.field, f"there is no {reference.kind.name} {reference.ident}")
    return Part(Change(action=Action.CHECK, key=key, guard=Guard.LIVE), problem)
