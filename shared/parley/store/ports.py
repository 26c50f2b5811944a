"""What the backend needs of a store. Adapters implement it, bootstrap joins the two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.store.record import Change, ListQuery, Record, RecordKey, RecordPage, Refusal, Upserted


class DataStore(Protocol):
    """Records by key and by index group. Raises RetryableError when the store does not answer.

    Reads by key are consistent; lists may lag behind a write by a moment.
    """

    async def get(self, key: RecordKey) -> Record | None: ...

    async def get_many(self, keys: Sequence[RecordKey]) -> list[Record | None]:
        """The records of at most 100 keys in one round trip, in the order of `keys`."""
        ...

    async def write(self, *changes: Change) -> Refusal | None:
        """Make all changes or none; None means that all are made. One round trip."""
        ...

    async def upsert(self, record: Record, *, token: str) -> Upserted:
        """Write `record` over what stands, unless `token` was applied or what stands ranks higher.

        One round trip. The version counts on from what stands, and `created_at` is kept.
        """
        ...

    async def query(self, query: ListQuery) -> RecordPage: ...

    async def parts(self, partition: str, *, prefix: str = "") -> list[Record]:
        """All records of one partition: the thing itself and what hangs below it.

        With a `prefix` those alone whose part begins with it. A consistent read.
        """
        ...


async def read_list(store: DataStore, query: ListQuery, *, most: int) -> list[Record]:
    """The records of a list, page by page, until there are `most` or no more."""
    found: list[Record] = []
    while len(found) < most:
        page = await store.query(query)
        found += page.records
        if page.end is None:
            break
        query = replace(query, after=page.end)
    return found


class BlobStore(Protocol):
    """Bodies that are too big for a record. Raises RetryableError when it does not answer."""

    async def put_blob(self, key: str, data: bytes) -> None: ...

    async def get_blob(self, key: str) -> bytes: ...

    async def delete_blob(self, key: str) -> None: ...
