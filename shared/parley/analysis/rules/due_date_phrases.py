"""The phrases that name a day: one pattern that finds them, and the words and numbers that it is made of.

A match has exactly one of the groups of `KINDS` set: what kind of phrase it is.
`due_date_days` counts the day from it.
"""

from __future__ import annotations

import re

from parley.core.day_names import MONTH_NUMBERS, WEEKDAY_NUMBERS
from parley.core.lazy_regex import lazy_compile

_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90}
NUMBERS = (
    {word: number for number, word in enumerate(_UNITS + _TEENS)}
    | _TENS
    | {"a": 1, "an": 1, "a couple of": 2, "couple of": 2}
)
_ORDINAL_WORDS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS = (
    {word: number for number, word in enumerate(_ORDINAL_WORDS, 1)}
    | {f"twenty-{word}": 20 + number for number, word in enumerate(_ORDINAL_WORDS[:9], 1)}
    | {"thirtieth": 30, "thirty-first": 31}
)
_SHORT_DAYS = "mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun"


def _any(words: object) -> str:
    return "|".join(sorted(words, key=len, reverse=True))  # type: ignore[call-overload]  # any iterable of str


_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ANY_DAY, _ANY_MONTH = _any(WEEKDAY_NUMBERS), _any(MONTH_NUMBERS)
_COUNT = r"(?:\d{1,3}|(?:a )?couple of|[a-z]+(?:-five)?)"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)|(?:(?:twenty|thirty)[- ])?(?:first|second|third|(?:four|fif|six|seven"
    r"|eigh|nin|ten"
    r"|eleven|twelf|(?:thir|four|fif|six|seven|eigh|nine)teen|twentie|thirtie)th))"
)
_NUMBER = rf"(?:{_ORDINAL}|\d{{1,2}}\.?)"
_YEAR = r"(?:,?\s+(?:de |del )?(?P<{}>\d{{4}})\b)?"
_PERIOD = r"week|month|quarter|year"
_UNIT = r"(?:(?:business|working|week)[ -]?)?days?|weeks?|fortnights?|months?|years?|hours?"
_OF_DAY = r"(?:morning|afternoon|evening|night|noon|midday|lunch(?:time)?)"
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?(?:[ap]\.?m\b\.?|o'clock)|\d{1,2}:\d\d)"
_CLOSE = (
    r"(?:eod|eob|cob|end of (?:the |this )?(?:business |working )?day|(?:the )?close of (?:business|play)"
    r"|(?:the )?day's end)"
)
_TIME = rf"(?:{_CLOSE}|noon|midday|midnight|lunch(?:time)?|{_CLOCK}|first thing|early(?: on)?|late)"

# A number alone is a day only where no noun follows: "by the 24th", not "by the 2nd week".
_ALONE = (
    r"(?=\s*(?:$|[.,;:!?…)\"]|[-\u2013\u2014]\s|(?:and|or|at|if|so|for|because|but|then|when|please|to|latest"
    r"|instead|unless|since|by|with|in time|as|though|which|maybe|I|we|you|if)\b))"
)

KINDS = {
    "iso": r"\b\d{4}-\d{2}-\d{2}\b",
    "month_day": rf"\b(?P<month1>{_ANY_MONTH})\.?\s+(?:the\s+)?(?P<day1>{_NUMBER})(?!\w"
    rf"|[:/%]){_YEAR.format('year1')}",
    "day_month": rf"\b(?P<day2>{_NUMBER})\s*(?:of\s+|de\s+)?"
    rf"(?P<month2>{_ANY_MONTH})\b\.?{_YEAR.format('year2')}",
    "numeric": r"(?<![\d/.])(?P<one>\d{1,2})(?P<mark>[/.])(?P<two>\d{1,2})(?:(?P=mark)(?P<year3>"
    r"(?:\d\d)?\d\d))?"
    r"(?![\d/%]|\.\d)",
    "nth_day": rf"\b(?P<nth>first|second|third|fourth|last)\s+(?P<nth_day_of>{_DAY})\s+(?:of|in)\s+"
    rf"(?P<nth_month>{_MONTH}|(?:the|this|next) month)\b",
    "of_month": rf"\b(?P<day3>{_ORDINAL}|last day|last)\s+(?:day\s+)?(?:of|in)\s+(?P<which_month>the|this"
    rf"|next)\s+month\b",
    "week_after": rf"\b(?P<weeks>(?!next|this|last|the|every|each){_COUNT})\s+weeks?\s+(?:from|on|after)"
    rf"\s+(?:this\s+|next\s+)?"
    rf"(?P<base>{_DAY}|today|tomorrow|now)\b|\b(?:a week (?P<base2>today|tomorrow)|(?P<base3>{_DAY}) week)\b",
    "day_of_week": rf"\b(?P<day_in>{_DAY})(?:,|\s+of)?\s+(?P<which>(?:this|next|the (?:following|coming)"
    rf"|the)\s+week)\b"
    rf"|\b(?P<which2>(?:this|next)\s+week),?(?:\s+(?:on|by))?\s+(?P<day_in2>{_DAY})\b",
    "after_next": rf"\b(?:(?:{_DAY}|{_PERIOD})\s+after\s+next)\b",
    "span": rf"\b(?:in|within|inside(?: of)?)\s+(?:(?:the\s+)?(?:next|coming)\s+)?(?P<count>{_COUNT})\s+"
    rf"(?P<unit>{_UNIT})\b(?:'s?)?(?:\s+time\b)?(?:\s+from\s+(?:now|today)\b)?"
    rf"|\b(?P<count2>{_COUNT})\s+(?P<unit2>{_UNIT})\s+from\s+(?:now|today)\b"
    rf"|\b(?:over|during)\s+the\s+(?:next|coming)\s+(?P<count3>{_COUNT})\s+(?P<unit3>{_UNIT})\b",
    "end": rf"\b(?:eow|eom|eoq|eoy|(?:the\s+)?(?:end|close)\s+of\s+(?:(?:the|this|next)\s+)?(?:{_PERIOD})"
    rf"|(?:(?:the|this|next)\s+)?(?:{_PERIOD})(?:'s)?[- ]end)\b",
    "end_of": rf"\b(?:end|close)\s+of\s+(?P<end_of_month>{_MONTH}|q[1-4]|h[12]|(?P<end_year>20\d\d))\b"
    rf"(?:\s+(?P<end_year2>20\d\d)\b)?",
    "out": rf"\b(?:the|this)\s+(?:{_PERIOD})(?:'s| is)\s+(?:out|over|up)\b",
    "this_week": r"\b(?:(?:later|sometime|some time)\s+)?this\s+week\b(?!'s)",
    "weekend": r"\b(?:by|before|ahead of)\s+the\s+weekend\b",
    "tomorrow_next": r"\b(?:the\s+)?day\s+after\s+tomorrow\b|\bübermorgen\b|\baprès-demain\b"
    r"|\bpasado mañana\b",
    "tomorrow": rf"\btomorrow(?:\s+{_OF_DAY})?\b|\b(?:bis|spätestens)\s+morgen\b|\bdemain\b|"
    rf"(?<!la )\bmañana\b",
    "today": rf"\b(?:later )?today\b|\b(?:within|in) (?:the|an) hour\b|\btonight\b|\bthis\s+{_OF_DAY}\b"
    rf"|\bbis heute\b|\baujourd'hui\b|\bhoy\b",
    "weekday": rf"\b(?:(?P<weekday_of>this coming|the coming|this|next|coming)\s+)?"
    rf"(?P<weekday_name>{_ANY_DAY})\b"
    rf"(?:\s+{_OF_DAY}\b)?",
    "short_day": rf"(?(prep)(?:(?P<short_of>this|next)\s+)?\b(?P<short_name>{_SHORT_DAYS})\b\.?|(?!))",
    "ordinal": rf"\bthe\s+(?P<day4>{_ORDINAL}){_ALONE}",
    "vague": rf"\b(?:(?:later|early|mid|earlier|sometime|some time)[- ])?(?:this|next)\s+(?:{_PERIOD})\b"
    rf"|\b(?:early|mid|middle of|beginning of|start of)[- ](?:(?:the|this|next)\s+)?(?:{_PERIOD}|{_MONTH})\b"
    rf"|\b(?:a few|several|some)\s+(?:{_UNIT})\b",
    "time": rf"\b{_CLOSE}\b|\b(?:noon|midnight|lunch(?:time)?|{_CLOCK})(?!\w)",
}
"""Each kind of phrase; where two begin at one place, the earlier row is taken."""

_PREPOSITION = (
    r"(?:\b(?P<prep>by|before|until|till|due(?: on| by)?|no later than|not later than"
    r"|at the latest,?(?: by| on)?"
    r"|latest|on|for|sometime|around|in time for|ahead of"
    r"|bis(?: zum| spätestens)?|spätestens(?: am| bis)?|am|d'ici(?: au| le| à)?|avant(?: le)?|pour(?: le)?|le"
    r"|para el|antes del|el)\s+)?"
)
_WITH_WEEKDAY = (
    rf"(?:(?P<said_day>{_ANY_DAY}),?\s+(?:the\s+|le\s+|el\s+|den\s+)?(?=\d|[^\W\d_]+\.?\s+"
    rf"(?:the\s+)?(?:\d|{_ORDINAL})|{_ORDINAL}|the))?"
)
_LEAD = rf"(?:(?P<time_before>{_TIME}),?\s+(?:(?:on|by|in the)\s+)?(?:the\s+)?)?"
_TAIL = rf"(?:,?\s+(?:(?:by|at|before|around|no later than)\s+)?(?P<time_after>{_TIME})(?!\w))?"


_ANY_KIND = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items())
PHRASE = lazy_compile(
    rf"{_PREPOSITION}(?:the\s+)?{_LEAD}{_WITH_WEEKDAY}(?:{_ANY_KIND}){_TAIL}", re.IGNORECASE
)
"""A due phrase: preposition, time of day, weekday, the day itself."""

# One cheap look, since most sentences name no day.
HINT = lazy_compile(
    r"[0-9]|days?\b|to(?:day|night|morrow)|this (?:after|even|morn)|\b[ec]o[bdwmqy]\b|business|play\b"
    rf"|week|month|quarter|year|hour|fortnight|noon|midnight|lunch|\b(?:{_SHORT_DAYS})\b|(?:th|st|nd|rd)\b"
    rf"|\b(?:{_ANY_MONTH})\b|\b(?:{_ANY_DAY})\b|heute|morgen|demain|mañana|aujourd|hoy\b",
    re.IGNORECASE,
)
