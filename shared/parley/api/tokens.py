"""API tokens: kept as SHA-256 alone, so that the table gives none away; listed, revoked and expired by id."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from parley.errors import RequestError
from parley.store.ports import read_list
from parley.store.record import (
    GLOBAL,
    Action,
    Change,
    Guard,
    IndexKey,
    ListQuery,
    Record,
    RecordKey,
    create_change,
    record_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.store.ports import DataStore

CACHE_SECONDS = 30.0
"""How long a revoked token can still be good for, in a process that has seen it."""
CACHE_SIZE = 1024
SHORTEST_TOKEN = 16
ID_LENGTH = 12
"""Hex digits of a token's hash that name it in lists; they give nothing of it away."""
TENANT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""What the name of a tenant may be, wherever one is given."""
LIST_PAGE, MOST_LISTED = 100, 10_000


class Role(StrEnum):
    """member: the tenant's daily work; admin: also its settings; pipeline: ours, for every tenant."""

    MEMBER = "member"
    ADMIN = "admin"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for. `tenant` is None for the pipeline alone; `expires_at` is epoch seconds."""

    role: Role
    tenant: str | None
    user_id: str | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token as lists show it: `id` names it, and cannot be used in its place. `created_at` is ISO 8601."""

    id: str
    name: str
    grant: Grant
    created_at: str
    key: RecordKey


def check_tenant_id(tenant: str) -> str:
    """The tenant's id as it is given. Raises RequestError for one that the API would not take either."""
    if not TENANT_ID.fullmatch(tenant):
        raise RequestError(
            f"{tenant!r} is no tenant's name: it has 1 to 63 lowercase letters, digits, - and _, "
            "and begins with a letter or digit"
        )
    return tenant


async def create_token(
    store: DataStore,
    *,
    role: Role,
    tenant: str | None = None,
    user_id: str | None = None,
    token: str | None = None,
    name: str = "",
    expires_at: int | None = None,
) -> str:
    """Make a token and return it: nobody can read it again.

    `token` is made up here unless given; giving one again with the same grant
    changes nothing. `expires_at` is epoch seconds, None for never. Raises
    RequestError for a grant that makes no sense, or a token that already
    stands for another one.
    """
    if (tenant is None) != (role is Role.PIPELINE):
        raise RequestError("Every token but the pipeline's belongs to one tenant")
    made = token or f"parley_{secrets.token_urlsafe(32)}"
    if len(made) < SHORTEST_TOKEN:
        raise RequestError(f"A token needs at least {SHORTEST_TOKEN} characters")
    now, grant = datetime.now(UTC).isoformat(), Grant(role, tenant, user_id, expires_at)
    record = Record(
        key=_key(made),
        body=json.dumps({**asdict(grant), "name": name}),
        created_at=now,
        index=IndexKey(_group(tenant), now),
    )
    refusal = await store.write(create_change(record))
    standing = refusal.standing if refusal else None
    if refusal and not (standing and standing.body and _read_grant(standing.body) == grant):
        raise RequestError("This token already stands for something else")
    return made


async def list_tokens(store: DataStore, tenant: str | None) -> list[TokenEntry]:
    """The tokens of one tenant (None: of the pipeline), the oldest first, expired ones too."""
    query = ListQuery(group=_group(tenant), limit=LIST_PAGE)
    return [_entry(one) for one in await read_list(store, query, most=MOST_LISTED) if one.body]


async def revoke_token(store: DataStore, tenant: str | None, ident: str) -> TokenEntry:
    """Remove the token that lists show under this id. Raises RequestError where the tenant has none such."""
    for entry in await list_tokens(store, tenant):
        if entry.id == ident:
            await store.write(Change(action=Action.DELETE, key=entry.key, guard=Guard.LIVE))
            return entry
    raise RequestError(f"there is no token {ident} of {tenant or 'the pipeline'}")


def _group(tenant: str | None) -> str:
    return f"{tenant or GLOBAL}#token"


def _entry(record: Record) -> TokenEntry:
    body = record.body or "{}"
    ident = record.key.partition.rpartition("#")[2][:ID_LENGTH]
    return TokenEntry(
        ident, json.loads(body).get("name", ""), _read_grant(body), record.created_at, record.key
    )


class Tokens:
    """Looks tokens up, and remembers the good ones for a moment."""

    def __init__(
        self,
        store: DataStore,
        *,
        cache_seconds: float = CACHE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._cache_seconds = cache_seconds
        self._monotonic = monotonic
        self._clock = clock
        self._cache: dict[RecordKey, tuple[float, Grant]] = {}

    async def grant(self, token: str) -> Grant | None:
        """What `token` stands for; None for one that nobody made, was revoked or has expired.

        The lookup is by hash, so its time tells nothing about the token.
        """
        grant = await self._looked_up(_key(token))
        if grant and grant.expires_at is not None and grant.expires_at <= self._clock():
            return None
        return grant

    async def _looked_up(self, key: RecordKey) -> Grant | None:
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
    return Grant(Role(fields["role"]), fields["tenant"], fields["user_id"], fields.get("expires_at"))


def _key(token: str) -> RecordKey:
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    return record_key(GLOBAL, "token", digest)
