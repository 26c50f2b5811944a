"""Says whether a machine wrote an email, so that nobody answers a machine (RFC 3834).

One function per sign, and one row in `_SIGNS`; the first that finds something
decides. A sign that a person's mail may show too (a subject, a word in the
text) counts only together with a second one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from parley.mail import auto_reply_words as words
from parley.mail.email import Attachment, InboundEmail

Why = Literal["bounce", "automated", "no_reply"]

HEAD = 3000
"""Characters of the body in which a bounce says what it is."""
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|vs|vb|vl|továbbítás|пересл)\s*:", re.IGNORECASE)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|odp|vs|rif|res)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(?:\A|[-._+])(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|dont[-_.]?reply|no[-_.]?responder?|no[-_.]?responda|"
    r"nicht[-_.]?antworten|keine[-_.]?antwort|ne[-_.]?pas[-_.]?repondre|nao[-_.]?responda|non[-_.]?rispondere|"
    r"noreplies|niet[-_.]?beantwoorden|nie[-_.]?odpowiadaj)(?:\Z|[-._+\d])"
)
_DAEMONS = re.compile(
    r"(?:mailer|mail)[-_.]?(?:daemon|deamon)|maildaemon|mdaemon|mail[-_.]?delivery.*|mmdf|uucp"
)
_POSTMASTERS = re.compile(
    r"(?:postmaster|post_master|bounces?|abuse|complaints?|fbl|daemon|root|staff|scomp|no-?reply)\b.*|.*-admin"
)
_SMTP_CODE = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b|\b(?:4[25]\d|55\d)[ -]")
_SNS_NOTE = re.compile(
    r'\\?"(?:notificationType|eventType)\\?"\s*:\s*\\?"(?:Bounce|Complaint|DeliveryDelay|Reject)\\?"'
)
_CALENDAR_METHOD = re.compile(rb"^METHOD:", re.MULTILINE | re.IGNORECASE)
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply-from",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-vacation",
    "x-fc-machinegenerated",
)


@dataclass(frozen=True, slots=True)
class Automated:
    """`evidence` names the header or the part that says so."""

    reason: Why
    evidence: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the signs look at, lower-cased once."""

    email: InboundEmail
    envelope_sender: str | None
    local: str
    name: str
    subject: str
    content_type: str
    types: frozenset[str]
    head: str


def automated_reason(email: InboundEmail, *, envelope_sender: str | None = None) -> str | None:
    """The reason of `automated`, or None."""
    found = automated(email, envelope_sender=envelope_sender)
    return found.reason if found else None


def automated(email: InboundEmail, *, envelope_sender: str | None = None) -> Automated | None:
    """Who wrote it if no person did; None for what a person may have written.

    `envelope_sender` is SMTP's MAIL FROM, bare; "" is the null return path of a
    bounce, None says that it is not known. An invitation that a calendar system
    sent is `automated` too: ask `is_invitation`.
    """
    seen = _see(email, envelope_sender)
    for reason, sign in _SIGNS:
        evidence = sign(seen)
        if evidence:
            return Automated(reason, evidence)
    return None


def is_invitation(email: InboundEmail) -> bool:
    """Does it carry a calendar object with a method (REQUEST, CANCEL, REPLY, ...)?"""
    return any(_is_calendar(item) for item in email.attachments)


def _is_calendar(item: Attachment) -> bool:
    kind = item.content_type.partition(";")[0].strip().lower()
    named = kind in {"text/calendar", "application/ics"}
    named = named or (item.filename or "").lower().endswith((".ics", ".vcs"))
    return named and bool(_CALENDAR_METHOD.search(item.content[:65536]))


def _see(email: InboundEmail, envelope_sender: str | None) -> _Seen:
    sender = email.from_ or (email.senders[0] if email.senders else None)
    raw_from = (email.header("from") or "").lower()
    address = sender.address.lower() if sender else raw_from
    return _Seen(
        email=email,
        envelope_sender=envelope_sender,
        local=address.strip(" <>\"'").partition("@")[0],
        name=(sender.name if sender else "").casefold() or raw_from,
        subject=" ".join(email.subject.casefold().split()),
        content_type=" ".join((email.header("content-type") or "").lower().split()),
        types=frozenset(item.content_type.lower() for item in email.attachments),
        head=email.body[:HEAD].casefold(),
    )


def _report(seen: _Seen) -> str | None:
    """RFC 3464 and RFC 5965: a delivery status or a feedback report."""
    is_report = seen.content_type.startswith("multipart/report")
    for kind in ("delivery-status", "feedback-report", "global-delivery-status"):
        if is_report and kind in seen.content_type:
            return f"Content-Type: multipart/report; report-type={kind}"
        if f"message/{kind}" in seen.types and (is_report or not _FORWARD.match(seen.subject)):
            return f"a message/{kind} part"
    cut_short = is_report and seen.types & {"message/rfc822", "text/rfc822-headers"}
    return "Content-Type: multipart/report" if cut_short and "disposition" not in seen.content_type else None


def _failed_recipients(seen: _Seen) -> str | None:
    for name in ("x-failed-recipients", "x-ms-exchange-message-is-ndr", "x-hmxmroriginalrecipient"):
        if seen.email.header(name) is not None:
            return name
    return None


def _auto_reply(seen: _Seen) -> str | None:
    """A responder says so itself; it often uses the null return path as well."""
    value = (seen.email.header("auto-submitted") or "").split(";")[0].strip().lower()
    return f"Auto-Submitted: {value}" if value == "auto-replied" and not _bouncing(seen) else None


def _bouncing(seen: _Seen) -> bool:
    return bool(_daemon(seen) or any(phrase in seen.subject for phrase in words.BOUNCE_SUBJECTS))


def _null_return_path(seen: _Seen) -> str | None:
    if seen.envelope_sender is not None and seen.envelope_sender.strip(" <>") == "":
        return "the null envelope sender"
    for value in seen.email.header_all("return-path"):
        if value.replace(" ", "") == "<>":
            return "Return-Path: <>"
    return None


def _daemon(seen: _Seen) -> str | None:
    """A sender that is a mail system by its address or its name."""
    if _DAEMONS.fullmatch(seen.local):
        return "From: a mail daemon"
    if (seen.email.header("from") or "?").replace(" ", "") in ("<>", ""):
        return "From: <>"
    for value in (seen.envelope_sender, *seen.email.header_all("return-path"), seen.email.header("sender")):
        if _DAEMONS.fullmatch((value or "").strip(" <>").partition("@")[0].lower()):
            return "Return-Path: a mail daemon"
    named = next((name for name in words.DAEMON_NAMES if name in seen.name), None)
    return f"From: {named}" if named else None


def _bounce_subject(seen: _Seen) -> str | None:
    """The subject of a bounce, from a postmaster or above the text of a bounce."""
    if _ANSWER.match(seen.subject) or _FORWARD.match(seen.subject):
        return None
    phrase = next((phrase for phrase in words.BOUNCE_SUBJECTS if phrase in seen.subject), None)
    if phrase is None or (seen.email.in_reply_to and not _POSTMASTERS.fullmatch(seen.local)):
        return None
    by_hand = any(seen.email.header(name) is not None for name in ("user-agent", "x-mailer"))
    certain = _POSTMASTERS.fullmatch(seen.local) or (_bounce_text(seen) and not by_hand)
    return f"Subject: {phrase}" if certain else None


def _bounce_text(seen: _Seen) -> bool:
    return bool(_SMTP_CODE.search(seen.head)) or any(text in seen.head for text in words.BOUNCE_TEXTS)


def _postmaster_text(seen: _Seen) -> str | None:
    """A postmaster with the text of a bounce and a subject that says nothing."""
    if not seen.local.startswith("postmaster") or _ANSWER.match(seen.subject):
        return None
    returned = "message/rfc822" in seen.types or bool(_SMTP_CODE.search(seen.head))
    return "From: postmaster, with a returned message" if returned else None


def _sns_note(seen: _Seen) -> str | None:
    """A bounce that SES reported through SNS by mail."""
    found = _SNS_NOTE.search(seen.email.body[:HEAD])
    return "an SES notification in the body" if found else None


def _auto_submitted(seen: _Seen) -> str | None:
    value = (seen.email.header("auto-submitted") or "no").split(";")[0].split("(")[0].strip().lower()
    return None if value in ("no", "") else f"Auto-Submitted: {value[:40]}"


def _list(seen: _Seen) -> str | None:
    for name, _ in seen.email.headers:
        if name.startswith("list-") or name == "x-mailing-list":
            return name
    return None


def _precedence(seen: _Seen) -> str | None:
    value = (seen.email.header("precedence") or "").strip().lower()
    return f"Precedence: {value}" if value in ("bulk", "junk", "list", "auto_reply") else None


def _autoreply_header(seen: _Seen) -> str | None:
    if (seen.email.header("x-apple-action") or "").strip().lower() == "vacation":
        return "x-apple-action"
    for name in _AUTOREPLY_HEADERS:
        value = seen.email.header(name)
        if value is not None and value.strip().lower() not in ("no", "false", "0"):
            return name
    return None


def _disposition(seen: _Seen) -> str | None:
    """A read receipt (RFC 8098)."""
    receipt = (
        "disposition-notification" in seen.content_type or "message/disposition-notification" in seen.types
    )
    return "a message/disposition-notification part" if receipt else None


def _autoreply_subject(seen: _Seen) -> str | None:
    found = next((start for start in words.AUTOREPLY_SUBJECTS if seen.subject.startswith(start)), None)
    return f"Subject: {found}" if found else None


def _absence_subject(seen: _Seen) -> str | None:
    """`Out of office` above an answer that is not called one: no person writes so."""
    found = next((start for start in words.ABSENCE_SUBJECTS if seen.subject.startswith(start)), None)
    answers = bool(seen.email.in_reply_to) or seen.email.header("x-auto-response-suppress") is not None
    return f"Subject: {found}" if found and answers else None


def _no_reply(seen: _Seen) -> str | None:
    return f"From: {seen.local[:60]}" if _NO_REPLY.search(seen.local) else None


_SIGNS: tuple[tuple[Why, Callable[[_Seen], str | None]], ...] = (
    ("bounce", _report),
    ("bounce", _failed_recipients),
    ("automated", _auto_reply),
    ("bounce", _null_return_path),
    ("bounce", _daemon),
    ("bounce", _bounce_subject),
    ("bounce", _postmaster_text),
    ("bounce", _sns_note),
    ("automated", _auto_submitted),
    ("automated", _list),
    ("automated", _precedence),
    ("automated", _autoreply_header),
    ("automated", _disposition),
    ("automated", _autoreply_subject),
    ("automated", _absence_subject),
    ("no_reply", _no_reply),
)
