"""Claims and links: the records that are written in one transaction with the record that they belong to.

    ~#mailbox#meetings@x   #                 the mailbox, under its address
    ~#mailbox#notes@x      #                 a claim: this address is held by meetings@x
    demo#meeting#m-1       #                 the meeting, listed by time
    demo#meeting#m-1       LINK#thread_id    a link: m-1 in the list of its thread

A claim is a name that only one record may hold. A link is a record's place in
one more list, so that a lookup reads what it finds and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parley.errors import Conflict, FieldError, RejectedRequest
from parley.store.blobs import fingerprint
from parley.store.record import (
    GLOBAL,
    Action,
    Change,
    Guard,
    IndexKey,
    Record,
    RecordKey,
    create_change,
    record_key,
    replace_change,
    set_change,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley.store.kind import Kind

HOLDER = "held_by"
LINK = "LINK#"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One change of a write, and the error to raise when its guard does not hold."""

    change: Change
    problem: RejectedRequest


def claims(tenant: str, kind: Kind, body: Mapping[str, Any]) -> dict[RecordKey, str]:
    """The names that `body` holds, by the key of each claim."""
    value = body.get(kind.claimed) if kind.claimed else None
    names = [value] if isinstance(value, str) else value or []
    return {_claim_key(tenant, kind, name): name for name in names}


def _claim_key(tenant: str, kind: Kind, name: str) -> RecordKey:
    """Beside the records themselves where both share one set of names, else below a digest.

    What stays of a removed contact does not tell the address.
    """
    if kind.everywhere:
        return record_key(GLOBAL, kind.name, name)
    return record_key(tenant, f"{kind.name}-{kind.claimed}", fingerprint(name))


def link_group(tenant: str, kind: Kind, field: str, value: str) -> str:
    """The list of what has this value; a digest, for an index key holds no more than 2 KB."""
    return f"{tenant}#{kind.name}-{field}#{fingerprint(value)}"


def _links(tenant: str, kind: Kind, record: Record, body: Mapping[str, Any]) -> dict[RecordKey, Record]:
    sort = record.index.sort if record.index else ""
    places = {
        RecordKey(record.key.partition, LINK + field): IndexKey(
            link_group(tenant, kind, field, str(body[field])), sort
        )
        for field in kind.links
        if body.get(field)
    }
    return {
        key: Record(key=key, created_at=record.created_at, updated_at=record.updated_at, index=place)
        for key, place in places.items()
    }


def link_changes(
    tenant: str, kind: Kind, new: Record, body: Body, *, old: tuple[Record, Body] | None = None
) -> list[Part]:
    """The changes that keep claims and links in step with `new`; `old` is what stood, and its body.

    Only the record itself is guarded by its version: whoever may replace it may
    replace its links, and give its claims back.
    """
    had = claims(tenant, kind, old[1]) if old else {}
    has = claims(tenant, kind, body)
    made = [_claim(kind, key, name, new) for key, name in has.items() if key not in had]
    linked = _links(tenant, kind, *old) if old else {}
    links = _links(tenant, kind, new, body)
    moved = [unguarded_put(link) for key, link in links.items() if not _stands(link, linked.get(key))]
    gone = [key for key in had if key not in has] + [key for key in linked if key not in links]
    return [*made, *moved, *(_removal(key) for key in gone)]


def _stands(link: Record, standing: Record | None) -> bool:
    return standing is not None and standing.index == link.index


def _claim(kind: Kind, key: RecordKey, name: str, holder: Record) -> Part:
    record = Record(
        key=key,
        created_at=holder.updated_at,
        updated_at=holder.updated_at,
        fields={HOLDER: holder.key.partition.split("#", 2)[2]},
    )
    detail = f"There is a {kind.name} with {name} already."
    change = create_change(record)
    return Part(change, Conflict(detail, FieldError(kind.claimed or "id", detail)))


def take_over_claim(part: Part, standing: Record) -> Part:
    """The same claim, in the place of one whose holder was removed."""
    record = part.change.record and replace(part.change.record, version=standing.version + 1)
    change = replace(part.change, guard=Guard.VERSION, record=record, version=standing.version)
    return replace(part, change=change)


def removal_changes(tenant: str, kind: Kind, old: Record, body: Body) -> list[Part]:
    """The changes that remove a record's links and claims. A kind that is `remembered` keeps its claims."""
    keys = [] if kind.remembered else list(claims(tenant, kind, body))
    return [_removal(key) for key in (*keys, *_links(tenant, kind, old, body))]


def unguarded_put(record: Record) -> Part:
    """A link or mention as it is written, whatever stands."""
    return unguarded_change(set_change(record))


def unguarded_change(change: Change) -> Part:
    """A change that nothing refuses."""
    return Part(change, _never())


def _removal(key: RecordKey) -> Part:
    return Part(Change(action=Action.DELETE, key=key, guard=Guard.ANY), _never())


def _never() -> RejectedRequest:
    return Conflict("The record keeps changing.", retry_after=1)


def record_part(new: Record, old: Record | None) -> Part:
    """The change that puts the record itself, in the place of `old` where something stands."""
    _, kind, ident = new.key.partition.split("#", 2)
    detail = f"There is a {kind} {ident} already."
    change = replace_change(new, old) if old else create_change(new)
    return Part(change, Conflict(detail, FieldError("id", detail)))
