"""Ids: the types of those that everybody speaks of, and how an id is derived from what it names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NewType

RunId = NewType("RunId", str)
TenantId = NewType("TenantId", str)


def digest(*parts: str) -> str:
    """The SHA-256 of the parts, 64 hex digits; the same parts give the same id on every machine."""
    return hashlib.sha256(length_prefixed(parts)).hexdigest()


def length_prefixed(parts: Sequence[str]) -> bytes:
    """The parts as one byte string, each after its length: ("ab", "c") and ("a", "bc") differ."""
    return "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
