"""Records removed: by a person, or for good by an erasure."""

from __future__ import annotations

from dataclasses import replace

from parley.errors import (
    Conflict,
    not_found,
    precondition_failed,
)
from parley.store.access import WRITE_ATTEMPTS, RecordAccess, is_visible_to, next_version
from parley.store.blobs import unpack
from parley.store.kind import Kind, key_of
from parley.store.links import LINK, removal_changes
from parley.store.record import (
    ITSELF,
    Change,
    Record,
    RecordKey,
    create_change,
    delete_change,
    replace_change,
)
from parley.store.results import Body, if_match_holds

ERASED = 2**53
"""The rank of what was erased: no derived write comes over it."""


class RecordRemoval(RecordAccess):
    """Removes records and what hangs below them."""

    async def _standing(
        self, tenant: str, kind: Kind, ident: str, if_match: str | None
    ) -> tuple[Record, Body]:
        record = await self.store.get(key_of(tenant, kind, ident))
        if not is_visible_to(record, tenant, kind):
            raise not_found(kind.name, ident, field=kind.ident_field)
        if not if_match_holds(if_match, record.version):
            raise precondition_failed(record.version)
        return record, await unpack(self.blobs, record)

    async def delete(self, tenant: str, kind: Kind, ident: str, *, if_match: str | None = None) -> None:
        """Remove the record and what hangs below it.

        Of one that came from an email stays which derived writes it has seen,
        so that the email coming back does not bring back what a person removed.
        """
        for _ in range(WRITE_ATTEMPTS):
            old, body = await self._standing(tenant, kind, ident, if_match)
            left = (part.change for part in removal_changes(tenant, kind, old, body))
            refusal = await self.write([self._removal(old, remembered=kind.remembered), *left])
            if refusal is None or refusal.standing is None:
                await self.drop_blob(old)
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
            tombstone = replace(_tombstone(key, now=self.now()), **next_version(old))
            body = await unpack(self.blobs, old) if old and not old.deleted else {}
            # Not even a remembered one keeps its claims: the tombstone alone stands for it.
            forgotten = replace(kind, remembered=False)
            left = [p.change for p in removal_changes(tenant, forgotten, old, body)] if old and body else []
            put = replace_change(tombstone, old) if old else create_change(tombstone)
            if await self.write([put, *left]) is None:
                await self.drop_blob(old)
                await self._delete_parts(key.partition)
                return old is not None and not old.deleted
        raise Conflict("The record keeps changing.", retry_after=1)

    async def _delete_parts(self, partition: str) -> None:
        for part in await self.store.parts(partition):
            if part.key.part != ITSELF and not part.key.part.startswith(LINK) and not part.deleted:
                await self.write([self._removal(part)])
                await self.drop_blob(part)

    async def remove_part(self, part: Record) -> None:
        """Remove one thing that hangs below a record, and its blob."""
        await self.write([delete_change(part)])
        await self.drop_blob(part)

    def _removal(self, old: Record, *, remembered: bool = False) -> Change:
        return replace_change(self._emptied(old), old) if old.applied or remembered else delete_change(old)

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


def _tombstone(key: RecordKey, *, now: str) -> Record:
    return Record(key=key, created_at=now, updated_at=now, rank=ERASED, deleted=True)
