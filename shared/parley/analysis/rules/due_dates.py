"""Due dates: the phrase in a sentence ("by Friday", "in two weeks") and the day that it names.

A phrase that names no single day ("next week", "3/4", "Monday or Tuesday")
gives None, and so does one that sets no limit ("not before Friday", "until
the end of the month", "what we discussed today"): a wrong date is worse than none.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules.due_date_days import kind_of, named_day
from parley.analysis.rules.due_date_phrases import HINT, PHRASE
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator


class DueDate(NamedTuple):
    """`text[start:end]` is the phrase. `day` is None where it names no single day, or none can be counted."""

    start: int
    end: int
    day: date | None
    hard: bool = False
    """Said as a limit ("by", "no later than"), not as a time at which something happens."""
    latest: bool = False
    """Said to be the latest of the days that are named."""


_HARD = ("by", "before", "due", "no later", "not later", "at the latest", "latest", "in time", "ahead")
_HARD_ELSEWHERE = ("bis", "spätestens", "d'ici", "avant", "para", "antes")
_LOOK_BACK = 60

# What stands right before a phrase that is no due date: past, a beginning, a duration, a denial.
_NO_LIMIT = lazy_compile(
    r"\b(?:last|since|past|previous|prior|from|after|ago|every|each|as of|starting|beginning|effective"
    r"|between"
    r"|between [^.;]{1,30} and|than|instead of|no (?:earlier|sooner) than|through(?:out)?|during"
    r"|(?:not|n't|never)(?: on| by| before| until| till| for)?"
    r"|(?:not|n't|no) (?:\w+ ){0,3}(?:until|till|before|by))\s+(?:on\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_DENIED = lazy_compile(
    r"(?:\b(?:not|never|no way|unable to|impossible to)|n't)\s+(?!(?:forget|hesitate|worry|mind|only|just)\b)"
    r"(?:(?!(?:I|we|you|so|but|and|then|will|I'll|we'll)\b)[\w'-]+\s+){0,6}$",
    re.IGNORECASE,
)
_UNTIL = lazy_compile(r"^(?:until|till)\b", re.IGNORECASE)
_GIVES_TIME = lazy_compile(
    r"\b(?:have|has|having|'ve got|'s got|gimme|g[ia]ves? (?:me|us|you|them|him|her))\s+(?:time\s+)?$",
    re.IGNORECASE,
)
# Of what was said or done then: no time of a task.
_TALKED = lazy_compile(
    r"\b(?:discussed|told|asked|broke|failed|happened|came (?:in|up)|arrived|talked (?:about|through)"
    r"|said|agreed(?: on)?|decided|mentioned|covered|went over"
    r"|saw|heard"
    r"|met|spoke(?: about)?|raised|reviewed|presented|showed|shown|had|did|was|were|received|got|made"
    r"|sent (?:me|us|you))(?:\s+(?:here|just|it|this|that|them|us|me|you|up|with \w+))*\s+(?:earlier\s+)?$",
    re.IGNORECASE,
)
_CONDITION = lazy_compile(
    r"\b(?:if|unless|in case|assuming|provided|once|when|whenever|whether)\b(?! (?:I|we) (?:can|could)\b)"
    r"(?![^,.;:]*[,;:])[^,.;:]*$",
    re.IGNORECASE,
)
# "The Friday report", "Friday's call": the weekday tells which one is meant.
_WHICH_ONE = lazy_compile(
    r"^(?:'s\b|s\b|\s+(?!(?:morning|afternoon|evening|night|noon|at|by|before|after|or|and|of|on|in|to"
    r"|if|so|for|but"
    r"|because|then|when|with|we|I|you|please|latest|instead|week|next|the|I'll|we'll|as|unless|since"
    r"|which|that"
    r"|first|end|eod|cob|close|around|already|too|also|maybe|probably|ok|okay|right|thanks|works?|is"
    r"|was|will|would"
    r"|at|from|until|till|though|actually|sorry|no|not|again|during|is)\b)[a-z][\w-]+)"
)
_ARTICLE = lazy_compile(r"\b(?:the|our|my|your|their|his|her|this|that|a)\s+$", re.IGNORECASE)
_AT_THE_LATEST = lazy_compile(
    r",?\s*\b(?:at (?:the )?(?:very )?latest|latest|tops|at the outside)\b", re.IGNORECASE
)
_AT_THE_EARLIEST = lazy_compile(
    r"^,?\s*(?:at (?:the )?(?:very )?earliest|or later|onwards?)\b", re.IGNORECASE
)
# Between two phrases: the second takes the place of the first; leaves it open; or goes on from it.
_CORRECTED = lazy_compile(
    r"\b(?:no|nope|actually|sorry|I mean|make (?:that|it)|or rather|rather|wait|scratch that"
    r"|correction|but(?: on| by)?)\b",
    re.IGNORECASE,
)
_NOT_BUT = lazy_compile(r"\bnot (?:[\w:-]+ ){1,4}but\s+$", re.IGNORECASE)
_OR = lazy_compile(
    r"^[\s,]*(?:or|/|maybe|perhaps|possibly|if not|otherwise)[\s,]*(?:maybe|perhaps|even|possibly)?"
    r"\s*(?:on|by)?\s*(?:the)?\s*$",
    re.IGNORECASE,
)
_TO = lazy_compile(r"^\s*(?:to|and|through|until|till|[-\u2013])\s*$", re.IGNORECASE)
_COMMA = lazy_compile(r"[\s,]*")
_JOINED = 60


def find_due_date(text: str, meeting: date | None, start: int = 0, end: int | None = None) -> DueDate | None:
    """The due phrase in `text[start:end]`, a limit ("by") before others; None where two days compete.

    `meeting` is the day that relative phrases count from; without it only full
    dates count. The day is never before the meeting's. What stands around the
    part of the text still tells whether a phrase in it sets a limit.
    """
    end = len(text) if end is None else end
    if not HINT.search(text, start, end):
        return None
    found = _settled(text, list(_phrases(text, meeting, start, end)))
    hard = [due for due in found if due.hard]
    if hard:
        return hard[0]
    days = {due.day for due in found if due.day}
    return None if len(days) > 1 or not found else next((due for due in found if due.day), found[0])


def _phrases(text: str, meeting: date | None, start: int, stop: int) -> Iterator[DueDate]:
    for match in PHRASE.finditer(text, start, stop):
        if not _limits(text, match):
            continue
        latest = _AT_THE_LATEST.match(text[match.end() : match.end() + 24])
        end = match.end() + (latest.end() if latest else 0)
        hard = bool(latest or match.group("time_before") or match.group("time_after")) or _is_hard(match)
        corrected = _NOT_BUT.search(text, max(0, match.start() - _LOOK_BACK), match.start())
        begin = corrected.start() if corrected else match.start()
        yield DueDate(begin, end, named_day(match, meeting), hard, bool(latest) or _names_latest(match))


def _limits(text: str, match: re.Match[str]) -> bool:
    """Whether the phrase says when something is to be done."""
    before, after = text[max(0, match.start() - _LOOK_BACK) : match.start()], text[match.end() :]
    if _NO_LIMIT.search(before) or _AT_THE_EARLIEST.search(after) or _CONDITION.search(before):
        return False
    if _UNTIL.search(match.group()):
        return bool(_GIVES_TIME.search(before))
    if _DENIED.search(before):
        return False
    return _is_a_date(match) and not _tells_which(match, before, after)


def _is_hard(match: re.Match[str]) -> bool:
    return (match.group("prep") or "").lower().startswith((*_HARD, *_HARD_ELSEWHERE, "until", "till"))


def _names_latest(match: re.Match[str]) -> bool:
    return (
        (match.group("prep") or "").lower().startswith(("at the latest", "latest", "no later", "not later"))
    )


def _is_a_date(match: re.Match[str]) -> bool:
    """Numbers and times of day are dates only where something says so."""
    kind, prep = kind_of(match), (match.group("prep") or "").lower()
    if kind == "numeric":
        full = match.group("year3") or (
            match.group("mark") == "." and match.string[match.end() : match.end() + 1] == "."
        )
        return bool(full) or (bool(prep) and match.group("mark") == "/")
    if kind == "ordinal":
        return bool(prep) or bool(_CORRECTED.search(match.string, max(0, match.start() - 12), match.start()))
    if kind == "time":
        return prep.startswith(_HARD) or (
            not match.group("time")[0].isdigit() and match.group("time").lower() not in _MEALS
        )
    month = match.group("month1") or match.group("month2")
    if month and month == month.lower() and month in _ALSO_WORDS:
        return bool(prep) and (match.group("day1") or match.group("day2"))[0].isdigit()
    return True


_MEALS = ("noon", "midnight", "lunch", "lunchtime")
_ALSO_WORDS = ("may", "march", "mar", "mai", "mars")


def _tells_which(match: re.Match[str], before: str, after: str) -> bool:
    kind = kind_of(match)
    if kind not in {"weekday", "today", "tomorrow"} or match.group("time_after"):
        return False
    prep = (match.group("prep") or "").lower()
    if _TALKED.search(before) and not prep.startswith(_HARD):
        return True
    if not _WHICH_ONE.search(after):
        return False
    article = bool(_ARTICLE.search(before)) or " the " in f" {match.group().lower()} "
    return after.startswith("'s") or after[:2] == "s " or (article and not prep.startswith(_HARD))


def _settled(text: str, found: list[DueDate]) -> list[DueDate]:
    """What is left where one phrase corrects another, or two leave it open."""
    kept: list[DueDate] = []
    for due in found:
        between = text[kept[-1].end : due.start] if kept else None
        if between is None or len(between) > _JOINED:
            kept.append(due)
        elif _OR.search(between):
            first = kept.pop()
            if due.hard or first.hard:
                kept.append(DueDate(first.start, due.end, due.day if due.latest else None, hard=True))
        elif _CORRECTED.search(between) or (_COMMA.fullmatch(between) and due.latest):
            kept[-1] = due._replace(start=kept[-1].start, hard=due.hard or kept[-1].hard)
        elif _TO.search(between) and not due.hard:
            kept[-1] = DueDate(kept[-1].start, due.end, None, hard=kept[-1].hard)
        else:
            kept.append(due)
    return kept
