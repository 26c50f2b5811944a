"""Decisions: those that say so themselves, then what a meeting is heard to settle."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import commitments, wording
from parley.analysis.rules.patterns import lazy
from parley.analysis.rules.reading import Reading
from parley.models.insight import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.rules.context import Context
    from parley.analysis.rules.sentences import Sentence
    from parley.models.transcript import Transcript

MAX_ITEMS = 10
_ENOUGH = 0.6
_SAME = 0.6
_MIN_CONTENT = 2


class _Cue(NamedTuple):
    """`drop`: the cue itself is no part of the text ("let's go with" loses "let's")."""

    weight: float
    pattern: str
    drop: str


_CUES = (
    _Cue(
        0.9,
        r"\b[Ww]e(?:'ve| have)? (?:all |also |just |actually |already )*(?:decided|agreed|chose|resolved"
        r"|concluded)\b",
        "",
    ),
    _Cue(
        0.9,
        r"\b(?:[Tt]he|[Oo]ur) (?:final )?(?:decision|agreement|consensus|conclusion)(?: (?:here|now"
        r"|today))? (?:is|was)\b",
        "all",
    ),
    _Cue(
        0.85,
        r"\b(?:there(?:'s| is)|we have|we've got|sounds like|seems like) (?:a |rough |strong |general "
        r"|some |broad )*(?:agreement|consensus)\b",
        "",
    ),
    _Cue(0.85, r"\b[Ii]t (?:was|has been) (?:decided|agreed)\b", ""),
    _Cue(
        0.85,
        r"\b[Ll]et's (?:just )?(?=go (?:ahead )?with\b|stick (?:with|to)\b|keep\b|use\b|defer\b"
        r"|postpone\b|drop\b|leave\b|not\b|merge\b|aim\b|plan\b|target\b|remove\b|move forward with\b"
        r"|go for\b|schedule\b|ship\b|launch\b|hold off\b|push\b)",
        "all",
    ),
    _Cue(
        0.75,
        r"\b[Ww]e(?:'ll| will|'re going to| are going to|'re gonna) (?:just |then |also "
        r"|definitely )*(?=go (?:ahead )?with\b|stick (?:with|to)\b|keep\b|not (?:do|ship|include|support"
        r"|change|use|implement|add|merge)\b|defer\b|postpone\b|drop\b|move forward with\b|go for\b"
        r"|proceed with\b|ship\b|launch\b|include\b|exclude\b|skip\b|remove\b|cancel\b)",
        "all",
    ),
    _Cue(
        0.75,
        r"\b[Ww]e(?:'re| are) (?=not (?:going to|gonna) (?:do|ship|include|support|change|use|implement"
        r"|add|merge|move|renew|pursue)\b|going with\b|going ahead\b|moving forward\b|moving ahead\b"
        r"|sticking with\b|dropping\b|keeping\b)",
        "all",
    ),
    _Cue(
        0.6,
        r"\b[Ww]e (?:can|should) (?:then |just |definitely )*(?=go (?:ahead )?with\b|move forward with\b"
        r"|proceed with\b|stick (?:with|to)\b|close\b|merge\b)",
        "all",
    ),
    _Cue(
        0.7,
        r"\b(?:has been|have been|was|were|is|are|got) (?:officially |formally |unanimously )?(?:approved"
        r"|accepted|rejected|postponed|deferred|cancelled|canceled|finalized|signed off)(?=\s*(?:[,.;]|$"
        r"|by\b|for\b|and\b|until\b|to\b|on\b))",
        "none",
    ),
    _Cue(
        0.7,
        r"\b(?:everyone|everybody|we all|we're all|all) (?:is |are |seems? |seems to be )?(?:agrees?d?"
        r"|in agreement|on board)\b(?= (?:that|with|on|to)\b)",
        "none",
    ),
)
_UNDECIDED = lazy(
    r"\b(?:if|whether|until|unless|once|before|when|haven't|have not|hasn't|not yet|didn't|did not"
    r"|never|need to|should we|"
    r"do we|did we|can we|could|would|might|maybe|not sure|I thought|who|how|sooner|after"
    r"|as soon as)\b[^,.]{0,40}$|\b(?:that|which|what|as|why|way|just)\s+$",
    re.IGNORECASE,
)
_MECHANICS = lazy(
    r"\b(?:let's (?:just )?(?:do|keep|make|leave|use|move|set|push|say|not|plan) (?:it|that|this"
    r"|a (?:quick|round)|the (?:intro\w*|agenda))|"
    r"(?:keep|use) (?:\w+ing|on|the (?:time|chat|remaining|rest))|go (?:around|next|first|back|to"
    r"|ahead and (?:start|get|move))|"
    r"do (?:a |the |some |our )?(?:round|intro\w*|quick|client|next)|make sure|not (?:get|go"
    r"|going to (?:go|get|talk|spend|discuss|cover))|"
    r"have time|be able|run out|give (?:it|people)|the next (?:item|topic|slide))\b",
    re.IGNORECASE,
)


@cache
def _compiled() -> tuple[tuple[_Cue, re.Pattern[str]], ...]:
    return tuple((cue, lazy(cue.pattern)) for cue in _CUES)


_PAST = lazy(
    r"\b(?:ago|last (?:week|month|year|time|call|meeting)|back in|previously|originally|initially|yesterday|"
    r"in the past|years? (?:ago|back)|at the time)\b",
    re.IGNORECASE,
)


class _Found(NamedTuple):
    score: float
    position: int
    at: int
    text: str


def decisions(transcript: Transcript, context: Context) -> tuple[Decision, ...]:
    """At most ten. Resolutions that are marked as such first; a proposal is never one."""
    return from_reading(Reading.of(transcript, context))


def from_reading(reading: Reading) -> tuple[Decision, ...]:
    marked = [
        Decision(line.text[:1].upper() + line.text[1:], line.evidence, "rules")
        for line in reading.explicit
        if line.kind == "decision"
    ]
    spoken = sorted(_spoken(reading), key=lambda found: -found.score)
    heard = [Decision(f.text, reading.sentences[f.position].evidence(f.at), "rules") for f in spoken]
    return tuple(_distinct([*marked, *heard]))


def _spoken(reading: Reading) -> Iterator[_Found]:
    for position, sentence in enumerate(reading.sentences):
        if sentence.text.endswith("?"):
            continue
        yield from (found for found in _in_sentence(reading, position, sentence) if found.score >= _ENOUGH)


def _in_sentence(reading: Reading, position: int, sentence: Sentence) -> Iterator[_Found]:
    text = sentence.text
    for cue, pattern in _compiled():
        match = pattern.search(text)
        if (
            match is None
            or _denied(text, match.start())
            or _PAST.search(text[match.start() : match.end() + 80])
            or _UNDECIDED.search(text[max(0, match.start() - 60) : match.start()])
        ):
            continue
        said = _said(text, cue, match)
        if _MECHANICS.search(f"{match.group()}{text[match.end() : match.end() + 40]}"):
            continue
        worded = wording.tidy(said)
        if len(wording.content(worded)) < _MIN_CONTENT:
            worded = _with_neighbour(reading, position, worded)
        if worded:
            yield _Found(_score(cue, text, match, worded), position, match.start(), worded)


def _denied(text: str, at: int) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    return text.count('"', 0, at) % 2 == 1 or bool(commitments.DENIED.search(text[max(0, at - 40) : at]))


def _said(text: str, cue: _Cue, match: re.Match[str]) -> str:
    """What to show: from the cue on, behind it, or the whole sentence where the cue stands at its end."""
    if cue.drop == "none":
        return wording.around(text, match)
    if cue.drop == "all":
        return re.sub(
            r"^[\s,]*(?:that|to|is|was)\b(?: we(?:'ll| will)?\b)?", "", wording.clause(text[match.end() :])
        )
    return wording.clause(text[match.start() :])


def _with_neighbour(reading: Reading, position: int, worded: str) -> str:
    """A decision on "this" takes what it is about from the sentence before."""
    for before in reversed(reading.sentences[max(0, position - 2) : position]):
        about = wording.tidy(before.text)
        if len(wording.content(about)) > _MIN_CONTENT and worded:
            return f"{worded} ({wording.shortened(about, 90)})"
    return ""


def _score(cue: _Cue, text: str, match: re.Match[str], worded: str) -> float:
    score = cue.weight + 0.03 * min(4, len(wording.content(worded)))
    if commitments.HEDGE.search(text[max(0, match.start() - 25) : match.end() + 25]):
        score *= 0.75
    if worded.endswith(")"):
        score -= 0.2
    if commitments.CONDITION.search(text):
        score *= 0.85
    return score


def _distinct(found: list[Decision]) -> list[Decision]:
    kept: list[Decision] = []
    seen: list[frozenset[str]] = []
    for decision in found:
        known = wording.stems(decision.text.split(" (")[0]) or wording.stems(decision.text)
        if not any(wording.alike(known, other) >= _SAME for other in seen):
            kept.append(decision)
            seen.append(known)
        if len(kept) == MAX_ITEMS:
            break
    return kept
