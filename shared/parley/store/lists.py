"""Pages of lists: by an index group, or by way of links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from parley.errors import (
    NotYetThere,
    RequestError,
    invalid,
)
from parley.store.access import RecordAccess
from parley.store.blobs import unpack
from parley.store.cursors import decode_cursor, encode_cursor
from parley.store.record import (
    ListQuery,
    Position,
    Record,
    RecordKey,
    RecordPage,
)
from parley.store.results import Body, Page


class RecordLists(RecordAccess):
    """Reads pages."""

    async def page(self, query: ListQuery, *, cursor: str | None = None) -> Page:
        """One page of a list. Raises InvalidField for a cursor that is not of this list."""
        query = _from(query, cursor)
        found = await self._query(query, cursor)
        items = [await self._listed(record) for record in found.records]
        return _page([item for item in items if item is not None], query, found.end)

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
        wanted = [record for record in records if record and _matches(record, query.fields)]
        return _page([await unpack(self.blobs, record) for record in wanted], query, found.end)

    async def _query(self, query: ListQuery, cursor: str | None) -> RecordPage:
        try:
            return await self.store.query(query)
        except RequestError as error:
            if cursor is None:
                raise
            raise invalid("cursor", "is not one that this API gave out") from error


def _from(query: ListQuery, cursor: str | None) -> ListQuery:
    return replace(query, after=decode_cursor(query, cursor)) if cursor else query


def _page(items: list[Body], query: ListQuery, end: Position | None) -> Page:
    return Page(items, encode_cursor(replace(query, after=None), end) if end else None)


def _matches(record: Record, fields: Mapping[str, str]) -> bool:
    """A link can lag behind its record: what counts is what the record says now."""
    return not record.deleted and all(record.fields.get(name) == value for name, value in fields.items())
