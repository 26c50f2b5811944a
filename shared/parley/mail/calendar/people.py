"""ORGANIZER and ATTENDEE lines to addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote

from parley.mail.calendar.properties import UNREADABLE, Property, clean, read_line, salvage
from parley.mail.email import Address

MAX_PEOPLE = 2_000
_ADDRESS = re.compile(r"[^\s@<>,;:\"\x00-\x1f\x7f]{1,200}@[^\s@<>,;:\"\x00-\x1f\x7f]{1,255}")


def read_person(line: str, problems: list[str]) -> Address | None:
    """The person of one line; None, and a problem, when no mail reaches them."""
    for read in (read_line, salvage):
        try:
            found = read(line)
        except UNREADABLE:
            continue
        address = _address(found.value) or _address(found.parameters.get("EMAIL", ""))
        if address is not None:
            return Address(_name(found, address), address)
    problems.append(f"not a mail address: {clean(line, 80)!r}")
    return None


def read_people(lines: list[str], problems: list[str]) -> tuple[Address, ...]:
    """Everyone once, by address without case; the first with a name gives the name."""
    if len(lines) > MAX_PEOPLE:
        problems.append(f"only the first {MAX_PEOPLE} of {len(lines)} attendees were read")
    people: dict[str, Address] = {}
    for line in lines[:MAX_PEOPLE]:
        person = read_person(line, problems)
        if person is None:
            continue
        known = people.get(person.address.lower())
        if known is None or (person.name and not known.name):
            people[person.address.lower()] = person if known is None else Address(person.name, known.address)
    return tuple(people.values())


def read_partstat(lines: list[str]) -> str | None:
    """What the one attendee of a REPLY answers; None when several or none are in it."""
    if len(lines) != 1:
        return None
    try:
        said = read_line(lines[0]).parameters.get("PARTSTAT", "")
    except UNREADABLE:
        return None
    return clean(said, 40).upper() or None


def read_responses(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """What attendees answered, as the calendar says it: (address, PARTSTAT), lower case."""
    found: dict[str, str] = {}
    for line in lines[:MAX_PEOPLE]:
        try:
            read = read_line(line)
        except UNREADABLE:
            continue
        address, said = _address(read.value), clean(read.parameters.get("PARTSTAT", ""), 40)
        if address and said:
            found.setdefault(address.lower(), said.lower())
    return tuple(found.items())


def _address(value: str) -> str | None:
    text = value.strip().strip("\"'").strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0]).strip()
    text = text.removeprefix("<").removesuffix(">").strip()
    if not _ADDRESS.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def _name(found: Property, address: str) -> str:
    name = clean(found.parameters.get("CN", "")).strip("\"'").strip()
    return "" if name.lower() == address.lower() else name
