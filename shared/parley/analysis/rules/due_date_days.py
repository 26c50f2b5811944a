"""The day that a due phrase names, counted from the day of the meeting.

Each reader takes a match of `due_date_phrases.PHRASE` and the meeting's day,
and gives a date; None where the phrase names no single day. A KeyError or ValueError says
that there is no such number or day.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING

from parley.analysis.rules.due_date_phrases import KINDS, NUMBERS, ORDINALS
from parley.core.day_names import MONTH_NUMBERS, WEEKDAY_NUMBERS

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

LONG_PAST = 60
"""A date without a year that is more days ago than this is next year's."""
_WEEK, _YEAR_MONTHS, _FRIDAY, _SATURDAY = 7, 12, 4, 5
_SHORT_YEAR = 100
_HOURS_A_DAY = 24


def kind_of(match: re.Match[str]) -> str:
    """Which kind of phrase it is: a key of `KINDS`."""
    return next(kind for kind in KINDS if match.group(kind))


def named_day(match: re.Match[str], meeting: date | None) -> date | None:
    """The day of the phrase, never before the meeting's own.

    None where it names no single day, or the meeting's day is not known and needed.
    """
    try:
        day = _READERS[kind_of(match)](match, meeting)
    except (KeyError, ValueError, OverflowError):
        return None
    if day is None or (meeting and day < meeting) or not _on_its_weekday(match, day):
        return None
    return day


def _on_its_weekday(match: re.Match[str], day: date) -> bool:
    """`Friday, March 13`: where the weekday is another, one of the two is wrong."""
    said = match.group("said_day")
    return not said or WEEKDAY_NUMBERS[said.lower()] == day.weekday()


def _number(word: str) -> int:
    word = word.lower().replace(" ", "-").rstrip(".")
    return ORDINALS[word] if word in ORDINALS else int(word.rstrip("stndrh"))


def _count(word: str) -> int:
    word = " ".join(word.lower().split())
    return int(word) if word.isdigit() else NUMBERS[word]


def _iso(match: re.Match[str], _meeting: date | None) -> date | None:
    return date.fromisoformat(match.group("iso")[:10])


def _month_day(match: re.Match[str], meeting: date | None) -> date | None:
    which = "1" if match.group("month_day") else "2"
    month, day, year = (match.group(f"{name}{which}") for name in ("month", "day", "year"))
    return _dated(MONTH_NUMBERS[month.lower()], _number(day), year, meeting)


def _dated(month: int, day: int, year: str | None, meeting: date | None) -> date | None:
    """A year that is not said is the meeting's, or the next when that is long past."""
    if year:
        return date(int(year) + (2000 if int(year) < _SHORT_YEAR else 0), month, day)
    if meeting is None:
        return None
    named = date(meeting.year, month, day)
    return named.replace(year=meeting.year + 1) if (meeting - named).days > LONG_PAST else named


def _numeric(match: re.Match[str], meeting: date | None) -> date | None:
    """`18.3.` is day-first; `3/18` has only one reading; `3/4` has two."""
    one, two = int(match.group("one")), int(match.group("two"))
    if match.group("mark") == "." or one == two or one > _YEAR_MONTHS:
        return _dated(two, one, match.group("year3"), meeting)
    return _dated(one, two, match.group("year3"), meeting) if two > _YEAR_MONTHS else None


def _ordinal(match: re.Match[str], meeting: date | None) -> date | None:
    """`By the 24th`: this month's, or the next month's when that is past."""
    if meeting is None:
        return None
    day = _number(match.group("day4"))
    return meeting.replace(day=day) if day >= meeting.day else _months_on(meeting, 1).replace(day=day)


def _months_on(day: date, months: int) -> date:
    """The same day some months later; the month's last where it is shorter."""
    year, month = divmod(day.year * _YEAR_MONTHS + day.month - 1 + months, _YEAR_MONTHS)
    return date(year, month + 1, min(day.day, _last_of(year, month + 1)))


def _last_of(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _of_month(match: re.Match[str], meeting: date | None) -> date | None:
    if meeting is None:
        return None
    first = _months_on(meeting.replace(day=1), match.group("which_month").lower() == "next")
    named = match.group("day3").lower()
    return first.replace(day=_last_of(first.year, first.month) if "last" in named else _number(named))


def _nth_day(match: re.Match[str], meeting: date | None) -> date | None:
    if meeting is None:
        return None
    first = _month_named(match.group("nth_month").lower(), meeting)
    weekday = WEEKDAY_NUMBERS[match.group("nth_day_of").lower()]
    ahead = (weekday - first.weekday()) % _WEEK
    days = range(1 + ahead, _last_of(first.year, first.month) + 1, _WEEK)
    nth = match.group("nth").lower()
    return first.replace(day=days[-1 if nth == "last" else ORDINALS[nth] - 1])


def _month_named(name: str, meeting: date) -> date:
    """The first of that month, the coming one of its name."""
    if name.endswith("month"):
        return _months_on(meeting.replace(day=1), name.startswith("next"))
    month = MONTH_NUMBERS[name]
    return date(meeting.year + (month < meeting.month), month, 1)


def _coming(weekday: str, meeting: date) -> date:
    """The first such day after the meeting."""
    return meeting + timedelta(days=(WEEKDAY_NUMBERS[weekday.lower()] - meeting.weekday() - 1) % _WEEK + 1)


def _weekday(match: re.Match[str], meeting: date | None) -> date | None:
    """The coming one. "Next Friday", said early in the same week, may be either: no day."""
    if meeting is None:
        return None
    name, which = match.group("weekday_name"), (match.group("weekday_of") or "").lower()
    day = _coming(name, meeting)
    same_week = meeting.weekday() + (day - meeting).days < _WEEK
    if (which == "next" and same_week) or (
        which == "this" and WEEKDAY_NUMBERS[name.lower()] == meeting.weekday()
    ):
        return None
    return day


def _short_day(match: re.Match[str], meeting: date | None) -> date | None:
    if meeting is None:
        return None
    short = match.group("short_name").lower()
    day = _coming(next(name for name in WEEKDAY_NUMBERS if name.startswith(short.rstrip("s")[:3])), meeting)
    same_week = meeting.weekday() + (day - meeting).days < _WEEK
    return None if (match.group("short_of") or "").lower() == "next" and same_week else day


def _day_of_week(match: re.Match[str], meeting: date | None) -> date | None:
    """`Tuesday next week`; of this week only what has not passed."""
    if meeting is None:
        return None
    weekday = WEEKDAY_NUMBERS[(match.group("day_in") or match.group("day_in2")).lower()]
    which = (match.group("which") or match.group("which2")).lower()
    following = which.startswith(("next", "the "))
    return meeting + timedelta(days=weekday - meeting.weekday() + _WEEK * following)


def _week_after(match: re.Match[str], meeting: date | None) -> date | None:
    """`Two weeks from Friday`, `a week tomorrow`, `Friday week`."""
    if meeting is None:
        return None
    base = (match.group("base") or match.group("base2") or match.group("base3")).lower()
    weeks = _count(match.group("weeks") or "one")
    near = {"today": meeting, "now": meeting, "tomorrow": meeting + timedelta(days=1)}
    return (near[base] if base in near else _coming(base, meeting)) + timedelta(weeks=weeks)


def _span(match: re.Match[str], meeting: date | None) -> date | None:
    if meeting is None:
        return None
    number = next(n for n in ("", "2", "3") if match.group(f"count{n}"))
    count, unit = _count(match.group(f"count{number}")), match.group(f"unit{number}").lower()
    if unit.startswith(("month", "year")):
        return _months_on(meeting, count * (_YEAR_MONTHS if unit.startswith("year") else 1))
    if unit.startswith("hour"):
        days, rest = divmod(count, _HOURS_A_DAY)
        return None if rest and days else meeting + timedelta(days=days)
    if unit.startswith(("business", "working", "week-d", "week d")):
        return _working_days_on(meeting, count)
    return meeting + timedelta(days=count * {"w": _WEEK, "f": 2 * _WEEK}.get(unit[0], 1))


def _working_days_on(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def _end(match: re.Match[str], meeting: date | None) -> date | None:
    """The end of this or the next week, month, quarter or year."""
    if meeting is None:
        return None
    words = (match.group("end") or match.group("out")).lower()
    unit = next(u for u in ("w", "m", "q", "y") if f"eo{u}" in words or _PERIODS[u] in words)
    following = "next" in words
    if unit == "w":
        return _end_of_week(meeting, following=following)
    length = {"m": 1, "q": 3, "y": _YEAR_MONTHS}[unit]
    last = (meeting.month - 1) // length * length + length - 1 + length * following
    first = _months_on(date(meeting.year, 1, 1), last)
    return first.replace(day=_last_of(first.year, first.month))


_PERIODS = {"w": "week", "m": "month", "q": "quarter", "y": "year"}


def _end_of_week(meeting: date, *, following: bool) -> date | None:
    """Friday. Said at a weekend, the coming one; "next week" is then no single week."""
    if following and meeting.weekday() >= _SATURDAY:
        return None
    friday = meeting + timedelta(days=(_FRIDAY - meeting.weekday()) % _WEEK)
    return friday + timedelta(days=_WEEK * following)


def _this_week(_match: re.Match[str], meeting: date | None) -> date | None:
    """Friday; at a weekend no single day."""
    return _end_of_week(meeting, following=False) if meeting and meeting.weekday() < _SATURDAY else None


def _end_of(match: re.Match[str], meeting: date | None) -> date | None:
    """The end of a month, quarter, half or year that is named."""
    what = match.group("end_of_month").lower()
    if match.group("end_year"):
        return date(int(what), _YEAR_MONTHS, 31)
    lengths = {"q": 3, "h": 6}
    month = MONTH_NUMBERS[what] if what in MONTH_NUMBERS else lengths[what[0]] * int(what[1])
    if match.group("end_year2"):
        year = int(match.group("end_year2"))
    elif meeting is None:
        return None
    else:
        year = meeting.year + (month < meeting.month)
    return date(year, month, _last_of(year, month))


def _weekend(_match: re.Match[str], meeting: date | None) -> date | None:
    """Friday, the last working day before it."""
    if meeting is None or meeting.weekday() >= _SATURDAY:
        return None
    return meeting + timedelta(days=_FRIDAY - meeting.weekday())


def _days_ahead(days: int) -> Callable[[re.Match[str], date | None], date | None]:
    return lambda _match, meeting: meeting + timedelta(days=days) if meeting else None


def _no_single_day(_match: re.Match[str], _meeting: date | None) -> date | None:
    return None


_READERS: dict[str, Callable[[re.Match[str], date | None], date | None]] = {
    "iso": _iso,
    "month_day": _month_day,
    "day_month": _month_day,
    "numeric": _numeric,
    "nth_day": _nth_day,
    "of_month": _of_month,
    "week_after": _week_after,
    "day_of_week": _day_of_week,
    "after_next": _no_single_day,
    "span": _span,
    "end": _end,
    "end_of": _end_of,
    "out": _end,
    "this_week": _this_week,
    "weekend": _weekend,
    "tomorrow_next": _days_ahead(2),
    "tomorrow": _days_ahead(1),
    "today": _days_ahead(0),
    "weekday": _weekday,
    "short_day": _short_day,
    "ordinal": _ordinal,
    "vague": _no_single_day,
    "time": _days_ahead(0),
}
