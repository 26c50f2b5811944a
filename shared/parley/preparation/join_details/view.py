"""A text with its tricks undone, in which join details are looked for."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\xab\xbb\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\xb4`\uff07", "'"),
        **dict.fromkeys("\u3002\uff61\u2024\ufe52", "."),
        **dict.fromkeys("\u2215\u2044\u29f8", "/"),
        **dict.fromkeys("\u02d0\u2236\ua789\ufe55", ":"),
        **dict.fromkeys("\u115f\u1160\u3164\uffa0\u2800\u034f", None),
        "\u0142": "l",
        "\u0141": "l",
        "\u0131": "i",
    }
)
_STOPS = frozenset(
    "\uff0c\uff1b\uff01\uff08\uff09\uff3b\uff3d\uff5b\uff5d\u3001\u300c\u300d\u300e\u300f\u3010\u3011"
)
"""Not made ASCII: in the languages that write them a link ends there."""
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me", "Cs"})
_ESCAPED = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});|%(?:25){0,4}[2-7][0-9a-fA-F]|\\[nN]|.", re.DOTALL
)
_PLAIN = re.compile(r"[\t\n\r !-$'-\[\]-~]*\Z")
_URL_CHARACTERS = frozenset(":/.?=&#+@_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class View:
    """`text` is `original` with its tricks undone; character i of it begins at `at[i]` there."""

    text: str
    original: str
    at: Sequence[int]


def view_of(text: str) -> View:
    if _PLAIN.match(text):
        return View(text.lower(), text, range(len(text) + 1))
    parts: list[str] = []
    at: list[int] = []
    for found in _ESCAPED.finditer(text):
        part = _undone(found[0])
        parts.append(part)
        at.extend([found.start()] * len(part))
    return View("".join(parts), text, [*at, len(text)])


@lru_cache(maxsize=4096)
def _undone(piece: str) -> str:
    """One character, or one escape, as the view has it."""
    if len(piece) == 1:
        return folded(piece)
    if piece[0] == "\\":
        return "\n"
    if piece[0] == "&":
        return "".join(map(folded, html.unescape(piece))) if html.unescape(piece) != piece else piece.lower()
    meant = chr(int(piece[-2:], 16))
    # Only what links are made of: a decoded quote or blank would end one.
    return meant.lower() if meant in _URL_CHARACTERS else piece.lower()


def folded(text: str) -> str:
    """Lower case, without accents and what cannot be seen."""
    return "".join(map(_folded_character, text))


def _folded_character(char: str) -> str:
    if char in _STOPS or char in "\t\n\r ":
        return char
    if char.isspace():
        return "\n" if char in "\x0b\x0c\x85\u2028\u2029" else " "
    char = unicodedata.normalize("NFKD", char.translate(_LOOKALIKES)).translate(_LOOKALIKES)
    seen = (one for one in char.lower() if unicodedata.category(one) not in _UNSEEN)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in seen)
