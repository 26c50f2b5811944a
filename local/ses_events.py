"""What SES tells of a mail that it was given to send, as EventBridge gets it.

    SendRawEmail ─▶ Send ─▶ Delivery            whoever it is for
                       ├──▶ Bounce              bounce@simulator.amazonses.com, suppressionlist@...
                       └──▶ Delivery, Complaint complaint@...

The addresses are those of SES's mailbox simulator, `bounce+anything@` included.
Sources: the AWS documentation of SES sending, "contents of event data", "event
schema reference" and "mailbox simulator".
"""

from __future__ import annotations

import email.parser
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.environment import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SIMULATOR = "simulator.amazonses.com"
SUPPRESSED = (
    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing "
    "as an invalid address."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One SendRawEmail that was accepted. `source` and `destinations` are the envelope's."""

    message_id: str
    source: str
    destinations: tuple[str, ...]
    raw: bytes = field(repr=False)
    configuration_set: str
    tags: Mapping[str, str]
    region: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Event:
    """One event as SES puts it on the default bus."""

    detail_type: str
    resources: tuple[str, ...]
    detail: dict[str, Any]


def events_of(sent: Sent) -> list[Event]:
    """All that SES will tell of it, in the order in which it happens."""
    told = [_event(sent, "Email Sent", "Send", {})]
    for recipient in sent.destinations:
        told += [make(sent, recipient) for make in _fate(recipient)]
    return told


def _fate(recipient: str) -> tuple[Callable[[Sent, str], Event], ...]:
    local, _, domain = recipient.lower().rpartition("@")
    if domain != SIMULATOR:
        return (_delivered,)
    return SIMULATED.get(local.partition("+")[0], (_delivered,))


def _delivered(sent: Sent, recipient: str) -> Event:
    about = {
        "timestamp": _stamp(sent),
        "processingTimeMillis": 1,
        "recipients": [recipient],
        "smtpResponse": "250 2.0.0 OK",
        "remoteMtaIp": "127.0.0.1",
        "reportingMTA": "localhost",
    }
    return _event(sent, "Email Delivered", "Delivery", about)


def _bounced(sent: Sent, recipient: str) -> Event:
    return _bounce(sent, recipient, "General", "smtp; 550 5.1.1 user unknown")


def _suppressed(sent: Sent, recipient: str) -> Event:
    return _bounce(sent, recipient, "Suppressed", SUPPRESSED)


def _bounce(sent: Sent, recipient: str, kind: str, diagnostic: str) -> Event:
    person = {
        "emailAddress": recipient,
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": diagnostic,
    }
    about = {
        "feedbackId": _feedback_id(),
        "bounceType": "Permanent",
        "bounceSubType": kind,
        "bouncedRecipients": [person],
        "timestamp": _stamp(sent),
        "reportingMTA": "dns; localhost",
    }
    return _event(sent, "Email Bounced", "Bounce", about)


def _complained(sent: Sent, recipient: str) -> Event:
    about = {
        "feedbackId": _feedback_id(),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": recipient}],
        "timestamp": _stamp(sent),
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": _stamp(sent),
    }
    return _event(sent, "Email Complaint Received", "Complaint", about)


SIMULATED: dict[str, tuple[Callable[[Sent, str], Event], ...]] = {
    "success": (_delivered,),
    "bounce": (_bounced,),
    "complaint": (_delivered, _complained),
    "suppressionlist": (_suppressed,),
}


def _event(sent: Sent, detail_type: str, kind: str, about: dict[str, Any]) -> Event:
    detail = {"eventType": kind, "mail": _mail(sent), kind.lower(): about}
    arn = f"arn:aws:ses:{sent.region}:{ACCOUNT}:configuration-set/{sent.configuration_set}"
    return Event(detail_type, (arn,), detail)


def _mail(sent: Sent) -> dict[str, Any]:
    headers = email.parser.BytesHeaderParser().parsebytes(sent.raw)
    common: dict[str, Any] = {"messageId": sent.message_id}
    for name in ("from", "to"):
        common[name] = [" ".join(str(one).split()) for one in headers.get_all(name, [])]
    for name in ("date", "subject"):
        if name in headers:
            common[name] = " ".join(str(headers[name]).split())
    return {
        "timestamp": _stamp(sent),
        "source": sent.source,
        "sourceArn": f"arn:aws:ses:{sent.region}:{ACCOUNT}:identity/{sent.source}",
        "sendingAccountId": ACCOUNT,
        "messageId": sent.message_id,
        "destination": list(sent.destinations),
        "headersTruncated": False,
        "headers": [{"name": name, "value": str(value)} for name, value in headers.items()],
        "commonHeaders": common,
        "tags": {
            "ses:operation": ["SendRawEmail"],
            "ses:configuration-set": [sent.configuration_set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [sent.source.rpartition("@")[2]],
            "ses:caller-identity": ["parley"],
            **{name: [value] for name, value in sent.tags.items()},
        },
    }


def _feedback_id() -> str:
    return f"{secrets.token_hex(8)}-{secrets.token_hex(16)}-000000"


def _stamp(sent: Sent) -> str:
    return sent.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
