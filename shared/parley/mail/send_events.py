"""Translates the events that SES sends about our replies (delivery, bounce, complaint) to SendEvent.

    SES ─▶ EventBridge ─▶ SQS body: {"source": "aws.ses", "detail-type": "Email Bounced", "detail": {...}}
    SES ─▶ SNS ─────────▶ SQS body: {"Type": "Notification", "Message": "{...}"}
    by hand               the record itself: {"eventType": "Bounce", "mail": {...}, "bounce": {...}}

Events come late, twice and in any order, and some never come: EventBridge and
SES promise no more than their best. Source: the SES developer guide, "contents
of event data" and "examples of event data".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from parley.errors import RequestError
from parley.mail.addresses import parse_addresses
from parley.mail.outgoing import TAG, message_id_on_wire

HEX = frozenset("0123456789abcdef")
TAG_LENGTH = 32
LONGEST_WORD = 100
MOST_RECIPIENTS = 50
"""SES takes no more a mail."""
_TAKEN = "an SES sending event: from EventBridge, from SNS, or the record itself"
ON_SUPPRESSION_LIST = "OnAccountSuppressionList"


class SendKind(StrEnum):
    """The events that say something of a reply; opens and clicks do not, and it has no template to fail."""

    SEND = "Send"
    DELIVERY = "Delivery"
    DELAY = "DeliveryDelay"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"


KINDS = frozenset(map(str, SendKind))


@dataclass(frozen=True, slots=True)
class SendEvent:
    """One event about one mail of ours.

    `tag` is the value of our message tag. `ses_id` is the Message-ID on the
    wire, `<id@domain>`; None where the event does not say which region sent it.
    `recipients` are those of the mail's own recipients that it concerns, bare
    and in lower case. `permanent` is a bounce's; `subtype` the bounce's, or the
    complaint's feedback type. `unsent` says that SES took the mail and kept it.
    """

    kind: SendKind
    tag: str
    ses_id: str | None
    at: datetime | None = None
    recipients: tuple[str, ...] = ()
    permanent: bool = False
    subtype: str = ""
    unsent: bool = False

    @property
    def accepted(self) -> bool:
        """Whether it proves that SES sent the mail, or tried to."""
        return self.kind is not SendKind.REJECT

    @property
    def failed(self) -> bool:
        """Whether the mail will never be in its recipient's hands."""
        return self.unsent or self.permanent

    @property
    def unwelcome(self) -> bool:
        """Whether its recipients are not to be written to again."""
        if self.kind is SendKind.COMPLAINT:
            return self.subtype != "not-spam"
        return self.permanent


@dataclass(frozen=True, slots=True)
class Queued:
    """One message of an SQS batch, its body not read yet."""

    message_id: str
    body: object


def queued(event: object) -> tuple[Queued, ...] | None:
    """The messages of an SQS batch; None where the event is none."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records or not all(_is_queued(record) for record in records):
        return None
    return tuple(Queued(_text(record, "messageId"), record.get("body")) for record in records)


def _is_queued(record: object) -> bool:
    return isinstance(record, Mapping) and (record.get("eventSource") == "aws:sqs" or "body" in record)


def read_send_event(message: object) -> SendEvent | None:
    """What a message says of a mail that was sent under our tag; None where it says nothing of one.

    Takes JSON text or what it holds. Raises RequestError for what is no SES event.
    """
    found = _opened(_loaded(message))
    if "detail" not in found:
        if "eventType" not in found and "notificationType" not in found:
            raise RequestError(f"A record without `eventType` came; taken is {_TAKEN}.")
        return _read(found, _region_of_sender(found))
    if found.get("source") != "aws.ses":
        raise RequestError(f"An event of another source than aws.ses came; taken is {_TAKEN}.")
    # What has no type is SES's advice, or news of the account.
    return _read(_object(found, "detail"), _text(found, "region"))


def _opened(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a topic's notification holds, be it in a queue's message or handed to the function."""
    records = envelope.get("Records")
    if isinstance(records, list) and len(records) == 1:
        envelope = _object(_loaded(records[0]), "Sns")
    return _loaded(envelope["Message"]) if "Message" in envelope else envelope


def _read(record: Mapping[str, Any], region: str) -> SendEvent | None:
    kind = _text(record, "eventType") or _text(record, "notificationType")
    mail = _object(record, "mail")
    tag = _tag(mail)
    if kind not in KINDS or tag is None:
        return None
    about = _object(record, kind[0].lower() + kind[1:])
    held_back = kind == SendKind.COMPLAINT and about.get("complaintSubType") == ON_SUPPRESSION_LIST
    return SendEvent(
        kind=SendKind(kind),
        tag=tag,
        ses_id=_ses_id(mail, region),
        at=_time(about.get("timestamp")) or _time(mail.get("timestamp")),
        recipients=_concerned(mail, about),
        permanent=kind == SendKind.BOUNCE and about.get("bounceType") == "Permanent",
        subtype=(_text(about, "bounceSubType") or _text(about, "complaintFeedbackType"))[:LONGEST_WORD],
        unsent=kind == SendKind.REJECT or held_back,
    )


def _tag(mail: Mapping[str, Any]) -> str | None:
    """Tags are lists; SES adds some of its own beside ours."""
    values = _object(mail, "tags").get(TAG)
    tag = values[0] if isinstance(values, list) and values else None
    return tag if isinstance(tag, str) and len(tag) == TAG_LENGTH and HEX.issuperset(tag) else None


def _region_of_sender(record: Mapping[str, Any]) -> str:
    """The record alone names its region only in the ARN of the sending identity."""
    parts = _text(_object(record, "mail"), "sourceArn").split(":", 4)
    return parts[3] if len(parts) > 4 else ""  # noqa: PLR2004  # arn:aws:ses:REGION:account:...


def _ses_id(mail: Mapping[str, Any], region: str) -> str | None:
    ident = _text(mail, "messageId")
    return message_id_on_wire(ident, region) if _is_word(ident) and _is_word(region) else None


def _is_word(text: str) -> bool:
    return text.replace("-", "").isalnum() and text.isascii() and len(text) <= LONGEST_WORD


def _concerned(mail: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom the event names among those we wrote to; all of these where it names none of them.

    A bounce's recipient is what the other side's report says: it may be an
    address behind a forwarding, or one that the other side would like to harm.
    """
    ours = _addresses(mail.get("destination"))
    people = about.get("bouncedRecipients") or about.get("complainedRecipients")
    named = [_text(one, "emailAddress") for one in _list(people) if isinstance(one, Mapping)]
    return tuple(one for one in _addresses(named) if one in ours) or ours


def _addresses(values: object) -> tuple[str, ...]:
    texts = [one for one in _list(values)[:MOST_RECIPIENTS] if isinstance(one, str)]
    return tuple(dict.fromkeys(found.address.lower() for found in parse_addresses(texts)))


# --- untrusted JSON ----------------------------------------------------------


def _loaded(message: object) -> Mapping[str, Any]:
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except (ValueError, RecursionError):
            # The text itself is not shown: it holds addresses.
            raise RequestError(f"The message is no JSON; taken is {_TAKEN}.") from None
    if not isinstance(message, Mapping):
        raise RequestError(f"The message is a {type(message).__name__}; taken is {_TAKEN}.")
    return message


def _object(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
