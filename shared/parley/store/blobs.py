"""Bodies as JSON text: kept in their record while they are small, and in a blob when they are bigger."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parley.errors import NotYetThere, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley.store.ports import BlobStore
    from parley.store.record import Record

LARGEST_INLINE = 300_000
"""Bytes. A DynamoDB item holds 400 KB in all, keys and index included."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Where a body's text went: `body`, or `blob` and `digest`."""

    body: str | None
    blob: str | None
    digest: str | None


def canonical(body: Mapping[str, Any]) -> str:
    """One text for one body. Raises InvalidField for what JSON or UTF-8 cannot carry."""
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        text.encode()
    except (ValueError, RecursionError) as error:
        raise invalid("body", "holds something that JSON in UTF-8 cannot carry") from error
    return text


def fingerprint(*texts: str) -> str:
    """A short name for exactly these texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


async def pack(blobs: BlobStore, text: str, *, folder: str) -> Packed:
    """Store the text below `data/{folder}/` when it is too big to stand in its record.

    Every write has a blob of its own name: once no record names it, none will.
    """
    data = text.encode()
    if len(data) <= LARGEST_INLINE:
        return Packed(text, None, None)
    blob = f"data/{folder}/{uuid.uuid4().hex}"
    await blobs.put_blob(blob, data)
    return Packed(None, blob, hashlib.sha256(data).hexdigest())


async def unpack(blobs: BlobStore, record: Record) -> dict[str, Any]:
    """A record's body; {} when it is deleted. Raises NotYetThere when its blob is not the one meant."""
    if record.body is not None:
        return dict(json.loads(record.body))
    if record.blob is None:
        return {}
    data = await blobs.get_blob(record.blob)
    if hashlib.sha256(data).hexdigest() != record.digest:
        raise NotYetThere(f"The body {record.blob} is not the one that its record names")
    return dict(json.loads(data))
