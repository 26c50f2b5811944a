"""Who is asking: tokens are kept as SHA-256 only, so that the table gives none away."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from parley.errors import RequestError
from parley.store.record import GLOBAL, Action, Change, Guard, Record, RecordKey, create_change, record_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.store.ports import DataStore

CACHE_SECONDS = 30.0
"""How long a revoked token can still be good for, in a process that has seen it."""
CACHE_SIZE = 1024
SHORTEST_TOKEN = 16


class Role(StrEnum):
    """member: the tenant's daily work; admin: also its settings; pipeline: ours, for every tenant."""

    MEMBER = "member"
    ADMIN = "admin"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for. `tenant` is None for the pipeline alone."""

    role: Role
    tenant: str | None
    user_id: str | None = None


async def create_token(
    store: DataStore,
    *,
    role: Role,
    tenant: str | None = None,
    user_id: str | None = None,
    token: str | None = None,
) -> str:
    """Make a token and return it: nobody can read it again.

    `token` is made up here unless given; giving one again with the same grant
    changes nothing. Raises RequestError for a grant that makes no sense, or a
    token that already stands for another one.
    """
    if (tenant is None) != (role is Role.PIPELINE):
        raise RequestError("Every token but the pipeline's belongs to one tenant")
    made = token or f"parley_{secrets.token_urlsafe(32)}"
    if len(made) < SHORTEST_TOKEN:
        raise RequestError(f"A token needs at least {SHORTEST_TOKEN} characters")
    body = json.dumps({"role": role.value, "tenant": tenant, "user_id": user_id})
    record = Record(key=_key(made), body=body, created_at=datetime.now(UTC).isoformat())
    refusal = await store.write(create_change(record))
    if refusal and (refusal.standing is None or refusal.standing.body != body):
        raise RequestError("This token already stands for something else")
    return made


async def revoke_token(store: DataStore, token: str) -> None:
    """Forget a token; one that is unknown stays unknown."""
    key = _key(token)
    await store.write(Change(action=Action.DELETE, key=key, guard=Guard.LIVE))


class Tokens:
    """Looks tokens up, and remembers the good ones for a moment."""

    def __init__(
        self,
        store: DataStore,
        *,
        cache_seconds: float = CACHE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._monotonic = monotonic
        self._cache: dict[RecordKey, tuple[float, Grant]] = {}

    async def grant(self, token: str) -> Grant | None:
        """What `token` stands for; None for one that nobody made.

        The lookup is by hash, so its time tells nothing about the token.
        """
        key = _key(token)
        until, grant = self._cache.get(key, (0.0, None))
        if grant and self._monotonic() < until:
            return grant
        record = await self._store.get(key)
        self._cache.pop(key, None)
        if record is None or record.body is None:
            return None
        return self._remember(key, _read_grant(record.body))

    def _remember(self, key: RecordKey, grant: Grant) -> Grant:
        if len(self._cache) >= CACHE_SIZE:
            self._cache.pop(next(iter(self._cache)))
        self._cache[key] = (self._monotonic() + self._cache_seconds, grant)
        return grant


def _read_grant(body: str) -> Grant:
    fields = json.loads(body)
    return Grant(Role(fields["role"]), fields["tenant"], fields["user_id"])


def _key(token: str) -> RecordKey:
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    return record_key(GLOBAL, "token", digest)
