"""Passcodes, PINs and meeting IDs: a label and its value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley.preparation.join_details.patterns import (
    DATED,
    GAP,
    LETTER,
    LINES,
    MAX_PREFIX,
    MORE,
    SERVICE,
    digits,
    either,
    group_spans,
    match_spans,
    word_start,
)
from parley.preparation.join_details.view import Span, View, folded
from parley.preparation.join_details.words import (
    ASKED,
    BARE,
    BEFORE,
    COMPOUNDS,
    ENTER,
    FILLERS,
    NUMBERS,
    SAID,
    SECRETS,
    UNSPACED,
)

MAX_TOKEN = 128
"""Characters of a code that are looked at; no service gives out a longer one."""
LEAST_STATED = 3
"""Digits of a code after `PIN:`; after a blank alone it takes LEAST_BARE."""
LEAST_BARE = 4
_WHEN = re.compile(DATED)
_BLANK = re.compile(rf"(?:[ ]-)?{LINES}")
_GROUPS = re.compile(
    r"[*#]{0,2}\d{1,20}(?!\w)"
    rf"(?:(?:[ ]?-[ ]?|[ \t]{{1,2}}|\.)(?!{DATED})\d{{1,8}}(?!\w|:\d)){{0,6}}#{{0,2}}"
)
_TOKEN = re.compile(
    rf"\"[^\"\n]{{1,64}}\"|'[^'\n]{{1,64}}'"
    rf"|[^\s<>\"|\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]{{1,{MAX_TOKEN}}}"
)
_PHRASE = re.compile(rf"{LETTER}{{2,20}}(?:[ -]{LETTER}{{2,20}}){{1,3}}")
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
_BOTH = re.compile(r"[ ]?(?:[/&]|and|or|und|et|y|e|en|och|i)[ ]?")
_MEET = re.compile(r"(?<![a-z])meet(?: code| id)?[: ]{1,3}(?P<code>[a-z]{3}-[a-z]{4}-[a-z]{3})(?![\w-])")


_LABEL = re.compile(
    rf"(?:(?<!{LETTER})(?:{either(BEFORE)})[ ]){{0,3}}"
    rf"(?:(?<!{LETTER})(?:(?P<secret>{either(SECRETS)})|(?P<number>{either(NUMBERS)}))(?:s|n|'s)?(?!{LETTER})"
    rf"|(?P<ending>{either(COMPOUNDS)})(?!{LETTER})|(?P<unspaced>{either(UNSPACED)}))"
)
_BARE_LABEL = re.compile(
    r"(?:^|[(,;|\n]|[-*\u2022\xb7.] )[ \t]{0,4}"
    rf"(?P<code>(?:id|(?P<word>{either(BARE)}))[ ]?[:=#]{GAP}"
    r"(?:\d{3}(?:[ -]\d{3,4}){2,3}|\d{9,12}|(?(word)(?=[a-z]{0,19}\d)[\da-z]{4,32}|(?!)))(?![\w-]))"
)
_BARE_CODE = re.compile(
    rf"(?:^|[(,;|/])[ \t]{{0,4}}(?P<code>(?:{either(BARE)})[ ](?!(?:19|20)\d\d(?!\d))"
    r"(?:\d{4,12}|(?=[a-z]{0,15}\d)(?=\d{0,15}[a-z])[\da-z]{5,16}))"
    r"(?=[ \t]{0,4}(?:[),;|/]|\r?$))",
    re.MULTILINE,
)
"""`(Zoom, Code 445566)`: a piece of the text that is nothing else."""
_TOLD_CODE = re.compile(
    rf"(?:(?<!{LETTER})(?:{either(BARE)})[ ](?:{either(SAID)})[ ]"
    rf"|{SERVICE}[ ](?:{either(BARE)})[ ]|(?<!{LETTER})(?:{either(ENTER)})[ ])"
    rf"{GAP}(?!(?:19|20)\d\d(?!\d))(?P<code>\d{{4,12}}(?:[ -]\d{{3,4}}){{0,3}})"
    rf"(?:#|(?=[ \t]{{0,4}}(?:\r?$|[.,;:!)](?!\d)))|(?=[ ](?:{either(ASKED)})(?!{LETTER})))",
    re.MULTILINE,
)
"""`the key is 4455`, `Webex code 4455`, `enter 4455 when asked`; not `press 1200 units a day`."""
_STATED = re.compile(
    rf"(?:[ ](?:{either(FILLERS)})(?:[ ][\w'-]{{1,20}}){{1,4}}?)??{GAP}(?:[(][^()\n]{{0,40}}[)]{GAP})?"
    rf"(?:(?P<said>{either(SAID)})(?![a-z])[ ]?:?|[:=#|>\u300c\u3010][ :=#>]{{0,3}}|-{{1,2}}>){LINES}"
)
"""From the end of a label to its value, when something says that it has one."""
_VALUE_FIRST = re.compile(
    rf"(?<![\w.,$-])\d{{3,12}}(?:[ -]\d{{2,6}}){{0,4}} (?:is|as|ist|als|est|es|comme|como|come)"
    rf" (?:(?:{either(BEFORE)}) ){{0,2}}(?:{either(SECRETS)}|{either(NUMBERS)})(?!{LETTER})"
)
"""`1234 is the passcode`."""
_SMALL_WORDS = frozenset(map(folded, f"{BEFORE}|{FILLERS}|{SAID}|see|ask|same|as|not|no".split("|")))


def codes(view: View) -> Iterator[Span]:
    """The spans of codes, with their labels where these are labels of nothing else."""
    yield from _labelled(view)
    yield from match_spans(view.text, _VALUE_FIRST)
    yield from group_spans(view.text, "code", _TOLD_CODE, _BARE_CODE, _BARE_LABEL, _MEET)


def _labelled(view: View) -> Iterator[Span]:
    """Labels with their values; a label alone is a word like others."""
    before: Span | None = None
    for found in _LABEL.finditer(view.text):
        start = word_start(view.text, found.start(), "-") if found["ending"] else found.start()
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


def _value_end(view: View, position: int, *, wordy: bool, unspaced: bool) -> int | None:
    """Where the value of the label before `position` ends; None when it has none.

    After an `unspaced` label a blank is as good as a mark.
    """
    stated = _STATED.match(view.text, position)
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
    return MORE.match(view.text, end).end()  # type: ignore[union-attr]  # it matches nothing at least


def _groups_end(text: str, start: int, least: int) -> int:
    """The end of `812 3456 7890`; `start` when there are fewer than `least` digits."""
    groups = _GROUPS.match(text, start)
    return groups.end() if groups and digits(groups[0]) >= least else start


def _token_end(view: View, start: int, *, marked: bool, stated: bool, wordy: bool) -> int:
    token = _TOKEN.match(view.text, start)
    if token is None:
        return start
    if token[0][0] in "\"'" and len(token[0]) > 1 and token[0][0] == token[0][-1]:
        return token.end() if stated and (wordy or digits(token[0])) else start
    end = _before_label(view.text, start, token.end())
    text = view.text[start:end].rstrip(".,;:)]}'")
    end = start + len(text)
    alone = bool(text) and marked and wordy and _is_end(view.text, end)
    if digits(text):
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
    return start if _SMALL_WORDS.intersection(re.split("[ -]", phrase[0])) else phrase.end()


def _is_code(text: str, *, marked: bool) -> bool:
    """Is a token that has digits a code, and no amount, version or short number?"""
    if text.isdigit():
        return len(text) >= (LEAST_STATED if marked else LEAST_BARE)
    return len(text) >= LEAST_BARE and (marked or not _AMOUNT.fullmatch(text))


def _before_label(text: str, start: int, end: int) -> int:
    """`1234,PIN:99` is two."""
    following = _LABEL.search(text, start + 1, end)
    return following.start() if following and text[following.start() - 1] in ",;/(" else end


def _is_end(text: str, position: int) -> bool:
    """Does the line, or this piece of it, end here?"""
    if _ENDS.match(text, position):
        return True
    following = text[position : position + MAX_PREFIX].lstrip(" \t")
    return bool(_LABEL.match(following))
