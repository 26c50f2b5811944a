"""Times and rhythms of a calendar in words: `Monday, 2027-01-11 at 10:00-10:30 (UTC), every Monday`."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from parley.mail.calendar.recurrence import rule_parts
from parley.mail.calendar.schedule import Occurrence

_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_CODES = tuple(_DAYS)
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second last"}
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DATE, _CLOCK = "%A, %Y-%m-%d", "%H:%M"


def time_text(one: Occurrence, reader: ZoneInfo | None) -> str:
    """When it is, on the reader's wall with the zone named, and on its own where that shows another time."""
    if one.all_day:
        return _days_text(one)
    shown = one.on(reader) if reader else one
    zone = (shown.zone or reader) if reader else one.zone
    text = f"{_span_text(shown)} ({zone.key if zone else 'local time'})"
    own = one.zone
    if shown.start == one.start or own is None or own.key == "UTC":
        return text
    day = f"{one.start:%A} " if one.start.date() != shown.start.date() else ""
    return f"{text}, {day}{one.start:{_CLOCK}} in {own.key}"


def start_text(one: Occurrence, reader: ZoneInfo | None) -> str:
    """The same without its end: `Monday, 2027-02-01 at 10:00 (Europe/Berlin)`."""
    if one.all_day:
        return f"{one.start:{_DATE}}"
    return time_text(Occurrence(one.start, one.start, one.zone), reader)


def _days_text(one: Occurrence) -> str:
    last = one.end - min(timedelta(days=1), one.end - one.start)
    return f"{one.start:{_DATE}}" + (f" to {last:{_DATE}}" if last.date() > one.start.date() else ", all day")


def _span_text(one: Occurrence) -> str:
    begins = f"{one.start:{_DATE}} at {one.start:{_CLOCK}}"
    if one.end <= one.start:
        return begins
    if one.end.date() == one.start.date():
        return f"{begins}-{one.end:{_CLOCK}}"
    return f"{begins} to {one.end:{_DATE}} at {one.end:{_CLOCK}}"


def rhythm(rule: str, start: datetime, *, shown: datetime | None = None) -> str:
    """How a rule recurs, from the wall's time of its start: `every Monday until 2027-03-01`.

    `shown` is the same start on the wall that it is told for: weekdays are told for that one.
    """
    try:
        parts = rule_parts(rule)
        return _rhythm(parts, start, ((shown or start).date() - start.date()).days) + _end(parts)
    except (ValueError, LookupError):
        return "again after that"


def _rhythm(parts: dict[str, str], start: datetime, days_off: int) -> str:
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    unit = _UNITS.get(frequency)
    if unit is None:
        return (
            f"every {interval} {frequency.lower().removesuffix('ly')}s" if interval > 1 else frequency.lower()
        )
    every = f"every {interval} {unit}s" if interval > 1 else f"every {unit}"
    codes = [code for code in parts.get("BYDAY", "").split(",") if code]
    if frequency == "WEEKLY" or (frequency == "DAILY" and codes):
        names = _day_names(codes or [_CODES[start.weekday()]], days_off)
        return f"{every} on {names}" if interval > 1 else f"every {names}"
    if frequency == "MONTHLY":
        return f"on {_in_month(parts, codes, start)} {every.replace('every', 'of every', 1)}"
    return every


def _day_names(codes: list[str], days_off: int) -> str:
    numbers = sorted({(_CODES.index(code[-2:]) + days_off) % 7 for code in codes})
    names = [_DAYS[_CODES[number]] for number in numbers]
    if len(names) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):  # noqa: PLR2004 - two are no range
        return f"{names[0]} to {names[-1]}"
    return _listed(names)


def _in_month(parts: dict[str, str], codes: list[str], start: datetime) -> str:
    if codes:
        places = [(int(code[:-2] or parts.get("BYSETPOS", "0")), code[-2:]) for code in codes]
        nth = {place for place, _ in places}
        if len(nth) == 1 and len(codes) == 5:  # noqa: PLR2004 - Monday to Friday
            return f"the {_NTH[places[0][0]]} weekday"
        return "the " + _listed(
            [f"{_NTH[place]} {_DAYS[code]}" if place else _DAYS[code] for place, code in places]
        )
    numbers = [int(one) for one in parts.get("BYMONTHDAY", str(start.day)).split(",")]
    return _listed([f"day {one}" if one > 0 else f"the {_NTH[one]} day" for one in numbers])


def _end(parts: dict[str, str]) -> str:
    if until := parts.get("UNTIL"):
        return f" until {until[:4]}-{until[4:6]}-{until[6:8]}"
    count = int(parts.get("COUNT", "0"))
    return f", {count} times in all" if count else ""


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
