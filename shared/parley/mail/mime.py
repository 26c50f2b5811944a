"""Parses raw bytes to an InboundEmail. Whatever the bytes: an email, or one of two named errors.

raw ─▶ parts (one linear scan) ─▶ content (decoded once) ─▶ InboundEmail
           └ limits: SenderError too_big, QuarantineError unreadable
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from parley.errors import QuarantineError
from parley.mail import headers as hd
from parley.mail.addresses import parse_addresses
from parley.mail.content import EMBEDDED, Content, read_content, text_among, unpacked
from parley.mail.content_hash import content_hash
from parley.mail.email import Address, Attachment, InboundEmail
from parley.mail.forwarded import find_forwarded
from parley.mail.limits import Budget, Limits
from parley.mail.parts import Part, read_parts
from parley.mail.sealed_files import is_pkcs7, why_sealed
from parley.mail.signed_mail import signed_content
from parley.mail.threads import message_ids
from parley.mail.typed_text import typed_text

__all__ = ["Limits", "parse_email"]

MOST_ENCLOSED = 5
"""Emails within one another that are opened."""


def parse_email(raw: bytes, *, limits: Limits = Limits()) -> InboundEmail:  # noqa: B008 (frozen)
    """Parse one email of any quality.

    Raises SenderError("too_big") over a limit of size or count, and
    QuarantineError("unreadable") for what nests too deep or is empty. All else
    is an InboundEmail, its faults named in `problems`, and the files that
    cannot be opened in `sealed`. Opaque S/MIME signatures are taken off.
    """
    budget = Budget(limits)
    budget.raw(len(raw))
    if not raw.strip():
        raise QuarantineError("unreadable", "The raw email is empty: the upload to S3 may have been cut off.")
    return _parse(raw, budget, depth=0)


def _parse(raw: bytes, budget: Budget, *, depth: int) -> InboundEmail:
    root, leaves = read_parts(raw, budget, depth=depth)
    data = raw
    while depth <= MOST_ENCLOSED and (inner := _signed(data, leaves, budget)):
        data, depth = inner, depth + 1
        _, leaves = read_parts(data, budget, depth=depth)
    content = read_content(data, leaves, budget)
    enclosed = _enclosed(content, budget, depth=depth + 1)
    if not content.body.strip():
        words = next((email.body for email in enclosed if email.body.strip()), "")
        content.body = words or text_among(content.attachments) or content.body
    return _email(root, content, len(raw), enclosed)


def _signed(data: bytes, leaves: list[Part], budget: Budget) -> bytes | None:
    """What an S/MIME signature is wrapped round, where it is all that the email holds."""
    if len(leaves) != 1 or not is_pkcs7(leaves[0].content_type, leaves[0].filename):
        return None
    inner = signed_content(unpacked(data, leaves[0], []))
    budget.decoded(len(inner or b""))
    return inner


def _enclosed(content: Content, budget: Budget, *, depth: int) -> tuple[InboundEmail, ...]:
    """The emails among the attachments; what is sealed or no email at all stays a file."""
    found: list[InboundEmail] = []
    for item in content.attachments if depth <= MOST_ENCLOSED else ():
        inner = _email_in(item)
        if inner is None:
            continue
        try:
            found.append(_parse(inner, budget, depth=depth))
            content.sealed = [why for why in content.sealed if why != why_sealed(item)]
        except QuarantineError as error:
            content.problems.append(f"an enclosed email was not read: {error}")
    return tuple(found)


def _email_in(item: Attachment) -> bytes | None:
    """The bytes of the email that an attachment is."""
    if is_pkcs7(item.content_type, item.filename):
        return signed_content(item.content)
    named = (item.filename or "").lower().endswith(".eml")
    looks_so = named and b":" in item.content[:2000].partition(b"\n")[0]
    return item.content if (item.content_type in EMBEDDED and item.content.strip()) or looks_so else None


def _email(root: Part, content: Content, size: int, enclosed: tuple[InboundEmail, ...]) -> InboundEmail:
    charset = root.params.get("charset")
    headers = tuple((name, hd.decoded(value, charset)) for name, value in root.headers)
    senders = _addresses(root, "from")
    ids = _ids(root, "message-id")
    date = _date(root)
    subject = _subject(root)
    to, cc = _addresses(root, "to"), _addresses(root, "cc")
    return InboundEmail(
        message_id=ids[0] if ids else None,
        from_=senders[0] if len(senders) == 1 else None,
        senders=senders,
        to=to,
        cc=cc,
        reply_to=_addresses(root, "reply-to"),
        subject=subject,
        date=date,
        in_reply_to=_ids(root, "in-reply-to"),
        references=_ids(root, "references"),
        headers=headers,
        body=content.body,
        text=typed_text(content.body, html=content.html),
        html=content.html,
        attachments=tuple(content.attachments),
        content_hash=content_hash(headers, content.body, content.html, content.attachments),
        size=size,
        forwarded=find_forwarded(content.body, subject=subject, arrived=date.date() if date else None),
        enclosed=enclosed,
        sealed=tuple(dict.fromkeys(content.sealed)),
        problems=tuple(dict.fromkeys((*_header_problems(root), *content.problems))),
    )


def _values(root: Part, name: str) -> list[str]:
    charset = root.params.get("charset")
    return [hd.as_text(value, charset) for key, value in root.headers if key == name]


def _addresses(root: Part, name: str) -> tuple[Address, ...]:
    return parse_addresses(_values(root, name))


def _ids(root: Part, name: str) -> tuple[str, ...]:
    return message_ids(" ".join(_values(root, name)))


def _subject(root: Part) -> str:
    raw = hd.first(root.headers, "subject")
    return " ".join(hd.decoded(raw, root.params.get("charset")).split()) if raw is not None else ""


def _date(root: Part) -> datetime | None:
    """The Date header at its own offset, which tells the sender's day; a zone-less one is read as UTC.

    None when it says no date.
    """
    for value in _values(root, "date"):
        try:
            found = parsedate_to_datetime(value[:200])
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            found.astimezone(UTC)  # OverflowError: no moment at all
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return found
    return None


_SINGLE = ("from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "content-type")


def _header_problems(root: Part) -> list[str]:
    names = [name for name, _ in root.headers]
    repeated = [
        f"the {name} header is there {names.count(name)} times" for name in _SINGLE if names.count(name) > 1
    ]
    return ["the email has no header at all"] if not names else repeated
