"""Idempotency-Keys: the same POST again gets the same answer, and has one effect."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from parley.errors import (
    Conflict,
    invalid,
)
from parley.store.access import RecordAccess
from parley.store.blobs import canonical, fingerprint, pack, unpack
from parley.store.links import Part
from parley.store.record import (
    Action,
    Change,
    Guard,
    Record,
    RecordKey,
    Refusal,
    record_key,
)
from parley.store.results import Answered

IDEMPOTENCY_KEPT = timedelta(hours=24)
UNDER_WAY = 30
"""Seconds after which a request that holds a key and says nothing is taken for dead."""
ANSWERS = "_answers"
"""Where the big answers of Idempotency-Keys lie until the bucket's lifecycle ends them; no tenant's name."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One POST's Idempotency-Key. `scope` keeps callers and routes apart."""

    scope: str
    key: str
    request: str


class IdempotencyKeys(RecordAccess):
    """Remembers what POST requests were answered."""

    async def once(
        self, tenant: str, idempotency: Idempotency | None, make: Callable[[], Awaitable[Answered]]
    ) -> Answered:
        """Do what a POST that makes no record asks for; with a key once, and its answer is kept.

        Raises Conflict while the first is at it. One that failed is forgotten.
        """
        if idempotency is None:
            return await make()
        key, now = _memory_key(tenant, idempotency), self.epoch()
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
        if standing is None or (standing.expires_at or 0) < self.epoch():
            return None
        return await self._replay(idempotency, Refusal(0, standing))

    async def _remember(self, tenant: str, idempotency: Idempotency, answered: Answered) -> Part:
        memory = {"request": idempotency.request, "status": answered.status}
        text = canonical(memory | {"answer": answered.body, "etag": answered.etag})
        key = _memory_key(tenant, idempotency)
        packed = await pack(self.blobs, text, folder=f"{ANSWERS}/{tenant}/{fingerprint(key.partition)}")
        now = self.epoch()
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

    async def _replay(self, idempotency: Idempotency, refusal: Refusal) -> Answered:
        if refusal.standing is None:
            raise Conflict("A request with this Idempotency-Key is under way.", retry_after=1)
        memory = await unpack(self.blobs, refusal.standing)
        if memory["request"] != idempotency.request:
            raise invalid("Idempotency-Key", "was used for another request")
        if "under_way" in memory:
            raise Conflict("A request with this Idempotency-Key is under way.", retry_after=1)
        return Answered(memory["status"], memory["answer"], memory["etag"])


def _memory_key(tenant: str, idempotency: Idempotency) -> RecordKey:
    return record_key(tenant, "idempotency", fingerprint(idempotency.scope, idempotency.key))
