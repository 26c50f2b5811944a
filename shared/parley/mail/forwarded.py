"""The email inside a forwarded one, kept apart from who forwarded it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from email.utils import parsedate_to_datetime

from parley.core.numeric_dates import NUMERIC, read_numeric_date
from parley.mail.email import Address, Forwarded
from parley.mail.quote_headers import (
    HeaderBlock,
    Kind,
    Separator,
    clean,
    header_block,
    separator,
    split_one_line_header,
)
from parley.mail.quote_words import DASHES

MAX_LINES = 20_000
"""Lines in which the header of a forwarded mail is looked for."""
MAX_CANDIDATES = 2000
SEARCH_BELOW = 6
"""Lines below a separator in which its header block begins."""

_ADDRESS = re.compile(r"[\w.+%'=&/~!#$-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_REPLY_SUBJECT = re.compile(
    r"\s*(?:re|aw|sv|antw|odp|vs|rif|res|ynt|ref|回复|回覆|答复|ответ|ha|r)\s*(?:\[\d+\])?\s*[:\uff1a]",
    re.IGNORECASE,
)
_UNQUOTE = re.compile(r"\s{0,3}> ?")
_WEEKDAY = re.compile(r"\A[^\W\d]{2,12}\.?,? ")
_SMALL_WORDS = re.compile(
    r"(?<!\w)(?:at|um|uhr|à|às|a las|alle ore|alle|ore|kl\.?|klo|o godz\.?|godz\.?|om|o|de|del|den|on"
    r"|\u0433\.?|\u0432)(?!\w)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d\d)(?::\d\d)?(?:\s*([ap])\.?m)?", re.IGNORECASE)
_HEBREW_MONTHS = ["ינו", "פבר", "מרץ", "אפר", "מאי", "יונ", "יול", "אוג", "ספט", "אוק", "נוב", "דצמ"]
_HEBREW = re.compile(r"(\d{1,2}) ב([\u05d0-\u05ea]{3,8})[\u05f3'\u2019]? (\d{4})(?: ב-?(\d{1,2}):(\d\d))?")
_TRAILING_ZONE = re.compile(r"\s*\((?:[^()]{1,40})\)\s*\Z")


def find_forwarded(body: str, *, subject: str | None = None, arrived: date | None = None) -> Forwarded | None:
    """The first forwarded mail in `body`; None when there is none.

    A bare `From: Sent: To: Subject:` block stands above replies too: with the
    mail's `subject` given, one that says "Re:" is taken for a reply. `date` is
    naive where the client wrote no offset.
    """
    lines = split_one_line_header(body.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    is_reply = bool(subject and _REPLY_SUBJECT.match(subject))
    left = MAX_CANDIDATES
    for i, line in enumerate(lines[:MAX_LINES]):
        text = _UNQUOTE.sub("", line, count=1).strip() if line.lstrip().startswith(">") else line.strip()
        if not text or (":" not in text and "\uff1a" not in text and text[-1] not in DASHES):
            continue
        left -= 1
        if left < 0:
            return None
        found = _forwarded_at(lines, i, text, bare=not is_reply, arrived=arrived)
        if found:
            return found
    return None


def _forwarded_at(
    lines: Sequence[str], i: int, text: str, *, bare: bool, arrived: date | None
) -> Forwarded | None:
    kind = separator(text)
    if kind is Separator.FORWARD or (kind is Separator.REPLY and bare):
        return _below_separator(lines, i, named=kind is Separator.FORWARD, arrived=arrived)
    if kind is None and bare:
        inner = _unquoted(lines[i : i + 30]) if lines[i].lstrip().startswith(">") else lines[i : i + 30]
        if header_block(inner, 0):
            return _read(lines, i, 0, arrived)
    return None


def _below_separator(lines: Sequence[str], i: int, *, named: bool, arrived: date | None) -> Forwarded | None:
    quoted = lines[i + 1 : i + 1 + SEARCH_BELOW]
    inner = _unquoted(quoted)
    for step, line in enumerate(inner):
        if line.strip():
            found = _read(lines, i + 1, step, arrived)
            if found:
                return found
            break
    if not named:
        return None
    return Forwarded(sender=None, date=None, subject="", text=_text(_rest(lines, i + 1)))


def _read(lines: Sequence[str], start: int, skip: int, arrived: date | None) -> Forwarded | None:
    rest = _rest(lines, start)
    block = header_block(rest, skip)
    if block is None:
        return None
    return Forwarded(
        sender=parse_sender(block.fields.get(Kind.FROM, "")),
        date=parse_date(block.fields.get(Kind.SENT, ""), arrived=arrived),
        subject=block.fields.get(Kind.SUBJECT, ""),
        text=_text(_after(rest, block)),
    )


def _rest(lines: Sequence[str], start: int) -> list[str]:
    """The lines from `start`; unquoted by one level when they stand in a quote."""
    used = next((line for line in lines[start : start + SEARCH_BELOW] if line.strip()), "")
    if not used.lstrip().startswith(">"):
        return list(lines[start:])
    taken: list[str] = []
    for line in lines[start:]:
        if line.strip() and not line.lstrip().startswith(">"):
            break
        taken.append(line)
    return _unquoted(taken)


def _unquoted(lines: Sequence[str]) -> list[str]:
    return [_UNQUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line for line in lines]


def _after(rest: Sequence[str], block: HeaderBlock) -> Sequence[str]:
    return rest[block.end :]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip()


def parse_sender(value: str) -> Address | None:
    """`Kim Lee [mailto:kim@x.com]`, `Kim <kim@x.com>`, `"Lee, Kim"`: the name and the bare address."""
    value = clean(value)
    found = _ADDRESS.search(value)
    if not found:
        name = value.strip(" \"'*<>[]()")
        return Address(name=name, address="") if name else None
    local, _, domain = found[0].rpartition("@")
    name = re.split(r"[<\[(]|mailto:", value[: found.start()], maxsplit=1)[0].strip(" \"'*\t")
    return Address(name=name, address=f"{local}@{domain.lower()}")


def parse_date(value: str, *, arrived: date | None = None) -> datetime | None:
    """A date as any client writes it; naive where it names no offset, None when unreadable.

    `arrived` is the day on which the mail came in that holds it: it decides between two
    readings of a date in numbers. Where none decides, None.
    """
    text = clean(value).strip("* ")
    if not any(char.isdigit() for char in text):
        return None
    try:
        numbers = _numeric_date(text, arrived) or _hebrew_date(text)
    except ValueError:
        return None
    return _rfc_date(text) or _iso_date(text) or numbers or _prose_date(text)


def _rfc_date(text: str) -> datetime | None:
    if not re.search(r"[A-Za-z]{3} .*\d\d?:\d\d", text) or re.search(r"[ap]\.?m\b", text, re.IGNORECASE):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso_date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _numeric_date(text: str, arrived: date | None) -> datetime | None:
    """`02/10/2025 15:02`: the day by what decides its order, the time as it stands."""
    reading = read_numeric_date(text, arrived=arrived)
    clock = _CLOCK.search(NUMERIC.sub(" ", text))
    if reading is None or clock is None:
        return datetime.combine(reading.day, time()) if reading else None
    hour, minute, half = int(clock[1]), int(clock[2]), (clock[3] or "").lower()
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return datetime.combine(reading.day, time(hour % 24, minute % 60))


def _prose_date(text: str) -> datetime | None:
    if NUMERIC.search(text):
        return None  # its readings have been weighed
    import dateparser

    bare = _TRAILING_ZONE.sub("", text)
    for form in (bare, _WEEKDAY.sub("", bare)):
        found: datetime | None = dateparser.parse(
            _without_words(form), settings={"RETURN_AS_TIMEZONE_AWARE": False}
        )
        if found:
            return found
    return None


def _hebrew_date(text: str) -> datetime | None:
    """A date of Gmail in Hebrew: dateparser does not know the months as Gmail shortens them."""
    match = _HEBREW.search(text)
    month = next((n for n, name in enumerate(_HEBREW_MONTHS, 1) if match and match[2].startswith(name)), None)
    if match is None or month is None:
        return None
    return datetime(int(match[3]), month, int(match[1]), int(match[4] or 0), int(match[5] or 0))  # noqa: DTZ001  # naive: no offset is said


def _without_words(text: str) -> str:
    """Drop "at", "um", "Uhr", "à" and their kin: no date needs them."""
    return " ".join(_SMALL_WORDS.sub(" ", text).split())
