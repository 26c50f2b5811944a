"""Who gets no further, and why: each gate is a pure function with a name.

The first gate that stops an email decides. Gates see facts that were gathered
beforehand; none of them asks anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parley.mail.addresses import domain_of, same_address
from parley.mail.automated import automated_reason
from parley.models.email import InboundEmail, Outcome, Reason, Verdicts
from parley.models.mailbox import Mailbox, Purpose

PASS = "PASS"  # noqa: S105  # a verdict, not a password
FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a gate may know. `own_addresses` are bare and lower-cased."""

    email: InboundEmail
    mailbox: Mailbox
    verdicts: Verdicts
    own_addresses: frozenset[str]
    blacklisted: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """How the email ends, and the sentence for whoever looks it up."""

    outcome: Outcome
    reason: Reason
    detail: str


Gate = Callable[[Facts], Stop | None]


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
    """No From, or several: nobody can be answered, and two are a spoofing vector."""
    if facts.email.from_ is None:
        count = len(facts.email.senders)
        return Stop(
            Outcome.QUARANTINED, Reason.UNREADABLE, f"the From header holds {count} addresses, not one"
        )
    return None


def own_address(facts: Facts) -> Stop | None:
    """Our own mail came back: answering would be a loop."""
    sender = facts.email.from_
    if sender and any(same_address(sender.address, own) for own in facts.own_addresses):
        return Stop(Outcome.REFUSED, Reason.OWN_ADDRESS, f"{sender.address} is one of our own addresses")
    return None


def automated(facts: Facts) -> Stop | None:
    """A machine wrote it (RFC 3834, RFC 3464, lists, no-reply senders): machines are not answered."""
    reason = automated_reason(facts.email)
    if reason is None:
        return None
    return Stop(Outcome.REFUSED, Reason(reason), f"the email was sent by a machine ({reason})")


def unauthenticated(facts: Facts) -> Stop | None:
    """Where the mailbox requires it, SES must have found the From authentic: absent is not PASS."""
    if not facts.mailbox.require_auth or facts.verdicts.dmarc == PASS:
        return None
    return Stop(Outcome.QUARANTINED, Reason.UNAUTHENTICATED, f"SES's DMARC verdict is {facts.verdicts.dmarc}")


def blacklisted(facts: Facts) -> Stop | None:
    """The tenant wants no mail from this sender."""
    if facts.blacklisted:
        return Stop(Outcome.REFUSED, Reason.BLACKLISTED, "the sender is on the blacklist")
    return None


def sender_not_allowed(facts: Facts) -> Stop | None:
    """Mailboxes for meetings take mail from their members alone."""
    sender = facts.email.from_
    if facts.mailbox.purpose is not Purpose.MEETINGS or sender is None:
        return None
    address, domain = sender.address.lower(), f"@{domain_of(sender.address)}"
    if any(member == "*" or member.lower() in (address, domain) for member in facts.mailbox.members):
        return None
    return Stop(
        Outcome.REFUSED,
        Reason.SENDER_NOT_ALLOWED,
        f"{sender.address} is no member of {facts.mailbox.address}",
    )


GATES: tuple[Gate, ...] = (
    virus,
    spam,
    one_sender,
    own_address,
    automated,
    unauthenticated,
    blacklisted,
    sender_not_allowed,
)


def stopped_by(facts: Facts, gates: tuple[Gate, ...] = GATES) -> Stop | None:
    """What the first gate that objects says; None when all let the email pass."""
    return next((stop for gate in gates if (stop := gate(facts))), None)
