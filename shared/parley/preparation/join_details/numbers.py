"""Numbers to dial, and the addresses of rooms and devices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley.preparation.join_details.patterns import (
    DATED,
    EXTENSION,
    LETTER,
    MAX_PREFIX,
    MORE,
    ROUND,
    SERVICE,
    digits,
    either,
    group_spans,
    match_spans,
)
from parley.preparation.join_details.view import Span, View
from parley.preparation.join_details.words import DIALS, ROOM_HOSTS, UNSPACED_DIALS

LEAST_PHONE = 8
_ROOM = re.compile(
    rf"(?<![\w.+-])(?:[\w.+-]{{1,64}}@(?:[a-z0-9-]{{1,63}}\.){{0,4}}(?:{ROOM_HOSTS})"
    r"|\d{4,20}[\w.]{0,40}@(?:[a-z0-9-]{1,63}\.){0,4}?"
    r"(?:webex|zoom\w{0,9}|sip|video|vc|meet\w{0,8}|join|conf\w{0,10}|vtc|teams|pexip|lync|bluejeans)\.[a-z0-9.-]{2,60})"
    r"(?![\w-])"
)
_DEVICE_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}#{1,2}[\d*#]{1,40}"
    r"|^[ \t*\u2022\xb7-]{0,8}(?:\d{1,3}\.){3}\d{1,3}[ ]\([^()\n]{2,40}\)(?=[ \t]*\r?$)"
    r"|(?<=dial )(?:\d{1,3}\.){3}\d{1,3}(?![\w.])",
    re.MULTILINE,
)
_INTERNATIONAL = re.compile(
    r"(?:(?:(?<![\w+])|(?=\+\d{10}))\+|(?<![\w.,-])(?<!\d )00(?=[1-9]\d{0,2}[ (/-]))"
    rf"[ ]?\(?[ ]?{ROUND}(?P<number>[1-9]\d{{0,30}}(?!\d)"
    rf"(?:[ ().\-/]{{1,3}}(?!{DATED})\d{{1,14}}(?!\d|:\d)){{0,8}}){EXTENSION}"
)
_NUMBERED = re.compile(
    rf"{SERVICE}(?:[ ](?:meeting|call|room|mtg|id|no\.?|nr\.?)){{0,2}}[ ]?[:#=-]?[ ]?"
    r"(?P<number>(?=(?:[ -]?\d){9})\d{3,12}(?:[ -]\d{3,4}){0,3})(?![\w-])"
)
"""`Webex 2345 678 9012`."""
_SHAPED = re.compile(
    # One that waits for a code, one that ends in `#`, then the shapes of North America and of two services.
    r"(?<!\d)\(?\d[\d ().\-]{5,24},{2,8}[ ]?[\d*#][\d,;*#]*"
    r"|(?<![\w#.,])(?=(?:[ -]?\d){6})\d{2,20}(?:[ -]\d{2,6}){0,4}#{1,2}(?!\w)"
    r"|(?<![\w.,$\u20ac\xa3-])(?:"
    rf"(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]{{1,2}}\d{{3}}[ .-]\d{{4}}(?![\w,]|[.-]\d){EXTENSION}"
    r"|\d{3}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?!\w|[.,-]\d)"
    r"|\d{3}(?: \d{3}){2,3} \d{1,2}(?!\w|[.,:-]\d))"
)
_PLACE = re.compile(
    r"[ \t]+(?P<place>(?:\w[\w.'-]{0,20}[ ,]{1,2}){0,2}(?:\w[\w.'-]{0,20})?[ ]?(?:\([^()\n]{1,30}\))?"
    r"[ ,]{0,2}(?:toll[ -]?free)?)[ \t]*\r?$",
    re.MULTILINE,
)
_INDENT = re.compile(r"^[ \t>*\u2022\xb7-]*\Z")
_DIALLED = re.compile(
    rf"(?:(?<!{LETTER})(?:{either(DIALS)})(?!{LETTER})|{either(UNSPACED_DIALS)})[^\d\n]{{0,24}}?"
    rf"(?P<number>\(?(?!{DATED}){ROUND}\d[\d ().\-/]{{5,22}}\d(?![\w:]){EXTENSION})"
)
"""A number of whatever shape, on one line with what says that it is dialled."""


def numbers(view: View) -> Iterator[Span]:
    """The spans of telephone numbers, meeting numbers, and addresses of rooms and devices."""
    yield from match_spans(view.text, _ROOM, _DEVICE_ADDRESS)
    yield from group_spans(view.text, "number", _DIALLED, _NUMBERED)
    yield from _phones(view)


def _phones(view: View) -> Iterator[Span]:
    for found in _INTERNATIONAL.finditer(view.text):
        if digits(found["number"]) >= LEAST_PHONE:
            yield _with_place(view, *found.span())
    for found in _SHAPED.finditer(view.text):
        more = MORE.match(view.text, found.end())
        yield _with_place(view, found.start(), more.end() if more else found.end())


def _with_place(view: View, start: int, end: int) -> Span:
    """A line of a list of numbers, `+1 ... US (New York)`, goes whole."""
    line = view.text.rfind("\n", max(0, start - MAX_PREFIX), start) + 1
    place = _PLACE.match(view.text, end)
    if not place or not _INDENT.match(view.text[max(line, start - MAX_PREFIX) : start]):
        return start, end
    first = view.original[view.at[place.start("place")] : view.at[place.start("place")] + 1]
    return (start, place.end("place")) if first.isupper() or first == "(" else (start, end)
