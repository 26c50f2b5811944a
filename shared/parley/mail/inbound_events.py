"""Translates the Lambda events that announce an email (SQS, SNS, SES, S3, EventBridge) to EmailEvent.

    SQS batch ─┬─ body: SES notification, raw or in an SNS envelope
               ├─ body: S3 event, raw or in an SNS envelope
               └─ body: EventBridge "Object Created"
    SNS ─ SES notification or S3 event · SES receipt (seed 003) · S3 · EventBridge

Sources: the AWS documentation of SES receiving ("notification contents"), S3
("event message structure"), SNS, SQS and EventBridge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote_plus

from parley.errors import RequestError
from parley.mail.addresses import extract_email_address, parse_addresses
from parley.mail.email import DeliveryId, EmailEvent, ThreadId, Verdicts
from parley.mail.headers import decoded
from parley.mail.threads import generate_thread_id

RAW_PREFIX = "raw/"
SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
_TAKEN = "an SQS batch, an SNS or S3 event, an SES receipt event, or an EventBridge 'Object Created' event"
_DIGITS = re.compile(r"[0-9]{1,15}")
Kind = Literal["sqs", "sns", "ses", "s3", "eventbridge"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QueueRecord:
    """One SQS message. `error` says why its body is not understood; then `emails` is empty.

    No emails and no error: the message announces nothing for us (a test
    event, SES's setup object, another prefix) and is simply done.
    """

    message_id: str
    receive_count: int
    receipt_handle: str
    queue_arn: str
    emails: tuple[EmailEvent, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """What an event announces: `records` for kind "sqs", `emails` for the direct kinds."""

    kind: Kind
    emails: tuple[EmailEvent, ...] = ()
    records: tuple[QueueRecord, ...] = ()


def read_event(event: object) -> Announced:
    """Translate a Lambda event of any shape in the handler's contract.

    Raises RequestError naming what came and what is taken. A body inside an
    SQS batch never raises: its record carries the error, so that one bad
    message costs the others nothing.
    """
    if not isinstance(event, Mapping):
        raise RequestError(f"The event is a {type(event).__name__}; taken is {_TAKEN}.")
    if _is_test(event):
        return Announced("s3")
    records = event.get("Records")
    if isinstance(records, list):
        return _from_records(event, records)
    return Announced(*_direct(event))


def _from_records(event: Json, records: list[Any]) -> Announced:
    sources = {_source(record) for record in records}
    if sources == {"aws:sqs"}:
        return Announced("sqs", records=tuple(_queue_record(record) for record in records))
    if sources == {"aws:sns"}:
        return Announced(
            "sns", tuple(email for record in records for email in _from_sns(_object(record, "Sns")))
        )
    return Announced(*_direct(event))


def _source(record: object) -> str:
    """`eventSource` in any spelling; where it is missing (hand-made events), what the record holds."""
    if not isinstance(record, Mapping):
        return ""
    named = record.get("eventSource") or record.get("EventSource")
    if isinstance(named, str):
        return named.lower()
    held = (("ses", "aws:ses"), ("Sns", "aws:sns"), ("s3", "aws:s3"), ("body", "aws:sqs"))
    return next((source for key, source in held if key in record), "")


def _queue_record(record: Json) -> QueueRecord:
    body = record.get("body")
    emails: tuple[EmailEvent, ...] = ()
    error = None
    try:
        emails = tuple(_from_message(_json(body)))
    except RequestError as problem:
        error = str(problem)
    return QueueRecord(
        message_id=_text(record, "messageId"),
        receive_count=_number(_object(record, "attributes").get("ApproximateReceiveCount")) or 1,
        receipt_handle=_text(record, "receiptHandle"),
        queue_arn=_text(record, "eventSourceARN"),
        emails=emails,
        error=error,
    )


def _from_message(message: object) -> Iterable[EmailEvent]:
    """What an SQS body holds: an SNS envelope is opened once, then it is as a direct event."""
    if not isinstance(message, Mapping):
        raise RequestError(
            f"The message is a {type(message).__name__}, not a JSON object; taken is {_TAKEN}."
        )
    if message.get("Type") == "Notification" and "Message" in message:
        return _from_sns(message)
    return _direct(message)[1]


def _from_sns(envelope: Json) -> tuple[EmailEvent, ...]:
    inner = _json(envelope.get("Message"))
    if not isinstance(inner, Mapping):
        raise RequestError(
            f"The SNS message is a {type(inner).__name__}, not a JSON object; taken is {_TAKEN}."
        )
    return _direct(inner)[1]


def _direct(event: Json) -> tuple[Kind, tuple[EmailEvent, ...]]:
    """An SES notification or receipt event, an S3 event, an EventBridge event."""
    if _is_test(event) or _is_ses_setup(event):
        return "s3", ()
    if isinstance(event.get("mail"), Mapping):
        return "ses", _received(event)
    if isinstance(event.get("detail"), Mapping):
        return "eventbridge", _created(event)
    records = event.get("Records")
    sources = {_source(record) for record in records} if isinstance(records, list) and records else set()
    if sources == {"aws:ses"}:
        return "ses", tuple(parse_ses_event(record) for record in event["Records"])
    if sources == {"aws:s3"}:
        return "s3", tuple(e for e in map(_from_s3, event["Records"]) if e is not None)
    if records == []:
        return "s3", ()
    raise RequestError(f"An event of unknown shape came, {_shown(event, sources)}; taken is {_TAKEN}.")


def _shown(event: Json, sources: set[str]) -> str:
    keys = ", ".join(sorted(str(key)[:40] for key in event)[:10]) or "none"
    named = ", ".join(sorted(source or "unnamed" for source in sources))
    return f"with the top-level keys {keys}" + (f" and records of {named}" if named else "")


def _is_test(event: Json) -> bool:
    return event.get("Event") == "s3:TestEvent"


def _is_ses_setup(event: Json) -> bool:
    """SES publishes one notification of its own when a topic is set up; it announces no email."""
    return (
        event.get("notificationType") == SETUP_OBJECT or SETUP_OBJECT in str(event.get("message", ""))[:200]
    )


# --- SES ---------------------------------------------------------------------


def _received(notification: Json) -> tuple[EmailEvent, ...]:
    kind = notification.get("notificationType", "Received")
    if kind != "Received":
        raise RequestError(f"An SES notification of type {str(kind)[:40]} came; taken is type Received.")
    return (_from_ses(notification),)


def parse_ses_event(record: object) -> EmailEvent:
    """The email that one SES receipt record announces (name: seed 003).

    Takes `Records[0]`, its `ses` object, or the whole event with one record.
    `receipt` may be empty. The key is `raw/` + messageId unless the receipt's
    S3 action names bucket and key. Raises RequestError without a messageId.
    """
    found = record
    if isinstance(found, Mapping) and isinstance(found.get("Records"), list) and found["Records"]:
        found = found["Records"][0]
    if isinstance(found, Mapping) and isinstance(found.get("ses"), Mapping):
        found = found["ses"]
    if not isinstance(found, Mapping) or not isinstance(found.get("mail"), Mapping):
        keys = ", ".join(sorted(map(str, found))) if isinstance(found, Mapping) else type(found).__name__
        raise RequestError(
            f"An SES record without `mail` came ({keys[:200]}); taken is Records[0] of an SES event."
        )
    return _from_ses(found)


def _from_ses(ses: Json) -> EmailEvent:
    mail, receipt = _object(ses, "mail"), _object(ses, "receipt")
    common = _object(mail, "commonHeaders")
    delivery = _text(mail, "messageId").strip()
    if not delivery or "/" in delivery:
        raise RequestError(
            "The SES event has no usable mail.messageId, without which its raw email cannot be found."
        )
    recipients = _recipients(receipt, mail, common)
    sender = _sender(common, mail)
    subject = " ".join(decoded(_text(common, "subject")).split())
    recipient = recipients[0] if recipients else ""
    bucket, key = _stored(receipt, delivery)
    return EmailEvent(
        message_id=DeliveryId(delivery),
        thread_id=generate_thread_id(subject, sender, recipient),
        sender=sender,
        recipient=recipient,
        subject=subject,
        key=key,
        bucket=bucket,
        recipients=recipients,
        timestamp=_time(mail.get("timestamp")) or _time(receipt.get("timestamp")),
        verdicts=_verdicts(receipt),
    )


def _stored(receipt: Json, delivery: str) -> tuple[str | None, str]:
    action = _object(receipt, "action")
    if action.get("type") == "S3" and _text(action, "objectKey"):
        return _text(action, "bucketName") or None, _text(action, "objectKey")
    return None, RAW_PREFIX + delivery


def _recipients(receipt: Json, mail: Json, common: Json) -> tuple[str, ...]:
    """The envelope's; else SES's list of destinations; else, for hand-made samples, the To header."""
    for source, name in ((receipt, "recipients"), (mail, "destination"), (common, "to")):
        found = [extract_email_address(value) for value in _texts(source.get(name))]
        if any(found):
            return tuple(dict.fromkeys(address.lower() for address in found if address))
    return ()


def _sender(common: Json, mail: Json) -> str:
    """The bare From; the envelope's sender where From names none or several."""
    found = parse_addresses(_texts(common.get("from")))
    if len(found) == 1:
        return found[0].address
    return extract_email_address(_text(mail, "source")) or "" if not found else ""


def _verdicts(receipt: Json) -> Verdicts | None:
    found = {
        name: _status(receipt.get(f"{name}Verdict")) for name in ("spam", "virus", "spf", "dkim", "dmarc")
    }
    return Verdicts(**found) if any(found.values()) else None


def _status(verdict: object) -> str | None:
    status = verdict.get("status") if isinstance(verdict, Mapping) else None
    return status.upper() if isinstance(status, str) and status else None


def to_notification(event: EmailEvent) -> dict[str, Any]:
    """The event as an SES notification: what brings a delivery back, with all that is known of it.

    `read_event` makes the same event of it; only a provisional `thread_id` may differ.
    """
    common = {"from": [event.sender] if event.sender else [], "subject": event.subject}
    mail = {"messageId": event.message_id, "source": event.sender, "commonHeaders": common}
    if event.timestamp:
        mail["timestamp"] = event.timestamp.isoformat()
    action = {"type": "S3", "objectKey": event.key}
    if event.bucket:
        action["bucketName"] = event.bucket
    verdicts = {f"{name}Verdict": {"status": value} for name, value in _found_by_ses(event) if value}
    receipt = {"recipients": list(event.recipients), "action": action, **verdicts}
    return {"notificationType": "Received", "mail": mail, "receipt": receipt}


def _found_by_ses(event: EmailEvent) -> list[tuple[str, str | None]]:
    return [(f.name, getattr(event.verdicts, f.name)) for f in fields(Verdicts)] if event.verdicts else []


# --- S3 and EventBridge ------------------------------------------------------


def _from_s3(record: Json) -> EmailEvent | None:
    """Keys in S3 notification records are URL-encoded, blanks as `+`."""
    if not _text(record, "eventName").removeprefix("s3:").startswith("ObjectCreated"):
        return None
    s3 = _object(record, "s3")
    stored = _object(s3, "object")
    key = unquote_plus(_text(stored, "key"), errors="replace")
    return _object_email(
        _text(_object(s3, "bucket"), "name"), key, stored.get("size"), record.get("eventTime")
    )


def _created(event: Json) -> tuple[EmailEvent, ...]:
    """EventBridge gives the key as it is; other object events announce no email."""
    if event.get("source") != "aws.s3":
        source = str(event.get("source"))[:60]
        raise RequestError(
            f"An EventBridge event of source {source} came; taken is 'Object Created' of aws.s3."
        )
    if event.get("detail-type") != "Object Created":
        return ()
    detail = _object(event, "detail")
    stored = _object(detail, "object")
    bucket = _text(_object(detail, "bucket"), "name")
    found = _object_email(bucket, _text(stored, "key"), stored.get("size"), event.get("time"))
    return (found,) if found else ()


def _object_email(bucket: str, key: str, size: object, time: object) -> EmailEvent | None:
    """The email of an object below the raw prefix; its name there is the SES message id."""
    delivery = key.removeprefix(RAW_PREFIX)
    if (
        not key.startswith(RAW_PREFIX)
        or not delivery
        or delivery == SETUP_OBJECT
        or ".." in delivery.split("/")
    ):
        return None
    return EmailEvent(
        message_id=DeliveryId(delivery),
        thread_id=ThreadId(""),
        sender="",
        recipient="",
        subject="",
        key=key,
        bucket=bucket or None,
        timestamp=_time(time),
        size=_number(size),
    )


# --- untrusted JSON ----------------------------------------------------------


def _json(text: object) -> object:
    if isinstance(text, Mapping):
        return text
    if not isinstance(text, str):
        raise RequestError(f"The message is a {type(text).__name__}, not JSON text; taken is {_TAKEN}.")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        # The text itself is not shown: it may hold somebody's words.
        raise RequestError(f"The message is no JSON ({len(text)} characters); taken is {_TAKEN}.") from None
    return found


def _object(source: Json, name: str) -> Json:
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(source: Json, name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else found and found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
