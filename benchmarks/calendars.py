"""Reads real calendars and compares each event's start and end with an independent computation.

    python -m benchmarks.calendars [FOLDER]

The reference shares no code with Parley: it takes the raw DTSTART, DTEND and
DURATION lines, zoneinfo for IANA names, tzlocal's table for Windows names and
dateutil's `tzical` for the VTIMEZONE of any other name. An event is valid when
the reference can read it strictly: one DTSTART, at most one DTEND or DURATION,
both of one kind, a zone that is known or defined.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from dateutil.tz import tzical
from tzlocal.windows_tz import win_tz

from parley.mail.calendar import read_calendar
from parley.mail.calendar.zones import Zones

ROOT = Path(__file__).resolve().parents[1]
SETS = ("icalendar-tests", "node-ical-tests")
_EVENT = re.compile(r"^BEGIN:VEVENT[ \t]*$(.*?)^END:VEVENT[ \t]*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_ZONE = re.compile(r"^BEGIN:VTIMEZONE$.*?^END:VTIMEZONE$", re.MULTILINE | re.DOTALL)
_INNER = re.compile(r"^BEGIN:(\w+)$.*?^END:\1$", re.MULTILINE | re.DOTALL)
_TIME = re.compile(r'^(DTSTART|DTEND)((?:;[A-Z-]+=(?:"[^"\n]*"|[^;:"\n]*))*):(\S*)[ \t]*$', re.MULTILINE)
_DURATION = re.compile(
    r"^DURATION:P(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?)$",
    re.MULTILINE,
)
_SECONDS = re.compile(r"^(TZOFFSET(?:FROM|TO):[+-]\d{4})\d\d$", re.MULTILINE)


class NotValidError(Exception):
    """The reference cannot read this event strictly; its text is the reason."""


@dataclass(frozen=True)
class Stamp:
    kind: str
    local: date | datetime
    zone: tzinfo | None

    def iso(self) -> str:
        if not isinstance(self.local, datetime) or self.zone is None:
            return self.local.isoformat()
        utc = self.local.replace(tzinfo=self.zone).astimezone(UTC)
        return utc.isoformat().replace("+00:00", "Z")


def zones_of(text: str) -> dict[str, tzinfo]:
    found: dict[str, tzinfo] = {}
    for match in _ZONE.finditer(text):
        name = re.search(r"^TZID:(.*)$", match[0], re.MULTILINE)
        lines = [line for line in _SECONDS.sub(r"\1", match[0]).split("\n") if not line.startswith("X-")]
        try:
            zone = tzical(StringIO("\n".join(lines))).get()
        except (ValueError, TypeError, IndexError):
            continue
        if name and zone is not None:
            found[name[1].strip()] = zone
    return found


def zone_of(tzid: str, own: dict[str, tzinfo], known: set[str]) -> tzinfo:
    if tzid in known:
        return ZoneInfo(tzid)
    if tzid in win_tz:
        return ZoneInfo(win_tz[tzid])
    if tzid in own:
        return own[tzid]
    raise NotValidError("a zone unknown to the reference")


def stamp(match: re.Match[str], own: dict[str, tzinfo], known: set[str]) -> Stamp:
    tzid = re.search(r';TZID="?([^";]*)', match[2])
    try:
        if re.fullmatch(r"\d{8}", match[3]):
            day = datetime.strptime(match[3], "%Y%m%d").replace(tzinfo=UTC).date()
            return Stamp("date", day, None)
        local = datetime.strptime(match[3].removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local
    except ValueError as error:
        raise NotValidError("a bad date") from error
    if match[3].endswith("Z"):
        return Stamp("time", local, UTC)
    return Stamp("time", local, zone_of(tzid[1], own, known)) if tzid else Stamp("floating", local, None)


def expected(event: str, own: dict[str, tzinfo], known: set[str]) -> tuple[str, str]:
    bare = _INNER.sub("", event)
    found = list(_TIME.finditer(bare))
    names = Counter(match[1] for match in found)
    durations = re.findall(r"^DURATION", bare, re.MULTILINE)
    if names["DTSTART"] != 1 or names["DTEND"] + len(durations) > 1:
        raise NotValidError("not one DTSTART and one end")
    if len(re.findall(r"^DT(?:START|END)\b", bare, re.MULTILINE)) != len(found):
        raise NotValidError("a bad line")
    stamps = {match[1]: stamp(match, own, known) for match in found}
    start, end = stamps["DTSTART"], stamps.get("DTEND")
    if end is None:
        end = after(start, _DURATION.search(bare), asked=bool(durations))
    if start.kind != end.kind or end.iso() < start.iso():
        raise NotValidError("start and end do not fit")
    return start.iso(), end.iso()


def after(start: Stamp, duration: re.Match[str] | None, *, asked: bool) -> Stamp:
    if duration is None:
        if asked:
            raise NotValidError("a bad duration")
        size = timedelta(days=1) if start.kind == "date" else timedelta()
        return Stamp(start.kind, start.local + size, start.zone)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in duration.groups())
    later = Stamp(start.kind, start.local + timedelta(weeks=weeks, days=days), start.zone)
    clock = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not clock or start.zone is None:
        return Stamp(start.kind, later.local + clock, start.zone)
    moment = datetime.fromisoformat(later.iso()) + clock
    return Stamp("time", moment.replace(tzinfo=None), UTC)


def measure(folder: Path) -> tuple[Counter[str], list[str]]:
    """Files, events, valid and right ones, and a line for each that differs."""
    tally: Counter[str] = Counter()
    differ: list[str] = []
    known = available_timezones()
    for path in sorted(path for name in SETS for path in (folder / name).rglob("*.ics")):
        check(path, tally, known, differ)
    return tally, differ


def unknown_windows_names() -> list[str]:
    """Of all names in tzlocal's table, those that we do not resolve."""
    zones = Zones({})
    return [name for name in win_tz if zones.find(name, 2026) is None]


def check(path: Path, tally: Counter[str], known: set[str], differ: list[str]) -> None:
    content = path.read_bytes()
    invites = read_calendar(content).invites
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    own = zones_of(text)
    events = [match[1] for match in _EVENT.finditer(text)]
    tally["files"] += 1
    tally["events"] += len(events)
    tally["invites"] += len(invites)
    for index, event in enumerate(events):
        try:
            start, end = expected(event, own, known)
        except NotValidError as error:
            tally[f"not valid: {error}"] += 1
            continue
        tally["valid"] += 1
        got = (invites[index].start, invites[index].end) if index < len(invites) else None
        tally["right"] += got == (start, end)
        if got != (start, end):
            differ.append(f"differs: {path.name} event {index}: {got} instead of {(start, end)}")


def main(folder: Path) -> int:
    begun = time.perf_counter()
    tally, differ = measure(folder)
    if not tally["files"]:
        print(f"skipped: no calendars below {folder}; set PARLEY_CORPORA to a folder that holds them")
        return 0
    print(*differ, sep="\n", end="\n" if differ else "")
    for name, count in tally.items():
        print(f"{count:6} {name}")
    unknown = unknown_windows_names()
    share = tally["right"] / max(1, tally["valid"])
    print(f"right start and end: {share:.2%} of the valid events, in {time.perf_counter() - begun:.1f} s")
    print(f"Windows names: {len(win_tz) - len(unknown)} of {len(win_tz)}", *unknown)
    return int(share < 0.995 or bool(unknown))


if __name__ == "__main__":
    default = os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora"
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else default)))
