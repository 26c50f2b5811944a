"""Due dates: the phrase in a sentence ("by Friday", "in two weeks") and the day that it names.

A phrase that names no single day ("next week", "3/4") gives None.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules.lazy_regex import lazy_compile
from parley.analysis.rules.word_lists import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class DueDate(NamedTuple):
    """`day` is None where the phrase names no single day, or none can be counted."""

    start: int
    end: int
    day: date | None


_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_NUMBERS = {word: number for number, word in enumerate(_WORDS)} | {"a": 1, "an": 1, "a couple of": 2}
_DAY = "|".join(WEEKDAYS)
_MONTH = "|".join(name for full in MONTHS for name in (full, full[:3])) + "|sept"
_ORDINAL = r"(?:st|nd|rd|th)?"
_PREPOSITION = (
    r"(?:(?P<prep>by|before|until|till|due(?: on| by)?|no later than|on|for|sometime|around)\s+)?(?:the\s+)?"
)
_COUNT = "|".join(sorted(_NUMBERS, key=len, reverse=True))

_CLOSE = r"eod|cob|end of (?:the |this )?(?:business )?day|close of business"
_PART = r"(?: (?:morning|afternoon|evening|night))?"
_PHRASES = (
    r"(?P<iso>\b\d{4}-\d{2}-\d{2}\b)",
    rf"\b(?P<month_day>(?:{_MONTH})\.?\s+(?:the\s+)?\d{{1,2}}{_ORDINAL}\b(?:,?\s+\d{{4}}\b)?)",
    rf"\b(?P<day_month>\d{{1,2}}{_ORDINAL}\s+(?:of\s+)?(?:{_MONTH})\b(?:,?\s+\d{{4}}\b)?)",
    rf"\b(?P<weekday>(?:(?:this|next|coming|this coming)\s+)?(?:{_DAY}))\b(?!'s|s\b)",
    rf"\b(?P<day>(?:later )?today|tonight|this (?:afternoon|evening|morning)|tomorrow{_PART}|{_CLOSE})\b",
    r"\b(?P<end>(?:the )?(?:eow|eom|end of (?:(?:the|this|next) )?(?:week|month|quarter|year)))\b",
    rf"\b(?P<span>(?:in|within)\s+(?P<count>\d{{1,3}}|{_COUNT})\s+(?P<unit>day|week|month)s?)(?:'\s?time)?\b",
    r"\b(?P<vague>(?:later )?(?:this|next)\s+(?:week|month|quarter|year)|early next week)\b",
)
_SCAN = lazy_compile(rf"{_PREPOSITION}(?:{'|'.join(_PHRASES)})", re.IGNORECASE)
# One cheap look, since most sentences name no day.
_HINT = lazy_compile(
    r"[0-9]|day\b|to(?:day|night|morrow)|this (?:after|even|morn)|[ew]o[dwmb]|cob\b|business"
    r"|week|month|quarter|year",
    re.IGNORECASE,
)
_BACKWARD = lazy_compile(
    r"\b(?:last|since|past|previous|from|after|ago|every|as of)\s+(?:the\s+)?$", re.IGNORECASE
)
_LONG_PAST = 60
_HARD = ("by", "before", "until", "till", "due", "no")


def find_due_date(text: str, today: date | None) -> DueDate | None:
    """The due phrase of a sentence: the one after "by" first; None where two others compete."""
    if not _HINT.search(text):
        return None
    found = list(_phrases(text, today))
    hard = [due for rank, due in found if rank]
    if hard:
        return hard[0]
    days = {due.day for _, due in found if due.day}
    return None if len(days) > 1 or not found else next((d for _, d in found if d.day), found[0][1])


def _phrases(text: str, today: date | None) -> Iterator[tuple[bool, DueDate]]:
    for match in _SCAN.finditer(text):
        if _BACKWARD.search(text[max(0, match.start() - 20) : match.start()]):
            continue
        prep = (match.group("prep") or "").lower()
        yield prep.startswith(_HARD), DueDate(match.start(), match.end(), _day(match, today))


def _day(match: re.Match[str], today: date | None) -> date | None:
    kind = next(name for name in _READERS if match.group(name))
    try:
        return _READERS[kind](match, today)
    except (ValueError, OverflowError):
        return None


def _iso(match: re.Match[str], _today: date | None) -> date | None:
    return date.fromisoformat(match.group("iso"))


def _calendar_day(match: re.Match[str], today: date | None) -> date | None:
    """A month and a day; a year that is not said is the meeting's, or the next when that is long past."""
    from dateutil import parser

    words = (
        (match.group("month_day") or match.group("day_month")).lower().replace("the ", "").replace("of ", "")
    )
    if re.search(r"\d{4}$", words):
        return parser.parse(words).date()
    if today is None:
        return None
    named = _same_year(words, today)
    if named >= today:
        return named
    return named.replace(year=today.year + 1) if (today - named).days > _LONG_PAST else None


def _same_year(words: str, today: date) -> date:
    from dateutil import parser

    return parser.parse(f"{words} {today.year}").date()


def _weekday(match: re.Match[str], today: date | None) -> date | None:
    """The coming one. "Next Friday", said early in the same week, may be either: no date."""
    if today is None:
        return None
    words = match.group("weekday").lower().split()
    ahead = (WEEKDAYS.index(words[-1]) - today.weekday() - 1) % 7 + 1
    if words[0] == "next" and today.weekday() + ahead < len(WEEKDAYS):
        return None
    return today + timedelta(days=ahead)


def _near(match: re.Match[str], today: date | None) -> date | None:
    if today is None:
        return None
    return today + timedelta(days=match.group("day").lower().startswith("tomorrow"))


def _end(match: re.Match[str], today: date | None) -> date | None:
    if today is None:
        return None
    words = match.group("end").lower().split()
    unit = {"eow": "week", "eom": "month"}.get(words[-1], words[-1])
    return _ENDS[unit](today, "next" in words)


def _end_of_week(today: date, following: bool) -> date:
    """Friday; said at a weekend, the coming one."""
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    return friday + timedelta(days=7 * following)


def _end_of_month(today: date, following: bool) -> date:
    month, year = today.month + following, today.year
    if month > len(MONTHS):
        month, year = 1, year + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def _end_of_quarter(today: date, following: bool) -> date:
    last = (today.month - 1) // 3 * 3 + 3 + 3 * following
    year = today.year + (last > len(MONTHS))
    month = (last - 1) % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def _end_of_year(today: date, following: bool) -> date:
    return date(today.year + following, 12, 31)


_ENDS: dict[str, Callable[[date, bool], date]] = {
    "week": _end_of_week,
    "month": _end_of_month,
    "quarter": _end_of_quarter,
    "year": _end_of_year,
}


def _span(match: re.Match[str], today: date | None) -> date | None:
    if today is None:
        return None
    word = match.group("count").lower()
    count = int(word) if word.isdigit() else _NUMBERS[word]
    unit = match.group("unit").lower()
    if unit == "month":
        from dateutil.relativedelta import relativedelta

        return today + relativedelta(months=count)
    return today + timedelta(days=count * (7 if unit == "week" else 1))


def _vague(_match: re.Match[str], _today: date | None) -> date | None:
    return None


_READERS: dict[str, Callable[[re.Match[str], date | None], date | None]] = {
    "iso": _iso,
    "month_day": _calendar_day,
    "day_month": _calendar_day,
    "weekday": _weekday,
    "day": _near,
    "end": _end,
    "span": _span,
    "vague": _vague,
}
