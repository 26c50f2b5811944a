"""Pages of lists: by an index group, or by way of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from parley.errors import (
    NotYetThere,
    RequestError,
    invalid,
)
from parley.store.access import RecordAccess
from parley.store.blobs import canonical, unpack
from parley.store.cursors import decode_cursor, encode_cursor
from parley.store.record import (
    ListQuery,
    Position,
    Record,
    RecordKey,
    RecordPage,
)
from parley.store.results import Body, Page

LARGEST_PAGE = 4_000_000
"""Bytes of the bodies of one page: Lambda answers 6 MB."""
ENOUGH = 1_500_000
"""Bytes after which a page that is put together of several reads no more."""


class RecordLists(RecordAccess):
    """Reads pages."""

    async def page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        """One page of a list. Raises InvalidField for a cursor that is not of this list."""
        query = _from(query, cursor)
        found = await self._query(query, cursor)
        return await self._page(query, found, found.records)

    async def _page(self, query: ListQuery, found: RecordPage, records: Sequence[Record | None]) -> Page:
        """The bodies of `records`, one for each of `found`, as long as they fit into one page."""
        items: list[Body] = []
        size, end = 0, None
        for place, record in zip(found.records, records, strict=True):
            body = await self._listed(record) if record else None
            if record is None or body is None:
                end = _position(place)
                continue
            size += len(record.body.encode()) if record.body is not None else size_of(body)
            if items and size > LARGEST_PAGE:
                return Page(items, encode_cursor(replace(query, after=None), end or _position(place)))
            items.append(body)
            end = _position(place)
        cursor = encode_cursor(replace(query, after=None), found.end) if found.end else None
        return Page(items, cursor)

    async def _listed(self, record: Record) -> Body | None:
        """A list lags behind: where the blob it names was replaced since, the record itself is asked."""
        try:
            return await unpack(self.blobs, record)
        except NotYetThere:
            now = await self.store.get(record.key)
            if now and now.blob == record.blob:
                raise
            return await unpack(self.blobs, now) if now and not now.deleted else None

    async def linked_page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        """The same by way of links: two round trips, and only what is linked is read."""
        query = _from(query, cursor)
        found = await self._query(replace(query, fields={}), cursor)
        keys = [RecordKey(link.key.partition) for link in found.records]
        records = await self.store.get_many(keys)
        wanted = [record if record and _matches(record, query.fields) else None for record in records]
        return await self._page(query, found, wanted)

    async def _query(self, query: ListQuery, cursor: str | None) -> RecordPage:
        try:
            return await self.store.query(query)
        except RequestError as error:
            if cursor is None:
                raise
            raise invalid("cursor", "is not one that this API gave out") from error


def _from(query: ListQuery, cursor: str | None) -> ListQuery:
    return replace(query, after=decode_cursor(query, cursor)) if cursor else query


def size_of(*bodies: Body) -> int:
    """Bytes of these bodies as JSON."""
    return sum(len(canonical(body).encode()) for body in bodies)


def _position(record: Record) -> Position:
    return Position(record.index.sort if record.index else "", record.key)


def _matches(record: Record, fields: Mapping[str, str]) -> bool:
    """A link can lag behind its record: what counts is what the record says now."""
    return not record.deleted and all(record.fields.get(name) == value for name, value in fields.items())
