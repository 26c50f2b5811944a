"""Split a line of a text transcript into its time, its nick or `Name:`, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from parley.transcripts.speaker_names import could_be_name, split_prefix
from parley.transcripts.timestamps import Stamp, leading_stamp

# `<nick> text`, and IRC's ` * nick does something`.
_NICK = re.compile(r"<[ @+%&~]?([^\s<>/][^\s<>]{0,79})>(?:\s+|$)")
_TAGS = (
    "a b i u p br hr div span table tr td th ul ol li dl dt dd pre code blockquote details summary img "
    "html body head style script h1 h2 h3 h4 h5 h6 em strong sub sup font center section main title "
    "meta link"
)
_HTML = frozenset(_TAGS.split())
_TIMED_NAME = re.compile(
    r"([^\[\](){}\n]{1,80}?)\s*[\[(](\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[\])]\s*:\s*(.*)", re.ASCII
)
_NAME_IN_BRACKETS = re.compile(
    r"\[([^\[\]\n]{1,80}?)[\s,|@-]+(\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)\]\s*:?\s*(.*)", re.ASCII
)
_BULLET = re.compile(r"(?:[-*•]\s+)?(\*\*|__)([^*_\n]{1,80}?)(:?)\1(:?)\s*(.*)")
MARKED_LINE = re.compile(
    r"(?:\*\*|\[)?(?:action|resolved|resolution|agreed|decision|consensus|proposal|proposed|topic|subtopic)\b"
    r"(?:[- ]?#?\d+)?(?:\*\*|\])?\s*:",
    re.IGNORECASE,
)

_FEW = 8


class Line(NamedTuple):
    """One line. `indent` counts spaces.

    `speaker` is a nick in angle brackets, which is certain; `prefix` stands before a
    colon and may be a name, with `rest` behind it.
    """

    indent: int
    text: str
    stamp: Stamp | None = None
    speaker: str | None = None
    prefix: str | None = None
    rest: str = ""

    @property
    def start(self) -> float | None:
        return self.stamp.start if self.stamp else None

    @property
    def end(self) -> float | None:
        return self.stamp.end if self.stamp else None


def parse_lines(lines: Iterable[str]) -> list[Line]:
    """Parse every line, empty ones included, without the indentation that all of them share.

    A time without brackets or seconds (`2:00 is when we meet`) counts only
    where many lines begin so.
    """
    expanded = [line.expandtabs(2) if line[:1] == "\t" else line for line in lines]
    common = min((_indent(line) for line in expanded if line.strip()), default=0)
    parsed = [_parse(line.rstrip(), common) for line in expanded]
    bare = sum(1 for line in parsed if line.stamp and not line.stamp.bracketed)
    if bare and bare * _FEW < sum(1 for line in parsed if line.text):
        return [_parse(line.rstrip(), common, bare=False) for line in expanded]
    return parsed


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _parse(line: str, common: int, *, bare: bool = True) -> Line:
    indent, text = max(_indent(line) - common, 0), line.strip()
    found = leading_stamp(text)
    stamp, text = found if found and (bare or found[0].bracketed) else (None, text)
    nick = _NICK.match(text)
    if nick is not None and _is_nick(nick[1]):
        return Line(indent, text[nick.end() :], stamp, speaker=nick[1])
    return _prefixed(indent, text, stamp)


def _is_nick(name: str) -> bool:
    return name.lower() not in _HTML and "://" not in name and any(char.isalnum() for char in name)


def _prefixed(indent: int, text: str, stamp: Stamp | None) -> Line:
    timed = (_TIMED_NAME.match(text) or _NAME_IN_BRACKETS.match(text)) if stamp is None else None
    if timed is not None and could_be_name(timed[1].strip()):
        inner = leading_stamp(f"[{timed[2]}]")
        if inner is not None:
            return Line(indent, text, inner[0], prefix=timed[1].strip(), rest=timed[3])
    bold = _BULLET.match(text)
    if bold is not None and (bold[3] or bold[4]) and could_be_name(bold[2].strip()):
        return Line(indent, text, stamp, prefix=bold[2].strip(), rest=bold[5])
    pair = split_prefix(text)
    return Line(indent, text, stamp, prefix=pair[0], rest=pair[1]) if pair else Line(indent, text, stamp)
