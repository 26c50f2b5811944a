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
    """One kind of record.

    name        the word in the keys of the data table
    sort        a body's place in its list; "" stands for the time of the write
    fields      the fields of the body that lists can filter on
    group       the name of the list that a body belongs to; None: the kind's name
    rank        orders derived writes of one record: a lower one never replaces a
                higher one, and None has no place in that order
    everywhere  the id is unique over all tenants; the body says whose it is
    claimed     the field whose value, or each of whose entries, only one record may have
    links       the fields that have a list of their own for each value
    remembered  a removed record leaves a mark, so that no email brings it back
    people      whom a body names, by address or by a name such as `contact/ID`:
                the record is found by each of them
    spans       when it takes place. The first is when it does; a second is when it
                first did, or would have
    aliases     which of the names of `people` stand for a field of another record
    ident       what requests call the id; "": the kind's name and `_id`
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
    ident: str = ""

    @property
    def ident_field(self) -> str:
        """The name under which requests give the id of one."""
        return self.ident or f"{self.name}_id"

    def group_of(self, body: Body) -> str:
        """The list that a body belongs to."""
        return self.group(body) if self.group else self.name


def key_of(tenant: str, kind: Kind, ident: str) -> RecordKey:
    """Where the record of this id is stored."""
    return record_key(GLOBAL if kind.everywhere else tenant, kind.name, ident)


def index_key(tenant: str, kind: Kind, ident: str, body: Body, *, now: str) -> IndexKey:
    """Where a body stands in its tenant's lists."""
    return IndexKey(f"{tenant}#{kind.group_of(body)}", f"{kind.sort(body) or now}#{ident}")
