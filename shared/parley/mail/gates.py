"""The checks that stop an email before it is worked. Each gate is a pure function.

The first gate that stops an email decides. Gates see facts that were gathered
beforehand; none of them asks anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.core.outcome import Outcome
from parley.mail.addresses import domain_of, same_address
from parley.mail.automated import automated as find_automated
from parley.mail.automated import is_invitation
from parley.mail.email import InboundEmail, Reason, Verdicts
from parley.mail.mailbox import UNROUTED, Mailbox, Purpose

PASS = "PASS"  # noqa: S105  # a verdict, not a password
FAIL = "FAIL"
MOST_RUNS = 1_000
"""Emails of one sender to one mailbox in this hour and the one before."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a gate may know. `own_addresses` are bare and lower-cased.

    `sender_is_mailbox`: the sender's address is a mailbox of ours, whoever's.
    `recent_runs`: how many other emails of this sender were worked of late.
    """

    email: InboundEmail
    mailbox: Mailbox
    verdicts: Verdicts
    own_addresses: frozenset[str]
    sender_is_mailbox: bool = False
    blacklisted: bool = False
    recent_runs: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """How the email ends, and the sentence for whoever looks it up."""

    outcome: Outcome
    reason: Reason
    detail: str


Gate = Callable[[Facts], Stop | None]


def unknown_mailbox(facts: Facts) -> Stop | None:
    """The address is none of our mailboxes: nobody's mail, and nobody to answer it."""
    if facts.mailbox.tenant != UNROUTED:
        return None
    return Stop(Outcome.REFUSED, Reason.UNKNOWN_MAILBOX, f"{facts.mailbox.address} is none of our mailboxes")


def virus(facts: Facts) -> Stop | None:
    """SES found a virus, or (where authentication is required) did not say that there is none."""
    verdict = facts.verdicts.virus
    if verdict == FAIL or (facts.mailbox.require_auth and verdict != PASS):
        return Stop(Outcome.QUARANTINED, Reason.VIRUS, f"SES's virus verdict is {verdict}")
    return None


def spam(facts: Facts) -> Stop | None:
    """SES calls it spam, or (where authentication is required) did not clear it."""
    verdict = facts.verdicts.spam
    if verdict == FAIL or (facts.mailbox.require_auth and verdict != PASS):
        return Stop(Outcome.QUARANTINED, Reason.SPAM, f"SES's spam verdict is {verdict}")
    return None


def one_sender(facts: Facts) -> Stop | None:
    """No From, or several: nobody can be answered, and of two nobody can say which one wrote."""
    if facts.email.from_ is None:
        count = len(facts.email.senders)
        reason = Reason.UNAUTHENTICATED if count else Reason.UNREADABLE
        return Stop(Outcome.QUARANTINED, reason, f"the From header holds {count} addresses, not one")
    return None


def own_address(facts: Facts) -> Stop | None:
    """Our own mail came back: answering would be a loop."""
    sender = facts.email.from_
    if sender is None:
        return None
    if facts.sender_is_mailbox or any(
        same_address(_untagged(sender.address), own) for own in facts.own_addresses
    ):
        return Stop(Outcome.REFUSED, Reason.OWN_ADDRESS, f"{sender.address} is one of our own addresses")
    return None


def _untagged(address: str) -> str:
    """`a+tag@x` is `a@x`, as mail to it is delivered."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def automated(facts: Facts) -> Stop | None:
    """A machine sent it (RFC 3834, RFC 3464, lists, no-reply senders).

    An invitation is worked all the same, and so is what may carry a transcript
    to a mailbox for meetings: a list's copy, a note-taker's mail. Neither is
    answered.
    """
    found = find_automated(facts.email)
    if found is None or (found.reason != "bounce" and is_invitation(facts.email)):
        return None
    if found.carries and facts.mailbox.purpose is Purpose.MEETINGS:
        return None
    return Stop(Outcome.REFUSED, Reason(found.reason), f"the email was sent by a machine ({found.reason})")


def unauthenticated(facts: Facts) -> Stop | None:
    """Where the mailbox requires it, SES must have found the From authentic: absent is not PASS."""
    if not facts.mailbox.require_auth or facts.verdicts.dmarc == PASS:
        return None
    return Stop(Outcome.QUARANTINED, Reason.UNAUTHENTICATED, f"SES's DMARC verdict is {facts.verdicts.dmarc}")


def is_blacklisted(facts: Facts) -> Stop | None:
    """The tenant wants no mail from this sender (name: seed 003)."""
    if facts.blacklisted:
        return Stop(Outcome.REFUSED, Reason.BLACKLISTED, "the sender is on the blacklist")
    return None


def is_member(sender: str, members: tuple[str, ...]) -> bool:
    """Whether an address is named among the members, by itself or by its domain."""
    address, domain = sender.lower(), f"@{domain_of(sender)}"
    return any(member.lower() in (address, domain) for member in members)


def sender_not_allowed(facts: Facts) -> Stop | None:
    """Mailboxes for meetings take mail from their members alone."""
    sender = facts.email.from_
    if facts.mailbox.purpose is not Purpose.MEETINGS or sender is None:
        return None
    if "*" in facts.mailbox.members or is_member(sender.address, facts.mailbox.members):
        return None
    return Stop(
        Outcome.REFUSED,
        Reason.SENDER_NOT_ALLOWED,
        f"{sender.address} is no member of {facts.mailbox.address}",
    )


def rate_capped(facts: Facts) -> Stop | None:
    """More mail in an hour or two than a person sends: a loop that no header gives away."""
    if facts.recent_runs < MOST_RUNS:
        return None
    return Stop(
        Outcome.REFUSED, Reason.RATE_CAPPED, f"{facts.recent_runs} emails of this sender within two hours"
    )


GATES: tuple[Gate, ...] = (
    unknown_mailbox,
    virus,
    spam,
    own_address,
    automated,
    one_sender,
    unauthenticated,
    is_blacklisted,
    sender_not_allowed,
    rate_capped,
)


SEEN_BY_A_PERSON = tuple(gate for gate in GATES if gate not in {spam, unauthenticated})
"""What still stops a quarantined email that a person has looked at and lets pass: all but two."""


def stopped_by(facts: Facts, gates: tuple[Gate, ...] = GATES) -> Stop | None:
    """What the first gate that objects says; None when all let the email pass."""
    return next((stop for gate in gates if (stop := gate(facts))), None)
