"""Derived writes: what emails say of a record. Repeating them changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from parley.core.tasks import together
from parley.errors import (
    Conflict,
    RetryableError,
)
from parley.store.access import next_version
from parley.store.blobs import canonical, fingerprint, unpack
from parley.store.kind import Kind, key_of
from parley.store.links import HOLDER, Part, link_changes, record_part
from parley.store.mention_writes import MentionWrites
from parley.store.mentions import mentions
from parley.store.record import (
    Action,
    Change,
    Guard,
    Record,
    RecordKey,
    Refusal,
)
from parley.store.removal import RecordRemoval
from parley.store.results import Body, Standing, Stored

DERIVE_ATTEMPTS = 12
"""The same for a derived write: several emails about one meeting can arrive at once."""


class DerivedWrites(MentionWrites, RecordRemoval):
    """Writes what emails say, in whatever order and however often they say it."""

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
            await self.drop_blob(done.replaced, standing)
            return Stored(body, standing.version)
        await self.drop_blob(record, standing)
        kept = await unpack(self.blobs, standing)
        return Stored(kept, standing.version, applied=False, deleted=standing.deleted)

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
            parts = [
                record_part(new, old),
                *link_changes(tenant, kind, new, body, old=before),
                *named,
                *_unless(unless),
            ]
            refusal = await self.write_parts(parts)
            if refusal is None or refusal.is_own(new):
                await self.drop_blob(old, new)
                return Stored(body, new.version)
            await self.drop_blob(new, refusal.standing)
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
        more = next_version(old) | {"stamps": made.stamps, "applied": applied}
        return await self.record(tenant, kind, ident, body, **more)

    async def _in_the_way(self, tenant: str, kind: Kind, refusal: Refusal) -> Record | None:
        holder = refusal.standing.fields.get(HOLDER) if refusal.standing else None
        if refusal.position > 0 and holder:
            return await self.store.get(key_of(tenant, kind, holder))
        return refusal.standing


def _ident(record: Record) -> str:
    return record.key.partition.split("#", 2)[2]


def _is_settled(old: Record, kind: Kind, token: str) -> bool:
    """Whether a derived write has nothing to say any more."""
    return token in old.applied or (old.deleted and kind.remembered)


def _unless(key: RecordKey | None) -> list[Part]:
    if key is None:
        return []
    return [Part(Change(action=Action.CHECK, key=key, guard=Guard.NEW), Conflict("It was erased."))]
