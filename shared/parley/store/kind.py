"""What a room says of each kind of record that it keeps: how it is listed, guarded and found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parley.store.record import GLOBAL, IndexKey, RecordKey, record_key

Body = Mapping[str, Any]
UNSCHEDULED = "~"
"""Sorts after every date, so that what has no time stands last and outside every range."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when something is, as the wall shows it (ISO 8601); "" where that is not known."""

    begins: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """Names that are `prefix` and the id of a record of `kind` stand for that record's `field`.

    The record is asked when something new is listed; where there is none, the name stays as it is.
    """

    prefix: str
    kind: Kind
    field: str

    def ident_of(self, name: str) -> str | None:
        """The id in a name that this alias is about; None for any other name."""
        return name.removeprefix(self.prefix) if name.startswith(self.prefix) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`group` names the list a body belongs to, `sort` its place there; `fields` are filterable.

    `sort` may be "": then it is the time of the write. `rank` orders derived
    writes of one record: a lower one never replaces a higher one; None has no
    place in that order. `everywhere` is true of what has one name over all
    tenants: its body says whose it is. `claimed` is the field whose value, or
    whose every entry, only one record may have. `links` are the fields that
    have a list of their own for each value. A `remembered` one leaves a mark
    when it is removed, so that no email brings it back. `people` are those whom
    a body names, by address or as `contact/ID` and `user/ID`: it is found by each
    of them, in the order in which its `spans` end. The first of these is when it
    is; another when it first was, or would have been.
    """

    name: str
    sort: Callable[[Body], str]
    fields: tuple[str, ...] = ()
    group: Callable[[Body], str] | None = None
    rank: Callable[[Body], int | None] = lambda _: None
    everywhere: bool = False
    claimed: str | None = None
    links: tuple[str, ...] = ()
    remembered: bool = False
    people: Callable[[Body], Iterable[str]] = lambda _: ()
    spans: Callable[[Body], tuple[Span, ...]] = lambda _: (Span(),)
    aliases: tuple[Alias, ...] = ()

    def group_of(self, body: Body) -> str:
        """The list that a body belongs to."""
        return self.group(body) if self.group else self.name


def key_of(tenant: str, kind: Kind, ident: str) -> RecordKey:
    """Where the record of this id is stored."""
    return record_key(GLOBAL if kind.everywhere else tenant, kind.name, ident)


def index_key(tenant: str, kind: Kind, ident: str, body: Body, *, now: str) -> IndexKey:
    """Where a body stands in its tenant's lists."""
    return IndexKey(f"{tenant}#{kind.group_of(body)}", f"{kind.sort(body) or now}#{ident}")
