"""Cursors: where a list goes on. Opaque, and good only for the list they came from."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from parley.errors import invalid
from parley.store.blobs import fingerprint
from parley.store.record import Position, RecordKey

if TYPE_CHECKING:
    from parley.store.record import ListQuery


def encode_cursor(query: ListQuery, end: Position) -> str:
    """The cursor by which `query` goes on after `end`."""
    parts = [_list_name(query), end.sort, end.key.partition, end.key.part]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(query: ListQuery, cursor: str) -> Position:
    """Where `query` goes on. The index group, and so the tenant, is the query's, never the cursor's."""
    name, sort, partition, part = _parts(cursor)
    if name != _list_name(query):
        raise invalid("cursor", "belongs to another list: use it with the filters it was given for")
    return Position(sort, RecordKey(partition, part))


def _parts(cursor: str) -> tuple[str, str, str, str]:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, sort, partition, part = json.loads(data)
    except (ValueError, TypeError, RecursionError) as error:
        raise invalid("cursor", "is not one that this API gave out") from error
    parts = (name, sort, partition, part)
    if not all(isinstance(text, str) and text for text in parts):
        raise invalid("cursor", "is not one that this API gave out")
    return parts


def _list_name(query: ListQuery) -> str:
    filters = sorted(query.fields.items())
    return fingerprint(json.dumps([query.group, query.low, query.high, query.newest_first, filters]))
