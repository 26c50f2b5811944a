"""Users (the tenant's own people) and contacts (people outside whom they meet)."""

from parley.core.fields import EmailAddress, Ident, Line, Name, Strict, ZoneName


class UserRequest(Strict):
    """`time_zone` is the zone in which the user's meetings are written down."""

    name: Name
    email: EmailAddress
    role: Line = ""
    time_zone: ZoneName = "UTC"


class UserChanges(Strict):
    """PATCH /users/{id}: only the fields that are given change."""

    name: Name | None = None
    email: EmailAddress | None = None
    role: Line | None = None
    time_zone: ZoneName | None = None


class User(UserRequest):
    """Someone of the tenant's own; `role` is what they do, not what they may do.

    `former_emails` are the addresses that they had before.
    """

    id: Ident
    former_emails: list[EmailAddress] = []


class ContactRequest(Strict):
    """`company` and `role` are "" until somebody knows them."""

    name: Line = ""
    email: EmailAddress
    company: Line = ""
    role: Line = ""


class ContactChanges(Strict):
    """PATCH /contacts/{id}: only the fields that are given change."""

    name: Line | None = None
    email: EmailAddress | None = None
    company: Line | None = None
    role: Line | None = None


class Contact(ContactRequest):
    """Someone outside whom the tenant meets."""

    id: Ident
