"""VTIMEZONE components to zones; one that cannot be read is left out and named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import MAXYEAR, datetime, timedelta
from typing import TYPE_CHECKING

from parley.mail.calendar.properties import UNREADABLE, read_line, read_time_line
from parley.mail.calendar.values import parse_local, parse_offset
from parley.mail.calendar.vtimezone import Observance, VTimezone, Work, Yearly

if TYPE_CHECKING:
    from parley.mail.calendar.components import Component

MAX_OBSERVANCES = 300
MAX_RDATES = 100
MAX_COUNT = 200
_RULE_KEYS = frozenset(("FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"))
_NUMBERS = re.compile(r"(?:-?\d{1,2},?){1,31}")
_DAY = re.compile(r"([+-]?\d{0,2})(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEAR = timedelta(days=366)


def read_zones(components: list[Component], work: Work, problems: list[str]) -> dict[str, VTimezone]:
    """The zones of a calendar by TZID; one that cannot be read is a problem and is left out."""
    zones: dict[str, VTimezone] = {}
    for component in components:
        line = component.first("TZID")
        try:
            name = read_line(line).value.strip().strip('"') if line else ""
            zones.setdefault(name, _read_zone(component, work))
        except UNREADABLE as error:
            problems.append(f"a VTIMEZONE cannot be read: {str(error)[:80]}")
    return zones


def _read_zone(component: Component, work: Work) -> VTimezone:
    parts = [part for part in component.children if part.name in ("STANDARD", "DAYLIGHT")]
    if not 0 < len(parts) <= MAX_OBSERVANCES:
        raise ValueError(f"{len(parts)} observances")
    work.spend(10 * len(parts))
    return VTimezone(_superseded([_read_observance(part) for part in parts]), work)


def _read_observance(part: Component) -> Observance:
    rrule = part.first("RRULE")
    said = _rule_parts(read_line(rrule).value) if rrule else {}
    before = parse_offset(_value(part, "TZOFFSETFROM"))
    start = parse_local(_value(part, "DTSTART"))
    read = Observance(
        kind=part.name,
        start=start,
        before=before,
        after=parse_offset(_value(part, "TZOFFSETTO")),
        rdates=_rdates(part),
        rule=_yearly(said, start) if said else None,
        until=_until(said["UNTIL"], before) if "UNTIL" in said else None,
    )
    return _counted(read, int(said["COUNT"])) if "COUNT" in said else read


def _value(part: Component, name: str) -> str:
    line = part.first(name)
    if line is None:
        raise ValueError(f"no {name}")
    return read_time_line(line).value.strip()


def _rdates(part: Component) -> tuple[datetime, ...]:
    values = (read_time_line(line).value.split(",") for line in part.all("RDATE")[:MAX_RDATES])
    texts = [text.partition("/")[0] for listed in values for text in listed if text.strip()]
    if len(texts) > MAX_RDATES:
        raise ValueError("too many RDATEs")
    return tuple(map(parse_local, texts))


def _until(text: str, before: timedelta) -> datetime:
    """UNTIL is UTC by the RFC; where it is not written so, it is local time."""
    if "T" not in text:
        return parse_local(text) + timedelta(days=1) - before
    return parse_local(text) if text.endswith("Z") else parse_local(text) - before


def _counted(observance: Observance, count: int) -> Observance:
    """With COUNT, the onsets are known one by one."""
    years = range(observance.start.year, min(observance.start.year + min(count, MAX_COUNT), MAXYEAR) + 1)
    last = [onset.at for year in years for onset in observance.by_rule(year)][:count][-1:]
    return replace(observance, until=last[0] if last else datetime.min)  # noqa: DTZ901 - naive


def _rule_parts(text: str) -> dict[str, str]:
    """The parts of a yearly rule; ValueError for any that a time zone has no use for."""
    pairs = (part.partition("=") for part in text.upper().replace(" ", "").split(";") if part)
    rule = {key: value for key, _, value in pairs}
    numbers = [rule[key] for key in ("BYMONTH", "BYMONTHDAY") if key in rule]
    # Notes says the time of day once more; DTSTART has it.
    clock = {key for key in ("BYHOUR", "BYMINUTE", "BYSECOND") if rule.get(key, "").isdecimal()}
    days = rule["BYDAY"].strip(",").split(",") if "BYDAY" in rule else []
    if (
        rule.get("FREQ") != "YEARLY"
        or not _RULE_KEYS.issuperset(rule.keys() - clock)
        or rule.get("INTERVAL", "1") != "1"
        or not all(map(_NUMBERS.fullmatch, numbers))
        or not all(map(_DAY.fullmatch, days))
        or not rule.get("COUNT", "1").isdecimal()
    ):
        raise ValueError(f"a rule that no time zone has: {text[:60]}")
    return rule


def _yearly(rule: dict[str, str], start: datetime) -> Yearly:
    days = frozenset(
        (int(nth.strip("+") or 0), _WEEKDAYS.index(name)) for nth, name in _DAY.findall(rule.get("BYDAY", ""))
    )
    months, month_days = _numbers(rule.get("BYMONTH", "")), _numbers(rule.get("BYMONTHDAY", ""))
    if not days and not month_days:
        return Yearly(months or frozenset({start.month}), frozenset({start.day}))
    return Yearly(months, month_days, days)


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(number) for number in text.split(",") if number)


def _superseded(observances: list[Observance]) -> list[Observance]:
    """End each endless rule where the next era of its kind begins: some software forgets UNTIL."""
    ordered = sorted(observances, key=lambda each: each.start)
    return [_ended(each, ordered[index + 1 :]) for index, each in enumerate(ordered)]


def _ended(observance: Observance, later: list[Observance]) -> Observance:
    if observance.rule is None or observance.until is not None:
        return observance
    eras = (
        each.start
        for each in later
        if each.kind == observance.kind and each.rule and each.start - observance.start >= _YEAR
    )
    start = next(eras, None)
    return observance if start is None else replace(observance, until=start - timedelta(days=1))
