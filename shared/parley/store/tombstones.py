"""Marks of erasures. A write of an erased run checks that there is none, and is refused with it."""

from __future__ import annotations

from parley.store.record import RecordKey, record_key


def erased_mark(tenant: str, ident: str) -> RecordKey:
    """Where the mark of a run, or of a keyed hash, stands."""
    return record_key(tenant, "erased", ident)


def unless_erased(tenant: str, run_id: str | None) -> RecordKey | None:
    """What must not be there when a run writes; None for what no run writes."""
    return erased_mark(tenant, run_id) if run_id else None


def names_kept(tenant: str, hashed: str) -> RecordKey:
    """Where the names of a person are kept whose erasure has begun and not ended."""
    return record_key(tenant, "erasing", hashed)
