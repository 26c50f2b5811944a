"""Owners: who is to do a task. None where the text does not settle it: a wrong owner is worse than none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.rules.participants import could_be_verb
from parley.analysis.rules.sentences import plain
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from parley.analysis.rules.parsed_transcript import ParsedTranscript
    from parley.analysis.rules.task_cues import Cue

_ACCEPTS = lazy_compile(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|absolutely|of course|will do|definitely|happy to|no problem|i can"
    r"|i will|i'll)\b",
    re.IGNORECASE,
)
_NAME = lazy_compile(r"@?[A-Z][\w\-]+(?: [A-Z][\w\-]+)?")
_LAST = lazy_compile(r",\s+(@?[A-Z][\w\-]+)\s*\W*$")
_CALLED = lazy_compile(r"(?:^|[,.!?] )([A-Z][\w\-]+)(?=[,.!?])")
_LOOK_AHEAD = 3
_SMALL, _TURN = 5, 6
_MAX_CALLED = 1_000


def owner(parsed: ParsedTranscript, position: int, cue: Cue, match: re.Match[str]) -> tuple[str | None, bool]:
    """Who is to do it, and whether the cue holds at all: a name that nobody bears is no name."""
    sentence = parsed.sentences[position]
    if cue.giver == "self":
        return parsed.speaker_name(sentence), True
    if cue.giver == "asked":
        return _addressee(parsed, position, match), True
    if cue.giver == "named":
        return _named(parsed, match["name"])
    return None, True


def _named(parsed: ParsedTranscript, name: str) -> tuple[str | None, bool]:
    for call in dict.fromkeys((name, name.rpartition(" ")[2])):
        if parsed.people.known(call) and not could_be_verb(call):
            return parsed.people.find(call), True
    return None, False


def _addressee(parsed: ParsedTranscript, position: int, match: re.Match[str]) -> str | None:
    """The name called before or after the request, else who says yes to it, else the only other person."""
    sentence = parsed.sentences[position]
    calls = _NAME.findall(sentence.text[max(0, match.start() - 30) : match.start()])
    last = _LAST.search(sentence.text[match.end() :])
    for name in [*reversed(calls), *([last[1]] if last else [])]:
        if parsed.people.known(name):
            return parsed.people.find(name)
    return _accepting(parsed, position) or parsed.other_speaker(parsed.speaker_name(sentence))


def _accepting(parsed: ParsedTranscript, position: int) -> str | None:
    asker = parsed.sentences[position].speaker
    for after in parsed.sentences[position + 1 : position + 1 + _LOOK_AHEAD]:
        if after.speaker != asker:
            return parsed.speaker_name(after) if _ACCEPTS.match(after.text) else None
    return None


def listener(parsed: ParsedTranscript, position: int) -> str | None:
    """Who "you" is: the only other person, the one called by name ("Sorry, Tom. I'll ..."),

    or in a small circle the one who is being answered.
    """
    sentence = parsed.sentences[position]
    speaker = parsed.speaker_name(sentence)
    other = parsed.other_speaker(speaker)
    if other:
        return other
    calls = _CALLED.findall(plain(sentence.pieces[0].segment.text)[:_MAX_CALLED])
    names = {name for name in map(parsed.people.find, calls) if name and name != speaker}
    if names:
        return names.pop() if len(names) == 1 else None
    return _answered(parsed, position) if len(parsed.speakers) <= _SMALL else None


def _answered(parsed: ParsedTranscript, position: int) -> str | None:
    speaker = parsed.sentences[position].speaker
    for before in reversed(parsed.sentences[max(0, position - _TURN) : position]):
        if before.speaker != speaker:
            return parsed.speaker_name(before)
    return None
