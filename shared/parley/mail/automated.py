"""Says whether a machine wrote an email, so that nobody answers a machine (RFC 3834)."""

from __future__ import annotations

from dataclasses import dataclass

from parley.models.email import InboundEmail


@dataclass(frozen=True, slots=True)
class Automated:
    """`reason` is "bounce", "automated" or "no_reply"; `evidence` names what says so."""

    reason: str
    evidence: str


def automated_reason(email: InboundEmail, *, envelope_sender: str | None = None) -> str | None:
    """The reason of `automated`, or None."""
    found = automated(email, envelope_sender=envelope_sender)
    return found.reason if found else None


def automated(email: InboundEmail, *, envelope_sender: str | None = None) -> Automated | None:
    """Who wrote it if no person did; None for what a person may have written."""
    auto = (email.header("auto-submitted") or "no").split(";")[0].strip().lower()
    if auto != "no":
        return Automated("automated", f"Auto-Submitted: {auto}")
    return None


def is_invitation(email: InboundEmail) -> bool:
    """Does it carry a calendar object that asks for something (REQUEST, CANCEL, REPLY, ...)?"""
    return any(item.content_type == "text/calendar" for item in email.attachments)
