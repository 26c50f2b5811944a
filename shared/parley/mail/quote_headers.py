"""Recognises the lines that a mail client puts above what it quotes.

Three shapes: the reply header (`On ... wrote:`, over up to five lines), the
header block (`From: Sent: To: Subject:`, in any order and language), and the
separator (`-----Original Message-----`, `Begin forwarded message:`). Every
function looks at a bounded number of bounded lines, so that a whole scan is
linear in the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from parley.mail import quote_words as words
from parley.mail.quote_words import COLONS, DASHES

MAX_LINE = 600
"""Characters of one line that are looked at; no client writes a longer header line."""
MAX_WINDOW = 5
"""Lines over which a reply header may be wrapped."""
MAX_BLOCK = 14
"""Lines that a header block may take, folded recipients included."""
MIN_KINDS = 2
"""Fields beside From that make a block."""
MAX_LABEL = 40
MIN_SEPARATOR = 5
MIN_DASHES = 4
SHORT_END = 12
"""A date that was folded ends in a line no longer than this, or with a time."""
MAX_NAME = 70
MAX_FRAME = 90
MIN_COLONS = 4
MAX_NAMED = 160
"""Characters of `Ann wrote:` without a date."""

_NOISE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ADDRESS = re.compile(r"[\w.+%'=&/~!#$-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)"
    r"|\d年|\d년|\d{1,2}\. ?\d{1,2}\. ?\d{2,4}"
)
_TIME = re.compile(r"(?<!\d)\d{1,2} ?[:.h時시点點] ?\d\d(?!\d)|(?<!\d)\d{1,2} ?[aApP]\.?[mM]\b")
_CLOSING = re.compile(r">[\s\w),]{0,20}[:\uff1a]")
_LABEL = re.compile(r"[\s*_|•·-]{0,6}([^\W\d_][^:\uff1a*_\n]{0,28}?)[\s*_\xa0]{0,4}[:\uff1a][*_]{0,3}")
_LABEL_MARKS = "*_|\u2022\xb7- \t\xa0\u200e\u200f\u202a\u202b\u202c\ufeff"
_FRAMED = re.compile(r"\s*[-_=]{3,}[ \xa0]*[^\s\-_=](?:[^\-_=]|-(?!-)){3,60}[-_=]{3,}")
_RULE = re.compile(r"[\s>]{0,10}[-_=*\u2013\u2014\u2500]{3,}\s*\Z")


class Kind(StrEnum):
    """What a line of a header block says."""

    FROM = "from"
    SENT = "sent"
    TO = "to"
    CC = "cc"
    SUBJECT = "subject"


class Separator(StrEnum):
    """What stands below a separator line."""

    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """`fields` by kind, raw text; the quoted text begins at line `end`."""

    fields: dict[Kind, str]
    end: int


@cache
def _wrote() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words.WROTE})(?!\w)|{words.WROTE_CJK}")


def without_wrote(text: str) -> str:
    """An attribution's text without its word for "wrote"."""
    return re.sub(rf"(?<![\w-])(?:uhr |ha |a )?(?:{words.WROTE})(?!\w)", "", text, flags=re.IGNORECASE)


@cache
def _wrote_at_end() -> re.Pattern[str]:
    tail = r"(?: the following| folgendes| het volgende| lo siguiente| \w{1,3})?[\s,.\xa0\-]{0,6}[:\uff1a]\Z"
    return re.compile(rf"(?:(?<![\w-])(?:{words.WROTE})|{words.WROTE_CJK}){tail}")


@cache
def _wrote_bare() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words.WROTE})\Z")


def may_end_attribution(lines: Sequence[str], i: int) -> bool:
    """Whether line `i` ends as an attribution does: with a colon, or with the word for "wrote" alone."""
    text = clean(lines[i])
    if text[-1:] in COLONS:
        return True
    near = "@" in text or len(text) < SHORT_END
    return near and bool(_wrote_bare().search(text.casefold()))


def closes_address(lines: Sequence[str], i: int) -> bool:
    """Whether line `i` is the end of an address that was wrapped before its `>`: it is no quote."""
    above = lines[i - 1] if i else ""
    opened = above.count("<") > above.count(">") and not above.lstrip().startswith(">")
    return opened and bool(_CLOSING.fullmatch(lines[i].strip()))


@cache
def _labels() -> dict[str, Kind]:
    tables = (
        (Kind.CC, words.CC),
        (Kind.TO, words.TO),
        (Kind.SENT, words.SENT),
        (Kind.FROM, words.FROM),
        (Kind.SUBJECT, words.SUBJECT),
    )
    return {word: kind for kind, table in tables for word in table.split("|")}


@cache
def _separators() -> dict[str, Separator]:
    original = dict.fromkeys(words.ORIGINAL.split("|"), Separator.REPLY)
    return original | dict.fromkeys(words.FORWARD.split("|"), Separator.FORWARD)


@cache
def _starters() -> frozenset[str]:
    return frozenset(words.STARTERS.split())


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(words.BEGIN_FORWARD.split("|"))


def clean(line: str) -> str:
    """The line without direction marks and outer white space, cut to MAX_LINE."""
    line = line[:MAX_LINE]
    return (line if line.isascii() else _NOISE.sub("", line)).strip()


def split_one_line_header(lines: Sequence[str]) -> list[str]:
    """The lines, with a whole header that stands in one of them (as Yahoo writes it) set line by line."""
    out: list[str] = []
    for line in lines:
        out += _set_apart(line) if line.lstrip()[:3] == "---" and line.count(":") >= MIN_COLONS else [line]
    return out


def _set_apart(line: str) -> list[str]:
    framed = _FRAMED.match(line[:MAX_LINE])
    if not framed:
        return [line]
    found = [(match.start(), _labels()[match[1].casefold()]) for match in _label_marks().finditer(line)]
    starts = [start for n, (start, kind) in enumerate(found) if kind not in {k for _, k in found[:n]}]
    if len(starts) < MIN_KINDS + 1 or line[framed.end() : starts[0]].strip():
        return [line]
    edges = [*starts, len(line)]
    return [framed[0].strip(), *(line[a:b].strip() for a, b in zip(starts, edges[1:], strict=True)), ""]


@cache
def _label_marks() -> re.Pattern[str]:
    """A label as it begins a field: in capitals, for the value before it may end without a blank."""
    labels = sorted({word[:1].upper() + word[1:] for word in _labels()}, key=len, reverse=True)
    return re.compile(rf"({'|'.join(map(re.escape, labels))}) ?[:\uff1a]")


def is_frame(line: str) -> bool:
    """Is it a few words between dashes, as stand above a quoted header in any language?"""
    return len(line) < MAX_FRAME and bool(_FRAMED.fullmatch(line.strip()))


def is_rule(line: str) -> bool:
    """Is it nothing but dashes, underscores, stars or equals signs?"""
    return bool(line) and len(line) < MAX_LINE and bool(_RULE.match(line))


def separator(line: str) -> Separator | None:
    """`-----Original Message-----` and its kin, or Apple's `Begin forwarded message:`."""
    text = clean(line)
    if len(text) < MIN_SEPARATOR:
        return None
    if text[-1] in COLONS:
        known = text.rstrip(":\uff1a \xa0").strip("-_* ").casefold() in _beginnings()
        return Separator.FORWARD if known else None
    if text[0] not in DASHES or text[-1] not in DASHES:
        return None
    inner = text.strip(DASHES + " \xa0")
    return _named_separator(inner.casefold(), dashes=len(text) - len(inner))


def _named_separator(inner: str, *, dashes: int) -> Separator | None:
    if dashes < MIN_DASHES or not inner:
        return None
    found = _separators().get(inner.rstrip(":"))
    if found:
        return found
    if inner.startswith(("forwarded by ", "weitergeleitet von ", "transféré par ")):
        return Separator.FORWARD
    # Zoho: `---- On Wed, 01 Jan 2020 10:00:00 +0530 Ann <ann@x.com> wrote ----`
    on_wrote = _wrote().search(inner) and _DATE.search(inner)
    return Separator.REPLY if on_wrote else None


def label(line: str) -> tuple[Kind, str] | None:
    """`*Sent:* Monday` as (SENT, "Monday"); None for a line without a known label."""
    text = clean(line)
    found = _LABEL.match(text) or _LABEL.match(text + " ")
    if not found:
        return None
    kind = _labels().get(found[1].casefold().strip("* \xa0"))
    return (kind, text[found.end() :].strip(" \t*\xa0")) if kind else None


def is_label(text: str) -> bool:
    """Does `text` begin with a known label? One look-up, for the scan of every line."""
    head = text.partition(":")[0] if ":" in text[:MAX_LABEL] else text[:MAX_LABEL].partition("\uff1a")[0]
    return len(head) < MAX_LABEL and head.strip(_LABEL_MARKS).casefold() in _labels()


def header_block(lines: Sequence[str], start: int) -> HeaderBlock | None:
    """The `From: Sent: To: Subject:` block that begins at line `start`, if one does."""
    first = label(lines[start])
    if first is None or first[0] is Kind.CC:
        return None
    fields, end = _read_block(lines, start)
    return HeaderBlock(fields, end) if _convincing(fields) else None


def _read_block(lines: Sequence[str], start: int) -> tuple[dict[Kind, str], int]:
    fields: dict[Kind, str] = {}
    last: Kind | None = None
    end = start
    for i in range(start, min(len(lines), start + MAX_BLOCK)):
        text = clean(lines[i])
        known = label(text)
        if known:
            last, value = known
            fields.setdefault(last, value)
            end = i + 1
        elif not text:
            if not _goes_on(lines, i, fields):
                break
        elif last and _folds(text, last, fields):
            fields[last] = f"{fields[last]} {text}".strip()
            end = i + 1
        else:
            break
    return fields, end


def _goes_on(lines: Sequence[str], blank: int, fields: dict[Kind, str]) -> bool:
    """A blank line inside a block: made from paragraphs, or the end of it."""
    following = clean(lines[blank + 1]) if blank + 1 < len(lines) else ""
    known = label(following)
    return bool(known and known[0] not in fields and Kind.SUBJECT not in fields)


def _folds(text: str, last: Kind, fields: dict[Kind, str]) -> bool:
    """Is this line the rest of the value above it?"""
    if not fields[last]:
        return True
    if last in (Kind.TO, Kind.CC):
        return "@" in text or fields[last].endswith((",", ";")) or ";" in text
    if last is Kind.SUBJECT:
        return False
    return (last is Kind.SENT and bool(_TIME.search(text) or len(text) < SHORT_END)) or "@" in text


def _convincing(fields: dict[Kind, str]) -> bool:
    sender = fields.get(Kind.FROM, "")
    if not sender or sender[0].isdigit():
        return False
    dated = bool(_DATE.search(fields.get(Kind.SENT, "")))
    others = len(fields) - 1
    addressed = "@" in sender
    if others < MIN_KINDS:
        return others == 1 and addressed and dated
    return addressed or dated


def reply_header(lines: Sequence[str], end: int, *, quoted_below: bool) -> int | None:
    """Where the reply header that ends at line `end` begins; None when there is none.

    `quoted_below` says that a `>` follows: then less is asked of the header.
    """
    windows = _windows(lines, end)
    widest = windows[-1][1].casefold() if windows else ""
    if "@" not in widest and not _wrote().search(widest):
        return None
    if clean(lines[end])[-1:] not in COLONS:
        return next((start for start, text in windows if _is_whole(lines, start, text)), None)
    found = [
        (start, text)
        for start, text in windows
        if _starts(text) and _is_header(text, quoted_below=quoted_below or _stands_alone(lines, start, text))
    ]
    if found:
        # "at 09:14, Bo wrote:" may begin a line of its own: the date stands above it.
        return next((start for start, text in found if _DATE.search(text)), found[0][0])
    for start, text in windows:
        if _balanced(text) and _is_named_header(text, quoted_below=quoted_below):
            return _with_name_above(lines, start, text)
    return None


def _is_whole(lines: Sequence[str], start: int, text: str) -> bool:
    """Without a colon at its end, an attribution must have all that one can have."""
    return (
        (start == 0 or not clean(lines[start - 1]))
        and _starts(text)
        and all(pattern.search(text) for pattern in (_DATE, _TIME, _ADDRESS))
    )


def _stands_alone(lines: Sequence[str], start: int, text: str) -> bool:
    """`On Mar 3, 2026 you wrote:` in a paragraph of its own: what follows is what was written."""
    alone = start == 0 or not clean(lines[start - 1])
    return (
        alone
        and len(text) < MAX_NAMED
        and bool(_DATE.search(text) and _wrote_at_end().search(text.casefold()))
    )


def _windows(lines: Sequence[str], end: int) -> list[tuple[int, str]]:
    """The texts that end at `end`, one line longer each, up to a blank or quoted line."""
    found: list[tuple[int, str]] = []
    text = ""
    for i in range(end, max(-1, end - MAX_WINDOW), -1):
        line = clean(lines[i])
        quoted = line.startswith(">") and not (i == end and closes_address(lines, end))
        if not line or quoted or len(text) > MAX_LINE:
            break
        text = f"{line} {text}".strip()
        found.append((i, text))
    return found


def _starts(text: str) -> bool:
    """Does it begin like a header: a date, a weekday or a preposition, and a number soon?"""
    head = text[:60].lstrip("-*_~ \xa0\"'").casefold()
    if head[:1].isdigit():
        return bool(_DATE.search(text[:60]) or _TIME.search(text[:60]))
    word = re.split(r"[\s.,'\u2019\d]", head, maxsplit=1)[0]
    return word in _starters() and any(char.isdigit() for char in head)


def _is_header(text: str, *, quoted_below: bool) -> bool:
    folded = text.casefold()
    dated, timed = bool(_DATE.search(text)), bool(_TIME.search(text))
    addressed = bool(_ADDRESS.search(text))
    if _wrote().search(folded):
        return addressed or (dated and timed) or (quoted_below and (dated or timed))
    return addressed and (dated or timed) and _ends_with_address(text)


def _is_named_header(text: str, *, quoted_below: bool) -> bool:
    """`Ann <ann@x.com> wrote:`, `Ann <a@x> schrieb am 3. Mai 2024:`, `Ann wrote:` above a quote."""
    folded = text.casefold()
    if not _wrote().search(folded):
        return False
    if _ADDRESS.search(text):
        return bool(_wrote_at_end().search(folded) or _DATE.search(text))
    return quoted_below and len(text) < MAX_NAMED and bool(_wrote_at_end().search(folded))


def _ends_with_address(text: str) -> bool:
    tail = text.rstrip(":\uff1a \xa0>)]\"'}")[-40:]
    return bool(_ADDRESS.search(text[-90:])) and "@" in tail


def _balanced(text: str) -> bool:
    return text.count("<") >= text.count(">")


def _with_name_above(lines: Sequence[str], start: int, text: str) -> int:
    """A name that was wrapped away from its `<address>` belongs to the header too."""
    above = clean(lines[start - 1]) if start else ""
    wrapped = text.startswith("<") or bool(_ADDRESS.match(text))
    short = bool(above) and len(above) < MAX_NAME and above[-1] not in ".!?:>,"
    return start - 1 if wrapped and short else start
