"""Times as transcripts write them, to seconds."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,9}))?", re.ASCII)
_SEXAGESIMAL = 60


def seconds(text: str) -> float | None:
    """`hh:mm:ss`, `mm:ss`, with `.` or `,` and a fraction; None for everything else.

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
