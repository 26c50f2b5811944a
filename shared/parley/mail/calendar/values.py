"""Single values by icalendar, whose functions carry no types: checked here, once.

No TZID is ever handed to icalendar: it keeps zones in a cache of the process,
where one email's "Customized Time Zone" would set another's times.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from parley.mail.calendar.properties import UNREADABLE

_DAY_DIGITS = 8
_DURATION = re.compile(r"\+?P(?:T?\d{1,7}[WDHMS]){1,6}T?")
_AMOUNT = re.compile(r"(\d+)([WDHMS])")
_UNITS = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes", "S": "seconds"}


def parse_time(text: str) -> date | datetime:
    """A DATE or DATE-TIME value: aware in UTC where it is written so, else naive. ValueError otherwise."""
    return _date(text) if len(text) == _DAY_DIGITS else _datetime(text)


def parse_local(text: str) -> datetime:
    """The clock of a DATE-TIME, or of the midnight that begins a DATE: naive."""
    found = parse_time(text.rstrip("Zz"))
    if isinstance(found, datetime):
        return found.replace(tzinfo=None)
    return datetime(found.year, found.month, found.day)  # noqa: DTZ001 - local time by definition


def parse_offset(text: str) -> timedelta:
    """A UTC-OFFSET value, `+0100` or `-075258`."""
    from icalendar import vUTCOffset

    kind: Any = vUTCOffset
    found = kind.from_ical(text)
    if not isinstance(found, timedelta):
        raise TypeError("not an offset")
    return found


def parse_duration(text: str) -> tuple[timedelta, timedelta]:
    """Weeks and days, and hours, minutes and seconds: icalendar adds them up, and they differ.

    Days follow the calendar of the place, hours the clock (RFC 5545, 3.3.6).
    ValueError for a negative one: no event has it. `PT1W` is read as it was meant.
    """
    found = text.upper()
    if not _DURATION.fullmatch(found):
        raise ValueError("not a duration of an event")
    nominal = exact = timedelta()
    for amount, unit in _AMOUNT.findall(found):
        size = timedelta(**{_UNITS[unit]: int(amount)})
        nominal, exact = (nominal + size, exact) if unit in "WD" else (nominal, exact + size)
    return nominal, exact


def _date(text: str) -> date:
    from icalendar import vDate

    kind: Any = vDate
    found = kind.from_ical(text)
    if not isinstance(found, date):
        raise TypeError("not a date")
    return found


def _datetime(text: str) -> datetime:
    from icalendar import vDatetime

    kind: Any = vDatetime
    try:
        found = kind.from_ical(text)
    except UNREADABLE:
        if "T" not in text:
            raise
        found = datetime.fromisoformat(text)  # some write 2026-03-01T10:00:00Z
    if not isinstance(found, datetime):
        raise TypeError("not a time")
    return found if found.tzinfo is None else found.astimezone(UTC)
