"""Takes out of a text what lets somebody into a meeting: links, codes, dial-in numbers.

Three steps, repeated until nothing more is found (taking one piece out may
bring two others together):

1. A view of the text in which tricks are undone: case, accents, full-width
   and invisible characters, entities, percent signs. Each of its characters
   knows its place in the text.
2. Spans of the view that are join details. Every pattern is bounded, or
   consumes what it looked at, so that a search is linear in the text.
3. The spans cut out of the text, and what they leave meaningless around them:
   an empty bracket, a hanging dash, the `Zoom:` before a link. Lines without a
   span stay byte for byte.

In doubt a detail goes: a lost number is a nuisance, a leaked one lets
strangers in.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from parley.preparation.join_details.words import (
    ASKED,
    BARE,
    BEFORE,
    COMPOUNDS,
    DIALS,
    ENTER,
    FILLERS,
    HOSTS,
    JOINING,
    NUMBERS,
    PLACES,
    ROOM_HOSTS,
    SAID,
    SCHEMES,
    SECRETS,
    SHORTENERS,
    UNSPACED,
    UNSPACED_DIALS,
)

MAX_PASSES = 8
"""A text that holds join details after so many was built to; nothing of it is kept."""
MAX_TOKEN = 128
"""Characters of a code that are looked at; no service gives out a longer one."""
MAX_PREFIX = 60
"""Characters before a match that may belong to it: subdomains, the first half of a compound."""
MAX_HEADING = 80
LEAST_PHONE = 8
LEAST_NATIONAL = 7
LEAST_HASHED = 6
LEAST_STATED = 3
"""Digits of a code after `PIN:`; after a blank alone it takes LEAST_BARE."""
LEAST_BARE = 4

_Span = tuple[int, int]


# ---------------------------------------------------------------- the view

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
class _View:
    """`text` is `original` with its tricks undone; character i of it begins at `at[i]` there."""

    text: str
    original: str
    at: Sequence[int]


def _view(text: str) -> _View:
    if _PLAIN.match(text):
        return _View(text.lower(), text, range(len(text) + 1))
    parts: list[str] = []
    at: list[int] = []
    for found in _ESCAPED.finditer(text):
        part = _plain(found[0])
        parts.append(part)
        at.extend([found.start()] * len(part))
    return _View("".join(parts), text, [*at, len(text)])


@lru_cache(maxsize=4096)
def _plain(piece: str) -> str:
    """One character, or one escape, as the view has it."""
    if len(piece) == 1:
        return _folded(piece)
    if piece[0] == "\\":
        return "\n"
    if piece[0] == "&":
        return "".join(map(_folded, html.unescape(piece))) if html.unescape(piece) != piece else piece.lower()
    meant = chr(int(piece[-2:], 16))
    # Only what links are made of: a decoded quote or blank would end one.
    return meant.lower() if meant in _URL_CHARACTERS else piece.lower()


def _folded(text: str) -> str:
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


# ---------------------------------------------------------------- patterns


def _either(words: str, blank: str = r"[\s_-]{0,2}") -> str:
    """A table of words as a pattern over the view, the longest first."""
    ordered = sorted({_folded(word) for word in words.split("|")}, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", blank).replace(r"\-", blank) for word in ordered)


_LETTER = r"[^\W\d_]"
_GAP = r"(?:[ \t*_]|</?[a-z][^<>\n]{0,120}>){0,8}"
_LINES = rf"(?P<gap>{_GAP}(?:\r?\n[ \t]{{0,8}}){{0,2}}{_GAP})"
_DATED = (
    r"(?:19|20)\d\d-\d\d?-\d\d?(?!\d)|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d(?![./-]?\d)|\d{1,2}:\d\d(?!\d)"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?!\d)|\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d(?!\d)"
)
_WHEN = re.compile(_DATED)
_ROUND = r"(?!\d{1,3}(?: \d{3})? 000(?!\d))"
_EXTENSION = (
    r"(?:[ ]?(?:ext\.?|x|extension|poste|durchwahl)[ ]?\d{1,8})?"
    r"(?:(?:[ ]?,{2,8}[ ]?|[,;*#])[\d,;*#]*[\d#])?#?"
)


@cache
def _label() -> re.Pattern[str]:
    before = rf"(?:(?<!{_LETTER})(?:{_either(BEFORE)})[ ]){{0,3}}"
    whole = rf"(?:(?P<secret>{_either(SECRETS)})|(?P<number>{_either(NUMBERS)}))(?:s|n|'s)?(?!{_LETTER})"
    return re.compile(
        rf"{before}(?:(?<!{_LETTER}){whole}|(?P<ending>{_either(COMPOUNDS)})(?!{_LETTER})"
        rf"|(?P<unspaced>{_either(UNSPACED)}))"
    )


@cache
def _bare_label() -> re.Pattern[str]:
    return re.compile(
        r"(?:^|[(,;|\n]|[-*\u2022\xb7.] )[ \t]{0,4}"
        rf"(?P<label>(?:id|(?P<code>{_either(BARE)}))[ ]?[:=#]{_GAP}"
        r"(?:\d{3}(?:[ -]\d{3,4}){2,3}|\d{9,12}|(?(code)(?=[a-z]{0,19}\d)[\da-z]{4,32}|(?!)))(?![\w-]))"
    )


@cache
def _bare_code() -> re.Pattern[str]:
    """`(Zoom, Code 445566)`: a piece of the text that is nothing else."""
    return re.compile(
        rf"(?:^|[(,;|/])[ \t]{{0,4}}(?P<label>(?:{_either(BARE)})[ ](?!(?:19|20)\d\d(?!\d))"
        r"(?:\d{4,12}|(?=[a-z]{0,15}\d)(?=\d{0,15}[a-z])[\da-z]{5,16}))"
        r"(?=[ \t]{0,4}(?:[),;|/]|\r?$))",
        re.MULTILINE,
    )


@cache
def _told_code() -> re.Pattern[str]:
    """`the key is 4455`, `Webex code 4455`, `enter 4455 when asked`; not `press 1200 units a day`."""
    before = (
        rf"(?<!{_LETTER})(?:{_either(BARE)})[ ](?:{_either(SAID)})[ ]"
        rf"|{_SERVICE}[ ](?:{_either(BARE)})[ ]|(?<!{_LETTER})(?:{_either(ENTER)})[ ]"
    )
    return re.compile(
        rf"(?:{before}){_GAP}(?!(?:19|20)\d\d(?!\d))(?P<code>\d{{4,12}}(?:[ -]\d{{3,4}}){{0,3}})"
        rf"(?:#|(?=[ \t]{{0,4}}(?:\r?$|[.,;:!)](?!\d)))|(?=[ ](?:{_either(ASKED)})(?!{_LETTER})))",
        re.MULTILINE,
    )


@cache
def _stated() -> re.Pattern[str]:
    """From the end of a label to its value, when something says that it has one."""
    filler = rf"(?:[ ](?:{_either(FILLERS)})(?:[ ][\w'-]{{1,20}}){{1,4}}?)??"
    said = rf"(?P<said>{_either(SAID)})(?![a-z])[ ]?:?"
    aside = rf"(?:[(][^()\n]{{0,40}}[)]{_GAP})?"
    mark = rf"(?:{said}|[:=#|>\u300c\u3010][ :=#>]{{0,3}}|-{{1,2}}>)"
    return re.compile(rf"{filler}{_GAP}{aside}{mark}{_LINES}")


@cache
def _reversed() -> re.Pattern[str]:
    """`1234 is the passcode`."""
    labels = f"{_either(SECRETS)}|{_either(NUMBERS)}"
    return re.compile(
        rf"(?<![\w.,$-])\d{{3,12}}(?:[ -]\d{{2,6}}){{0,4}} (?:is|as|ist|als|est|es|comme|como|come)"
        rf" (?:(?:{_either(BEFORE)}) ){{0,2}}(?:{labels})(?!{_LETTER})"
    )


@cache
def _dialled() -> re.Pattern[str]:
    """A number of whatever shape, on one line with what says that it is dialled."""
    return re.compile(
        rf"(?:(?<!{_LETTER})(?:{_either(DIALS)})(?!{_LETTER})|{_either(UNSPACED_DIALS)})[^\d\n]{{0,24}}?"
        rf"(?P<number>\(?(?!{_DATED}){_ROUND}\d[\d ().\-/]{{5,22}}\d(?![\w:]){_EXTENSION})"
    )


@cache
def _link() -> re.Pattern[str]:
    """How a link begins."""
    return re.compile(
        r"(?P<href>(?<![a-z])(?:href|src)\s?=\s?[\"']?)?(?:"
        r"(?:(?<![a-z])[a-z][a-z0-9+-]{0,30})?:[/\\]{2}"
        r"|(?<![a-z])https?[ ]?:[ ]?[/\\][ ]?[/\\]?[ ]?(?=\S)"
        r"|(?<![\w@.-])www\d?\.(?=\w)"
        rf"|(?<![a-z-])(?:(?:{SCHEMES}):(?=\S)|sips?:[ ]?(?=[\w.+-]{{1,64}}@)|tel:(?=[+\d(*]))"
        rf"|(?<![\w@-])(?P<host>{_either(HOSTS, '')})(?![\w-])"
        rf"|(?<![\w@-])(?P<short>{_either(SHORTENERS, '')})(?=/\w))"
    )


_TAIL = re.compile(r"[^\s<>\"\uff0c\uff1b\uff01\uff08\uff09\uff3b\uff3d\u3001\u300c-\u300f\u3010\u3011]*")
_WRAPPED = re.compile(r"\r?\n(?=[^\s<>\"]{0,200}[%=&?_/])(?=[^\s<>\"]{0,200}\d)[^\s<>\"]{16,}(?=[>\"]|\s|\Z)")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_OPENING = {")": "(", "]": "[", "}": "{"}

_ANCHOR = re.compile(r"<a\s[^<>]*>|</a>")
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
    rf"[ ]?\(?[ ]?{_ROUND}(?P<number>[1-9]\d{{0,30}}(?!\d)"
    rf"(?:[ ().\-/]{{1,3}}(?!{_DATED})\d{{1,14}}(?!\d|:\d)){{0,8}}){_EXTENSION}"
)
_MEET = re.compile(r"(?<![a-z])meet(?: code| id)?[: ]{1,3}(?P<name>[a-z]{3}-[a-z]{4}-[a-z]{3})(?![\w-])")
_SERVICE = rf"(?<!{_LETTER})(?:zoom|webex|teams|gotomeeting|bluejeans|whereby|skype|meet|chime|ringcentral)"
_NUMBERED = re.compile(
    rf"{_SERVICE}(?:[ ](?:meeting|call|room|mtg|id|no\.?|nr\.?)){{0,2}}[ ]?[:#=-]?[ ]?"
    r"(?P<number>(?=(?:[ -]?\d){9})\d{3,12}(?:[ -]\d{3,4}){0,3})(?![\w-])"
)
"""`Webex 2345 678 9012`."""
_SHAPED = re.compile(
    # One that waits for a code, one that ends in `#`, then the shapes of North America and of two services.
    r"(?<!\d)\(?\d[\d ().\-]{5,24},{2,8}[ ]?[\d*#][\d,;*#]*"
    r"|(?<![\w#.,])(?=(?:[ -]?\d){6})\d{2,20}(?:[ -]\d{2,6}){0,4}#{1,2}(?!\w)"
    r"|(?<![\w.,$\u20ac\xa3-])(?:"
    rf"(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]{{1,2}}\d{{3}}[ .-]\d{{4}}(?![\w,]|[.-]\d){_EXTENSION}"
    r"|\d{3}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?!\w|[.,-]\d)"
    r"|\d{3}(?: \d{3}){2,3} \d{1,2}(?!\w|[.,:-]\d))"
)
_PLACE = re.compile(
    r"[ \t]+(?P<place>(?:\w[\w.'-]{0,20}[ ,]{1,2}){0,2}(?:\w[\w.'-]{0,20})?[ ]?(?:\([^()\n]{1,30}\))?"
    r"[ ,]{0,2}(?:toll[ -]?free)?)[ \t]*\r?$",
    re.MULTILINE,
)
_INDENT = re.compile(r"^[ \t>*\u2022\xb7-]*\Z")

_BLANK = re.compile(rf"(?:[ ]-)?{_LINES}")
_GROUPS = re.compile(
    r"[*#]{0,2}\d{1,20}(?!\w)"
    rf"(?:(?:[ ]?-[ ]?|[ \t]{{1,2}}|\.)(?!{_DATED})\d{{1,8}}(?!\w|:\d)){{0,6}}#{{0,2}}"
)
_TOKEN = re.compile(
    rf"\"[^\"\n]{{1,64}}\"|'[^'\n]{{1,64}}'"
    rf"|[^\s<>\"|\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]{{1,{MAX_TOKEN}}}"
)
_PHRASE = re.compile(rf"{_LETTER}{{2,20}}(?:[ -]{_LETTER}{{2,20}}){{1,3}}")
"""A passphrase."""
_AMOUNT = re.compile(
    r"[$\u20ac\xa3]\d.*|v?\d+(?:[.,]\d+)+\w{0,3}|\d+(?:%|k|m|bn|st|nd|rd|th|x|h|min|days?)|v\d+|q\d.*"
)
_ROOM_NAME = re.compile(r"[a-z]{3}-[a-z]{4}-[a-z]{3}")
_SPECIAL = re.compile(r"\w[^\w\s'.,/)(-]+\w|[@#$%^*!]")
_MIXED = re.compile(r"[a-z][A-Z]")
_ENDS = re.compile(r"[ \t.,;*_'\")\]}]*(?:\r?\n|\Z|[|(]|</?[a-z])|[ \t]*[,;)]")
_ALONE_ON_LINE = re.compile(r"[ \t*_.]*(?:\r?\n|\Z)")
_OPENED = re.compile(r"<[a-z]\w{0,9}(?:\s[^<>]*)?>[ ]?\Z")
_MORE = re.compile(
    rf"(?:[ ]?[/|][ ]?(?!{_DATED})(?:\d{{3,12}}|\d\d[ -]\d\d)(?:[ -]\d{{2,6}}){{0,4}}(?!\w)){{0,2}}"
    r"(?:[ ]{0,2}\((?=[^()\n]{0,60}\d{3})[^()\n]{0,80}\))?"
)
_BOTH = re.compile(r"[ ]?(?:[/&]|and|or|und|et|y|e|en|och|i)[ ]?")

# ---------------------------------------------------------------- the whole


def without_join_details(text: str) -> str:
    """The text without links, codes, numbers to dial and addresses of rooms; all else as it was."""
    for _ in range(MAX_PASSES):
        view = _view(text)
        spans = _merged(view, _spans(view))
        if not spans:
            return text
        text = _cut(text, spans)
    return ""


def _spans(view: _View) -> Iterator[_Span]:
    yield from _links(view.text)
    yield from _labelled(view)
    yield from _phones(view)
    yield from _anchors(view.text)
    for pattern in (_ROOM, _DEVICE_ADDRESS, _reversed()):
        yield from (found.span() for found in pattern.finditer(view.text))
    for pattern, group in (
        (_dialled(), "number"),
        (_told_code(), "code"),
        (_bare_code(), "label"),
        (_bare_label(), "label"),
        (_MEET, "name"),
        (_NUMBERED, "number"),
    ):
        yield from ((found.start(group), found.end()) for found in pattern.finditer(view.text))


def _merged(view: _View, spans: Iterable[_Span]) -> list[_Span]:
    """Spans of the original, in order, that do not touch."""
    merged: list[_Span] = []
    for start, end in sorted(spans):
        first, last = view.at[start], _place_after(view, end)
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _place_after(view: _View, end: int) -> int:
    """Where the original goes on after character `end - 1` of the view, which may be half of one there."""
    while view.at[end] == view.at[end - 1]:
        end += 1
    return view.at[end]


# ---------------------------------------------------------------- links


def _links(text: str) -> Iterator[_Span]:
    position = 0
    while found := _link().search(text, position):
        start, end = found.span()
        if found["host"] or found["short"]:
            start = _host_start(text, start, position)
        if not (found["host"] and text[end : end + 1] not in ("/", "?", "#", ":")):
            end = _link_end(text, end)
        position = max(end, found.end())
        if start == 0 or text[start - 1] != "@":
            yield _with_brackets(text, start, end)


def _anchors(text: str) -> Iterator[_Span]:
    """The tags around what was a link's text."""
    linked = False
    for found in _ANCHOR.finditer(text):
        opens = found[0] != "</a>"
        if opens:
            linked = bool(_link().search(found[0]))
        if linked:
            yield found.span()
        linked = linked and opens


def _host_start(text: str, start: int, least: int) -> int:
    """Subdomains belong to a host."""
    least = max(least, start - MAX_PREFIX)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in ".-"):
        start -= 1
    return start


def _link_end(text: str, start: int) -> int:
    end = _TAIL.match(text, start).end()  # type: ignore[union-attr]  # it matches nothing at least
    end = _unopened(text, start, end)
    foreign = _EAST_ASIAN.search(text, start, end)
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


def _with_brackets(text: str, start: int, end: int) -> _Span:
    """`<link>` whole, and the quote that ends `href="link"`."""
    if text[start - 1 : start] == "<" and text[end : end + 1] == ">":
        return start - 1, end + 1
    if text.startswith(("href", "src"), start) and text[end : end + 1] in ('"', "'"):
        return start, end + 1
    return start, end


# ---------------------------------------------------------------- codes


def _labelled(view: _View) -> Iterator[_Span]:
    """Labels with their values; a label alone is a word like others."""
    before: _Span | None = None
    for found in _label().finditer(view.text):
        start = _compound_start(view.text, found)
        if before and _BOTH.fullmatch(view.text, before[1], start):
            start = before[0]
        before = (start, found.end())
        end = _value_end(view, found.end(), wordy=not found["number"], unspaced=bool(found["unspaced"]))
        if end is not None:
            closes = "</" in view.text[found.end() : end]
            yield (_tag_start(view.text, start) if closes else start), end


def _tag_start(text: str, start: int) -> int:
    """`<b>Label:</b> value` leaves no `<b>`."""
    opened = _OPENED.search(text, max(0, start - MAX_PREFIX), start)
    return opened.start() if opened else start


def _compound_start(text: str, found: re.Match[str]) -> int:
    start = found.start()
    if not found["ending"]:
        return start
    least = max(0, start - MAX_PREFIX)
    while start > least and (text[start - 1].isalpha() or text[start - 1] == "-"):
        start -= 1
    return start


def _value_end(view: _View, position: int, *, wordy: bool, unspaced: bool) -> int | None:
    """Where the value of the label before `position` ends; None when it has none.

    After an `unspaced` label a blank is as good as a mark.
    """
    stated = _stated().match(view.text, position)
    told = stated or _BLANK.match(view.text, position)
    if told is None or _WHEN.match(view.text, told.end()):
        return None
    marked = bool(stated and not stated["said"]) or (unspaced and view.text[position : position + 1] == " ")
    end = max(
        _groups_end(view.text, told.end(), LEAST_STATED if marked else LEAST_BARE),
        _token_end(view, told.end(), marked=marked, stated=bool(stated), wordy=wordy),
    )
    if end <= told.end() or ("\n" in told["gap"] and not _ALONE_ON_LINE.match(view.text, end)):
        return None
    return _MORE.match(view.text, end).end()  # type: ignore[union-attr]  # it matches nothing at least


def _groups_end(text: str, start: int, least: int) -> int:
    """The end of `812 3456 7890`; `start` when there are fewer than `least` digits."""
    groups = _GROUPS.match(text, start)
    return groups.end() if groups and _digits(groups[0]) >= least else start


def _token_end(view: _View, start: int, *, marked: bool, stated: bool, wordy: bool) -> int:
    token = _TOKEN.match(view.text, start)
    if token is None:
        return start
    if token[0][0] in "\"'" and len(token[0]) > 1 and token[0][0] == token[0][-1]:
        return token.end() if stated and (wordy or _digits(token[0])) else start
    end = _before_label(view.text, start, token.end())
    text = view.text[start:end].rstrip(".,;:)]}'")
    end = start + len(text)
    alone = bool(text) and marked and wordy and _is_end(view.text, end)
    if _digits(text):
        return end if alone or _is_code(text, marked=marked) else start
    if _ROOM_NAME.fullmatch(text):
        return end
    original = view.original[view.at[start] : view.at[end]]
    odd = bool(text) and stated and (_MIXED.search(original) or _SPECIAL.search(text))
    if alone or (wordy and odd):
        return end
    return _phrase_end(view.text, start) if marked and wordy and stated else start


def _phrase_end(text: str, start: int) -> int:
    """The end of a passphrase of a few words up to the line's end; a sentence has small words in it."""
    phrase = _PHRASE.match(text, start)
    if not phrase or not _ENDS.match(text, phrase.end()):
        return start
    return start if _small_words().intersection(re.split("[ -]", phrase[0])) else phrase.end()


@cache
def _small_words() -> frozenset[str]:
    return frozenset(_folded(word) for word in f"{BEFORE}|{FILLERS}|{SAID}|see|ask|same|as|not|no".split("|"))


def _is_code(text: str, *, marked: bool) -> bool:
    """Is a token that has digits a code, and no amount, version or short number?"""
    if text.isdigit():
        return len(text) >= (LEAST_STATED if marked else LEAST_BARE)
    return len(text) >= LEAST_BARE and (marked or not _AMOUNT.fullmatch(text))


def _before_label(text: str, start: int, end: int) -> int:
    """`1234,PIN:99` is two."""
    following = _label().search(text, start + 1, end)
    return following.start() if following and text[following.start() - 1] in ",;/(" else end


def _is_end(text: str, position: int) -> bool:
    """Does the line, or this piece of it, end here?"""
    if _ENDS.match(text, position):
        return True
    following = text[position : position + MAX_PREFIX].lstrip(" \t")
    return bool(_label().match(following))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


# ---------------------------------------------------------------- numbers


def _phones(view: _View) -> Iterator[_Span]:
    for found in _INTERNATIONAL.finditer(view.text):
        if _digits(found["number"]) >= LEAST_PHONE:
            yield _with_place(view, *found.span())
    for found in _SHAPED.finditer(view.text):
        more = _MORE.match(view.text, found.end())
        yield _with_place(view, found.start(), more.end() if more else found.end())


def _with_place(view: _View, start: int, end: int) -> _Span:
    """A line of a list of numbers, `+1 ... US (New York)`, goes whole."""
    line = view.text.rfind("\n", max(0, start - MAX_PREFIX), start) + 1
    place = _PLACE.match(view.text, end)
    if not place or not _INDENT.match(view.text[max(line, start - MAX_PREFIX) : start]):
        return start, end
    first = view.original[view.at[place.start("place")] : view.at[place.start("place")] + 1]
    return (start, place.end("place")) if first.isupper() or first == "(" else (start, end)


# ---------------------------------------------------------------- what is left

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


def _cut(text: str, spans: Sequence[_Span]) -> str:
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
    said = bool(_joining().intersection(words)) or line.rstrip().endswith((":", "\uff1a"))
    return said and bool(words) and _places().issuperset(words)


@cache
def _joining() -> frozenset[str]:
    return frozenset(JOINING.split("|"))


@cache
def _places() -> frozenset[str]:
    return _joining() | frozenset(PLACES.split("|"))


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
    return piece[:start] if words and _places().issuperset(words) else piece


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
    return "" if _EAST_ASIAN.match(before[-1]) or _EAST_ASIAN.match(after[0]) else " "
