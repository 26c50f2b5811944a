"""Renders the reply from the templates in reply_templates/, and builds the message to send.

Nothing of a model's is markup here: HTML is autoescaped, quotes are shown only
when code has found them in the transcript, and who gets the mail is decided by
the From header alone.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

    from parley.mail.email import InboundEmail

LONGEST_SUBJECT = 200
LONGEST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent, to one recipient. `references` are Message-IDs, oldest first."""

    to: str
    subject: str
    text: str
    html: str
    in_reply_to: str | None
    references: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What the outbox records."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Reply:
        """What the outbox recorded; what it keeps beside the reply is left out."""
        known = {name: value[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "references": tuple(value["references"])})


def reply_to(
    email: InboundEmail, template: str, values: dict[str, Any], *, to: str, signature: str = ""
) -> Reply:
    """The answer to `email`, rendered from the templates `<template>.txt.j2` and `.html.j2`.

    `to` is one bare address: who wrote it, or who is told of what a machine sent.
    """
    shown = {**values, "signature": signature}
    references = (*email.references, *((email.message_id,) if email.message_id else ()))
    return Reply(
        to=to,
        subject=reply_subject(email.subject),
        text=_render(f"{template}.txt.j2", shown),
        html=_render(f"{template}.html.j2", shown),
        in_reply_to=email.message_id,
        references=_shortened(references),
    )


def _shortened(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the newest: what threads a mail when the chain is long."""
    unique = tuple(dict.fromkeys(references))
    if len(unique) <= LONGEST_REFERENCES:
        return unique
    return (unique[0], *unique[-(LONGEST_REFERENCES - 1) :])


def reply_subject(subject: str) -> str:
    """`Re: subject`, once; never more than one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in subject).split())[:LONGEST_SUBJECT]
    # `EmailMessage` would decode an encoded word that was itself encoded, line breaks and all.
    line = line.replace("=?", "= ?")
    return line if line[:3].lower() == "re:" else f"Re: {line}".strip()


def build_message(reply: Reply, *, sender: str) -> bytes:
    """The reply as bytes for the wire.

    `Auto-Submitted` tells other responders to stay silent (RFC 3834).
    """
    # Only an address outside ASCII needs UTF-8 in the header (RFC 6532); whoever cannot carry it refuses it.
    message = EmailMessage(policy=SMTP.clone(max_line_length=100, utf8=not reply.to.isascii()))
    message["From"] = sender
    message["To"] = _recipient(reply.to)
    message["Subject"] = reply.subject
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    if reply.in_reply_to and _is_plain_id(reply.in_reply_to):
        message["In-Reply-To"] = reply.in_reply_to
    if references := " ".join(one for one in reply.references if _is_plain_id(one)):
        message["References"] = references
    message.set_content(reply.text, cte="quoted-printable")
    message.add_alternative(reply.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _recipient(address: str) -> HeaderAddress:
    """Any address that mail comes from: `a..b@x` is no dot-atom, and some providers have given it out."""
    local, _, domain = address.rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return HeaderAddress(username=local, domain=domain)


def _is_plain_id(message_id: str) -> bool:
    """A Message-ID that may stand in a header of ours: ASCII, one piece, in brackets, nothing encoded."""
    return (
        message_id.isascii()
        and message_id.isprintable()
        and "=?" not in message_id
        and not any(c.isspace() for c in message_id)
        and message_id.startswith("<")
        and message_id.endswith(">")
        and len(message_id) < 500  # noqa: PLR2004  # half of a header line's limit of 998
    )


def _render(name: str, values: dict[str, Any]) -> str:
    text = _templates().get_template(name).render(values)
    # A model's JSON may escape half a surrogate pair, which no mail can carry.
    return text.encode("utf-8", "replace").decode()


@cache
def _templates() -> Environment:
    # Imported here: only a run that answers pays for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("parley.mail", "reply_templates"),
        # Text is not HTML; every .html.j2 is escaped.
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    return environment


def clock(seconds: float | None) -> str:
    """`1:02:03` or `2:03`: where in the recording; "" where there is no time."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
