"""Times in transcripts: a clock string to seconds, and the stamp that a line begins with."""

from __future__ import annotations

import re
from typing import NamedTuple

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,9}))?", re.ASCII)
_SEXAGESIMAL = 60
_STAMP_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?"
_DAY = (
    r"((?:\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})[T ,]{1,2}|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6} )?"
)
# The space before AM is a narrow one where macOS and web browsers write the time.
SPACE = "[ \u00a0\u2009\u202f]"
HALF = rf"(?:{SPACE}?([AaPp])\.?[Mm]\.?)?"
_RANGE = rf"(?: ?(?:-->|->|[-\u2013\u2014]|to) ?({_STAMP_CLOCK}))?"
_BARE = re.compile(rf"{_DAY}({_STAMP_CLOCK}){HALF}(?:Z|[+-]\d\d:?\d\d)?{_RANGE}(?=[\s|\]):]|$)", re.ASCII)
_OPENING = {"[": "]", "(": ")"}


def parse_seconds(text: str) -> float | None:
    """Seconds of `hh:mm:ss` or `mm:ss`, with an optional fraction after `.` or `,`; else None.

    Minutes above 59 are allowed only where there are no hours (`75:03`).
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, rest, fraction = match.groups()
    if int(rest) >= _SEXAGESIMAL or (hours is not None and int(minutes) >= _SEXAGESIMAL):
        return None
    whole: int = (int(hours or 0) * 60 + int(minutes)) * 60 + int(rest)
    if fraction is None:
        return float(whole)
    # One division of integers: 14.4 is 14.4, not 14 + 0.4000000000000004.
    scale: int = 10 ** len(fraction)
    return (whole * scale + int(fraction)) / scale


class Stamp(NamedTuple):
    """A time or a range of times, in seconds.

    `bracketed` tells that it stands in brackets, which no ordinary sentence begins
    with; `full` that it has hours, minutes and seconds.
    """

    start: float
    end: float | None
    bracketed: bool
    full: bool


def parse_wall_clock(time: str, half: str | None) -> float | None:
    """Seconds since midnight of `3:01` or `15:01:07`; `half` is `a` or `p` of a 12-hour clock, or None."""
    if half is None:
        return parse_seconds(time if time.count(":") > 1 else f"{time}:00")
    return _twelve(time, half)


def leading_stamp(line: str) -> tuple[Stamp, str] | None:
    """The stamp that a line begins with and the text after it; None where it begins with none."""
    closing = _OPENING.get(line[:1], "")
    match = _BARE.match(line, 1 if closing else 0)
    if match is None:
        return None
    rest = line[match.end() :]
    if closing:
        if not rest.startswith(closing):
            return None
        rest = rest[1:]
    stamp = _stamp(match, bracketed=bool(closing))
    return (stamp, rest.lstrip(" \t|-\u2013\u2014")) if stamp else None


def _stamp(match: re.Match[str], *, bracketed: bool) -> Stamp | None:
    day, text, half, until = match.groups()
    # Behind a day the time is the clock on the wall: hours and minutes.
    start = parse_wall_clock(text, half) if day or half else parse_seconds(text)
    if start is None:
        return None
    return Stamp(start, parse_seconds(until) if until else None, bracketed, text.count(":") > 1)


def _twelve(text: str, half: str) -> float | None:
    """`3:01pm`: hours and minutes of the clock on the wall."""
    whole = parse_seconds(text if text.count(":") > 1 else f"{text}:00")
    noon = 12 * 3600
    if whole is None or whole >= noon + 3600:
        return None
    return whole % noon + (noon if half in "pP" else 0)
