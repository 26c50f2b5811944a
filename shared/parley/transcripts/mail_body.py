"""Find a transcript that is pasted into the body of a mail."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from parley.transcripts.cues import ARROW, statements
from parley.transcripts.formats import (
    chat,
    irc,
    name_headings,
    otter,
    plain,
    table,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.head_dates import HEAD_LINES, day_of_head
from parley.transcripts.input_file import MAX_LINES, limit_blank_lines, split_lines
from parley.transcripts.line_parser import parse_lines
from parley.transcripts.timestamps import leading_stamp
from parley.transcripts.transcript import build_transcript
from parley.transcripts.turn_taking import is_form, takes_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from parley.transcripts.transcript import Statement, Transcript

_SIGNATURE = re.compile(r"--\s?|_{8,}")
_CODE = (";", "{", "}")
_LONGEST = 5_000_000
_LEAST = 3
FIRST_WORDS = 24

_ROWS: tuple[tuple[str, Callable[[Sequence[str]], list[Statement]]], ...] = (
    ("zoom-chat", zoom_chat.statements),
    ("zoom-captions", zoom_captions.statements),
    ("irc", irc.find_statements),
    ("chat", chat.find_statements),
    ("otter", otter.find_statements),
    ("table", table.find_statements),
    ("plain", plain.statements),
    ("name-headings", name_headings.find_statements),
)


def find_in_text(text: str, *, arrived: date | None = None) -> Transcript | None:
    """The transcript in the body of a mail, or None.

    Letters, agendas, header blocks and quoted replies hold none: three statements
    are needed, and speakers who take turns, or times. Lines quoted with `>` and the
    text below a signature mark are not read. `arrived` is the day of the mail.
    """
    lines = _own_lines(limit_blank_lines(split_lines(text[:_LONGEST]))[:MAX_LINES])
    found = _cues(lines) or _spoken(lines)
    if found is None or not found.segments:
        return found
    first = found.segments[0].text[:FIRST_WORDS]
    return replace(found, day=day_of_head(_above(lines, first), first, arrived=arrived))


def _above(lines: Sequence[str], first: str) -> Sequence[str]:
    """The lines right above what is said first, and that itself."""
    at = next((n for n, line in enumerate(lines) if first in line), 0)
    return lines[max(0, at - HEAD_LINES) : at + 1]


def _own_lines(lines: Sequence[str]) -> list[str]:
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    last = next((n for n in range(len(kept) - 1, -1, -1) if _SIGNATURE.fullmatch(kept[n].rstrip())), None)
    # A rule above the transcript is no signature: only a mark near the end cuts.
    return kept[:last] if last is not None and last > len(kept) // 2 else kept


def _cues(lines: Sequence[str]) -> Transcript | None:
    first = next((n for n, line in enumerate(lines) if ARROW in line), None)
    if first is None:
        return None
    name = "webvtt" if any(line.strip().startswith("WEBVTT") for line in lines[:first]) else "srt"
    found = build_transcript(name, statements(webvtt.cues(lines)))
    return found if len(found.segments) > 1 else None


def _spoken(lines: Sequence[str]) -> Transcript | None:
    certain = _certain(lines)
    for name, read in _ROWS:
        said = _trimmed(read(lines))
        if _looks_spoken(said, certain=certain):
            return build_transcript(name, said)
    return None


def _certain(lines: Sequence[str]) -> bool:
    """Three lines that begin with a nick, or with a time to the second: nobody writes a letter so."""
    nicks = sum(1 for line in parse_lines(lines) if line.speaker)
    stamps = [leading_stamp(line.strip()) for line in lines]
    return nicks >= _LEAST or sum(1 for found in stamps if found and found[0].full) >= _LEAST


def _trimmed(said: list[Statement]) -> list[Statement]:
    """Without the paragraphs after the last statement that is anybody's."""
    while said and said[-1].speaker is None and said[-1].start is None:
        said.pop()
    if said and "\n\n" in said[-1].text.strip():
        said[-1] = said[-1]._replace(text=said[-1].text.strip().partition("\n\n")[0])
    return said


def _looks_spoken(said: Sequence[Statement], *, certain: bool) -> bool:
    owned = [one for one in said if one.speaker or one.start is not None]
    if len(owned) < _LEAST or len(owned) * 2 < len(said):
        return False
    if sum(1 for one in owned if one.text.rstrip().endswith(_CODE)) * 2 > len(owned):
        return False  # a style sheet or a program
    names = [one.speaker for one in owned if one.speaker]
    return certain or (takes_turns(names) and not is_form(owned))
