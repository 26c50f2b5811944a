"""Records made and changed by requests: versions, references and claims are checked with the write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parley.errors import (
    Conflict,
    invalid,
)
from parley.store.access import WRITE_ATTEMPTS, next_version
from parley.store.idempotency import Idempotency, IdempotencyKeys
from parley.store.kind import Kind, key_of
from parley.store.links import HOLDER, Part, link_changes, record_part, take_over_claim, unguarded_change
from parley.store.mention_writes import MentionWrites
from parley.store.record import (
    Action,
    Change,
    Guard,
    Refusal,
    set_change,
)
from parley.store.removal import RecordRemoval
from parley.store.results import Answered, Body, Stored

MORE_WITH_IT = 40
"""A transaction holds 100 changes."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A body's field that names another record, which has to exist."""

    field: str
    kind: Kind
    ident: str


class RecordChanges(MentionWrites, IdempotencyKeys, RecordRemoval):
    """Makes and changes records."""

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
            record_part(record, None),
            *(_exists(tenant, reference) for reference in references),
            *link_changes(tenant, kind, record, body),
            *await self._mentioned(tenant, kind, record.key.partition, body),
            *(unguarded_change(change) for change in more[:MORE_WITH_IT]),
        ]
        refusal = await self._take_over(tenant, kind, parts)
        if refusal is None or _is_own(refusal, parts):
            for change in more[MORE_WITH_IT:]:
                await self.write([change])
            return answered
        await self.drop_blob(record)
        if idempotency and refusal.position == 0:
            return await self._replay(idempotency, refusal)
        raise parts[refusal.position].problem

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

        An edit that changes nothing makes no version. `rank`, where it is given,
        is the record's from now on.
        """
        for _ in range(WRITE_ATTEMPTS):
            old, body = await self._standing(tenant, kind, ident, if_match)
            edited = edit(body)
            if edited == body and stamp(old.stamps) == old.stamps and rank is None:
                return Stored(body, old.version, applied=False)
            new = await self.record(
                tenant,
                kind,
                ident,
                edited,
                applied=old.applied,
                stamps=stamp(old.stamps),
                rank=old.rank if rank is None else rank,
                **next_version(old),
            )
            parts = [
                record_part(new, old),
                *(_exists(tenant, reference) for reference in references),
                *link_changes(tenant, kind, new, edited, old=(old, body)),
                *await self._mentioned(tenant, kind, new.key.partition, edited, old=body),
            ]
            refusal = await self._take_over(tenant, kind, parts)
            if refusal is None or refusal.is_own(new):
                await self.drop_blob(old, new)
                return Stored(edited, new.version)
            await self.drop_blob(new, refusal.standing)
            if refusal.position > 0:
                raise parts[refusal.position].problem
        raise Conflict("The record keeps changing.", retry_after=1)

    async def set(self, tenant: str, kind: Kind, ident: str, body: Body) -> None:
        """Write `body` whatever stands: what a caller means now counts."""
        record = await self.record(tenant, kind, ident, body)
        await self.write([set_change(record)])

    async def _take_over(self, tenant: str, kind: Kind, parts: list[Part]) -> Refusal | None:
        """Write, and take the names whose holders were removed since."""
        refusal = await self.write_parts(parts)
        while refusal and (part := await self._free(tenant, kind, parts, refusal)):
            parts[refusal.position] = part
            refusal = await self.write_parts(parts)
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
        return None if other and not other.deleted else take_over_claim(part, standing)


def _is_own(refusal: Refusal, parts: Sequence[Part]) -> bool:
    """Whether the write was made, and only its answer was lost: then all that it put stands."""
    record = parts[0].change.record
    return refusal.position == 0 and record is not None and refusal.is_own(record)


def _exists(tenant: str, reference: Reference) -> Part:
    key = key_of(tenant, reference.kind, reference.ident)
    problem = invalid(reference.field, f"there is no {reference.kind.name} {reference.ident}")
    return Part(Change(action=Action.CHECK, key=key, guard=Guard.LIVE), problem)
