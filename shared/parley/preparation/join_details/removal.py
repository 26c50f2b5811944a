"""Cuts spans out of a text, and what they leave meaningless around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.preparation.join_details.patterns import EAST_ASIAN
from parley.preparation.join_details.view import Span
from parley.preparation.join_details.words import JOINING, PLACES

MAX_HEADING = 80
_JOINING = frozenset(JOINING.split("|"))
_PLACES = _JOINING | frozenset(PLACES.split("|"))
_MARK = "\ufdd0"
"""Stands where a span was; a noncharacter, which no text holds."""
_WEAK = " \t\r\xa0\u3000,;:|/&=-\u2013\u2014\u2022\xb7@~+\uff1a\uff0c\u3001\u200b\ufeff"
_STRONG = ".!?\u3002\uff01\uff1f"
_OPEN, _CLOSE = "([{<\uff08\u300c\u3010", ")]}>\uff09\u300d\u3011"
_TOGETHER = re.compile(
    rf"{_MARK}(?:(?:[\s,;:|/&.=*#\u2022\xb7\uff0c\u3001\u3002\uff1a-]|\\[nN])*"
    rf"(?:\b(?:and|or|und|oder|et|ou|y|e|en|och)\b\s*)?{_MARK})+"
)
_EMPTY = re.compile(
    rf"[(\[{{<\uff08\u300c\u3010][\s,;:|/.-]*{_MARK}[\s,;:|/.-]*[)\]}}>\uff09\u300d\u3011]"
    rf"|([*_~`'\"]{{1,3}}){_MARK}\1|<([a-z]\w{{0,9}})[^<>\n]{{0,120}}>{_MARK}</\2>"
)
_CLAUSE = re.compile(r"[(\[{|;,\u2022\uff08]|[.!?][ ]|[ ][-\u2013\u2014/][ ]")
_ANNOUNCES = re.compile(r"[:=\uff1a][ \t\xa0*]*(?:\([\w .]{1,30}\))?[ \t\xa0(]*\Z")
_WORD = re.compile(r"[\w.'-]*\w")
_DANGLING = re.compile(
    r"(?<=\S)[ ](?:via|at|using|under|with|mit|unter|\u00fcber|avec|and|und|et)\Z", re.IGNORECASE
)


def cut_out(text: str, spans: Sequence[Span]) -> str:
    pieces, last = [], 0
    for start, end in spans:
        pieces.append(text[last:start].replace(_MARK, ""))
        last = end
    pieces.append(text[last:].replace(_MARK, ""))
    return "\n".join(_lines(_MARK.join(pieces).split("\n")))


def _lines(lines: Sequence[str]) -> list[str]:
    """The lines without those of which nothing is left, and without the headings above these."""
    kept: list[str] = []
    gone = False
    for line in lines:
        left = _tidied(line) if _MARK in line else line
        if left is None:
            if kept and not gone and _is_heading(kept[-1]):
                kept.pop()
            gone = True
        elif not gone or left.strip() or (kept and kept[-1].strip()):
            kept.append(left)
            gone = gone and not left.strip()
    while gone and kept and not kept[-1].strip():
        kept.pop()
    return kept


def _is_heading(line: str) -> bool:
    """`Join Zoom Meeting`, `One tap mobile:`."""
    words = _words(line)
    said = bool(_JOINING.intersection(words)) or line.rstrip().endswith((":", "\uff1a"))
    return said and bool(words) and _PLACES.issuperset(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold()) if len(text) <= MAX_HEADING else []


def _tidied(line: str) -> str | None:
    """A line with marks as it is without them; None when it held nothing else."""
    for _ in range(3):
        line = _TOGETHER.sub(_MARK, line)
        line = _EMPTY.sub(_MARK, _MARK.join(_announcing(line.split(_MARK))))
    first, *others = line.split(_MARK)
    pieces = [first]
    for piece in others:
        pieces[-1:] = _joined(pieces[-1], piece)
    left = "".join(pieces)
    return left if any(map(str.isalnum, left)) else None


def _announcing(pieces: Sequence[str]) -> list[str]:
    """The pieces between the marks without the `Zoom:` before a mark."""
    return [*(_unannounced(piece) for piece in pieces[:-1]), pieces[-1]]


def _unannounced(piece: str) -> str:
    announces = _ANNOUNCES.search(piece, max(0, len(piece) - MAX_HEADING))
    if not announces:
        return piece
    start = max(0, announces.start() - MAX_HEADING)
    for found in _CLAUSE.finditer(piece, start, announces.start()):
        start = found.end()
    # `United States (toll free):` names a place, whatever its bracket says.
    words = [] if ")" in piece[start : announces.start()] else _words(piece[start:])
    return piece[:start] if words and _PLACES.issuperset(words) else piece


def _joined(left: str, right: str) -> tuple[str, str]:
    """What stood on both sides of a mark, with one separator between."""
    before, after = left.rstrip(_WEAK), right.lstrip(_WEAK + _STRONG)
    gap, next_gap = left[len(before) :], right[: len(right) - len(after)]
    if not after or after[0] in _CLOSE:
        return _ended(before, gap, next_gap), after
    if not before or before[-1] in _OPEN:
        return (before or left), after
    if next_gap.strip():
        before = _DANGLING.sub("", before)
    return before, _separator(gap, next_gap, before, after) + after


def _ended(before: str, gap: str, next_gap: str) -> str:
    """The end of a line or a bracket: its full stop stays, a preposition without its noun does not."""
    stop = "" if gap.strip() else next((mark for mark in next_gap if mark in _STRONG), "")
    before = _DANGLING.sub("", before)
    return before + (stop if before[-1:].isalnum() else "") + ("\r" if next_gap.endswith("\r") else "")


def _separator(left: str, right: str, before: str, after: str) -> str:
    if right.strip() and not (before[-1] in _STRONG and right.strip()[0] in _STRONG):
        ends = any(mark in _STRONG for mark in right)
        return right if ends or not left.strip() else left
    if left or right:
        return left or right
    return "" if EAST_ASIAN.match(before[-1]) or EAST_ASIAN.match(after[0]) else " "
