"""What reading and writing records gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A body that stands, and the stamp of each field; of one that was deleted only the stamps."""

    body: Mapping[str, Any] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A body as it stands. `applied` is False where a derived write changed nothing."""

    body: Body
    version: int
    applied: bool = True
    deleted: bool = False

    @property
    def etag(self) -> str:
        """The entity tag of this version, as HTTP quotes it."""
        return f'"{self.version}"'


@dataclass(frozen=True, slots=True)
class Answered:
    """What a POST answers, the first time and each time its key comes back."""

    status: int
    body: Body
    etag: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `next_cursor` is None after the last."""

    items: list[Body]
    next_cursor: str | None


def if_match_holds(if_match: str | None, version: int) -> bool:
    """RFC 9110: no condition, `*`, or one of the listed strong entity tags."""
    if if_match is None or if_match.strip() == "*":
        return True
    return f'"{version}"' in [tag.strip() for tag in if_match.split(",")]
