"""Finds the conversation (thread) that an email belongs to.

    first id of the chain known           ─▶ its thread             (the pipeline looks it up)
    another id of it known                ─▶ that one's thread
    unknown ids                           ─▶ a thread named after the first id of the chain
    no ids at all                         ─▶ hash of subject, addresses and mailbox

A hash of subject and addresses alone puts two quarterly calls of the same two
people into one thread; that is why it comes last, and why a chain that began
elsewhere opens a thread of its own.
"""

from __future__ import annotations

import hashlib
import re

from parley.mail.addresses import extract_email_address
from parley.mail.email import InboundEmail, ThreadId

_LONGEST_SUBJECT = 2_000
_MOST_IDS = 200
_LONGEST_ID = 998
# Reply and forward marks of mail programs, by language, casefolded, without colon.
_MARKS = (
    *("re", "ref", "fw", "fwd", "fyi", "forward", "reply"),  # English
    *("aw", "antw", "antwort", "wg", "weitergeleitet"),  # German
    *("antw", "betr", "doorst", "dvs"),  # Dutch
    *("sv", "vs", "vb", "vl", "vid", "vedr", "ang"),  # Scandinavian, Finnish
    *("réf", "rép", "rep", "tr", "trs"),  # French
    *("rv", "rm", "res", "enc", "resp", "respuesta", "reenv", "fs"),  # Spanish, Portuguese
    *("r", "i", "rif", "inoltra"),  # Italian
    *("odp", "pd", "pdt"),  # Polish
    *("atb", "bls", "ats", "pers", "fwrd", "răsp"),  # Welsh, Indonesian, Lithuanian, Romanian
    *("vá", "továbbítás", "továbbított"),  # Hungarian
    *("ynt", "ilt", "i\u0307lt"),  # Turkish
    *("απ", "πρθ", "σχετ"),  # Greek
    *("отв", "ответ", "на", "пересл", "пересылка"),  # Russian
    *("השב", "הועבר", "תשובה"),  # Hebrew
    *("رد", "إعادة توجيه"),  # Arabic
    *("trả lời", "chuyển tiếp"),  # Vietnamese
    *("回复", "回覆", "答复", "答覆", "转发", "轉寄", "轉發", "返信", "転送"),  # Chinese, Japanese
    *("답장", "회신", "전달"),  # Korean
)
_ANY_MARK = "|".join(map(re.escape, dict.fromkeys(_MARKS)))
_COUNT = r"(?:[\[(^]\s?\d{1,3}\s?[\])]?|\d{1,3})?"
_MARK = re.compile(rf"\s*(?:{_ANY_MARK})\.?\s?{_COUNT}\s?[:\uff1a]", re.IGNORECASE)
_TAG = re.compile(r"\s*[\[【]([^\[\]【】]{1,60})[\]】]")
_TRAILER = re.compile(r"\s*\((?:fwd|fw|re)\)\s*$", re.IGNORECASE)


def normalize_subject_for_thread(subject: str) -> str:
    """A subject without reply and forward marks, list tags, extra blanks and case (name: seed 003).

    `RE: AW: [sales] Re[2]:  Q4  Offer ` gives `q4 offer`. A tag with a digit
    (`[JIRA-123]`) stays: it tells conversations apart. Total and linear.
    """
    return title_of(subject.casefold())


def title_of(subject: str) -> str:
    """The subject in its own letters, without reply and forward marks, list tags and extra blanks."""
    text = " ".join(subject[:_LONGEST_SUBJECT].split())
    while (rest := _without_front(text)) != text:
        text = rest
    while (rest := _TRAILER.sub("", text)) != text:
        text = rest
    return text.strip()


def _without_front(text: str) -> str:
    """One reply mark or list tag taken off; a subject of nothing but a tag keeps it."""
    if mark := _MARK.match(text):
        return text[mark.end() :].lstrip()
    tag = _TAG.match(text)
    if tag and not any(c.isdigit() for c in tag[1]) and text[tag.end() :].strip():
        return text[tag.end() :].lstrip()
    return text


def generate_thread_id(subject: str, a: str, b: str) -> ThreadId:
    """A provisional thread from subject and two correspondents (name: seed 003).

    Blind to direction and case: `a` and `b` may be swapped, bare or with
    display names. 32 hex digits.
    """
    people = sorted((_correspondent(a), _correspondent(b)))
    return _hashed("subject", normalize_subject_for_thread(subject), *people)


def thread_identity(email: InboundEmail, mailbox: str) -> ThreadId:
    """The thread of an email whose References name nothing that we know.

    `mailbox` is our address that it came to: two mailboxes never share a
    thread. The first id of the chain names the thread, so that all its later
    mails meet here, whatever becomes of the subject. A mail without References
    and In-Reply-To begins a chain: people write anew under a subject that they
    used before. One without a Message-ID either is known by normalised subject,
    sorted addresses and mailbox.
    """
    place = _correspondent(mailbox)
    if root := root_id(email):
        return _hashed("chain", root, place)
    sender = email.from_.address if email.from_ else ""
    people = sorted((_correspondent(sender), place))
    return _hashed("subject", normalize_subject_for_thread(email.subject), *people, place)


def reference_ids(email: InboundEmail) -> tuple[str, ...]:
    """The ids to look up, likeliest first: what it answers, then the chain from its newest to its oldest."""
    return tuple(dict.fromkeys((*email.in_reply_to, *reversed(email.references))))


def root_id(email: InboundEmail) -> str | None:
    """The first id of the chain, which all its emails have in common: of an email that opens one, its own."""
    return next(iter((*(email.references or email.in_reply_to), email.message_id)), None)


def message_ids(header: str) -> tuple[str, ...]:
    """All ids of a Message-ID, In-Reply-To or References value, each as `<id>`, in order, each once.

    Lenient: `<[..]>` and ids without brackets are taken; blanks inside
    brackets are dropped; comments are not. Never raises. Of more than 200 ids
    the first and the newest are kept.
    """
    found = _in_brackets(header) or [f"<{word}>" for word in header.split() if _is_bare_id(word)]
    ids = list(dict.fromkeys(item for item in found if len(item) <= _LONGEST_ID))
    return tuple(ids if len(ids) <= _MOST_IDS else [ids[0], *ids[1 - _MOST_IDS :]])


def _in_brackets(header: str) -> list[str]:
    found = []
    pos = 0
    while (start := header.find("<", pos)) >= 0:
        end = header.find(">", start)
        if end < 0:
            break
        inner = "".join(header[header.rfind("<", start, end) + 1 : end].split())
        if inner:
            found.append(f"<{inner}>")
        pos = end + 1
    return found


def _is_bare_id(word: str) -> bool:
    return "@" in word and not word.startswith(("(", '"')) and "<" not in word


def _correspondent(value: str) -> str:
    return (extract_email_address(value) or value.strip()).casefold()


def _hashed(*fields: str) -> ThreadId:
    """The fields cannot run into one another: each goes in with its length."""
    joined = "".join(f"{len(field)}:{field}" for field in fields)
    return ThreadId(hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:32])
