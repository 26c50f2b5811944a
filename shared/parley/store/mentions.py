"""Mentions: a record's places in the lists of those whom its body names.

    demo#meeting#m-1   PERSON#6ad1...    m-1 in the list of what names a person

They are written beside the record, not with it, and one that is left over from
an older body is harmless: whoever finds a record by one asks the record. Each
list is ordered by when the thing ends, so that it is a person's calendar too.

A body that came from an email keeps fields as they were sent, so that every
shape is possible here; what is no address is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parley.store.blobs import fingerprint
from parley.store.record import IndexKey, Record, RecordKey

if TYPE_CHECKING:
    from parley.store.kind import Kind, Span

PERSON = "PERSON#"
BEGINS = "begins"
"""The field of a mention that says when the thing begins."""
MOST_NAMED = 1000
"""People that one record is found by."""
LONGEST = 320


def person_group(tenant: str, named: str) -> str:
    """The list of all that names this person: an address, or another name that a kind gives its people."""
    return f"{tenant}#person#{fingerprint(named)}"


def mentions(
    tenant: str, kind: Kind, partition: str, names: Iterable[str], spans: Sequence[Span], *, now: str
) -> list[Record]:
    """A record's places in the lists of these names, one for each of its spans.

    By kind, then by when the thing is over; `fields` say when it begins.
    """
    return [
        Record(
            key=RecordKey(partition, PERSON + fingerprint(named) + (f"#{nth}" if nth else "")),
            created_at=now,
            updated_at=now,
            index=IndexKey(
                person_group(tenant, named), mention_sort(kind, span.until) + partition.split("#", 2)[2]
            ),
            fields={BEGINS: span.begins} if span.begins else {},
        )
        for named in dict.fromkeys(names)
        for nth, span in enumerate(spans)
    ]


def mention_sort(kind: Kind, until: str) -> str:
    """What the sort key begins with of things of a kind that are over then."""
    return f"{kind.name}#{until}#"


def addresses(values: Iterable[object]) -> list[str]:
    """The addresses among values of any type: each once, in lower case, at most MOST_NAMED."""
    return list(dict.fromkeys(_clean(values)))[:MOST_NAMED]


def _clean(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and "@" in value and len(value) <= LONGEST:
            yield value.strip().lower()


def mapping_or_empty(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else {}."""
    return value if isinstance(value, Mapping) else {}


def list_or_empty(value: object) -> list[Any]:
    """The value if it is a list, else []."""
    return value if isinstance(value, list) else []
