"""The IANA zone that keeps the rules of a VTIMEZONE, so that a series stays where it is on the wall."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parley.mail.calendar.zone_names import windows_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.mail.calendar.vtimezone import VTimezone

YEARS = 3
"""From the event's own on: rules that agree for so long are the zone's of today."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_WORDS = re.compile(r"[a-z]{4,}")


def agreeing_zone(own: VTimezone, tzid: str, year: int) -> str | None:
    """The IANA name of a zone with the same offsets, before and after each change; None where there is none.

    To the minute, else on the same days: much software is not exact about the hour.

    Among several the one that the TZID names in part, else the first. Raises
    ValueError for rules that cost too much to evaluate.
    """
    walls = (_walls(own, years, near) for years in _spans(own, year) for near in (_MINUTE, 3 * _HOUR))
    return next((zone for each in walls if (zone := _agreeing(own, tzid, each))), None)


def _spans(own: VTimezone, year: int) -> list[range]:
    """The years to compare: some on from `year`, or the last with changes where these end about then.

    Some software writes the changes of one year alone.
    """
    changes = {onset.at.year for onset in own.onsets(year) if onset.before != onset.after}
    last, on = max(changes, default=0), range(year, year + YEARS)
    if last == year - 1:
        return [range(last, year), on]
    return [on, range(year, last + 1)] if last in on else [on]


def _agreeing(own: VTimezone, tzid: str, walls: Sequence[datetime]) -> str | None:
    offsets = [own.offset(wall) for wall in walls]
    fixed = offsets[0] if len(set(offsets)) == 1 else None
    if fixed is not None and not fixed % _HOUR and abs(fixed) <= 12 * _HOUR:
        return f"Etc/GMT{-(fixed // _HOUR):+d}" if fixed else "UTC"
    named = set(_WORDS.findall(tzid.lower()))
    zones = dict.fromkeys(windows_names().values())
    likely = sorted(zones, key=lambda zone: not named.intersection(_WORDS.findall(zone.lower())))
    return next((zone for zone in likely if _offsets(zone, walls) == offsets), None)


def _walls(own: VTimezone, years: range, near: timedelta) -> list[datetime]:
    """Each summer and winter, and just before and after each change, as the wall shows them."""
    seasons = [datetime(each, month, 1, 12) for each in years for month in (1, 7)]  # noqa: DTZ001 - local
    changes = [onset for each in years for onset in own.onsets(each)]
    around = [
        wall
        for onset in changes
        if onset.at.year in years
        for wall in (onset.at + onset.before - near, onset.at + onset.after + near)
    ]
    return [*seasons, *around]


def _offsets(zone: str, walls: Sequence[datetime]) -> list[timedelta | None]:
    return [wall.replace(tzinfo=ZoneInfo(zone)).utcoffset() for wall in walls]
