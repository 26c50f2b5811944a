"""The types of inbound mail: the event that announces an email, and the parsed email."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

DeliveryId = NewType("DeliveryId", str)
"""One SES message id: one delivery, whatever the Message-ID header says."""
ThreadId = NewType("ThreadId", str)


class Reason(StrEnum):
    """Why a run ended otherwise than `processed`."""

    AUTOMATED = "automated"
    BOUNCE = "bounce"
    OWN_ADDRESS = "own_address"
    BLACKLISTED = "blacklisted"
    NO_REPLY = "no_reply"
    SPAM = "spam"
    VIRUS = "virus"
    UNAUTHENTICATED = "unauthenticated"
    SENDER_NOT_ALLOWED = "sender_not_allowed"
    TOO_BIG = "too_big"
    RATE_CAPPED = "rate_capped"
    UNREADABLE = "unreadable"
    UNKNOWN_MAILBOX = "unknown_mailbox"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"


class RunState(StrEnum):
    """Where a run stands; `pipeline.TRANSITIONS` says what may follow what."""

    RECEIVED = "received"
    CLAIMED = "claimed"
    PARSED = "parsed"
    GATED = "gated"
    ROUTED = "routed"
    ANALYSED = "analysed"
    STORED = "stored"
    REPLIED = "replied"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: `Brand Rep <rep@brand.com>`.

    `address` is bare, its domain lower-cased; `name` is decoded and may be "".
    """

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What SES itself found: PASS, FAIL, GRAY, PROCESSING_FAILED, DISABLED or None.

    None is not PASS: a verdict that is absent proves nothing.
    """

    spam: str | None = None
    virus: str | None = None
    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """The announcement of one delivery (name and fields: seed 003).

    `message_id` is the SES message id, not the header. `recipients` are the
    envelope's, bare and lower-cased; empty when the event does not say (an S3
    event). `thread_id` is provisional: the parsed email settles it.
    `bucket` is None where the event does not name one: the configured bucket.
    """

    message_id: DeliveryId
    thread_id: ThreadId
    sender: str
    recipient: str
    subject: str
    key: str
    bucket: str | None = None
    recipients: tuple[str, ...] = ()
    timestamp: datetime | None = None
    size: int | None = None
    verdicts: Verdicts | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is no body. `filename` is decoded, without any folder, or None."""

    filename: str | None
    content_type: str
    content: bytes
    charset: str | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The email inside a forwarded one: kept apart from who forwarded it."""

    sender: Address | None
    date: datetime | None
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class InboundEmail:
    """A parsed email. Parsing is total: `problems` names what could not be read.

    `from_` is None unless the From header holds exactly one address (two are a
    spoofing vector, see CVE-2023-27043); `senders` holds all of them.
    `body` is the whole readable text (text/plain, else HTML made text), `text`
    only what the sender typed: no quotes, no signature.
    `headers` holds every header as (lower-cased name, decoded value), in order.
    `content_hash` survives a changed transport (`Received`, `DKIM-Signature`),
    so that two deliveries of one email have one hash.
    `enclosed` are the emails that it carries as attachments (message/rfc822),
    which are also among `attachments`, as bytes. `sealed` names, a line each,
    the files that cannot be opened, with what to send instead.
    """

    message_id: str | None
    from_: Address | None
    senders: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    date: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    body: str
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    content_hash: str
    size: int
    forwarded: Forwarded | None = None
    enclosed: tuple[InboundEmail, ...] = ()
    sealed: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    def with_enclosed(self) -> Iterator[InboundEmail]:
        """The email itself, and then those that it encloses, however deep; outermost first."""
        yield self
        for email in self.enclosed:
            yield from email.with_enclosed()

    def header(self, name: str) -> str | None:
        """The first header of that name, decoded; None when there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """All headers of that name, decoded, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)
