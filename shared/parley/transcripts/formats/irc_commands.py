"""Commands to meeting robots in an IRC log, and `s/old/new/` corrections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.transcripts.line_parser import Line

_COMMAND = re.compile(
    r"(?:q|queue|present|regrets|regret|chair|chairs|agenda|scribeoptions|rrsagent|zakim|trackbot|agendabot|"
    r"github-bot|ghurlbot|gb|meeting|previous meeting|next meeting|date|repo|slideset|pres|log|logging)"
    r"\s?(?:[+?,:-]|=(?!=))|"
    r"(?:q|queue)\s*$|(?:ack|open agendum|close agendum|take up agendum|next agendum|recess|trackbot)\b|"
    r"(?:please |pls )?clear (?:the )?agenda|[si]([/|])[^\n]{0,2000}\1|"
    r"\S{1,40} has (?:joined|left|quit|changed the topic)\b|-!-|-->|<--",
    re.IGNORECASE,
)
_SCRIBES = re.compile(r"(?:scribe|scribenick|scribes)\s?(?::|\+)\s*(.*)", re.IGNORECASE)
_PRESENT = re.compile(r"present\s?[:+]\s*(.*)", re.IGNORECASE)
_OFF = re.compile(r"scribe\s?-\s*(.*)", re.IGNORECASE)
_SUBSTITUTE = re.compile(r"s([/|])([^\n]{1,400})", re.IGNORECASE)
_NEAR = 300
_MOST = 500


def is_command(text: str) -> bool:
    return _COMMAND.match(text) is not None


def named_scribes(nick: str, text: str) -> set[str]:
    """`scribe: foo`, `scribe+ foo`, `scribenick: foo`; `scribe+` alone names who typed it."""
    match = _SCRIBES.fullmatch(text)
    if match is None:
        return set()
    names = {part.partition("=")[0].strip().lower() for part in match[1].split(",")} - {""}
    return names or {nick}


def present_names(text: str) -> list[str]:
    """`present+ Ann, Bob` and `present: Ann`."""
    match = _PRESENT.fullmatch(text)
    return [part.strip() for part in match[1].split(",")] if match else []


def removed_scribes(text: str) -> set[str]:
    """`scribe- foo`: the nicks named, or {""} where none is; empty for any other line."""
    match = _OFF.fullmatch(text)
    return {part.strip().lower() for part in match[1].split(",")} if match else set()


def apply_corrections(lines: Iterable[Line]) -> list[Line]:
    """Apply each `s/old/new/` to the nearest earlier line that holds `old`, and leave it out.

    `g` at the end means all earlier lines, `G` all lines. The number of
    corrections and the distance are limited, so that work stays linear.
    """
    kept: list[Line] = []
    later: list[tuple[str, str]] = []
    made = 0
    for line in lines:
        found = _substitution(line.text) if made < _MOST else None
        if found is None:
            kept.append(line)
            continue
        made += 1
        old, new, flags = found
        _replace(kept, old, new, every="g" in flags.lower())
        if "G" in flags:
            later.append((old, new))
    return _afterwards(kept, later[:20])


def _substitution(text: str) -> tuple[str, str, str] | None:
    match = _SUBSTITUTE.match(text)
    if match is None:
        return None
    parts = match[2].split(match[1])
    if len(parts) not in {2, 3} or not parts[0]:
        return None
    return parts[0], parts[1], parts[2].strip() if len(parts) > 2 else ""  # noqa: PLR2004 - old, new, flags


def _replace(kept: list[Line], old: str, new: str, *, every: bool) -> None:
    for n in range(len(kept) - 1, max(len(kept) - _NEAR, 0) - 1, -1):
        if old in kept[n].text:
            kept[n] = _with_text(kept[n], kept[n].text.replace(old, new, -1 if every else 1))
            if not every:
                return


def _afterwards(kept: list[Line], pairs: Sequence[tuple[str, str]]) -> list[Line]:
    for old, new in pairs:
        kept = [_with_text(line, line.text.replace(old, new)) if old in line.text else line for line in kept]
    return kept


def _with_text(line: Line, text: str) -> Line:
    return line._replace(text=text, prefix=None, rest="")
