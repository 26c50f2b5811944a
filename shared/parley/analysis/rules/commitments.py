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
    """`weight`: how far such words are trusted. Where `hint` does not stand, `pattern` cannot match."""

    giver: Giver
    weight: float
    pattern: str
    hint: str = ""


_NAME = r"(?P<name>@?[A-Z][\w'\-]+(?: [A-Z][\w'\-]+)?)"
CUES = (
    Cue("self", 1.0, r"\bI(?:'ll| will| shall)\b", "I"),
    Cue("self", 0.9, r"\bI(?:'m| am) (?:going to|gonna)\b", "I"),
    Cue("self", 0.6, r"\bI can\b(?! (?:see|hear|imagine|understand|tell|say))", "I"),
    Cue("self", 0.75, r"\bI(?:'d| would) be (?:happy|glad|willing) to\b|\bI(?:'m| am) happy to\b", "I"),
    Cue("self", 0.55, r"\bI (?:need|have|ought|intend|promise) to\b|\bI should\b", "I"),
    Cue("self", 0.8, r"\bI(?:'m| am) planning (?:to|on)\b|\bI plan (?:to|on)\b", "I"),
    Cue(
        "self", 0.3, r"\bI(?:'d| would) (?:like|love) to\b|\bI (?:want|wanted) to\b|\bI (?:might|may|could)\b"
    ),
    Cue("self", 0.4, r"\b[Ll]et me\b", "et me"),
    Cue(
        "asked", 0.75, r"\b(?:[Cc]an|[Cc]ould|[Ww]ould|[Ww]ill) you(?: (?:please|also|maybe|just))?\b", "you"
    ),
    Cue("asked", 0.75, r"\bI(?:'d| would) like you to\b|\b(?:I|we) need you to\b|\bwould you mind\b", "you"),
    Cue("asked", 0.65, r"\bif you (?:can|could)(?: please)?\b", "you"),
    Cue("asked", 0.65, r"(?:^|(?<=[,.!?] )|(?<= so )|(?<= and ))[Pp]lease\b", "lease"),
    Cue("named", 0.9, rf"\b{_NAME}(?:,)? (?:will|'ll|is going to|is gonna|has to|needs to|to|should)\b"),
    Cue(
        "named",
        0.8,
        rf"\b(?:[Cc]an|[Cc]ould|[Ww]ould|[Ww]ill|[Mm]aybe) {_NAME}(?: (?:please|can|could|also))*\b",
    ),
    Cue("team", 0.6, r"\b[Ww]e(?:'ll| will)\b", "e"),
    Cue("team", 0.6, r"\b[Ww]e (?:do |also |still |just |really )*(?:need|have) to\b", "e"),
    Cue("team", 0.5, r"\b[Ww]e(?:'re| are) (?:going to|gonna)\b", "e"),
    Cue("named", 0.7, rf"\b(?:appreciate|great|good|nice|helpful|awesome) if {_NAME}(?: could| can)?\b"),
    Cue("team", 0.5, r"\b[Ww]e (?:should|must)\b|\b[Ll]et's\b", "e"),
    Cue(
        "someone",
        0.6,
        r"\b(?:[Ss]omeone|[Ss]omebody|[Aa]nyone|(?:[Tt]he |all |client |CL |EL )*(?:teams|clients"
        r"|[Ee]veryone|[Ee]verybody|folks))"
        r" (?:needs? to|should|will|can|has to|have to|could|to|please)\b",
    ),
    Cue(
        "someone",
        0.6,
        r"\b(?:next steps?|action items?|to-?do|homework) (?:is|are|for \w+ is|would be"
        r"|will be)(?: for \w+)? to\b",
    ),
)


@cache
def compiled() -> tuple[tuple[Cue, re.Pattern[str]], ...]:
    """Built on first use, kept for the life of the process: it depends on nothing."""
    return tuple((cue, lazy(cue.pattern)) for cue in CUES)


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
    r"\b(?:my screen|share (?:the |a )?screen|screen ?shar\w*|unmute|mute|right back|in (?:the )?chat"
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
    r"\b(?:if|unless|depending|whether|in case|as long as|would have|could have|should have)\b", re.IGNORECASE
)
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
