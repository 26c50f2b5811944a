"""Words around a cue that make a task more or less likely: hedges, negations, conditions, meeting talk.

The cues stand in `task_cues`; `task_candidates` scores with both.
"""

from __future__ import annotations

import re

from parley.core.lazy_regex import lazy_compile

# Between the cue and its verb.
BETWEEN = lazy_compile(
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
MECHANICS = lazy_compile(
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
    r"|it) (?:short|brief)|remind (?:you|everyone|everybody)|(?:write|note) (?:that|this|it) down"
    r"|say (?:that|it|this|hi|hello|thanks)"
    r"|this (?:meeting|call) (?:is|out)|close (?:this|it|the meeting|the call) out|"
    r"give (?:it|you|people|everyone|folks|him|her|them) (?:a|the|some|back|time|an (?:example|idea"
    r"|overview|intro\w*|analogy))|(?:use|spend) the (?:last|"
    r"remaining|rest|next|first)|drop off"
    r"|take (?:a look )?(?:a )?(?:questions?|notes|a break)|"
    r"wrap (?:up|this|it)|wait for|ask (?:you )?(?:a|one|another|this|that|the|my|if|about)\b.{0,40}question|"
    r"read (?:it|this|that) out|call (?:on|it)|get (?:started|going|into|to (?:that|this|it))|"
    r"add (?:one|a|another) (?:thing|point|comment|more)|add to (?:that|this)|add that|make (?:a|one"
    r"|another) (?:comment|point))\b",
    re.IGNORECASE,
)
CONDITION = lazy_compile(
    r"(?<!even )\b(?:if|unless|depending|whether|in case|as long as|would have|could have|should have)\b",
    re.IGNORECASE,
)
# Somebody takes on something else.
NEXT = lazy_compile(r"\b(?:I|[Ww]e|[Yy]ou|[Hh]e|[Ss]he|[Tt]hey)(?:'ll| will|'m going| can)\b")
HEDGE = lazy_compile(
    r"\b(?:maybe|perhaps|probably|might|possibly|I guess|I suppose|not sure|hopefully|at some point"
    r"|eventually)\b",
    re.IGNORECASE,
)
# Before a cue: the task is asked about, told of, or belongs to a relative clause.
ASIDE = lazy_compile(
    r"\b(?:what|how|why|where|when|which|who|whatever|things|thing|stuff|way|than|that|because|like"
    r"|first|before|until|once)[\s,]*$",
    re.IGNORECASE,
)
# Work is denied, or somebody is only quoted.
DENIED = lazy_compile(
    r"\b(?:don't|didn't|doesn't|not|never|doubt|no need|nobody|no one)\b[^,.;]{0,20}$", re.IGNORECASE
)
# Shown at once, in the call itself, unless something says later.
SHOWN = lazy_compile(
    r"^(?:shar|present|open|pull|put|post|copy|show|add)\w*\b.{0,20}\b(?:slides?|links?|screen"
    r"|presentation|tabs?|page)\b",
    re.IGNORECASE,
)
# Written down for those in the call, at once.
IN_CHAT = lazy_compile(r"\b(?:in|into|to|on) (?:the |this |our )?(?:zoom )?chat\b", re.IGNORECASE)
NEGATED = lazy_compile(r"^[\s,]*(?:not|never|no longer|n't)\b", re.IGNORECASE)
REPORTED = lazy_compile(
    r"\b(?:said|says|saying|was like|told|asked|thought|suppose|imagine|for example|for instance"
    r"|let's say|would say|"
    r"someone|somebody|when|whenever|every time|used to|in theory|assume|assuming|pretend"
    r"|scenario)\b[^.]{0,40}$",
    re.IGNORECASE,
)
LATER = lazy_compile(
    r"\b(?:after (?:the|this) (?:call|meeting)|offline|later (?:today|this week)|async(?:hronously)?"
    r"|before (?:the )?next|"
    r"by next|next week|this week|in the coming|over the weekend|asap|as soon as|shortly|action item"
    r"|afterwards?|"
    r"on (?:the )?(?:discord|slack|github|telegram)|to (?:the|your|our) (?:team|group|list|channel"
    r"|account|customer|client))\b",
    re.IGNORECASE,
)
# Leave to speak, which nobody refuses.
LEAVE = lazy_compile(r"\bif (?:I|we) (?:may|might|could|can)\b", re.IGNORECASE)
# Before "we" or "I" these make a question of it, whatever mark ends it.
INVERTED = lazy_compile(
    r"(?<!we )(?<!I )(?<!you )(?<!they )\b(?:are|am|do|did|should|can|could|will|would|shall"
    r"|must)(?:n't)?\s*$",
    re.IGNORECASE,
)
QUICKLY = lazy_compile(r"^[\s,]*(?:just |very |real )*(?:quick(?:ly)?|briefly)\b", re.IGNORECASE)
AGENDA = lazy_compile(r"\b(?:on|to|up|into) (?:the|our|this|today's) agenda\b(?! for)", re.IGNORECASE)
# The talk itself: points made, stages set.
SPOKEN = lazy_compile(
    r"^(?:(?:address|raise|make|clarify) (?:one|a|another|this|that) (?:\w+ )?(?:points?|questions?)\b"
    r"|set (?:up )?(?:the|this|that) (?:stage|scene|context)\b)",
    re.IGNORECASE,
)
