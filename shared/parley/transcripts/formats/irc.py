"""IRC logs and the minutes scribed in them: `[time] <nick> text`, as W3C groups keep them.

Where a scribe is named, what the scribe writes as `Name: text` was said by
Name, and `... text` goes on with it. Other people's lines are their own.
Corrections (`s/old/new/`) are carried out; commands and robots are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.transcripts.formats.irc_commands import (
    apply_corrections,
    is_command,
    named_scribes,
    present_names,
    removed_scribes,
)
from parley.transcripts.line_parser import MARKED_LINE, parse_lines
from parley.transcripts.speaker_names import accepted_names, split_prefix
from parley.transcripts.transcript import StatementBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.line_parser import Line
    from parley.transcripts.transcript import Statement

_GOES_ON = re.compile(r"(?:\.{2,}|…)\s*")
_ROBOTS = "zakim rrsagent trackbot agendabot github-bot ghurlbot gb rssagent tripu-bot logger jitsibot"
_BOTS = frozenset(_ROBOTS.split())


@dataclass(slots=True)
class _Minutes:
    known: frozenset[str]
    """Names that a scribe may give: nicks of the log, and prefixes that recur."""
    scribes: set[str] = field(default_factory=set)
    said: list[StatementBuilder] = field(default_factory=list)
    scribed: StatementBuilder | None = None
    """What the scribe's next `...` goes on with."""


def sniff(file: InputFile) -> bool:
    return file.is_text and is_irc(file.lines)


def is_irc(lines: Sequence[str]) -> bool:
    """Whether two or more lines, and at least half of them, begin with a nick in angle brackets."""
    parsed = [line for line in parse_lines(lines) if line.text or line.speaker]
    nicks = sum(1 for line in parsed if line.speaker)
    return nicks > 1 and nicks * 2 >= len(parsed)


def read(file: InputFile) -> Iterable[Statement]:
    return statements(file.lines)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are an IRC log; else an empty list."""
    return statements(lines) if is_irc(lines) else []


def statements(lines: Sequence[str]) -> list[Statement]:
    parsed = [line for line in parse_lines(lines) if line.speaker and line.speaker.lower() not in _BOTS]
    spoken = apply_corrections(parsed)
    minutes = _Minutes(_known(spoken))
    for line in spoken:
        _take(minutes, line)
    return [draft.build() for draft in minutes.said]


def _known(spoken: Sequence[Line]) -> frozenset[str]:
    nicks = {_letters(line.speaker or "") for line in spoken}
    pairs = [pair for pair in (split_prefix(line.text) for line in spoken) if pair]
    recurring = accepted_names(pairs, len(spoken) + 1)
    present = {_letters(name) for line in spoken for name in present_names(line.text)}
    return frozenset(
        name
        for name, _ in pairs
        if name in recurring or _letters(name) in nicks | present or _is_part(name, nicks)
    )


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _is_part(name: str, nicks: set[str]) -> bool:
    """`Ben` of `Ben_-_Transmute`, `manu` of `manu1`."""
    own = _letters(name)
    return len(own) > 2 and any(nick.startswith(own) or own.startswith(nick) for nick in nicks if nick)  # noqa: PLR2004


def _take(minutes: _Minutes, line: Line) -> None:
    nick = (line.speaker or "").lower()
    named = named_scribes(nick, line.text)
    if named:
        minutes.scribes |= named
    elif removed_scribes(line.text):
        minutes.scribes -= removed_scribes(line.text) & minutes.scribes or {nick}
    elif is_command(line.text):
        return
    elif MARKED_LINE.match(line.text):
        minutes.said.append(
            StatementBuilder([line.text], None, line.start)
        )  # whoever typed it, it is the meeting's
    elif nick in minutes.scribes:
        _scribe(minutes, line)
    else:
        minutes.said.append(StatementBuilder([line.text], line.speaker, line.start))


def _scribe(minutes: _Minutes, line: Line) -> None:
    goes_on = _GOES_ON.match(line.text)
    if goes_on and minutes.scribed is not None:
        minutes.scribed.pieces.append(line.text[goes_on.end() :])
        return
    pair = split_prefix(line.text)
    speaker, text = pair if pair and pair[0] in minutes.known else (None, line.text)
    minutes.scribed = StatementBuilder([text], speaker, line.start)
    minutes.said.append(minutes.scribed)
