"""The time at the head of a line: `[00:01:02]`, `16:01:18`, `[3:01pm]`, `[2021-03-31T17:00:28.749Z]`."""

from __future__ import annotations

import re
from typing import NamedTuple

from parley.transcripts.clock import seconds

_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?"
_DAY = (
    r"(?:(?:\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})[T ,]{1,2}|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6} )?"
)
_HALF = r"(?: ?([AaPp])\.?[Mm]\.?)?"
_RANGE = rf"(?: ?(?:-->|->|[-\u2013\u2014]|to) ?({_CLOCK}))?"
_BARE = re.compile(rf"{_DAY}({_CLOCK}){_HALF}(?:Z|[+-]\d\d:?\d\d)?{_RANGE}(?=[\s|\]):]|$)", re.ASCII)
_OPENING = {"[": "]", "(": ")"}


class Stamp(NamedTuple):
    """`bracketed`: in brackets, which no ordinary sentence begins with."""

    start: float
    end: float | None
    bracketed: bool
    full: bool


def leading(line: str) -> tuple[Stamp, str] | None:
    """The stamp that the line begins with and what follows it; None without one."""
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
    text, half, until = match.groups()
    start = seconds(text) if half is None else _twelve(text, half)
    if start is None:
        return None
    return Stamp(start, seconds(until) if until else None, bracketed, text.count(":") > 1)


def _twelve(text: str, half: str) -> float | None:
    """`3:01pm`: hours and minutes of the clock on the wall."""
    whole = seconds(text if text.count(":") > 1 else f"{text}:00")
    noon = 12 * 3600
    if whole is None or whole >= noon + 3600:
        return None
    return whole % noon + (noon if half in "pP" else 0)
