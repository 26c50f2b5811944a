"""The kinds of thing the backend keeps: one row a kind says how it is listed and guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parley.backend.services.named import in_email, in_meeting, in_message
from parley.models.email import Outcome

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
    when it is removed, so that no email brings it back. `people` are those whom
    a body names, by address or as `contact/ID`: it is found by each of them.
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
    people: Callable[[Body], Iterable[str]] = lambda _: ()

    def group_of(self, body: Body) -> str:
        return self.group(body) if self.group else self.name


def thread_group(thread_id: str) -> str:
    """The list of one conversation's messages."""
    return f"thread#{thread_id}"


_CERTAINTY = {"ambiguous": 1, "sent": 2, "failed": 3}
"""How much is known of a reply: SES may say of one that was sent that it came back, and never the reverse."""
_MOST_STATES, _MOST_GENERATIONS = 99, 1_000_000


def _progress(body: Body) -> int:
    """How far a run has come: generation, ending, states, and how surely its reply has ended, in this order.

    A run that failed may be worked again, so any other ending outranks that one.
    """
    outcome = body.get("outcome")
    ending = 0 if not outcome else 1 if outcome == Outcome.FAILED else 2
    states = min(len(body.get("states") or ()), _MOST_STATES)
    return ((_generation(body) * 3 + ending) * (_MOST_STATES + 1) + states) * 10 + _certainty(body)


def _generation(body: Body) -> int:
    """1, and one more with each replay. The field is one that the API takes as it comes."""
    generation = body.get("generation")
    return max(1, min(generation, _MOST_GENERATIONS)) if isinstance(generation, int) else 1


def _certainty(body: Body) -> int:
    reply = body.get("reply")
    status = reply.get("status") if isinstance(reply, Mapping) else None
    return _CERTAINTY.get(status, 0) if isinstance(status, str) else 0


MEETING = Kind(
    name="meeting",
    sort=lambda body: body.get("scheduled_time") or UNSCHEDULED,
    fields=("user_id", "contact_id", "status", "thread_id", "ical_uid"),
    links=("ical_uid", "thread_id"),
    people=in_meeting,
)
MESSAGE = Kind(
    name="message",
    sort=lambda body: body.get("at") or "",
    group=lambda body: thread_group(body["thread_id"]),
    # All rank alike, but below what was erased.
    rank=lambda _: 0,
    people=in_message,
)
EMAIL = Kind(
    name="email",
    sort=lambda body: body.get("received_at") or "",
    fields=("outcome", "route", "mailbox"),
    rank=_progress,
    people=in_email,
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
ERASURE = Kind(name="erasure", sort=lambda body: body["requested_at"])
