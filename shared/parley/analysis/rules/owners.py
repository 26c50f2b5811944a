"""Whose task it is. What the text does not settle is nobody's: a wrong owner is worse than none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.rules.patterns import lazy
from parley.analysis.rules.people import could_be_verb
from parley.analysis.rules.sentences import plain

if TYPE_CHECKING:
    from parley.analysis.rules.cues import Cue
    from parley.analysis.rules.reading import Reading

_ACCEPTS = lazy(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|absolutely|of course|will do|definitely|happy to|no problem|i can"
    r"|i will|i'll)\b",
    re.IGNORECASE,
)
_NAME = lazy(r"@?[A-Z][\w\-]+(?: [A-Z][\w\-]+)?")
_LAST = lazy(r",\s+(@?[A-Z][\w\-]+)\s*\W*$")
_CALLED = lazy(r"(?:^|[,.!?] )([A-Z][\w\-]+)(?=[,.!?])")
_LOOK_AHEAD = 3
_SMALL, _TURN = 5, 6
_MAX_CALLED = 1_000


def owner(reading: Reading, position: int, cue: Cue, match: re.Match[str]) -> tuple[str | None, bool]:
    """Who is to do it, and whether the cue holds at all: a name that nobody bears is no name."""
    sentence = reading.sentences[position]
    if cue.giver == "self":
        return reading.voice(sentence), True
    if cue.giver == "asked":
        return _addressee(reading, position, match), True
    if cue.giver == "named":
        return _named(reading, match["name"])
    return None, True


def _named(reading: Reading, name: str) -> tuple[str | None, bool]:
    for call in dict.fromkeys((name, name.rpartition(" ")[2])):
        if reading.people.known(call) and not could_be_verb(call):
            return reading.people.find(call), True
    return None, False


def _addressee(reading: Reading, position: int, match: re.Match[str]) -> str | None:
    """The name called before or after the request, else who says yes to it, else the only other person."""
    sentence = reading.sentences[position]
    calls = _NAME.findall(sentence.text[max(0, match.start() - 30) : match.start()])
    last = _LAST.search(sentence.text[match.end() :])
    for name in [*reversed(calls), *([last[1]] if last else [])]:
        if reading.people.known(name):
            return reading.people.find(name)
    return _accepting(reading, position) or reading.other(reading.voice(sentence))


def _accepting(reading: Reading, position: int) -> str | None:
    asker = reading.sentences[position].speaker
    for after in reading.sentences[position + 1 : position + 1 + _LOOK_AHEAD]:
        if after.speaker != asker:
            return reading.voice(after) if _ACCEPTS.match(after.text) else None
    return None


def listener(reading: Reading, position: int) -> str | None:
    """Who "you" is: the only other person, the one called by name ("Sorry, Tom. I'll ..."),

    or in a small circle the one who is being answered.
    """
    sentence = reading.sentences[position]
    speaker = reading.voice(sentence)
    other = reading.other(speaker)
    if other:
        return other
    calls = _CALLED.findall(plain(sentence.pieces[0].segment.text)[:_MAX_CALLED])
    names = {name for name in map(reading.people.find, calls) if name and name != speaker}
    if names:
        return names.pop() if len(names) == 1 else None
    return _answered(reading, position) if len(reading.speakers) <= _SMALL else None


def _answered(reading: Reading, position: int) -> str | None:
    speaker = reading.sentences[position].speaker
    for before in reversed(reading.sentences[max(0, position - _TURN) : position]):
        if before.speaker != speaker:
            return reading.voice(before)
    return None
