"""Links, with a scheme or by the host of a meeting service, and the tags around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley.preparation.join_details.patterns import EAST_ASIAN, either, word_start
from parley.preparation.join_details.view import Span, View
from parley.preparation.join_details.words import HOSTS, SCHEMES, SHORTENERS

_LINK = re.compile(
    r"(?P<href>(?<![a-z])(?:href|src)\s?=\s?[\"']?)?(?:"
    r"(?:(?<![a-z])[a-z][a-z0-9+-]{0,30})?:[/\\]{2}"
    r"|(?<![a-z])https?[ ]?:[ ]?[/\\][ ]?[/\\]?[ ]?(?=\S)"
    r"|(?<![\w@.-])www\d?\.(?=\w)"
    rf"|(?<![a-z-])(?:(?:{SCHEMES}):(?=\S)|sips?:[ ]?(?=[\w.+-]{{1,64}}@)|tel:(?=[+\d(*]))"
    rf"|(?<![\w@-])(?P<host>{either(HOSTS, '')})(?![\w-])"
    rf"|(?<![\w@-])(?P<short>{either(SHORTENERS, '')})(?=/\w))"
)
"""How a link begins."""
_TAIL = re.compile(r"[^\s<>\"\uff0c\uff1b\uff01\uff08\uff09\uff3b\uff3d\u3001\u300c-\u300f\u3010\u3011]*")
_WRAPPED = re.compile(r"\r?\n(?=[^\s<>\"]{0,200}[%=&?_/])(?=[^\s<>\"]{0,200}\d)[^\s<>\"]{16,}(?=[>\"]|\s|\Z)")
_OPENING = {")": "(", "]": "[", "}": "{"}
_ANCHOR = re.compile(r"<a\s[^<>]*>|</a>")


def links(view: View) -> Iterator[Span]:
    """The spans of links, and of the tags around the text of one."""
    yield from _urls(view.text)
    yield from _anchors(view.text)


def _urls(text: str) -> Iterator[Span]:
    position = 0
    while found := _LINK.search(text, position):
        start, end = found.span()
        if found["host"] or found["short"]:
            start = word_start(text, start, ".-0123456789", position)
        if not (found["host"] and text[end : end + 1] not in ("/", "?", "#", ":")):
            end = _link_end(text, end)
        position = max(end, found.end())
        if start == 0 or text[start - 1] != "@":
            yield _with_brackets(text, start, end)


def _anchors(text: str) -> Iterator[Span]:
    """The tags around what was a link's text."""
    linked = False
    for found in _ANCHOR.finditer(text):
        opens = found[0] != "</a>"
        if opens:
            linked = bool(_LINK.search(found[0]))
        if linked:
            yield found.span()
        linked = linked and opens


def _link_end(text: str, start: int) -> int:
    end = _TAIL.match(text, start).end()  # type: ignore[union-attr]  # it matches nothing at least
    end = _unopened(text, start, end)
    foreign = EAST_ASIAN.search(text, start, end)
    if foreign and not any(mark in text[foreign.start() : end] for mark in "/?="):
        end = foreign.start()
    wrapped = _WRAPPED.match(text, end)
    if wrapped:
        return wrapped.end()
    while end > start and text[end - 1] in ".,;:!?'*|)]}\\":
        if text[end - 1] in _OPENING and _OPENING[text[end - 1]] in text[start:end]:
            break
        end -= 1
    return end


def _unopened(text: str, start: int, end: int) -> int:
    """Where the link meets a closing bracket that it did not open."""
    depth = 0
    for place in range(start, end):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth < 0:
            return place
    return end


def _with_brackets(text: str, start: int, end: int) -> Span:
    """`<link>` whole, and the quote that ends `href="link"`."""
    if text[start - 1 : start] == "<" and text[end : end + 1] == ">":
        return start - 1, end + 1
    if text.startswith(("href", "src"), start) and text[end : end + 1] in ('"', "'"):
        return start, end + 1
    return start, end
