"""Bytes to components: unfolding, decoding and splitting, tolerant of what is missing.

Every property line stays raw text here. Splitting by hand is what lets one
broken component be lost without the others; what a line means is icalendar's.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

MAX_BYTES = 5_000_000
MAX_DEPTH = 20
MAX_EVENTS = 5_000
MAX_LINE = 16_000
"""Characters of one property line; the rest is cut off."""

_FOLD = re.compile(rb"\n[ \t]")
_ENDS_OTHERS = frozenset(("VCALENDAR", "VEVENT", "VTIMEZONE", "VTODO", "VJOURNAL", "VFREEBUSY"))
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(slots=True)
class Component:
    """One BEGIN ... END: its own property lines, unfolded, and what it holds."""

    name: str
    lines: list[str] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    closed: bool = False

    def first(self, name: str) -> str | None:
        """The first line of that property, or None."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """All lines of that property, in order; names are compared without case."""
        size = len(name)
        return [
            line for line in self.lines if line[size : size + 1] in (":", ";") and line[:size].upper() == name
        ]

    def walk(self) -> list[Component]:
        """Itself and all below it, in the order of the file."""
        found, waiting = [], [self]
        while waiting:
            component = waiting.pop()
            found.append(component)
            waiting.extend(reversed(component.children))
        return found


def split(content: bytes, charset: str | None) -> list[Component]:
    """The calendars of a file; what stands outside any is in one without a name."""
    root = Component("")
    stack = [root]
    for line in _lines(content, charset):
        _place(line, stack)
    calendars = [child for child in root.children if child.name == "VCALENDAR"]
    root.children = [child for child in root.children if child.name != "VCALENDAR"]
    return [root, *calendars] if root.children else calendars


def _place(line: str, stack: list[Component]) -> None:
    word, _, rest = line.partition(":")
    keyword = word.strip().upper()
    if keyword == "BEGIN":
        _open(rest.strip().upper()[:100], stack)
    elif keyword == "END":
        _close(rest.strip().upper(), stack)
    else:
        stack[-1].lines.append(line)


def _open(name: str, stack: list[Component]) -> None:
    """Begin a component; one that cannot stand inside the open ones ends them unclosed."""
    if name in _ENDS_OTHERS:
        while stack[-1].name in _ENDS_OTHERS and (name == "VCALENDAR" or stack[-1].name != "VCALENDAR"):
            stack.pop()
    component = Component(name)
    # Deeper than any calendar goes: the lines are read, and belong to nothing.
    if len(stack) < MAX_DEPTH:
        stack[-1].children.append(component)
    if len(stack) < 2 * MAX_DEPTH:
        stack.append(component)


def _close(name: str, stack: list[Component]) -> None:
    if not any(component.name == name for component in stack[1:]):
        return  # an END of nothing that is open
    while stack[-1].name != name:
        stack.pop()
    stack.pop().closed = True


def _lines(content: bytes, charset: str | None) -> list[str]:
    data = _ascii_based(content[:MAX_BYTES], charset).replace(b"\0", b"")
    # A fold may stand inside a character's bytes, so unfold before decoding.
    data = _FOLD.sub(b"", data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return [_decode(line[: 4 * MAX_LINE], charset)[:MAX_LINE] for line in data.split(b"\n") if line.strip()]


def _ascii_based(content: bytes, charset: str | None) -> bytes:
    """The same text as bytes in which a line end is one byte, without a BOM."""
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    if encoding is None and b"\x1b" in content and (charset or "").lower().startswith("iso-2022"):
        encoding = charset
    if encoding is None and content[:40:2].strip(b"\0") == b"" and content:
        encoding = "utf-16-be"
    if encoding is None and content[1:40:2].strip(b"\0") == b"" and content[1:]:
        encoding = "utf-16-le"
    if encoding is None:
        return content
    try:
        return content.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    except (LookupError, ValueError):
        return content


def _decode(line: bytes, charset: str | None) -> str:
    """UTF-8 where it is UTF-8, whatever was declared: the declaration is often wrong."""
    for encoding in ("utf-8", charset or "cp1252", "cp1252"):
        try:
            return line.decode(encoding)
        except (LookupError, ValueError):
            continue
    return line.decode("latin-1")
