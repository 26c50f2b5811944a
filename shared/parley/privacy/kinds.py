"""The kind of record that the certificate of an erasure is."""

from __future__ import annotations

from parley.store.kind import Kind

ERASURE = Kind(name="erasure", sort=lambda body: body["requested_at"])
