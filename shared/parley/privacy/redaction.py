"""Taking one person out of a record that is other people's too.

- Entries that are the person (an attendee, an address in a list, an answer) go.
- Where the person is an owner, organizer or speaker, there is nobody.
- What the person said is no evidence any more: its quote goes.
- In all other text the address, the full name, and each word of the name as it
  is written (`Zofia`, not `zofia`) become `[erased]`. A word that is a word of
  the language too goes as well: that is erred on the side of the person.
- A quote that was touched stands in no transcript any more, and says so.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

MARK = "[erased]"
SHORTEST_WORD = 3
MOST_NAMES = 20
_ROLES = frozenset({"owner", "organizer", "speaker", "edited_by", "from"})
_GONE = object()


@dataclass(frozen=True)
class Person:
    """Whoever has this address (lower case); `names` as they were written, `contacts` their ids."""

    address: str
    names: tuple[str, ...] = ()
    contacts: tuple[str, ...] = field(default=())

    def is_meant(self, text: object) -> bool:
        """Whether an owner, speaker or attendee is the person: by address, name, or a word of the name."""
        if not isinstance(text, str):
            return False
        said = text.strip().casefold()
        return said in self._known or any(part in said for part in self._whole)

    @cached_property
    def _whole(self) -> tuple[str, ...]:
        return (self.address, *(name.casefold() for name in self.names))

    @cached_property
    def _known(self) -> frozenset[str]:
        names = {name.casefold() for name in self.names}
        return frozenset(names | {word.casefold() for name in self.names for word in _words(name)})

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Literals alone, the longest first; an escaped spelling is how HTML has them."""
        whole = {self.address, *self.names}
        words = {word for name in self.names for word in _words(name)}
        anyhow = "|".join(map(re.escape, _longest_first(whole | set(map(html.escape, whole)))))
        exactly = "|".join(map(re.escape, _longest_first(words | set(map(html.escape, words)))))
        either = f"(?i:{anyhow})" + (f"|{exactly}" if exactly else "")
        return re.compile(rf"(?<!\w)(?:{either})(?!\w)")

    def out_of(self, text: str) -> str:
        """The text without the person."""
        return self._pattern.sub(MARK, text)


def without(value: Any, person: Person) -> Any:
    """A JSON value without the person; None where it was nothing else."""
    left = _without(value, person)
    return None if left is _GONE else left


def _without(value: Any, person: Person) -> Any:
    match value:
        case str():
            return _GONE if value.strip().lower() == person.address else person.out_of(value)
        case list():
            return [one for one in (_without(entry, person) for entry in value) if one is not _GONE]
        case dict():
            if _is_somebody(value):
                return _GONE if _is_them(value, person) else _namesake(value, person)
            return _fields_without(value, person)
    return value


def _is_somebody(value: Mapping[str, Any]) -> bool:
    """An attendee or the like."""
    return "name" in value and bool(value.keys() & {"address", "email"})


def _is_them(value: Mapping[str, Any], person: Person) -> bool:
    """A name alone counts where no address stands by it; a namesake's own entry stays as it is."""
    address = value.get("address") or value.get("email")
    return person.is_meant(address or value["name"])


def _namesake(value: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """Somebody else, who keeps a name that is the person's too."""
    left, name = _fields_without(value, person), value["name"]
    hers = isinstance(name, str) and person.address in name.lower()
    return left if hers or not isinstance(name, str) else {**left, "name": name}


def _fields_without(value: Mapping[str, Any], person: Person) -> dict[str, Any]:
    if "quote" in value and person.is_meant(value.get("speaker")):
        # What they said goes, and the rest is still looked through.
        said = {"quote": "", "speaker": None, "segment": None, "start": None, "verified": False}
        value = {**value, **said}
    left: dict[str, Any] = {}
    for name, entry in value.items():
        if person.address == str(name).strip().lower():
            continue
        if (name in _ROLES and person.is_meant(entry)) or (name == "contact_id" and entry in person.contacts):
            left[name] = None
            continue
        kept = _without(entry, person)
        left[name] = kept if kept is not _GONE else MARK if isinstance(entry, str) else None
    if "quote" in value and left["quote"] != value["quote"]:
        left["verified"] = False
    return left


def names_in(value: Any, address: str) -> Iterable[str]:
    """The names that stand by this address anywhere in a JSON value."""
    if isinstance(value, Mapping):
        named, by = value.get("name"), value.get("address") or value.get("email")
        if isinstance(named, str) and isinstance(by, str) and by.strip().lower() == address:
            yield named
        for entry in value.values():
            yield from names_in(entry, address)
    elif isinstance(value, list):
        for entry in value:
            yield from names_in(entry, address)


def clean_names(names: Iterable[str], address: str) -> tuple[str, ...]:
    """Each name once, without what names nobody: blanks, and the address itself."""
    found = dict.fromkeys(" ".join(name.split()) for name in names)
    return tuple(n for n in found if len(n) >= SHORTEST_WORD and n.lower() != address)[:MOST_NAMES]


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,;()\"]+", name) if len(word) >= SHORTEST_WORD]


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=len, reverse=True)
