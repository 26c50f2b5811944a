"""Cue phrases that open a task in speech ("I will", "can you"), each ending right before the verb."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import Literal, NamedTuple

# "I can fix it" is as short as a task gets.
_SHORTEST = 10

Giver = Literal["self", "asked", "named", "team", "someone"]


class Cue(NamedTuple):
    """`weight`: how far such words are trusted. Where none of `hints` stands, `pattern` cannot match.

    Cues without hints hold a name.
    """

    giver: Giver
    weight: float
    pattern: str
    hints: tuple[str, ...] = ()


_NAME = r"(?P<name>@?[A-Z][\w'\-]+(?: [A-Z][\w'\-]+)?)"
_EAGER = r"(?:really |also |still |just |definitely |probably |certainly |all |both |do )*"
_THEY = (
    r"\b(?:[Ss]omeone|[Ss]omebody|[Aa]nyone|(?:[Tt]he |all |client |CL |EL )*(?:teams|clients"
    r"|[Ee]veryone|[Ee]verybody|folks))"
)
CUES = (
    Cue("self", 1.0, r"\bI(?:'ll| will| shall)\b", ("I'll", "I will", "I shall")),
    Cue("self", 0.9, r"\bI(?:'m| am) (?:going to|gonna)\b", ("I'm go", "I am go")),
    Cue("self", 0.6, r"\bI can\b(?! (?:see|hear|imagine|understand|tell|say))", ("I can",)),
    Cue(
        "self",
        0.75,
        r"\bI(?:'d| would) be (?:happy|glad|willing) to\b|\bI(?:'m| am) happy to\b|(?:^|[.,…] )[Hh]appy to\b",
        ("appy to", "lad to", "illing to"),
    ),
    Cue(
        "self",
        0.55,
        r"\bI (?:need|have|ought|intend|promise) to\b|\bI should\b",
        ("I need", "I have", "I ought", "I intend", "I promise", "I should"),
    ),
    Cue(
        "self",
        0.85,
        r"\bI(?:'m| am) planning (?:to|on)\b|\bI plan (?:to|on)\b|\b[Mm]y plan is to\b",
        ("I'm pl", "I am pl", "I plan", "y plan"),
    ),
    Cue(
        "self",
        0.3,
        r"\bI(?:'d| would) (?:like|love) to\b|\bI (?:want|wanted) to\b|\bI (?:might|may|could)\b",
        ("I'd l", "I would l", "I want", "I m", "I could"),
    ),
    Cue("self", 0.4, r"\b[Ll]et me\b", ("et me",)),
    Cue(
        "self",
        0.35,
        r"\bI(?:'m| am) (?:still |currently |also |now )*(?=working on\b|writing\b)",
        ("working on", "writing"),
    ),
    Cue(
        "asked",
        0.75,
        r"\b(?:[Cc]an|[Cc]ould|[Ww]ould|[Ww]ill) you(?: (?:please|also|maybe|just))?\b",
        ("you",),
    ),
    Cue(
        "asked",
        0.75,
        r"\bI(?:'d| would) like you to\b|\b(?:I|we) need you to\b|\bwould you mind\b",
        ("like you", "need you", "you mind"),
    ),
    Cue("self", 0.75, r"\b[Dd]o you (?:guys )?want me to\b|\b[Ss]hould I\b", ("want me", "hould I")),
    Cue("asked", 0.65, r"\bif you (?:can|could)(?: please)?\b", ("if you c",)),
    Cue("asked", 0.65, r"(?<!want, )(?<!if you )\b[Pp]lease\b", ("lease",)),
    Cue(
        "team",
        0.6,
        r"\b(?:(?:encourage|urge|ask|invite) (?:people|folks|everyone|everybody|the teams|client teams"
        r"|clients)"
        r"|(?:encourage|urge|ask|invite|want|like|need) (?:you|you all|all of you"
        r"|you guys))(?: all)? to\b|\btime for you to\b|\bask that you\b",
        ("courage", "urge", "ask ", "invite", "want you", "like you", "need you", "time for you"),
    ),
    Cue(
        "named",
        0.9,
        rf"\b{_NAME}(?:,)? (?:will|'ll|is going to|is gonna|has to|needs to|to|should)\b",
    ),
    Cue(
        "named",
        0.8,
        rf"\b(?:[Cc]an|[Cc]ould|[Ww]ould|[Ww]ill|[Mm]aybe) {_NAME}(?: (?:please|can|could|also))*\b",
    ),
    Cue("named", 0.7, rf"\b(?:appreciate|great|good|nice|helpful|awesome) if {_NAME}(?: could| can)?\b"),
    Cue("team", 0.6, r"\b[Ww]e(?:'ll| will)\b", ("e'll", "e will")),
    Cue("team", 0.6, rf"\b[Ww]e {_EAGER}(?:need|have) to\b", ("eed to", "ave to")),
    Cue(
        "team",
        0.5,
        rf"\b[Ww]e(?:'ll|'d| will| would| do)? {_EAGER}(?=need (?:an?|some|more|the|these|this|those)\b)",
        ("need ",),
    ),
    Cue("team", 0.5, r"\b[Ww]e(?:'re| are) (?:going to|gonna)\b", ("going to", "gonna")),
    Cue("team", 0.6, r"\b[Ww]e(?:'re| are)? plan(?:ning)? (?:to|on)\b", ("e plan", " planning")),
    Cue("team", 0.5, r"\b[Ww]e (?:should|must)\b|\b[Ll]et's\b", ("e should", "e must", "et's")),
    Cue("team", 0.75, r"\bleft (?:to do )?(?:is|are|now is|for us is)(?: to)?\b", ("left ",)),
    Cue("team", 0.35, r"\b[Ww]e (?:want|would like|'d like) to\b", ("want to", "like to")),
    Cue("team", 0.3, r"\b[Ww]e (?:can|could)\b|\bshould be able to\b", ("e c", "able to")),
    Cue(
        "team",
        0.35,
        r"\b[Ww]e(?:'re| are) (?:still |currently |also |now )*(?:trying to\b|(?=working on\b))",
        ("working on", "trying to"),
    ),
    Cue(
        "team",
        0.55,
        r"\bwould be (?:really |very |super )?(?:good|great|nice|useful|helpful|valuable|awesome) "
        r"(?:to|if (?:you|we|someone|somebody|people|folks|everyone|the teams|clients"
        r"|client teams)(?: could| can)?)\b",
        ("would be",),
    ),
    Cue(
        "team",
        0.4,
        r"\bI(?:'d| would) (?:suggest|propose|recommend)(?: (?:that )?we| to)?\b"
        r"|\b(?:my|the) (?:suggestion|proposal|recommendation) (?:is|would be) to\b",
        ("suggest", "propos", "recommend"),
    ),
    Cue(
        "someone",
        0.6,
        rf"{_THEY} (?:needs? to|should|will|has to|have to|please)\b",
        ("one", "body", "eams", "lients", "olks"),
    ),
    Cue(
        "someone",
        0.65,
        r"\b(?:(?:next|last|first) steps?|steps forward|action items?|to-?do|takeaway|homework|plan|goal)"
        r" (?:is|are|for \w+ is|(?:would|should|will) be)(?: for \w+)?(?: seems like)?(?: to)?\b",
        ("step", "action item", "to-do", "todo", "takeaway", "homework", "plan", "goal"),
    ),
)


class _Table(NamedTuple):
    """The cues compiled, those that hold a name, and which of them a hint calls for.

    Hints stand in groups by their first letters: where these are missing, the group is passed over.
    """

    cues: tuple[tuple[Cue, re.Pattern[str]], ...]
    hints: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    named: frozenset[int]


@cache
def _table() -> _Table:
    """Built on first use, kept for the life of the process: it depends on nothing."""
    hints = sorted((hint, number) for number, cue in enumerate(CUES) for hint in cue.hints)
    grouped = tuple((lead, tuple(group)) for lead, group in groupby(hints, lambda pair: pair[0][:2]))
    named = (number for number, cue in enumerate(CUES) if not cue.hints)
    return _Table(tuple((cue, re.compile(cue.pattern)) for cue in CUES), grouped, frozenset(named))


def find_cues(text: str, *, named: bool) -> list[tuple[Cue, re.Match[str]]]:
    """The cues of a sentence in their order; cues with a name only where one is said."""
    if len(text) < _SHORTEST:
        return []
    table = _table()
    hinted = {number for lead, group in table.hints if lead in text for hint, number in group if hint in text}
    if named:
        hinted |= table.named
    found = [
        (table.cues[number][0], match) for number in hinted for match in table.cues[number][1].finditer(text)
    ]
    return sorted(found, key=lambda pair: (pair[1].start(), -pair[0].weight))
