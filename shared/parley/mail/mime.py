"""Raw bytes to InboundEmail. Total: whatever the bytes, an email or one of two named errors.

raw ─▶ parts (one linear scan) ─▶ content (decoded once) ─▶ InboundEmail
           └ limits: SenderError too_big, QuarantineError unreadable
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from parley.errors import QuarantineError
from parley.mail import headers as hd
from parley.mail.addresses import parse_addresses
from parley.mail.content import Content, read_content
from parley.mail.content_hash import content_hash
from parley.mail.email import Address, InboundEmail
from parley.mail.forwarded import find_forwarded
from parley.mail.limits import Budget, Limits
from parley.mail.parts import Part, read_parts
from parley.mail.threads import message_ids
from parley.mail.typed_text import typed_text

__all__ = ["Limits", "parse_email"]

_SEALED_PROBLEMS = ("encrypted", "S/MIME", "TNEF")
_SEALED_TYPES = (
    "application/ms-tnef",
    "application/pkcs7-",
    "application/x-pkcs7-",
    "application/pgp-",
    "application/octet-stream",
)


def parse_email(raw: bytes, *, limits: Limits = Limits()) -> InboundEmail:  # noqa: B008 (frozen)
    """Parse one email of any quality.

    Raises SenderError("too_big") over a limit of size or count, and
    QuarantineError("unreadable") for what nests too deep, is empty, or holds
    nothing but encrypted content. All else is an InboundEmail, its faults
    named in `problems`.
    """
    budget = Budget(limits)
    budget.raw(len(raw))
    if not raw.strip():
        raise QuarantineError("unreadable", "The raw email is empty: the upload to S3 may have been cut off.")
    root, leaves = read_parts(raw, budget)
    content = read_content(raw, leaves, budget)
    _refuse_sealed(content)
    return _email(root, content, len(raw))


def _refuse_sealed(content: Content) -> None:
    """Quarantine what is sealed and nothing else: a readable attachment beside it is worth reading."""
    sealed = [problem for problem in content.problems if any(word in problem for word in _SEALED_PROBLEMS)]
    open_ones = [a for a in content.attachments if not a.content_type.startswith(_SEALED_TYPES)]
    if sealed and not open_ones and not content.body.strip():
        raise QuarantineError(
            "unreadable", f"Nothing in the email can be read: {'; '.join(dict.fromkeys(sealed))}."
        )


def _email(root: Part, content: Content, size: int) -> InboundEmail:
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
        forwarded=find_forwarded(content.body, subject=subject),
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
    """The Date header in UTC; a zone-less one is read as UTC; None when it says no date."""
    for value in _values(root, "date"):
        try:
            found = parsedate_to_datetime(value[:200])
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


_SINGLE = ("from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "content-type")


def _header_problems(root: Part) -> list[str]:
    names = [name for name, _ in root.headers]
    repeated = [
        f"the {name} header is there {names.count(name)} times" for name in _SINGLE if names.count(name) > 1
    ]
    return ["the email has no header at all"] if not names else repeated
