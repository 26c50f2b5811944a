"""The date in a transcript's own head, or in the name of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from parley.core.day_names import MONTH_NUMBERS
from parley.core.lazy_regex import lazy_compile
from parley.core.numeric_dates import read_numeric_date
from parley.transcripts.meeting_day import MeetingDay

HEAD_LINES = 15
LONGEST_LINE = 200

_COMPACT = lazy_compile(r"(?<!\d)(20\d\d)([-_. ]?)(\d\d)\2(\d\d)(?!\d)")
_MONTHS = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
_MONTH_DAY = lazy_compile(rf"\b({_MONTHS})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(20\d\d)\b", re.IGNORECASE)
_DAY_MONTH = lazy_compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:of\s+|de\s+)?({_MONTHS})\.?,?[\s-]+(?:de\s+)?"
    r"(20\d\d)\b",
    re.IGNORECASE,
)
# A line of the head that speaks of another day than the meeting's.
_OTHER_DAY = lazy_compile(
    r"\b(?:by|before|need|please|will|next|due|deadline|expir\w+|until|valid|version|revised|last|previous|birth\w*|copyright|effective)\b|©",
    re.IGNORECASE,
)
_STAMP = lazy_compile(r"[\s>\[(]{0,4}(\S{6,10})[,T\s]{1,3}\d{1,2}:\d\d")
_KEYS = (
    *(
        "date",
        "meeting_date",
        "meetingdate",
        "start_time",
        "starttime",
        "started_at",
        "startedat",
        "start_date",
    ),
    *("recorded_at", "recording_start", "recording_date", "meeting_start_time", "created_at", "createdat"),
    *("createddatetime", "created", "startdatetime"),
)
_MILLISECONDS = 10**11
_FIRST_EPOCH = 10**9


def day_of_file_name(name: str | None, *, arrived: date | None = None) -> MeetingDay | None:
    """`GMT20251002-220211_Recording.vtt`, `call 02.10.2025.txt`; None where the name holds no date."""
    day = date_in((name or "").replace("_", " "), arrived=arrived) if name else None
    return MeetingDay(day, "file") if day else None


def day_of_head(lines: Sequence[str], first_words: str, *, arrived: date | None = None) -> MeetingDay | None:
    """The date in the lines above what is said first, or in the stamp before it. `first_words` begin that."""
    for line in lines[: HEAD_LINES * 2]:
        spoken = bool(first_words) and first_words in line
        text = _stamp(line) if spoken else line[:LONGEST_LINE]
        day = None if _OTHER_DAY.search(text) else date_in(text, arrived=arrived)
        if day:
            return MeetingDay(day, "transcript")
        if spoken:
            break
    return None


def _stamp(line: str) -> str:
    match = _STAMP.match(line)
    return match[1] if match else ""


def day_of_json(value: Any, *, arrived: date | None = None) -> MeetingDay | None:
    """The date of a recording in the fields around what was said."""
    for key, found in _fields(value):
        if key.replace("-", "_").casefold() in _KEYS:
            day = (
                _epoch(found) if isinstance(found, int | float) else date_in(str(found)[:40], arrived=arrived)
            )
            if day:
                return MeetingDay(day, "transcript")
    return None


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """The plain values of an object, then those of the objects in it."""
    if not isinstance(value, Mapping):
        return
    yield from ((str(key), one) for key, one in value.items() if isinstance(one, str | int | float))
    for one in value.values():
        if isinstance(one, Mapping):
            yield from ((str(key), two) for key, two in one.items() if isinstance(two, str | int | float))


def _epoch(value: float) -> date | None:
    seconds = value / 1000 if value > _MILLISECONDS else value
    if not _FIRST_EPOCH < seconds < 4 * _FIRST_EPOCH:
        return None
    return datetime.fromtimestamp(seconds, UTC).date()


def date_in(text: str, *, arrived: date | None = None) -> date | None:
    """The first full date of a text, in words or in numbers; None where none has a single reading."""
    for match in _COMPACT.finditer(text):
        if day := _day(match[1], match[3], match[4]):
            return day
    if named := _MONTH_DAY.search(text):
        return _day(named[3], MONTH_NUMBERS[named[1].casefold()], named[2])
    if named := _DAY_MONTH.search(text):
        return _day(named[3], MONTH_NUMBERS[named[2].casefold()], named[1])
    reading = read_numeric_date(text, arrived=arrived)
    return reading.day if reading else None


def _day(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
