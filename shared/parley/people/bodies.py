"""The other bodies of /users and /contacts, and those of /blacklist and /suppressions."""

from parley.core.fields import Line, Strict
from parley.people.models import Contact, User


class UserPage(Strict):
    """A page of users."""

    items: list[User]
    next_cursor: str | None


class ContactPage(Strict):
    """A page of contacts."""

    items: list[Contact]
    next_cursor: str | None


class BlockRequest(Strict):
    """Why an address is blocked; an SES event id or a person's words."""

    reason: Line = ""
    source: Line = ""


class Block(BlockRequest):
    """`address` is bare, or `@domain` for all of a domain."""

    address: str


class BlockPage(Strict):
    """A page of blocked addresses."""

    items: list[Block]
    next_cursor: str | None
