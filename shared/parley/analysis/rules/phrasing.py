"""Turns spoken words into list items: cuts clauses, drops fillers, capitalizes; and compares wordings."""

from __future__ import annotations

import re

from parley.analysis.rules.word_lists import PRONOUNS, STOP, VERBS
from parley.core.lazy_regex import lazy_compile

MAX_TEXT = 160

# Where a task ends although the sentence goes on. Each is tried from left to right, once.
_CUTS = lazy_compile(
    r"\s*(?:[;:]\s|\s[-\u2013—]+\s|…|\.\.\.|[.!?](?:\s|$)|,?\s+(?:and|but|so|because|since|cause"
    r"|'cause|although|though)\s+"
    r"(?:then\s+|so\s+|that\s+|also\s+|maybe\s+|I\s+think\s+)?"
    r"(?:I|I'm|I'll|I've|I'd|we|we'll|we're|we've|you|you'll|they|they're|it|it's|that|that's|this"
    r"|there|there's|if|he|she|"
    r"what|yeah|um|uh|let's|let|see)\b"
    r"|,\s*and\s+(?:still|also|then|so|to)\b|,\s*(?:and\s+)?(?:yeah|okay|ok|right|you know|I think"
    r"|I guess|but|so|because|which|if|I|we|you"
    r"|that's|it's|it|"
    r"does|do|is|are|can|like|that is|um|uh|thanks|thank|sorry|basically|hopefully|I don't|then)\b"
    r"|,?\s+even\s+(?:if|though)\b|\s+(?:but|because|'cause|so that's|so yeah|I think|I guess|if that)\b)",
    re.IGNORECASE,
)
# Speech recognised without punctuation: a new subject is a new sentence, unless a connector leads to it.
_RUN_ON = lazy_compile(
    r"(?<!\bthat)(?<!\bwhat)(?<!\bwhich)(?<!\bwhere)(?<!\bhow)(?<!\bwhen)(?<!\bif)(?<!\bwho)(?<!\bas)(?<!\bthan)"
    r"(?<!\bwhether)(?<!\bthings)(?<!\bthing)(?<!\bwork)\s+(?:I|we|I'm|I've|I'll|we've|we're|we'll"
    r"|you've|you're|it's|that's|there's)\s"
    r"|\s+(?:there (?:will|is|are|was)|(?:can|could|do|does|did|is|are) (?:you|there|anybody|anyone"
    r"|we)|what you|you (?:see|know|have|had|want)|all right|alright|okay|thanks|thank you|anyway"
    r"|please|yeah|so (?!that\b|far\b|much\b|many\b|on\b)|at this point)\b",
)
# How speech begins what somebody is to do; the verb follows.
_OPENS = lazy_compile(
    r"\b(?:I(?:'ll| will| shall|'m going to| am going to|'m gonna|'d be (?:happy|glad) to| can| could)"
    r"|(?:can|could|would|will|shall|should) (?:you|someone|somebody|we|I)|let me"
    r"|(?:want|need|like) (?:me|you) to|please"
    r"|we(?:'ll| will| should| could| can| need to| have to)|let's|will|needs to|to)\b",
    re.IGNORECASE,
)
_ENOUGH_WORDS, _ENOUGH_BEHIND = 4, 2
_MIN_STEM = 3

_FILLERS = lazy_compile(
    r"(?:^|(?<=[\s,]))(?:um+|uh+|erm?|hmm+|mm+|you know|I mean|sort of|kind of|basically|actually|literally|"
    r"like,|yeah|(?<!\bthe )okay|I guess|obviously|just|also|probably|quickly|definitely)(?=[\s,.?!…]"
    r"|$),?\s*",
    re.IGNORECASE,
)
_LEADING = lazy_compile(
    r"^(?:[\s,.…\-\u2013—]+|(?:so|and|but|yeah|yep|yes|no|okay|ok|well|right|cool|alright|all right"
    r"|great|sure|um+|uh+|oh|"
    r"I think|I guess|I mean|I'd say|that(?= \w+\s)(?! (?:is|was|would|will|could|might|should"
    r"|means?)\b)|which|you know|maybe|like|then|also|anyway|basically|actually|exactly|perfect|"
    r"sounds good|thanks|thank you|because|cause|or|just|perhaps|hey|hi|now)\b[\s,.…!]*)+",
    re.IGNORECASE,
)
_DOUBLED = lazy_compile(r"\b(\w+)(?:[\s,…]+\1\b){1,3}", re.IGNORECASE)
_DANGLING = lazy_compile(
    r"(?:[\s,;:\u2013—-]|\s(?:and|or|but|so|to|the|a|an|with|of|for|in|on|at|by|from|so that|which|if"
    r"|as|is|are|my|your|our|"
    r"their|then|because|like|about|into|also|just|some|any|we|I|you|really|well|too|there|right|here))+$",
    re.IGNORECASE,
)
# An address or a numbered thing takes no article.
_PROPER = lazy_compile(r"[/#]|\d|\w\.\w")
_WORD = lazy_compile(r"[^\W_]+(?:['\-][^\W_]+)*")


# "Schedule it for June": the pronoun is all that the verb has.
_POINTS_ONLY = lazy_compile(
    r"^(?P<verb>[A-Za-z\-]+) (?:it|this|that|them|these|those)(?= (?:on|in|at|for|by|before|after|again|as"
    r"|until|out of|over)\b|$)",
    re.IGNORECASE,
)
# Of these the pronoun is the deed, not a thing.
_NO_THING = (
    "do",
    "take",
    "get",
    "make",
    "have",
    "own",
    "handle",
    "need",
    "think",
    "give",
    "put",
    "say",
    "use",
)


def replace_pronoun(text: str, thing: str) -> str | None:
    """The text with `thing` for the pronoun behind its verb; None where it has none there."""
    match = _POINTS_ONLY.match(text)
    if match is None or match["verb"].lower() not in VERBS or match["verb"].lower() in _NO_THING:
        return None
    article = "" if _PROPER.search(thing) else "the "
    return f"{match['verb']} {article}{thing}{text[match.end() :]}"


def words(text: str) -> list[str]:
    """Lower-cased words, apostrophes and hyphens kept inside."""
    return [word.lower() for word in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that carry something: no stop words, pronouns or single letters."""
    return [w for w in words(text) if len(w) > 1 and w.replace("'", "") not in STOP and w not in PRONOUNS]


def clause(text: str) -> str:
    """The first clause of `text` that holds at least two words."""
    cut = _cut(text, _CUTS, 2)
    return _cut(cut, _RUN_ON, _ENOUGH_WORDS)


def from_verb(text: str) -> tuple[int, str]:
    """Where the words begin by which somebody takes on, asks or proposes, and the clause behind them.

    (0, the text) where there are none.
    """
    leads = list(_OPENS.finditer(text))
    begun = (m for m in leads if len(words(clause(text[m.end() :]))) >= _ENOUGH_BEHIND)
    lead = next(begun, leads[-1] if leads else None)
    return (lead.start(), clause(text[lead.end() :])) if lead else (0, truncate(text))


def _cut(text: str, pattern: re.Pattern[str], least: int) -> str:
    for match in pattern.finditer(text):
        if len(words(text[: match.start()])) >= least:
            return text[: match.start()]
    return text


def tidy(text: str) -> str:
    """Readable: no fillers, no stammering, no dangling end, a capital, at most MAX_TEXT."""
    text = _FILLERS.sub("", _LEADING.sub("", text.strip()))
    text = _DOUBLED.sub(r"\1", re.sub(r"\s*(?:…|\.\.\.)\s*", " ", text))
    text = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;:-\u2013—")
    text = truncate(text.rstrip("."))
    text = _DANGLING.sub("", _balanced(text))
    return text[:1].upper() + text[1:]


def _balanced(text: str) -> str:
    """Without a quote mark or bracket whose partner was cut off."""
    if text.count('"') % 2:
        text = text.replace('"', "", 1)
    if text.count("(") > text.count(")"):
        text = text[: text.rfind("(")]
    elif text.count(")") > text.count("("):
        text = text[: text.find(")")]
    return text.rstrip()


def clause_around(text: str, match: re.Match[str]) -> str:
    """The sentence; of a rambling one the part around the match."""
    if len(text) <= MAX_TEXT:
        return text
    head = text[: match.start()]
    marks = (", ", ". ", "… ", " and ", " but ", " so ", " because ", " that ")
    start = max(head.rfind(mark, max(0, len(head) - 90)) for mark in marks)
    if start < 0:
        start = head.rfind(" ", 0, max(1, len(head) - 60))
    return text[max(0, start + 1) : match.end()] + clause(text[match.end() :])


def truncate(text: str, limit: int = MAX_TEXT) -> str:
    """Cut between words, with an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    return text[: text.rfind(" ", 0, limit) if " " in text[:limit] else limit].rstrip(" ,;:") + "…"


def stems(text: str) -> frozenset[str]:
    """Content words without their endings: what two wordings of one thing share."""
    return frozenset(stem(word) for word in content_words(text))


def stem(word: str) -> str:
    """A word without its ending."""
    for suffix in ("ings", "ing", "ied", "ies", "ed", "es", "s", "e"):
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            return word[: -len(suffix)]
    return word


def stem_overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """F1 of two sets of stems."""
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
