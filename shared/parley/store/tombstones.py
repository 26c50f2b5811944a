"""Tombstones: the marks that an erasure leaves. A run may write only while it has none."""

from __future__ import annotations

from parley.store.record import RecordKey, record_key


def erased_mark(tenant: str, ident: str) -> RecordKey:
    """Where the mark of a run, or of a keyed hash, stands."""
    return record_key(tenant, "erased", ident)


def unless_erased(tenant: str, run_id: str | None) -> RecordKey | None:
    """The mark whose absence a write of this run must check; None for a write that is no run's."""
    return erased_mark(tenant, run_id) if run_id else None


def names_kept(tenant: str, hashed: str) -> RecordKey:
    """Where the names of a person are kept whose erasure has begun and not ended."""
    return record_key(tenant, "erasing", hashed)
