"""What the backend keeps, one record at a time: the words that stores and services share.

A record's body is JSON text. Beside it stands only what the data store itself
has to see: keys, the index, the fields that lists filter on, and what guards a
write. Nothing here knows a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOBAL = "~"
"""The place of a tenant in the few keys that no tenant owns: tokens and mailbox addresses."""

ITSELF = "#"
"""The part of a record that is the thing itself; other parts hang below it."""


@dataclass(frozen=True, slots=True)
class RecordKey:
    """`partition` is tenant#kind#id; `part` is ITSELF or, say, `INSIGHTS#000001`."""

    partition: str
    part: str = ITSELF


def record_key(tenant: str, kind: str, ident: str, part: str = ITSELF) -> RecordKey:
    """The only way to make a key: the tenant comes first, and neither it nor the kind holds a #."""
    if not tenant or not ident or "#" in tenant or "#" in kind:
        raise ValueError(f"no key can be made of {tenant!r}, {kind!r}, {ident!r}")
    return RecordKey(f"{tenant}#{kind}#{ident}", part)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Where a record stands in lists: `group` begins with the tenant, `sort` orders it."""

    group: str
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. Its text is in `body`, or in the blob `blob` whose SHA-256 is `digest`.

    `version` counts the writes from 1. `applied` holds the tokens of the
    derived writes that were applied, so that none is applied again. `rank`
    orders derived writes: a lower one never replaces a higher one, and None
    neither asks nor changes it. `stamps` say of each field of the body whose
    it is, where several writers share one. A deleted record keeps `applied`,
    `rank` and `stamps`. `expires_at` (epoch seconds) is set on idempotency records alone.
    Times are ISO 8601 UTC.
    """

    key: RecordKey
    body: str | None = None
    blob: str | None = None
    digest: str | None = None
    version: int = 1
    created_at: str = ""
    updated_at: str = ""
    index: IndexKey | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    rank: int | None = None
    applied: frozenset[str] = frozenset()
    deleted: bool = False
    expires_at: int | None = None


class Guard(StrEnum):
    """What must hold of the standing record for a change to be made."""

    ANY = "any"  # nothing
    NEW = "new"  # there is none, not even a deleted one
    LIVE = "live"  # there is one, and it is not deleted
    VERSION = "version"  # its version is Change.version; a deleted one has a version too
    EXPIRED = "expired"  # there is none, or it expired before Change.now


class Action(StrEnum):
    """What a change does to a record."""

    PUT = "put"
    CHECK = "check"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part of a write. `record` is what is put; `version` and `now` belong to the guards."""

    action: Action
    key: RecordKey
    guard: Guard
    record: Record | None = None
    version: int = 0
    now: int = 0


def create_change(record: Record) -> Change:
    """Put a record where there is none, not even a deleted one."""
    return Change(action=Action.PUT, key=record.key, guard=Guard.NEW, record=record)


def replace_change(new: Record, old: Record) -> Change:
    """Put `new` in the place of `old`, if that still stands at its version."""
    return Change(action=Action.PUT, key=new.key, guard=Guard.VERSION, record=new, version=old.version)


def set_change(record: Record) -> Change:
    """Put a record, whatever stands."""
    return Change(action=Action.PUT, key=record.key, guard=Guard.ANY, record=record)


def delete_change(old: Record) -> Change:
    """Delete a record, if it still stands at its version."""
    return Change(action=Action.DELETE, key=old.key, guard=Guard.VERSION, version=old.version)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was written: `standing` is the record that broke the guard of change `position`.

    `contended` says that another write of the same records is under way:
    nothing is known to be wrong, and the same write can succeed later.
    """

    position: int
    standing: Record | None = None
    contended: bool = False

    def is_own(self, record: Record) -> bool:
        """Whether what stands is this very write: it was made, and only its answer was lost."""
        made = self.standing
        return made is not None and _identity(made) == _identity(record)


def _identity(record: Record) -> tuple[object, ...]:
    return (record.key, record.version, record.updated_at, record.body, record.digest, record.stamps)


@dataclass(frozen=True, slots=True)
class Upserted:
    """The record that stands after a derived write, and whether that write made it.

    `replaced` is what stood before a write that was made; None when nothing did.
    """

    record: Record
    applied: bool
    replaced: Record | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort key and the key of its last record."""

    sort: str
    key: RecordKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """A page of one index group, ordered by sort key; `fields` filters what was read.

    `low` and `high` bound the sort key, both included.
    """

    group: str
    limit: int
    after: Position | None = None
    low: str | None = None
    high: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`end` is None after the last page; a filtered page may be short."""

    records: tuple[Record, ...]
    end: Position | None
