"""Parts of which the patterns of links, codes and numbers are made, over a view (`view.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley.preparation.join_details.view import Span, folded

MAX_PREFIX = 60
"""Characters before a match that may belong to it: subdomains, the first half of a compound."""
LETTER = r"[^\W\d_]"
GAP = r"(?:[ \t*_]|</?[a-z][^<>\n]{0,120}>){0,8}"
LINES = rf"(?P<gap>{GAP}(?:\r?\n[ \t]{{0,8}}){{0,2}}{GAP})"
DATED = (
    r"(?:19|20)\d\d-\d\d?-\d\d?(?!\d)|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d(?![./-]?\d)|\d{1,2}:\d\d(?!\d)"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?!\d)|\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d(?!\d)"
)
ROUND = r"(?!\d{1,3}(?: \d{3})? 000(?!\d))"
EXTENSION = (
    r"(?:[ ]?(?:ext\.?|x|extension|poste|durchwahl)[ ]?\d{1,8})?"
    r"(?:(?:[ ]?,{2,8}[ ]?|[,;*#])[\d,;*#]*[\d#])?#?"
)
SERVICE = rf"(?<!{LETTER})(?:zoom|webex|teams|gotomeeting|bluejeans|whereby|skype|meet|chime|ringcentral)"
EAST_ASIAN = re.compile("[\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff]")
MORE = re.compile(
    rf"(?:[ ]?[/|][ ]?(?!{DATED})(?:\d{{3,12}}|\d\d[ -]\d\d)(?:[ -]\d{{2,6}}){{0,4}}(?!\w)){{0,2}}"
    r"(?:[ ]{0,2}\((?=[^()\n]{0,60}\d{3})[^()\n]{0,80}\))?"
)


def either(words: str, blank: str = r"[\s_-]{0,2}") -> str:
    """A table of words as a pattern over the view, the longest first."""
    ordered = sorted({folded(word) for word in words.split("|")}, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", blank).replace(r"\-", blank) for word in ordered)


def digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def match_spans(text: str, *patterns: re.Pattern[str]) -> Iterator[Span]:
    """The spans of all matches."""
    yield from (found.span() for pattern in patterns for found in pattern.finditer(text))


def group_spans(text: str, group: str, *patterns: re.Pattern[str]) -> Iterator[Span]:
    """From where that group begins to the end of each match."""
    yield from ((found.start(group), found.end()) for pattern in patterns for found in pattern.finditer(text))


def word_start(text: str, start: int, marks: str, least: int = 0) -> int:
    """Where the letters and `marks` right before `start` begin, at most MAX_PREFIX before it."""
    least = max(least, start - MAX_PREFIX)
    while start > least and (text[start - 1].isalpha() or text[start - 1] in marks):
        start -= 1
    return start
