"""The records of all rooms: one class that reads, lists, makes, changes, derives and removes them."""

from __future__ import annotations

from parley.store.changes import RecordChanges
from parley.store.derived_writes import DerivedWrites
from parley.store.lists import RecordLists


class Records(RecordLists, DerivedWrites, RecordChanges):
    """Bodies by (tenant, kind, id) over a DataStore and a BlobStore.

    Each base class has one subject: `lists` reads pages, `derived_writes` takes
    what emails say, `changes` what requests say, `removal` deletes and erases,
    `idempotency` remembers answers.
    """
