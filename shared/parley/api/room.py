"""What one domain brings to the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter

from parley.store.erasure import RoomErasure
from parley.store.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A domain: its routes, its kinds of record, and what of it an erasure removes.

    `tags` are the OpenAPI tags of its routes, each with a sentence on what it is about;
    `fields` says what properties and parameters mean, by name, or by `Schema.name` or
    `operation.name` where a name means two things.
    """

    name: str
    routers: tuple[APIRouter, ...] = ()
    kinds: tuple[Kind, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    erasure: RoomErasure = field(default_factory=RoomErasure)
