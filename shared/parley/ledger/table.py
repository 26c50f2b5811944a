"""The table that runs are kept in, and writes to it that never undo another's.

Every row carries a `version`. A new row is written only where there is none,
a changed one only over the version that was read. Whoever loses such a write
gets the row that stands, and goes on with that.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from enum import StrEnum
from typing import Any, Protocol

from parley.core.clock import Clock, iso
from parley.core.ids import length_prefixed

Json = Any
Item = dict[str, Any]
"""One row: `pk`, `sk`, `version`, `write_id` and its own fields; JSON values only."""
Place = tuple[str, str]
"""`pk` and `sk` of one row."""
ABSENT = object()
"""As a field's new value: the field is removed."""


class Index(StrEnum):
    """The table's indexes, each named after the attribute that it finds rows by; they may lag behind.

    `name`: a claim by its run id, a message of the outbox by its tag.
    `delivery`: claims by the delivery that they are the runs of; several may share one.
    `waiting`: rows by what they wait for, the oldest `since` first.
    """

    NAME = "name"
    DELIVERY = "delivery"
    WAITING = "waiting"


class RunTable(Protocol):
    """Where runs are kept. Both writes answer None when they won, else the row that stands."""

    async def create(self, item: Item) -> Item | None:
        """Write unless a row with this key exists."""

    async def replace(self, item: Item, *, version: int) -> Item | None:
        """Write only over that version; where there is no row, the answer is an empty dict."""

    async def get(self, pk: str, sk: str) -> Item | None:
        """Read one row, consistently."""

    async def items(self, pk: str) -> list[Item]:
        """Read all rows of one partition, consistently."""

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        """At most `limit` rows by an index, as it stood a moment ago; `waiting` oldest first."""

    async def remove(self, pk: str, sk: str) -> None:
        """Delete one row; an absent one is fine. Only an erasure does it, and never to a claim."""


class NullTable:
    """A `RunTable` that forgets everything: for work that nobody needs to resume."""

    async def create(self, item: Item) -> Item | None:
        del item
        return None

    async def replace(self, item: Item, *, version: int) -> Item | None:
        del item, version
        return None

    async def get(self, pk: str, sk: str) -> Item | None:
        del pk, sk
        return None

    async def items(self, pk: str) -> list[Item]:
        del pk
        return []

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        del index, value, limit
        return []

    async def remove(self, pk: str, sk: str) -> None:
        del pk, sk


def _stamp(item: Item, *, version: int) -> Item:
    kept = {name: value for name, value in item.items() if value is not ABSENT}
    return {**kept, "version": version, "write_id": uuid.uuid4().hex}


async def write_new(table: RunTable, item: Item) -> tuple[bool, Item]:
    """Write a row where there is none: (whether this write won, the row that stands).

    A retry of the SDK after a lost answer meets our own row; its `write_id` tells us so.
    """
    mine = _stamp(item, version=1)
    existing = await table.create(mine)
    if existing is None or existing.get("write_id") == mine["write_id"]:
        return True, mine
    return False, existing


async def write_over(table: RunTable, old: Item, new: Item) -> tuple[bool, Item]:
    """Write `new` over `old` as it was read: (whether this write won, the row that stands)."""
    mine = _stamp(new, version=int(old["version"]) + 1)
    existing = await table.replace(mine, version=int(old["version"]))
    if existing is None or existing.get("write_id") == mine["write_id"]:
        return True, mine
    return False, existing


def waiting_for(what: str | None, now: float) -> dict[str, Json]:
    """The fields by which a row is found as waiting since now; None removes it from that index."""
    return {"waiting": what or ABSENT, "since": iso(now) if what else ABSENT}


class TableAccess:
    """What every part of the ledger has: a table, a clock (UTC seconds), and the key of its hashes.

    `key` makes the hashes of what is told of a person useless to whoever has the table and not the key.
    """

    def __init__(self, table: RunTable, *, clock: Clock, key: bytes = b"") -> None:
        self._table = table
        self._clock = clock
        self._key = key

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self._key, length_prefixed(parts), hashlib.sha256).hexdigest()

    async def _create(self, item: Item) -> tuple[bool, Item]:
        return await write_new(self._table, item)

    async def _replace(self, old: Item, **changes: Json) -> tuple[bool, Item]:
        return await write_over(self._table, old, {**old, **changes})
