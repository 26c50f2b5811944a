"""The kinds of thing the backend keeps: one row a kind says how it is listed and guarded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]

UNSCHEDULED = "~"
"""Sorts after every date, so that what has no time stands last and outside every range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`group` names the list a body belongs to, `sort` its place there; `fields` are filterable.

    `sort` may be "": then it is the time of the write. `rank` orders derived
    writes of one record: a lower one never replaces a higher one; None has no
    place in that order. `everywhere` is true of what has one name over all
    tenants: its body says whose it is. `claimed` is the field whose value, or
    whose every entry, only one record may have. `links` are the fields that
    have a list of their own for each value. A `remembered` one leaves a mark
    when it is removed, so that no email brings it back.
    """

    name: str
    sort: Callable[[Body], str]
    fields: tuple[str, ...] = ()
    group: Callable[[Body], str] | None = None
    rank: Callable[[Body], int | None] = lambda _: None
    everywhere: bool = False
    claimed: str | None = None
    links: tuple[str, ...] = ()
    remembered: bool = False

    def group_of(self, body: Body) -> str:
        return self.group(body) if self.group else self.name


def thread_group(thread_id: str) -> str:
    """The list of one conversation's messages."""
    return f"thread#{thread_id}"


def _progress(body: Body) -> int:
    """How far a run has come: a finished one outranks any unfinished one."""
    return len(body.get("states") or ()) + (1000 if body.get("outcome") else 0)


MEETING = Kind(
    name="meeting",
    sort=lambda body: body.get("scheduled_time") or UNSCHEDULED,
    fields=("user_id", "contact_id", "status", "thread_id", "ical_uid"),
    links=("ical_uid", "thread_id"),
)
MESSAGE = Kind(
    name="message",
    sort=lambda body: body.get("at") or "",
    group=lambda body: thread_group(body["thread_id"]),
)
EMAIL = Kind(
    name="email",
    sort=lambda body: body.get("received_at") or "",
    fields=("outcome", "route", "mailbox"),
    rank=_progress,
)
USER = Kind(name="user", sort=lambda body: body["email"])
CONTACT = Kind(name="contact", sort=lambda body: body["email"], claimed="email", remembered=True)
MAILBOX = Kind(
    name="mailbox",
    sort=lambda body: body["address"],
    fields=("tenant",),
    everywhere=True,
    claimed="aliases",
)
BLACKLIST = Kind(name="blacklist", sort=lambda body: body["address"])
SUPPRESSION = Kind(name="suppression", sort=lambda body: body["address"])
