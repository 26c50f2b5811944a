"""Risks: what blocks, delays, costs too much or may lose the customer."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import Risk, Severity
from parley.analysis.rules import phrasing
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_SAME = 0.5
_MIN_CONTENT = 3


class _Row(NamedTuple):
    severity: Severity
    weight: float
    pattern: str


_ROWS = (
    _Row(
        "high",
        1.0,
        r"\b(?:(?:is|are|am|'s|'re|'m|we're|currently|still|completely|being) blocked (?:on|by|until)"
        r"|(?:a|the|main|biggest|major|big|potential|only) (?:blocker|show-?stopper)|is blocking (?:us"
        r"|the|our|me))\b",
    ),
    _Row(
        "high",
        1.0,
        r"\b(?:(?:risk of|will|might|may|could|to|about|customers?|accounts?|clients?) churn(?:ing|ed)?"
        r"|(?:cancel|terminate|end) (?:the |our |your |their )?(?:contract|subscription|account"
        r"|agreement)|not (?:going to )?renew|won't renew|(?:may|might|could) not renew"
        r"|look(?:ing)? at (?:other|alternative) (?:vendors|options|providers)|switch(?:ing)? to (?:a "
        r"|another )?competitor)\b",
    ),
    _Row(
        "high",
        0.9,
        r"\b(?:data breach|security (?:incident|hole|breach|vulnerability)|outage|data loss"
        r"|legal (?:action|risk|issue)|lawsuit|non-?complian(?:t|ce)|exploit(?:able|ed))\b",
    ),
    _Row(
        "high",
        0.8,
        r"\b(?:(?:is|are|be|puts?|us|this|it) at risk|deal[- ]breaker|very (?:worried|concerned"
        r"|frustrated|unhappy)|seriously (?:worried|concerned)|critical (?:issue|bug|problem"
        r"|vulnerability)|major (?:issue|problem|concern|risk)|(?:big|huge|serious|biggest) (?:issue"
        r"|problem|concern|risk))\b",
    ),
    _Row(
        "medium",
        0.7,
        r"\b(?:(?:I'm|I am|we're|we are|they're|they are|people are|is|been) (?:a bit |a little |kind of "
        r"|quite |also |still |just |more |most |slightly )*(?:worried|concerned|nervous|afraid"
        r"|frustrated)|(?:my|our|the|their|one|main|biggest|only|a) (?:main |only |biggest |one |big "
        r"|real )?(?:concern|worry|fear)(?: here)? (?:is|was|would be|with|about|that)|(?:I|we"
        r"|they) (?:do )?worry (?:that|about)|worries me|concerns? (?:about|around|with|that))\b",
    ),
    _Row(
        "medium",
        0.7,
        r"\b(?:over budget|budget (?:cut|cuts|freeze|constraints?|is tight|was cut)|no budget"
        r"|too expensive|can't afford|cost overrun|out of budget)\b",
    ),
    _Row(
        "medium",
        0.7,
        r"\b(?:behind schedule|(?:will|would|could|might|may|'ll|going to|gonna) (?:be |get |have to be "
        r"|also |significantly )*(?:delayed|delay|slip|push back|miss)|miss(?:ed|ing)? the (?:deadline"
        r"|date|target)|running (?:late|behind|out of time)|(?:been|was|is|are|were|got) delayed"
        r"|delays? (?:in|of|to|with) (?:the|our)|won't (?:make|be ready|hit)|not be ready)\b",
    ),
    _Row(
        "medium",
        0.65,
        r"\b(?:(?:there(?:'s| is)|a|the|some|main|biggest|real) risk (?:of|that|is|here|to|in|for)|risky"
        r"|(?:security|privacy|compliance) (?:concern|issue|risk|review)s?|single point of failure"
        r"|doesn't scale|not sustainable)\b",
    ),
    _Row(
        "low",
        0.5,
        r"\b(?:(?:I'm|we're|is|are|been|got|get) (?:currently |still |kind of )?(?:blocked|stuck)|blocker"
        r"|struggling|understaffed"
        r"|short[- ]staffed|not enough (?:time|people|capacity|resources)|keeps? (?:failing|crashing)"
        r"|running into (?:issues|problems))\b",
    ),
)
_DENIED = lazy_compile(
    r"\b(?:no|not|n't|never|without|any|isn't|aren't|wasn't|don't|doesn't|won't be|less|fewer|nothing"
    r"|fixed|resolved|solved|avoid\w*|"
    r"prevent\w*|mitigat\w*|alleviat\w*|address\w*|eas(?:e|es|ing)|at|if)\b[^,.;]{0,24}$",
    re.IGNORECASE,
)
_RESOLVED = lazy_compile(
    r"\b(?:fixed|resolved|solved|no longer|unblocked|went away|not anymore)\b", re.IGNORECASE
)
_ENOUGH = 0.5
_ORDER = {"high": 0, "medium": 1, "low": 2}


@cache
def _compiled() -> tuple[tuple[_Row, re.Pattern[str]], ...]:
    return tuple((row, lazy_compile(row.pattern, re.IGNORECASE)) for row in _ROWS)


class _Found(NamedTuple):
    weight: float
    position: int
    risk: Risk


def risks(transcript: Transcript, context: MeetingContext) -> tuple[Risk, ...]:
    """At most ten, the severest first; denied ones ("no blockers") and questions are none."""
    return find_risks(ParsedTranscript.parse(transcript, context))


def find_risks(parsed: ParsedTranscript) -> tuple[Risk, ...]:
    found = sorted(_all(parsed), key=lambda f: (_ORDER[f.risk.severity], -f.weight, f.position))
    kept: list[Risk] = []
    seen: list[frozenset[str]] = []
    for one in found:
        stems = phrasing.stems(one.risk.text)
        if not any(phrasing.stem_overlap(stems, other) >= _SAME for other in seen):
            kept.append(one.risk)
            seen.append(stems)
        if len(kept) == MAX_ITEMS:
            break
    return tuple(kept)


def _all(parsed: ParsedTranscript) -> Iterator[_Found]:
    for position, sentence in enumerate(parsed.sentences):
        if not sentence.text.endswith("?"):
            found = _first(position, sentence)
            if found:
                yield found


def _first(position: int, sentence: Sentence) -> _Found | None:
    text = sentence.text
    for row, pattern in _compiled():
        match = pattern.search(text)
        if match is None or _DENIED.search(text[max(0, match.start() - 30) : match.start()]):
            continue
        if row.weight < _ENOUGH or _RESOLVED.search(text[match.end() : match.end() + 60]):
            continue
        worded = phrasing.tidy(phrasing.clause_around(text, match))
        if _tells(worded, match.group()):
            return _Found(
                row.weight, position, Risk(worded, row.severity, sentence.evidence(match.start()), "rules")
            )
    return None


def _tells(worded: str, cue: str) -> bool:
    """Whether it says what is feared: different words, and one at least beside the cue's own."""
    stems = phrasing.stems(worded)
    return len(stems) >= _MIN_CONTENT and not stems <= phrasing.stems(cue)
