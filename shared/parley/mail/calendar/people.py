"""ORGANIZER and ATTENDEE lines to addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

from parley.mail.calendar.properties import UNREADABLE, Property, clean, read_line, salvage
from parley.mail.email import Address

MAX_PEOPLE = 2_000
PLACEHOLDERS = frozenset(("unknownorganizer@calendar.google.com",))
"""Addresses that stand for nobody: Google writes one where it does not know who invites."""
_NO_PEOPLE = frozenset(("room", "resource", "group"))
_CALENDARS = {"resource.calendar.google.com": "resource", "group.calendar.google.com": "group"}
"""Domains whose addresses are calendars, whatever the line says."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"\x00-\x1f\x7f]{1,200}@[^\s@<>,;:\"\x00-\x1f\x7f]{1,255}")


def read_person(line: str, problems: list[str]) -> Address | None:
    """The person of one line; None, and a problem, when no mail reaches them."""
    found = _best(line)
    address = _mail_address(found) if found else None
    if address in PLACEHOLDERS:
        return None
    if found and address:
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
    said = [found.parameters.get("PARTSTAT", "") for found in _read(lines)] if len(lines) == 1 else []
    return clean(said[0], 40).upper() or None if said else None


def read_responses(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """What attendees answered, as the calendar says it: (address, PARTSTAT), lower case."""
    found: dict[str, str] = {}
    for read in _read(lines):
        address, said = _mail_address(read), clean(read.parameters.get("PARTSTAT", ""), 40)
        if address and said:
            found.setdefault(address.lower(), said.lower())
    return tuple(found.items())


def read_delegations(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """Who sends whom instead: (delegator, delegate), lower case; said by either of the two."""
    found: list[tuple[str, str]] = []
    for read in _read(lines):
        address = _mail_address(read)
        to, from_ = (_address(read.parameters.get(f"DELEGATED-{way}", "")) for way in ("TO", "FROM"))
        found += [(address, to)] if address and to else []
        found += [(from_, address)] if address and from_ else []
    return tuple(dict.fromkeys((a.lower(), b.lower()) for a, b in found))


def read_kinds(lines: list[str], location: str) -> tuple[tuple[str, str], ...]:
    """The addresses that are no people: (address, room | resource | group), lower case.

    By CUTYPE (RFC 5545, 3.2.3); by their domain; or since they take no part and LOCATION has their name.
    """
    places = {place.strip().casefold() for place in (location, *re.split("[;,]", location))} - {""}
    found: dict[str, str] = {}
    for read in _read(lines):
        address, parameters = _mail_address(read), read.parameters
        kind = parameters.get("CUTYPE", "").strip().lower().removeprefix("x-")
        if not address:
            continue
        kind = _CALENDARS.get(address.rpartition("@")[2], kind)
        silent = parameters.get("ROLE", "").upper() == "NON-PARTICIPANT"
        if kind not in _NO_PEOPLE and silent and _name(read, address).casefold() in places:
            kind = "room"
        if kind in _NO_PEOPLE:
            found[address.lower()] = kind
    return tuple(found.items())


def _read(lines: list[str]) -> Iterator[Property]:
    """The lines that can be read, of those that are looked at."""
    return filter(None, map(_best, lines[:MAX_PEOPLE]))


def _best(line: str) -> Property | None:
    """The reading of a line in which its value is an address, else the first that there is."""
    found = []
    for read in (read_line, salvage):
        with suppress(*UNREADABLE):
            found.append(read(line))
    return next(filter(_mail_address, found), next(iter(found), None))


def _mail_address(found: Property) -> str | None:
    return _address(found.value) or _address(found.parameters.get("EMAIL", ""))


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
