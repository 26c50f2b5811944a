"""The kinds of record of people, and the names by which other records refer to them."""

from __future__ import annotations

from parley.store.kind import Kind

USER = Kind(
    name="user",
    sort=lambda body: body["email"],
    claimed="email",
    people=lambda body: body.get("former_emails", ()),
)
CONTACT = Kind(name="contact", sort=lambda body: body["email"], claimed="email", remembered=True)
BLACKLIST = Kind(name="blacklist", ident="address", sort=lambda body: body["address"])
SUPPRESSION = Kind(name="suppression", ident="address", sort=lambda body: body["address"])
USER_PREFIX = "user/"


def contact_name(ident: str) -> str:
    """How a contact's id stands among the addresses."""
    return f"contact/{ident}"


def user_name(ident: str) -> str:
    """How a user's id stands among the addresses."""
    return USER_PREFIX + ident
