"""The settings of a mailbox: its address, tenant, members, and how its mail is answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from parley.core.ids import TenantId

UNROUTED = TenantId("unrouted")
"""Who owns the record of mail that reached none of our mailboxes."""


class Purpose(StrEnum):
    MEETINGS = "meetings"
    DEALS = "deals"


class Mode(StrEnum):
    """auto: answered at once; draft: an answer is kept for a person; silent: none is made."""

    AUTO = "auto"
    DRAFT = "draft"
    SILENT = "silent"


class Digest(StrEnum):
    """Who gets the answer to a machine's mail that was worked: nobody, or the mailbox's owner."""

    OFF = "off"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of ours. The tenant follows from it alone, never from a header.

    `members` are addresses, `@domain` entries or "*": who may write (purpose
    meetings). `aliases` are its other addresses, and `@domain` for every address
    of a domain that is nobody's own; `address` is always the one it lives under.
    `require_auth` takes only mail that SES found authentic; without it other mail is
    worked too, and its sender is answered only if `answer_unauthenticated` says so.
    `cost_ceiling_micro_usd` bounds what models may cost one email; None is no ceiling.
    """

    address: str
    tenant: TenantId
    purpose: Purpose
    owner: str | None = None
    members: tuple[str, ...] = ()
    mode: Mode = Mode.AUTO
    signature: str = ""
    require_auth: bool = True
    answer_unauthenticated: bool = False
    cost_ceiling_micro_usd: int | None = None
    aliases: tuple[str, ...] = ()
    digest: Digest = Digest.OFF


def nobodys(address: str) -> Mailbox:
    """What stands for a mailbox where mail came to an address that is none of ours."""
    return Mailbox(address, UNROUTED, Purpose.MEETINGS, members=("*",), mode=Mode.SILENT, require_auth=False)
