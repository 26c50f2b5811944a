"""The bodies of /mailboxes."""

from typing import Annotated

from pydantic import Field, StringConstraints

from parley.core.fields import Aliases, EmailAddress, Ident, Member, Strict
from parley.mail.mailbox import Digest, Mode, Purpose


class MailboxChanges(Strict):
    """PATCH /mailboxes/{address}: only the fields that are given change."""

    purpose: Purpose | None = None
    owner: Ident | None = None
    members: Annotated[list[Member], Field(max_length=1000)] | None = None
    mode: Mode | None = None
    digest: Digest | None = None
    signature: Annotated[str, StringConstraints(max_length=5000)] | None = None
    require_auth: bool | None = None
    answer_unauthenticated: bool | None = None
    aliases: Aliases | None = None
    cost_ceiling_micro_usd: Annotated[int, Field(ge=0, le=10**12)] | None = None


class MailboxRequest(Strict):
    """See `mail.mailbox.Mailbox`; the tenant is the caller's, `owner` the id of one of its users.

    `aliases` are more addresses of this mailbox; `@domain` takes every address
    of a domain that has no mailbox or alias of its own. An address has one
    owner over all tenants, be it a mailbox's own or an alias. `digest` says who
    gets the answer to a transcript that a machine sent: nobody, or `owner`.
    `require_auth` quarantines mail without a DMARC pass; where it is false such mail
    is worked, and answered only if `answer_unauthenticated` is true: whoever is
    answered then may have written nothing.
    """

    address: EmailAddress
    purpose: Purpose
    owner: Ident | None = None
    members: Annotated[list[Member], Field(max_length=1000, default_factory=list)]
    mode: Mode = Mode.AUTO
    digest: Digest = Digest.OFF
    signature: Annotated[str, StringConstraints(max_length=5000)] = ""
    require_auth: bool = True
    answer_unauthenticated: bool = False
    aliases: Annotated[Aliases, Field(default_factory=list)]
    cost_ceiling_micro_usd: Annotated[int, Field(ge=0, le=10**12)] | None = None


class MailboxBody(MailboxRequest):
    """A mailbox as it is stored, with its tenant."""

    tenant: str


class MailboxPage(Strict):
    """A page of mailboxes."""

    items: list[MailboxBody]
    next_cursor: str | None
