"""Names: which participant a name in the text stands for, and which speaker labels are names of people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.rules.word_lists import word_set
from parley.core.lazy_regex import lazy_compile
from parley.transcripts.label_words import ROLES
from parley.transcripts.speaker_names import without_badge

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPLIT = lazy_compile(r"[\s_.\-/()\[\],]+")
_JOINTS = lazy_compile(r"[\s_.]+")
_WORD = lazy_compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NOT_PEOPLE = word_set("""
        unknown speaker transcriber scribe bot trackbot rrsagent zakim chair host everyone team all we
        room conference recording moderator operator narrator interviewer agent customer guest caller
        user client participant unidentified presenter audience none system assistant
        """)
_NOT_NAMES = word_set("will can may mark bill grant chase hope art guy rich pat drew sue")
_MAX_NAME, _MIN_FIRST = 80, 3


def is_person_name(speaker: str | None) -> bool:
    """Whether a speaker label looks like somebody's name, not like a role, a room, a pronoun or a number.

    A badge behind the name is no part of it: `Ann Lee (Guest)` is Ann Lee.
    """
    if not speaker or len(speaker) > _MAX_NAME:
        return False
    parts = [part.lower() for part in _SPLIT.split(without_badge(speaker)) if part]
    if len(parts) == 1 and parts[0] in ROLES:
        return False
    return (
        bool(parts) and not any(part in _NOT_PEOPLE or part.isdigit() for part in parts) and _lettered(parts)
    )


def _lettered(parts: list[str]) -> bool:
    return any(len(part) > 1 and part[0].isalpha() for part in parts) and not re.fullmatch(
        r"(?:spk|spkr|speaker|user|s)\d+", parts[0]
    )


def name_key(name: str) -> str:
    """What the spellings of one person's name share: `manu_sporny` is "Manu Sporny"."""
    return _JOINTS.sub("", name.lstrip("@").lower())


def merge_spellings(names: Iterable[str]) -> tuple[str, ...]:
    """One name a person, in the fuller of its spellings, in the order of their first words."""
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(name_key(name) or name, []).append(name)
    return tuple(max(spellings, key=_fullness) for spellings in spelt.values())


def _fullness(name: str) -> tuple[int, int]:
    return name.count(" "), sum(letter.isupper() for letter in name)


class Participants:
    """The names of a meeting, and what each can be called."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = merge_spellings(name.strip() for name in names if is_person_name(name))
        self._calls: dict[str, str | None] = {}
        for name in self.names:
            for call in _calls(name):
                known = self._calls.get(call, name)
                self._calls[call] = name if known == name else None
        firsts = sorted({re.escape(call.split()[0].capitalize()) for call in self._calls})
        self._spelt = lazy_compile(rf"@\w|\b(?:{'|'.join(firsts)})" if firsts else r"@\w")
        # A short nick is itself, whoever else has it as a first name.
        self._calls.update({_key(name): name for name in self.names})

    def find(self, name: str) -> str | None:
        """The full name that `name` stands for; None when nobody or more than one."""
        return self._calls.get(_key(name))

    def mentioned_in(self, text: str) -> bool:
        """Whether somebody's name may stand in the text: a cheap first look."""
        return self._spelt.search(text) is not None

    def named_in(self, text: str) -> list[str]:
        """The full names of those whom the text calls by name, in its order, each once."""
        found: dict[str, None] = {}
        for match in _WORD.finditer(text):
            name = self._calls.get(match.group().lower())
            if name and (match.group()[0].isupper() or not could_be_verb(match.group())):
                found[name] = None
        return list(found)

    def known(self, name: str) -> bool:
        """Whether anybody is called so, even if more than one."""
        return _key(name) in self._calls


def _key(name: str) -> str:
    return " ".join(part for part in _SPLIT.split(name.strip().lstrip("@").lower()) if part)


def _calls(name: str) -> set[str]:
    """Full name, first name and (for a name in several words) the words run together."""
    key = _key(re.sub(r"\(.*?\)|\|.*", "", name)) or _key(name)
    parts = key.split()
    first = {parts[0]} if parts and len(parts[0]) >= _MIN_FIRST else set()
    return {key, key.replace(" ", ""), _key(name)} | first


def could_be_verb(name: str) -> bool:
    """Whether a first name is also an English word that a sentence may hold."""
    return name.lower() in _NOT_NAMES
