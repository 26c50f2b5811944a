"""A TZID to a zone: IANA's, a Windows name, a display name, the calendar's own rules; else unknown.

An unknown zone is never guessed. The order matters: a name that is known says
more than the rules sent along with it, which are often those of one year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from parley.mail.calendar.vtimezone import as_utc
from parley.mail.calendar.zone_match import agreeing_zone
from parley.mail.calendar.zone_names import DISPLAY_NAMES, cities, iana_names, windows_names

if TYPE_CHECKING:
    from parley.mail.calendar.vtimezone import VTimezone

MAX_NAME = 200
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_DISPLAY = re.compile(r"\((?:utc|gmt)\s*(?:([+-]\d{1,2})[:.](\d{2}))?\)\s*(.+)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<=\D) \d{1,2}\Z")
"""Exchange numbers the zones of one name: `Pacific Standard Time 1`."""
_LISTED = re.compile(r"[,;]| and ")
_MOMENTS = tuple(datetime(year, month, 15, 12, tzinfo=UTC) for year in range(2000, 2027) for month in (1, 7))


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that is known: `name` is IANA's, or None when the calendar's own rules or an offset serve."""

    name: str | None
    own: VTimezone | None = None
    fixed: timedelta | None = None

    def utc(self, local: datetime) -> datetime:
        """The moment of a naive local time; ValueError or OverflowError where there is none."""
        if self.own is not None:
            return as_utc(local, self.own.offset(local))
        if self.fixed is not None:
            return as_utc(local, self.fixed)
        return _in_zone(local, self.name or "UTC").astimezone(UTC)


@dataclass(slots=True)
class Zones:
    """The zones that one calendar can name."""

    own: dict[str, VTimezone]
    _found: dict[tuple[str, int], Zone | None] = field(default_factory=dict)

    def find(self, tzid: str, year: int) -> Zone | None:
        """The zone of a TZID as it stands in the file, for a time of that year; None when nobody knows it."""
        if (tzid, year) not in self._found:
            self._found[tzid, year] = self._look_up(tzid, year)
        return self._found[tzid, year]

    def vtimezone(self, tzid: str) -> VTimezone | None:
        """What the calendar itself says about a zone, also about one that has a known name."""
        return self.own.get(tzid.strip().strip('"'))

    def _look_up(self, tzid: str, year: int) -> Zone | None:
        text = _plain(tzid)
        name = known_name(text)
        if name is not None:
            return Zone(name)
        own = self.vtimezone(tzid)
        if own is not None:
            same = agreeing_zone(own, text, year)
            return Zone(same) if same else Zone(None, own=own)
        name = likely_name(text) or known_name(_NUMBERED.sub("", text))
        return Zone(name) if name is not None else _by_offset(tzid)


@lru_cache(maxsize=1024)
def known_name(text: str) -> str | None:
    """The IANA name that a TZID means, whatever rules come with it."""
    for read in (_iana, _windows, _display, _prefixed):
        found = read(text)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=1024)
def likely_name(text: str) -> str | None:
    """The zone of a bare list of cities, all known and all keeping one time."""
    return _by_cities(text.lower(), None)


def _plain(tzid: str) -> str:
    """Short enough to be a key of a cache."""
    return " ".join(tzid[:MAX_NAME].strip().strip('"').split())


def _iana(text: str) -> str | None:
    return iana_names().get(text.lower().replace(" ", "_").strip("/"))


def _windows(text: str) -> str | None:
    """Windows' key name; `... Daylight Time` names the same zone in summer."""
    return windows_names().get(text.lower().replace(" daylight time", " standard time"))


def _prefixed(text: str) -> str | None:
    """`/vendor/version/Area/City`, `posix/Area/City`: the longest tail of two words that is a zone."""
    parts = text.strip("/").split("/")
    tails = ("/".join(parts[start:]) for start in range(1, len(parts) - 1))
    return next((found for tail in tails if (found := _iana(tail)) is not None), None)


def _display(text: str) -> str | None:
    """`(UTC+01:00) Amsterdam, Berlin`, or a table's name without its offset."""
    match = _DISPLAY.fullmatch(text)
    listed = (match[3] if match else text).lower().removesuffix(" - old").removesuffix(" - new")
    if match is None:
        return DISPLAY_NAMES.get(listed)
    # Windows XP put "Greenwich Mean Time : " before London's cities.
    listed = listed.removeprefix("greenwich mean time").lstrip(" :;") or listed
    return DISPLAY_NAMES.get(listed) or windows_names().get(listed) or _by_cities(listed, _stated(match))


def _stated(match: re.Match[str]) -> timedelta:
    hours, minutes = match[1] or "+0", int(match[2] or 0)
    return timedelta(hours=int(hours), minutes=-minutes if hours.startswith("-") else minutes)


def _by_cities(listed: str, stated: timedelta | None) -> str | None:
    """The first city's zone, when those known agree, also with the offset; without one all must be known."""
    names = [city.strip() for city in _LISTED.split(listed)]
    found = [zone for name in names if (zone := cities().get(name)) is not None]
    if not found or len({tuple(_offset(zone, at) for at in _MOMENTS[-2:]) for zone in found}) > 1:
        return None
    if stated is None:
        return found[0] if len(found) == len(names) else None
    # Not the offset of today: Moscow has kept three since 2010, and old names stay in use.
    return found[0] if stated in {_offset(found[0], at) for at in _MOMENTS} else None


def _offset(zone: str, at: datetime) -> timedelta | None:
    return _in_zone(at.replace(tzinfo=None), zone).utcoffset()


def _in_zone(local: datetime, name: str) -> datetime:
    from zoneinfo import ZoneInfo

    return local.replace(tzinfo=ZoneInfo(name))


def _by_offset(tzid: str) -> Zone | None:
    """`UTC+01`, `GMT-0530`, `+02:00`: an offset and nothing else."""
    match = _OFFSET.fullmatch(tzid.strip().strip('"'))
    if match is None:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if size > timedelta(hours=14):
        return None
    return Zone(None, fixed=size if match[1] == "+" else -size)
