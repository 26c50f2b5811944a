"""One property line to its parameters and its value, by icalendar, with a way out where it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError)
"""What icalendar is known to raise for a bad property; anything else is our bug."""
_ISO = re.compile(r"\d{4}-\d\d-\d\dT")
_PARAMETER = re.compile(r';([A-Za-z-]{1,40})=("[^"]*"(?=;|$)|(?:(?!;[A-Za-z-]{1,40}=).)*)')


@dataclass(frozen=True, slots=True)
class Property:
    """`parameters` have upper-case names; many values of one are joined by commas."""

    parameters: dict[str, str]
    value: str


def clean(text: str, limit: int = 200) -> str:
    """One printable line of at most `limit` characters."""
    return " ".join(_CONTROL.sub(" ", text[: 4 * limit]).split())[:limit]


def read_line(line: str) -> Property:
    """The parts of a line; ValueError when it has none."""
    from icalendar.parser import Contentline

    kind: Any = Contentline  # it carries no types
    try:
        _, parameters, value = kind(line).parts()
    except UNREADABLE:
        return salvage(line)
    return Property({str(key).upper(): _whole(held) for key, held in parameters.items()}, str(value))


def read_time_line(line: str) -> Property:
    """A line whose value is a date or a time, which holds no colon: zone names often do, unquoted."""
    found = read_line(line)
    return salvage(line) if ":" in found.value and not _ISO.match(found.value) else found


def read_text(line: str) -> str:
    """The value of a text property, unescaped, on one line of any length."""
    from icalendar import vText

    return clean(str(vText.from_ical(read_line(line).value)), len(line))


def _whole(held: object) -> str:
    """A parameter as one text: an unquoted `CN=Smith, John` was read as two values."""
    return ",".join(map(str, held)) if isinstance(held, list) else str(held)


def salvage(line: str) -> Property:
    """Read `NAME;A=x;B=y:value` with the value behind the last colon that begins one."""
    head, colon, value = line.rpartition(":")
    if head[-7:].upper() == ":MAILTO":
        head, value = head[:-7], f"mailto:{value}"
    if not colon:
        raise ValueError("no value")
    return Property(
        {name.upper(): _unquoted(held) for name, held in _PARAMETER.findall(head)}, value.strip('"')
    )


def _unquoted(held: str) -> str:
    return held.removeprefix('"').removesuffix('"')
