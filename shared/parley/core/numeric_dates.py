"""Dates in numbers, of which day and month may stand in either order.

With dots the day stands first. Else a weekday beside it decides, then what can
be a month, then which reading lies nearest before the day on which it arrived.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from parley.core.day_names import WEEKDAY_NUMBERS

NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([./-])(\d{1,2})\2((?:20)?\d\d)(?![\d/]|[.-]\d)")
_WORD = re.compile(r"[^\W\d_]{2,12}")
_SHORTEST = 2
_CENTURY, _SHORT_YEAR = 2000, 100


class Reading(NamedTuple):
    """A day, and whether its day stands before its month."""

    day: date
    day_first: bool


def read_numeric_date(text: str, *, arrived: date | None = None) -> Reading | None:
    """The first `02.10.2025` or `10/2/25` of the text; None where there is none, or two readings are left.

    `arrived` is the day before which (or on which) it must lie.
    """
    match = NUMERIC.search(text)
    if match is None:
        return None
    one, two, year = int(match[1]), int(match[3]), int(match[4])
    year += _CENTURY if year < _SHORT_YEAR else 0
    readings = [Reading(day, True) for day in _day(year, two, one)]
    if match[2] == "." or one == two:
        return readings[0] if readings else None
    readings += [Reading(day, False) for day in _day(year, one, two)]
    return _chosen(readings, _weekday_in(text), arrived)


def _chosen(readings: list[Reading], weekday: int | None, arrived: date | None) -> Reading | None:
    by_weekday = [one for one in readings if one.day.weekday() == weekday]
    left = by_weekday or readings
    if len(left) > 1 and arrived:
        # A clock that is ahead of ours may already write tomorrow.
        left = [one for one in left if one.day <= arrived + timedelta(days=1)]
        left = sorted(left, key=lambda one: one.day)[-1:]
    return left[0] if len(left) == 1 else None


def _day(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


def _weekday_in(text: str) -> int | None:
    """The weekday that the text names, in full or by its first letters; None where these fit several."""
    for word in _WORD.findall(text.casefold()):
        found = {number for name, number in WEEKDAY_NUMBERS.items() if _begins(name, word)}
        if len(found) == 1:
            return found.pop()
    return None


def _begins(name: str, word: str) -> bool:
    return name == word or (len(word) >= _SHORTEST and len(word) <= len(name) and name.startswith(word))
