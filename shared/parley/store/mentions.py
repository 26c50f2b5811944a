"""Whom a body names: the addresses by which a record is found when a person is to be erased.

A body that came from an email keeps fields as they were sent, so that every
shape is possible here; what is no address is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]

MOST_NAMED = 1000
"""People that one record is found by."""
LONGEST = 320
_USER = "user/"


def in_email(body: Body) -> list[str]:
    """Of a run's record: sender, recipients, whom the reply is to, and everyone in its invites.

    `named` are those whom the mail names elsewhere, where the pipeline says so.
    """
    email, reply = _mapping(body.get("email")), _mapping(body.get("reply"))
    invites = [_mapping(invite) for invite in _list(body.get("invites"))]
    named = [email.get("from"), reply.get("to"), *_list(email.get("to")), *_list(email.get("cc"))]
    named += _list(body.get("named"))
    for invite in invites:
        named += [invite.get("organizer"), *_list(invite.get("attendees"))]
    return _addresses(named)


def in_meeting(body: Body) -> list[str]:
    """Whose it is, the contact that it is with, attendees, and those who answered."""
    attendees = [_mapping(one).get("address") for one in _list(body.get("attendees"))]
    user, contact = body.get("user_id"), body.get("contact_id")
    known = [
        *([user_name(user)] if isinstance(user, str) and user else ()),
        *([contact_name(contact)] if isinstance(contact, str) and contact else ()),
    ]
    return [*known, *_addresses([*attendees, *_mapping(body.get("responses"))])]


def in_message(body: Body) -> list[str]:
    """Sender and recipients; one that belongs to a run is found by the run."""
    return [] if body.get("run_id") else _addresses([body.get("from"), *_list(body.get("to"))])


def contact_name(ident: str) -> str:
    """How a contact's id stands among the addresses."""
    return f"contact/{ident}"


def user_name(ident: str) -> str:
    """How a user's id stands among the addresses."""
    return _USER + ident


def user_of(named: str) -> str | None:
    """The id behind a user's name; None for any other name."""
    return named.removeprefix(_USER) if named.startswith(_USER) else None


def _addresses(values: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(_clean(values)))[:MOST_NAMED]


def _clean(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and "@" in value and len(value) <= LONGEST:
            yield value.strip().lower()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
