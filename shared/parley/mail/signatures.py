"""Takes signatures, mobile footers and list footers off what a person typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from parley.mail import signature_words as words
from parley.mail.quote_headers import clean, is_rule
from parley.mail.quote_words import DASHES

MAX_SIGNATURE_LINES = 24
MAX_SIGNATURE_CHARS = 2000
"""What stands below `-- ` is no signature when it is longer: a transcript is not lost."""
MAX_FOOTER = 120
"""Characters of a mobile footer, and of a contact line with some air."""
MAX_FOOTER_WORDS = 9
MAX_CONTACT = 90
MAX_BLOCK = 12
MIN_BLOCK = 3
MIN_CONTACTS = 2
TAIL = 150
"""Lines at the end of a stretch in which signatures are looked for."""
A_SENTENCE = 40
"""A footer with a comma that is longer than this is a sentence."""

_ADDRESS = re.compile(r"\S{1,64}@[\w.-]{3,100}")
_PHONE = re.compile(r"(?:\+|\(|\b\d)[\d\s().+/x-]{6,24}\d")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_NAME = r"[^\W\d_a-z][\w.'-]{0,24}"
_DASH_NAME = re.compile(rf"(?:[-\u2013\u2014]{{1,2}}|[\u2013\u2014~] |-- ){_NAME}(?: {_NAME}){{0,3}}\Z")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(words.SENT_FROM),
        re.compile(rf"(?<!\w)(?:{words.DEVICE})"),
        re.compile(words.FOREIGN_MOBILE),
        re.compile(words.ANY_FOOTER),
        re.compile(words.SENT_FROM_MY),
    )


def is_mobile_footer(line: str) -> bool:
    """`Sent from my iPhone`, `Von meinem iPad gesendet`, `Get Outlook for iOS`, ..."""
    if len(line) > MAX_FOOTER or not line.strip():
        return False
    text = clean(line).strip("<>[]().!~ \xa0" + DASHES).partition("<")[0].strip(" *_").casefold()
    sent_from, device, foreign, *_ = _patterns()
    if not text.isascii() and foreign.match(text):
        return True
    if not sent_from.match(text) or not device.search(text):
        return False
    # A sentence goes on after a comma: "Sent from my desk, is much easier ...".
    apology = "excuse" in text or "brevity" in text or "typo" in text
    return apology or (len(text.split()) <= MAX_FOOTER_WORDS and not ("," in text and len(text) > A_SENTENCE))


def _above_mobile_footer(lines: list[str]) -> list[str]:
    """Cut at a footer: a phone puts it between what was typed and the mail that is answered."""
    for i, line in enumerate(lines):
        alone = i > 0 and not lines[i - 1].strip() and not "".join(lines[i + 1 : i + 2]).strip()
        if is_mobile_footer(line) or (alone and _is_unknown_device(line)):
            return lines[:i] if _used(lines[:i]) else lines[i + 1 :]
    return lines


def _is_unknown_device(line: str) -> bool:
    """`Sent from my` and a few words, alone in their paragraph: phones have more names than a list."""
    text = clean(line).casefold()
    named = _patterns()[4].match(text)
    return bool(named) and len(text.split()) <= MAX_FOOTER_WORDS and "," not in text


def is_contact_line(line: str) -> bool:
    """A line of a signature: an address, a telephone number or a web page, and little else."""
    text = clean(line)
    if not text or len(text) > MAX_CONTACT or len(text.split()) > MAX_FOOTER_WORDS:
        return False
    return bool(_ADDRESS.search(text) or _PHONE.search(text) or _URL.search(text))


def strip_signature(lines: Sequence[str], *, last: bool) -> list[str]:
    """The lines of one typed stretch without its signature; `last` says that the typing ends there."""
    body, tail = list(lines[:-TAIL]), list(lines[-TAIL:])
    tail = _without_delimited(tail)
    tail = _trim(_above_mobile_footer(tail))
    tail = _without_dash_name(tail)
    if last:
        tail = _without_contact_block(_trim(_without_disclaimer(tail)))
    return body + _trim(tail)


def _trim(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _used(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _without_delimited(lines: list[str]) -> list[str]:
    """Cut at `-- ` (RFC 3676), and at a rule above a list footer or a block of contacts."""
    for i, line in enumerate(lines):
        text = line.strip()
        if text in ("--", "\u2014", "__") or is_rule(text):
            rest = _used(lines[i + 1 :])
            if _short(rest) and (
                text in ("--", "\u2014") or _is_footer(rest, underscores=text.strip("_") == "")
            ):
                return lines[:i]
    return lines


def _short(rest: Sequence[str]) -> bool:
    return len(rest) <= MAX_SIGNATURE_LINES and sum(map(len, rest)) <= MAX_SIGNATURE_CHARS


def _is_footer(rest: Sequence[str], *, underscores: bool) -> bool:
    any_footer = _patterns()[3]
    folded = [clean(line).casefold() for line in rest]
    if any(any_footer.match(line) for line in folded):
        return True
    if underscores and any(re.search(words.LIST_FOOTER, line) for line in folded):
        return True
    contacts = sum(map(is_contact_line, rest))
    small = all(len(line) < MAX_CONTACT for line in rest)
    return small and contacts >= MIN_CONTACTS and contacts * 3 >= len(rest)


def _above(lines: Sequence[str]) -> str:
    """The last line that is not blank, or ""."""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _without_dash_name(lines: list[str]) -> list[str]:
    """`-Ann Lee` alone in the last paragraph is how some people sign."""
    if len(lines) < MIN_BLOCK or lines[-2].strip() or not _DASH_NAME.match(clean(lines[-1])):
        return lines
    above = _above(lines[:-1])
    is_list = above.startswith(("-", "*", "\u2013", "\u2022")) or above.endswith(":")
    return lines if is_list else lines[:-1]


def _without_disclaimer(lines: list[str]) -> list[str]:
    """A last paragraph that says how confidential the mail is."""
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    paragraph = " ".join(clean(line) for line in lines[start : start + MAX_BLOCK]).casefold()
    return lines[:start] if start and re.match(words.DISCLAIMER, paragraph) else lines


def _without_contact_block(lines: list[str]) -> list[str]:
    """A last paragraph that opens with a name and holds two contacts or more."""
    start = len(lines)
    while start and lines[start - 1].strip() and len(lines) - start <= MAX_BLOCK:
        start -= 1
    above = _above(lines[:start])
    signed = above and not above.endswith(":") and _is_contact_block(lines[start:])
    return lines[:start] if signed else lines


def _is_contact_block(block: Sequence[str]) -> bool:
    if not MIN_BLOCK <= len(block) <= MAX_BLOCK or any(len(line) > MAX_CONTACT for line in block):
        return False
    first = block[0].rstrip()
    named = not is_contact_line(first) and len(first.split()) <= MIN_BLOCK * 2 and first[-1] not in ".:?"
    reachable = any(_ADDRESS.search(clean(line)) or _PHONE.search(clean(line)) for line in block)
    contacts = sum(map(is_contact_line, block))
    return named and reachable and contacts >= MIN_CONTACTS and contacts * 5 >= len(block) * 2
