"""Cues of a task in speech: who takes it on, and how firmly.

Each cue ends right before the verb. What follows is weighed by the verb, the
object and what surrounds it; see `tasks`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from parley.analysis.rules.patterns import lazy

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
        r"\b(?:(?:encourage|urge|ask|invite) (?:people|folks|everyone|everybody|the teams|client teams|clients)"
        r"|(?:encourage|urge|ask|invite|want|like|need) (?:you|you all|all of you|you guys))(?: all)? to\b|\btime for you to\b|\bask that you\b",
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
        r"(?:to|if (?:you|we|someone|somebody|people|folks|everyone|the teams|clients|client teams)(?: could| can)?)\b",
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
        rf"{_THEY} (?:needs? to|should|will|can|has to|have to|could|to|please)\b",
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
    """The cues compiled, which of them each hint calls for, and those that hold a name."""

    cues: tuple[tuple[Cue, re.Pattern[str]], ...]
    hints: tuple[tuple[str, int], ...]
    named: frozenset[int]


@cache
def _table() -> _Table:
    """Built on first use, kept for the life of the process: it depends on nothing."""
    hints = ((hint, number) for number, cue in enumerate(CUES) for hint in cue.hints)
    named = (number for number, cue in enumerate(CUES) if not cue.hints)
    return _Table(tuple((cue, re.compile(cue.pattern)) for cue in CUES), tuple(hints), frozenset(named))


def opened(text: str, *, named: bool) -> list[tuple[Cue, re.Match[str]]]:
    """The cues of a sentence in their order; cues with a name only where one is said."""
    table = _table()
    hinted = {number for hint, number in table.hints if hint in text}
    if named:
        hinted |= table.named
    found = [
        (table.cues[number][0], match) for number in hinted for match in table.cues[number][1].finditer(text)
    ]
    return sorted(found, key=lambda pair: (pair[1].start(), -pair[0].weight))


# Between the cue and its verb.
BETWEEN = lazy(
    r"(?:[\s,…]+(?:(?:also|then|just|definitely|probably|certainly|maybe|perhaps|please|actually"
    r"|still|first|um|uh|like|"
    r"quickly|now|all|both|either|personally|really|simply|happily|gladly|try (?:to|and)|try and"
    r"|go ahead and|go and|"
    r"make sure to|be able to|need to|have to|be sure to|be happy to|start to|continue to|work to"
    r"|plan to|you know|kind of|"
    r"sort of|be|come back and|sit down and|take some time to|take a moment to|commit to|I will|I'll"
    r"|we will|we'll)\b))*[\s,…]+",
    re.IGNORECASE,
)

# Meeting mechanics: done at once, or no work at all.
MECHANICS = lazy(
    r"\b(?:my screen|share (?:the |a )?screen|screen ?shar\w*|unmute|mute|right back"
    r"|the recording|next slide|this slide|slide here|"
    r"(?:pass|hand|give|turn) (?:it|this|that|things)? ?(?:over|back|off)?(?: to)|hear me|see (?:my|if)|"
    r"stop (?:sharing|here|there)|the floor|raise your hand|go (?:first|next|ahead|through|over"
    r"|around|on|back)|"
    r"start (?:with|off|by|from|here|today|us)|jump (?:in|to|over)|move on|be (?:quick|brief|short)|"
    r"one (?:minute|second|sec|moment|more thing)|a (?:second|sec|moment|few seconds|few more seconds"
    r"|minute)|(?:real )?quick(?:ly)?|right now|"
    r"my time|introductions?|introduce (?:yourself|yourselves|themselves|myself|him|her|our"
    r"|the speaker)|feel free|talk to (?:you|y'all|everyone)|call out|see you|keep (?:this"
    r"|it) (?:short|brief)|remind (?:you|everyone|everybody)|say (?:that|it|this|hi|hello|thanks)"
    r"|this (?:meeting|call) (?:is|out)|close (?:this|it|the meeting|the call) out|"
    r"give (?:it|you|people|everyone|folks|him|her|them) (?:a|the|some|back|time)|drop off"
    r"|take (?:a look )?(?:a )?(?:questions?|notes|a break)|"
    r"wrap (?:up|this|it)|wait for|ask (?:you )?(?:a|one|another|this|that|the|my|if|about)\b.{0,40}question|"
    r"read (?:it|this|that) out|call (?:on|it)|get (?:started|going|into|to (?:that|this|it))|"
    r"add (?:one|a|another) (?:thing|point|comment|more)|add to (?:that|this)|add that|make (?:a|one"
    r"|another) (?:comment|point))\b",
    re.IGNORECASE,
)
CONDITION = lazy(
    r"(?<!even )\b(?:if|unless|depending|whether|in case|as long as|would have|could have|should have)\b",
    re.IGNORECASE,
)
# Somebody takes on something else.
NEXT = lazy(r"\b(?:I|[Ww]e|[Yy]ou|[Hh]e|[Ss]he|[Tt]hey)(?:'ll| will|'m going| can)\b")
HEDGE = lazy(
    r"\b(?:maybe|perhaps|probably|might|possibly|I guess|I suppose|not sure|hopefully|at some point"
    r"|eventually)\b",
    re.IGNORECASE,
)
# Before a cue: the task is asked about, told of, or belongs to a relative clause.
ASIDE = lazy(
    r"\b(?:what|how|why|where|when|which|who|whatever|things|thing|stuff|way|than|that|because|like"
    r"|first|before|until|once)[\s,]*$",
    re.IGNORECASE,
)
# Work is denied, or somebody is only quoted.
DENIED = lazy(
    r"\b(?:don't|didn't|doesn't|not|never|doubt|no need|nobody|no one)\b[^,.;]{0,20}$", re.IGNORECASE
)
# Shown at once, in the call itself, unless something says later.
SHOWN = lazy(
    r"^(?:shar|present|open|pull|put|post|copy|show|add)\w*\b.{0,20}\b(?:slides?|links?|screen"
    r"|presentation|tabs?|page)\b",
    re.IGNORECASE,
)
# Written down for those in the call, at once.
IN_CHAT = lazy(r"\b(?:in|into|to|on) (?:the |this |our )?(?:zoom )?chat\b", re.IGNORECASE)
NEGATED = lazy(r"^[\s,]*(?:not|never|no longer|n't)\b", re.IGNORECASE)
REPORTED = lazy(
    r"\b(?:said|says|saying|was like|told|asked|thought|suppose|imagine|for example|for instance"
    r"|let's say|would say|"
    r"someone|somebody|when|whenever|every time|used to|in theory|assume|assuming|pretend"
    r"|scenario)\b[^.]{0,40}$",
    re.IGNORECASE,
)
LATER = lazy(
    r"\b(?:after (?:the|this) (?:call|meeting)|offline|later (?:today|this week)|async(?:hronously)?"
    r"|before (?:the )?next|"
    r"by next|next week|this week|in the coming|over the weekend|asap|as soon as|shortly|action item"
    r"|afterwards?|"
    r"on (?:the )?(?:discord|slack|github|telegram)|to (?:the|your|our) (?:team|group|list|channel"
    r"|account|customer|client))\b",
    re.IGNORECASE,
)
