"""What SES does with a mail that it takes in: store it, then say so.

    raw mail ─▶ SES's header block on top ─▶ S3 raw/{id} ─▶ SNS notification

The order is the promise: a notification never speaks of an object that is not
there. Sources: the AWS documentation of SES receiving, "S3 action" and
"notification contents".
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from local.environment import ACCOUNT, REGION
from parley.errors import ParleyError
from parley.mail import headers as header_block
from parley.mail.addresses import parse_addresses
from parley.mail.limits import Budget, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_HEADERS = 10_000
"""Bytes of headers that a notification carries; SES cuts them there too."""
_LINE_END = re.compile(rb"\r\n|\n|\r")
_ALPHABET = string.ascii_lowercase + string.digits
_NO_WORD = re.compile(r"[\s\x00-\x20\x7f-\x9f<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What SMTP says beside the mail: bare addresses; sender "" is the null return path."""

    sender: str
    recipients: tuple[str, ...]
    client: str = "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """SES's verdicts. Here nobody scans and nobody asks the DNS: no fault found, no proof of the sender."""

    spam: str = "PASS"
    virus: str = "PASS"
    spf: str = "GRAY"
    dkim: str = "GRAY"
    dmarc: str = "GRAY"


def new_delivery_id() -> str:
    """40 lower-case letters and digits, like SES's own."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(40))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class SesInbound:
    """One receipt rule: S3 action with a topic."""

    s3: Any
    sns: Any
    bucket: str
    topic_arn: str
    findings: Findings = field(default_factory=Findings)
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = new_delivery_id

    async def receive(self, raw: bytes, envelope: Envelope) -> str:
        """Take one mail in; answers the delivery's id. The mail's own bytes are stored as they are.

        What the services raise goes up: whoever handed the mail over still has it.
        """
        delivery = self.new_id()
        at = self.now()
        stored = on_top(raw, envelope, delivery, self.findings, at) + raw
        key = f"raw/{delivery}"
        await self.s3.put_object(Bucket=self.bucket, Key=key, Body=stored)
        notification = await asyncio.to_thread(self.notification, stored, envelope, delivery, at)
        await self.sns.publish(
            TopicArn=self.topic_arn, Subject="Amazon SES Email Receipt Notification", Message=notification
        )
        return delivery

    def notification(self, stored: bytes, envelope: Envelope, delivery: str, at: datetime) -> str:
        """The JSON text that SES publishes for a mail that it stored."""
        headers, cut = _headers(stored)
        action = {
            "type": "S3",
            "topicArn": self.topic_arn,
            "bucketName": self.bucket,
            "objectKeyPrefix": "raw/",
            "objectKey": f"raw/{delivery}",
        }
        mail = {
            "timestamp": _stamp(at),
            "source": envelope.sender,
            "messageId": delivery,
            "destination": list(envelope.recipients),
            "headersTruncated": cut,
            "headers": [{"name": name, "value": value} for name, value in headers],
            "commonHeaders": _common(headers, envelope),
        }
        verdicts = {f"{name}Verdict": {"status": getattr(self.findings, name)} for name in _VERDICTS}
        receipt = {
            "timestamp": _stamp(at),
            "processingTimeMillis": 100,
            "recipients": list(envelope.recipients),
            **verdicts,
            "action": action,
        }
        return json.dumps({"notificationType": "Received", "mail": mail, "receipt": receipt})


_VERDICTS = ("spam", "virus", "spf", "dkim", "dmarc")
_RESULTS = {"PASS": "pass", "FAIL": "fail", "GRAY": "none", "PROCESSING_FAILED": "temperror"}


def on_top(raw: bytes, envelope: Envelope, delivery: str, findings: Findings, at: datetime) -> bytes:
    """The header block that SES writes above everything the sender sent.

    Its `for` names a recipient only where there is one, as RFC 5321 has it.
    Its lines end as the mail's own do, so that the whole is still one mail.
    """
    only = f" for {_word(envelope.recipients[0])}" if len(envelope.recipients) == 1 else ""
    client = _word(envelope.client) or "unknown"
    when = format_datetime(at)
    inbound = f"inbound-smtp.{REGION}.amazonaws.com"
    results = "; ".join(
        f"{name}={_RESULTS.get(getattr(findings, name), 'none')}" for name in ("spf", "dkim", "dmarc")
    )
    lines = (
        f"Return-Path: <{_word(envelope.sender)}>",
        f"Received: from {client} ({client} [127.0.0.1]) by {inbound} with SMTP id {delivery}{only}; {when}",
        f"X-SES-Spam-Verdict: {findings.spam}",
        f"X-SES-Virus-Verdict: {findings.virus}",
        f"Authentication-Results: amazonses.com; {results};",
        f"X-SES-RECEIPT: {ACCOUNT}-{delivery}",
    )
    match = _LINE_END.search(raw)
    end = match[0] if match else b"\r\n"
    return b"".join(line.encode("utf-8", "replace") + end for line in lines)


def _word(text: str) -> str:
    """An address or a host on one line, without what could end it; letters of any script stay."""
    return _NO_WORD.sub("", text)[:320]


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(stored: bytes) -> tuple[list[tuple[str, str]], bool]:
    """The headers as SES lists them, and whether some had to be left out."""
    try:
        block, _ = header_block.read_block(stored, 0, len(stored), Budget(Limits()))
    except ParleyError:
        return [], True
    headers: list[tuple[str, str]] = []
    left = LONGEST_HEADERS
    for name, value in block:
        left -= len(name) + len(value)
        if left < 0:
            return headers, True
        headers.append((name.title(), header_block.as_text(value)))
    return headers, False


def _common(headers: list[tuple[str, str]], envelope: Envelope) -> dict[str, Any]:
    def values(name: str) -> list[str]:
        return [value for key, value in headers if key == name]

    common: dict[str, Any] = {"returnPath": envelope.sender}
    for name, key in (("From", "from"), ("To", "to"), ("Cc", "cc")):
        if addresses := parse_addresses(values(name)):
            common[key] = [str(address) for address in addresses]
    for name, key in (("Date", "date"), ("Message-Id", "messageId"), ("Subject", "subject")):
        if found := values(name):
            common[key] = header_block.decoded(found[0])
    return common
