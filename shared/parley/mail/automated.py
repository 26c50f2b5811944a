"""Says whether a machine sent an email, so that nobody answers a machine (RFC 3834).

One function per sign, and one row in `_SIGNS`; the first that finds something
decides. A sign that a person's mail may show too (a subject, a word in the
text) counts only together with a second one, and never where the mail holds
what no responder sends: an attachment, a talk, a long text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from parley.core.lazy_regex import lazy_compile
from parley.mail import auto_reply_words, bounce_words
from parley.mail.email import Attachment, InboundEmail

Why = Literal["bounce", "automated", "no_reply"]

HEAD = 3000
"""Characters of the body in which a bounce says what it is."""
MOST_SEARCHED = 50_000
"""Characters in which returned headers and talk are looked for."""
_FORWARD = lazy_compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|vs|vb|vl|továbbítás|пересл)\s*:", re.IGNORECASE)
_ANSWER = lazy_compile(r"\s*(?:re|aw|sv|antw|odp|vs|rif|res)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_NO_REPLY = lazy_compile(
    r"(?:\A|[-._+])(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|dont[-_.]?reply|no[-_.]?responder?|no[-_.]?responda|"
    r"nicht[-_.]?antworten|keine[-_.]?antwort|ne[-_.]?pas[-_.]?repondre|nao[-_.]?responda|non[-_.]?rispondere|"
    r"noreplies|niet[-_.]?beantwoorden|nie[-_.]?odpowiadaj)(?:\Z|[-._+\d])"
)
_DAEMONS = lazy_compile(
    r"(?:mailer|mail)[-_.]?(?:daemon|deamon)|maildaemon|mdaemon|mail[-_.]?delivery.*|mmdf|uucp"
)
_POSTMASTERS = lazy_compile(
    r"(?:post[-_.]?master|bounces?|fbl|scomp|daemon)\b.*|.*[-_.](?:bounces?|postmaster)"
)
_LIST_MANAGERS = lazy_compile(
    r"(?:majordomo|listserv|listproc|mailman|sympa|ezmlm|owner)\b.*|.*-(?:admin|owner|request|errors|help)"
)
_SMTP_CODE = lazy_compile(
    r"\b[45]\.\d{1,3}\.\d{1,3}\b|(?:^|[:;(]|said|error|code|smtp)\s*(?:4[25]\d|55\d)[ -]", re.MULTILINE
)
_ADDRESS = lazy_compile(r"[\w.+%=&/~!#$-]{1,64}@([\w.-]{3,120})")
_SNS_NOTE = lazy_compile(
    r'\\?"(?:notificationType|eventType)\\?"\s*:\s*\\?"(?:Bounce|Complaint|DeliveryDelay|Reject)\\?"'
)
_CALENDAR_METHOD = re.compile(rb"^METHOD:", re.MULTILINE | re.IGNORECASE)
_AUTOREPLY_HEADERS = (
    *("x-autoreply", "x-auto-reply", "x-autoreply-from", "x-auto-reply-from", "x-mail-autoreply"),
    *("x-autorespond", "x-autoresponse", "x-autoresponder", "x-vacation", "x-fc-machinegenerated"),
)
_LIST_HEADERS = lazy_compile(
    r"list-(?!unsubscribe)[a-z-]+|x-mailing-list|mailing-list|x-ml-?\w+|x-beenthere|x-mailman-version|"
    r"x-google-group-id|x-listname|x-listserver?|x-loop"
)
_TRACE = lazy_compile(
    r"^[ \t]*(?:(received|return-path|message-id|delivered-to|mime-version|dkim-signature|x-mailer|"
    r"auto-submitted):|(from) \S+@\S+ )",
    re.MULTILINE,
)
"""Header lines that a mail system copies into a bounce; mail programs forward others."""
_FEWEST_TRACES = 2
_TURN = lazy_compile(r"^[ \t]*([^\W\d_][\w.'\u2019() -]{0,40})[:\uff1a][ \t]*\S.*\w.*\w", re.MULTILINE)
_FEWEST_TURNS = 3
_FEWEST_LINES = 20
"""Lines of own text that no responder writes."""
_NEVER_FROM_RESPONDERS = ("image/", "message/", "text/rfc822", "application/pgp", "application/pkcs7")


@dataclass(frozen=True, slots=True)
class Automated:
    """`evidence` names the header or the part that says so.

    `carries` says that such mail may bring something worth reading: a list's
    copy of a colleague's mail, a note-taker's transcript. `bulk_mark` says that
    nothing but an unsubscribe link speaks for a machine: sales tools add it to
    what a person writes to one person.
    """

    reason: Why
    evidence: str
    carries: bool = False
    bulk_mark: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the signs look at, lower-cased once."""

    email: InboundEmail
    envelope_sender: str | None
    local: str
    domain: str
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
    for reason, carries, sign in _SIGNS:
        evidence = sign(seen)
        if evidence:
            return Automated(reason, evidence, carries, bulk_mark=sign is _unsubscribe)
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
    local, _, domain = address.strip(" <>\"'").partition("@")
    return _Seen(
        email=email,
        envelope_sender=envelope_sender,
        local=local,
        domain=domain,
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
    return bool(_daemon(seen) or _bounces().subject.search(seen.subject))


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
    named = _bounces().daemon.search(seen.name)
    return f"From: {named[0]}" if named else None


def _complaint_subject(seen: _Seen) -> str | None:
    found = _bounces().complaint.match(seen.subject)
    return "Subject: complaint about message" if found else None


def _postmaster(seen: _Seen) -> str | None:
    """A postmaster with the text of a bounce; in an answer, with such a text of its own."""
    if not _POSTMASTERS.fullmatch(seen.local):
        return None
    answers = _ANSWER.match(seen.subject) and seen.email.in_reply_to
    said = seen.email.text[:HEAD].casefold() if answers else seen.head
    if not answers and ("message/rfc822" in seen.types or _bounces().subject.search(seen.subject)):
        return "From: a postmaster"
    return "From: a postmaster, with the text of a bounce" if _bounce_text(said) else None


def _bounce_subject(seen: _Seen) -> str | None:
    """The subject of a bounce above the text of one, or above the headers of a returned mail."""
    if _ANSWER.match(seen.subject) or _FORWARD.match(seen.subject) or _is_by_hand(seen):
        return None
    phrase = _bounces().subject.search(seen.subject)
    if phrase is None:
        return None
    returned = _returns_headers(seen) or _LIST_MANAGERS.fullmatch(seen.local)
    in_person = seen.email.in_reply_to or any(map(seen.email.header, ("user-agent", "x-mailer")))
    certain = returned or (_bounce_text(seen.head) and _names_a_recipient(seen) and not in_person)
    return f"Subject: {phrase[0]}" if certain else None


def _names_a_recipient(seen: _Seen) -> bool:
    """Whether an address of another domain than the sender's stands in the text."""
    domains = {seen.domain, ""}
    return any(domain.strip(".") not in domains for domain in _ADDRESS.findall(seen.head))


def _bounce_text(said: str) -> bool:
    return bool(_SMTP_CODE.search(said) or _bounces().text.search(said))


def _returns_headers(seen: _Seen) -> bool:
    if any(kind.startswith("text/rfc822-header") for kind in seen.types):
        return True
    found = _TRACE.findall(seen.email.body[:MOST_SEARCHED].casefold())
    return len(set(found)) >= _FEWEST_TRACES


def _is_talk(body: str) -> bool:
    """Whether somebody speaks more than once: header fields that a bounce lists do not come again."""
    turns = Counter(_TURN.findall(body))
    return turns.total() >= _FEWEST_TURNS and max(turns.values()) > 1


def _is_by_hand(seen: _Seen) -> bool:
    """Whether the mail holds what only a person, or a tool that carries a person's words, sends."""
    email = seen.email
    if any(not item.content_type.lower().startswith(_NEVER_FROM_RESPONDERS) for item in email.attachments):
        return True
    if _is_talk(email.body[:MOST_SEARCHED]):
        return not _returns_headers(seen)
    return sum(1 for line in email.text.split("\n") if line.strip()) >= _FEWEST_LINES


def _sns_note(seen: _Seen) -> str | None:
    """A bounce that SES reported through SNS by mail."""
    found = _SNS_NOTE.search(seen.email.body[:HEAD])
    return "an SES notification in the body" if found else None


def _auto_submitted(seen: _Seen) -> str | None:
    value = (seen.email.header("auto-submitted") or "no").split(";")[0].split("(")[0].strip().lower()
    return None if value in ("no", "") else f"Auto-Submitted: {value[:40]}"


def _answers_by_machine(seen: _Seen) -> str | None:
    """A machine's answer to a mail; what it quotes is not its own."""
    return (
        (_auto_submitted(seen) or _precedence(seen)) if seen.email.in_reply_to and not _list(seen) else None
    )


def _list(seen: _Seen) -> str | None:
    return next((name for name, _ in seen.email.headers if _LIST_HEADERS.fullmatch(name)), None)


def _unsubscribe(seen: _Seen) -> str | None:
    return "list-unsubscribe" if seen.email.header("list-unsubscribe") is not None else None


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
    found = _subjects().auto_reply.match(seen.subject)
    return f"Subject: {found[1]}" if found and not _is_by_hand(seen) else None


def _absence_subject(seen: _Seen) -> str | None:
    """`Out of office` above an answer that is not called one: people write so too, but not so little."""
    found = _subjects().absence.match(seen.subject)
    suppresses = (seen.email.header("x-auto-response-suppress") or "").strip().lower() == "all"
    answers = bool(seen.email.in_reply_to) or suppresses or " re: " in f" {seen.subject} "
    return f"Subject: {found[1]}" if found and answers and not _is_by_hand(seen) else None


def _no_reply(seen: _Seen) -> str | None:
    return f"From: {seen.local[:60]}" if _NO_REPLY.search(seen.local) else None


@dataclass(frozen=True, slots=True)
class _Bounces:
    subject: re.Pattern[str]
    complaint: re.Pattern[str]
    daemon: re.Pattern[str]
    text: re.Pattern[str]


@cache
def _bounces() -> _Bounces:
    words = (bounce_words.SUBJECT, bounce_words.COMPLAINT, bounce_words.DAEMON, bounce_words.TEXT)
    return _Bounces(*map(re.compile, words))


@dataclass(frozen=True, slots=True)
class _Subjects:
    auto_reply: re.Pattern[str]
    absence: re.Pattern[str]


@cache
def _subjects() -> _Subjects:
    """A responder's mark stands alone, or before the subject that it answers; people go on in words."""
    auto, reply = auto_reply_words.AUTO, auto_reply_words.REPLY
    marks = rf"(?:{auto})[- ]?(?:{reply})|(?:{reply}) ?(?:{auto})|{auto_reply_words.ABSENCE_NOTICE}|auto(?=:)"
    ends = r"(?:\W*\Z|\s*[\])]|\s*[:\uff1a|\u2013\u2014-]|\s+(?:from|to|for|von|an|de|da|van|fuori)\b)"
    return _Subjects(
        re.compile(rf"[\[(]?({marks}){ends}"),
        re.compile(rf"[\[(]?({auto_reply_words.ABSENCE})(?!\w)"),
    )


_SIGNS: tuple[tuple[Why, bool, Callable[[_Seen], str | None]], ...] = (
    ("bounce", False, _report),
    ("bounce", False, _failed_recipients),
    ("automated", False, _auto_reply),
    ("bounce", False, _null_return_path),
    ("bounce", False, _daemon),
    ("bounce", False, _complaint_subject),
    ("bounce", False, _postmaster),
    ("bounce", False, _bounce_subject),
    ("bounce", False, _sns_note),
    ("automated", False, _autoreply_header),
    ("automated", False, _disposition),
    ("automated", False, _autoreply_subject),
    ("automated", False, _absence_subject),
    ("automated", False, _answers_by_machine),
    ("automated", True, _list),
    ("automated", True, _auto_submitted),
    ("automated", True, _precedence),
    ("no_reply", True, _no_reply),
    ("automated", True, _unsubscribe),
)
