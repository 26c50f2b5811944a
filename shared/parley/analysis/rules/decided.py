"""Decisions: those that say so themselves, then what a meeting is heard to settle."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
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
_ENOUGH, _WEAKEST = 0.72, 0.35
_SAME = 0.6
_MIN_CONTENT = 2
_MINUTES_A_DECISION = 5.0
_FEW, _ENOUGH_KNOWN = 2, 7
_LOOK_AHEAD, _LOOK_AROUND = 3, 8
_CLOSES = lazy(
    r"^\W*(?:okay|ok|alright|all right|perfect|great|cool|so|then|and so|yeah,? so)\b", re.IGNORECASE
)
_YES = lazy(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|sounds? (?:good|great|right|correct|reasonable)|agreed?|makes sense|perfect|great"
    r"|i agree|works for me|fine|good|plus one|\+1)\b",
    re.IGNORECASE,
)


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
    # What a chair says to close a point: the point itself stands before it.
    _Cue(
        0.75,
        r"\b(?:if|assuming|since|as|unless) (?:there(?:'s| is| are) )?(?:no(?:body| one|-one)?(?: more| further| other)?|someone"
        r"|anyone|anybody) ?(?:complain\w*|object\w*|disagree\w*|has any|concerns?|opposition)\b[^,.]{0,30}[,.…]? ?"
        r"|\b[Nn]o (?:objections?|complaints?|opposition)\b(?: means)?",
        "after",
    ),
    _Cue(0.75, r"\b(?:[Tt]he )?takeaway(?: here| then| now)? (?:is|would be)\b(?: that)?", "all"),
    _Cue(0.7, r"\bI(?:'ll| will) take (?:that|this|these|it) as\b", "all"),
    _Cue(
        0.7,
        r"\b(?:[Ww]e(?:'ll| will|'re| are|'re going to| can| should)|[Ll]et's) (?:just |then |probably |maybe )*"
        r"(?=go(?:ing)? (?:ahead )?with (?:that|this|it|one)\b|do (?:that|it this way)\b)",
        "all",
    ),
    _Cue(
        0.65,
        r"\b(?:[Dd]o (?:you|we|you guys|we all|people|folks) (?:all )?agree|(?:is|are) (?:everyone|everybody|people|folks|we"
        r"|we all|you) (?:all )?(?:okay|ok|fine|good|aligned|in agreement|happy|on board))\b(?: (?:that|with|on|to))",
        "all",
    ),
    _Cue(
        0.6,
        r"\b(?:sounds|seems|looks|feels) like (?=we(?:'re| are| have|'ll| will| can| should| all)\b|everyone\b|everybody\b"
        r"|people\b|folks\b|most\b|the (?:consensus|preference|decision|plan|conclusion)\b)",
        "all",
    ),
    _Cue(
        0.6,
        r"\b(?:ready|good|okay|ok|safe) to (?=merge\b|go\b|ship\b|be merged\b)|\b(?:was|got|is|been) merged\b",
        "none",
    ),
    _Cue(
        0.6,
        r"\b(?:will not|won't|should not|shouldn't) be (?:part of|included|supported|standardized|standardised|changed|added"
        r"|required|mandatory|in (?:the|this))\b|\bwill be (?:optional|mandatory|included|deferred|postponed|moved|removed"
        r"|required|cancelled|canceled)\b",
        "none",
    ),
    _Cue(
        0.5,
        r"\b(?:I don't think we (?:need|should|want)|[Ww]e don't (?:need|want)|[Ww]e (?:were|are) never"
        r"|[Ww]e(?:'re| are) not) (?=to\b|going to\b|gonna\b)|\b[Ww]e(?:'ll| will) not\b|\b[Ww]e won't\b",
        "",
    ),
    _Cue(0.5, r"\b(?:we have|we've got|we made|made) (?:a|that|this|the) decision\b", "none"),
    _Cue(
        0.5,
        r"\b(?:makes (?:more |a lot of |the most )?sense|it's better|would be better|I(?:'d| would) (?:prefer|propose|suggest"
        r"|say)|I'm in favou?r of|I(?:'m| am) (?:pretty )?convinced)(?: for us)?(?: that)? (?=to\b|we\b|\w+ing\b)",
        "all",
    ),
    _Cue(
        0.5,
        r"\b[Ww]e(?:'ll| will| can| should| could)? (?:probably |just |then |definitely |still |also )*(?=keep\b|use\b|defer\b"
        r"|postpone\b|leave\b|drop\b|remove\b|go (?:for|with)\b|stick\b|focus on\b|merge\b|target\b|start with\b"
        r"|move (?:it|this|that|them|to)\b|support\b|include\b|add (?:it|this|that|the)\b|allow\b|require\b)",
        "all",
    ),
    _Cue(0.7, r"\b[Cc]an we (?:all |just )*agree\b(?: (?:that|with|on|to))?", "all"),
    _Cue(
        0.6,
        r"\b(?:everyone|everybody|all clients|most clients|people|folks) (?:is |are |seems? |seem to be )+(?:on board"
        r"|in agreement|okay|ok|fine|aligned|in favou?r)\b",
        "none",
    ),
    _Cue(
        0.6,
        r"\b(?:gave|given|got|has|have) (?:the|an|his|her|their) (?:okay|ok|approval|go-ahead|thumbs up)\b",
        "none",
    ),
    _Cue(
        0.5,
        r"\b[Ww]e can (?:probably |just |then |also )*(?=ignore\b|leave\b|skip\b|close\b|merge\b|ship\b|remove\b|move\b"
        r"|do (?:this|that|it)\b|postpone\b|wait\b|go\b)",
        "all",
    ),
    _Cue(0.5, r"\b[Tt]he plan (?:is|was|would be|will be)\b", "all"),
    _Cue(
        0.4,
        r"^(?:(?:[Oo]kay|[Aa]lright|[Aa]ll right|[Pp]erfect|[Gg]reat|[Cc]ool|[Ss]o|[Tt]hen|I guess|I think)[,. ]+){1,4}"
        r"(?=(?:we(?:'ll| will|'re going to)|let's)\b)",
        "all",
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
    r"let's (?:look|see|kick|hear|have|be|wait|talk|discuss|go (?:over|through|into)|get|start|begin|try|take|jump|say)|"
    r"(?:you|you're) should be good to go|you .{0,20}good to go|have time|be able|run out|give (?:it|people)|the next (?:item|topic|slide))\b",
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


# The only questions that say what was settled: those that ask whether all agree.
_QUESTIONS = (r"\b[Cc]an we (?:all", r"\b(?:[Dd]o (?:you", r"\b(?:if|assuming")


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
    room = 0 if marked else int(reading.working_minutes() / _MINUTES_A_DECISION)
    spoken = sorted(_spoken(reading), key=lambda found: -found.score)
    heard = (_told(reading, f) for n, f in enumerate(spoken) if f.score >= _ENOUGH or n < 2 * MAX_ITEMS)
    strong = [d for f, d in heard if d and f.score >= _ENOUGH]
    kept = _distinct([*marked, *strong])
    if len(kept) < room:
        weak = (d for f in spoken if f.score < _ENOUGH for d in [_told(reading, f)[1]] if d)
        kept = _distinct([*kept, *islice(weak, 3 * MAX_ITEMS)])[: max(len(kept), room)]
    return tuple(kept)


def _spoken(reading: Reading) -> Iterator[_Found]:
    """The best candidate of each sentence, and others only if they are strong too."""
    for position, sentence in enumerate(reading.sentences):
        found = sorted(_in_sentence(reading, position, sentence), key=lambda f: -f.score)
        yield from (f for n, f in enumerate(found) if f.score >= (_WEAKEST if n == 0 else _ENOUGH))


def _in_sentence(reading: Reading, position: int, sentence: Sentence) -> Iterator[_Found]:
    text = sentence.text
    asked = text.endswith("?")
    for cue, pattern in _compiled():
        match = pattern.search(text)
        if match is None or (asked and not cue.pattern.startswith(_QUESTIONS)) or _doubted(text, match):
            continue
        said = _said(text, cue, match)
        if _MECHANICS.search(f"{match.group()}{text[match.end() : match.end() + 40]}"):
            continue
        worded = wording.tidy(said)
        yield _Found(_score(reading, position, cue, match, worded), position, match.start(), worded)


def _doubted(text: str, match: re.Match[str]) -> bool:
    return bool(
        _denied(text, match.start())
        or _PAST.search(text[match.start() : match.end() + 80])
        or _UNDECIDED.search(text[max(0, match.start() - 60) : match.start()])
    )


def _told(reading: Reading, found: _Found) -> tuple[_Found, Decision | None]:
    """With what it is about, from the sentences around; None where that does not tell."""
    known = wording.stems(found.text)
    thin = len(wording.content(found.text)) < _MIN_CONTENT
    most = 2 if thin or len(known) < _FEW else int(len(known) < _ENOUGH_KNOWN)
    about = reading.surroundings.about(found.position, found.at, known, most, own=most < 2)
    if not found.text or (thin and not about):
        return found, None
    text = f"{found.text} ({', '.join(about)})" if about else found.text
    evidence = reading.sentences[found.position].evidence(found.at)
    return found, Decision(text, evidence, "rules")


def _denied(text: str, at: int) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    return text.count('"', 0, at) % 2 == 1 or bool(commitments.DENIED.search(text[max(0, at - 40) : at]))


def _said(text: str, cue: _Cue, match: re.Match[str]) -> str:
    """What to show: from the cue on, behind it, or the whole sentence where the cue stands at its end."""
    if cue.drop == "none":
        return wording.around(text, match)
    if cue.drop in {"all", "after"}:
        return re.sub(
            r"^[\s,]*(?:that|to|is|was)\b(?: we(?:'ll| will)?\b)?", "", wording.clause(text[match.end() :])
        )
    return wording.clause(text[match.start() :])


def _score(reading: Reading, position: int, cue: _Cue, match: re.Match[str], worded: str) -> float:
    text = reading.sentences[position].text
    words = wording.content(worded)
    score = cue.weight + 0.03 * min(4, len(words)) - 0.15 * (len(words) < _MIN_CONTENT)
    score += 0.08 * bool(_CLOSES.match(text)) + 0.1 * _accepted(reading, position)
    if commitments.HEDGE.search(text[max(0, match.start() - 25) : match.end() + 25]):
        score *= 0.75
    if commitments.CONDITION.search(text[match.end() :]):
        score *= 0.85
    return score


def _accepted(reading: Reading, position: int) -> bool:
    """Whether somebody else says yes right after."""
    speaker = reading.sentences[position].speaker
    for after in reading.sentences[position + 1 : position + 1 + _LOOK_AHEAD]:
        if after.speaker != speaker:
            return bool(_YES.match(after.text))
    return False


def _distinct(found: list[Decision]) -> list[Decision]:
    kept: list[Decision] = []
    seen: list[frozenset[str]] = []
    for decision in found:
        bare = decision.text.split(" (")[0]
        known = (
            wording.stems(bare)
            if len(wording.content(bare)) >= _MIN_CONTENT
            else wording.stems(decision.text)
        )
        if any(wording.alike(known, other) >= _SAME for other in seen) or _again(decision, kept):
            continue
        kept.append(decision)
        seen.append(known)
        if len(kept) == MAX_ITEMS:
            break
    return kept


def _again(decision: Decision, kept: list[Decision]) -> bool:
    """`We decided not to do this`, twice in a minute: said once more."""
    words, at = decision.text.split(" (")[0], decision.evidence.segment or 0
    return any(
        words == other.text.split(" (")[0] and abs(at - (other.evidence.segment or 0)) <= _LOOK_AROUND
        for other in kept
    )
