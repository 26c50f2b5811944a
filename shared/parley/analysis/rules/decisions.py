"""Decisions: lines marked as such first, then what people say that they settle."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import Decision
from parley.analysis.rules import decision_cues, phrasing, task_context
from parley.analysis.rules.commitments import grouped, is_thin
from parley.analysis.rules.parsed_transcript import ParsedTranscript, cached_per_transcript
from parley.analysis.rules.sentence_acts import is_working_talk, judged
from parley.analysis.rules.word_lists import word_set
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.analysis.acts.classifier import Judged
    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.decision_cues import Cue
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_ENOUGH, _WEAKEST = 0.72, 0.35
_LIKELY, _CERTAIN = 0.6, 0.85
_OPENS_WITHIN = 15
_SAME = 0.6
_MIN_CONTENT, _MIN_OWN = 2, 2
_MINUTES_A_DECISION = 5.0
_FEW, _ENOUGH_KNOWN, _MOST = 2, 7, 2
# In a short call one knows what was spoken of; in a long one the words of a decision need their subject.
_LONG = 100
_MAX_HEARD = 3_000
_MAX_TRIED = 30
_LOOK_AHEAD, _LOOK_AROUND = 3, 8
_CLOSES = lazy_compile(
    r"^\W*(?:okay|ok|alright|all right|perfect|great|cool|so|then|and so|yeah,? so)\b", re.IGNORECASE
)
_YES = lazy_compile(
    r"^\W*(?:yes|yeah|yep|sure|okay|ok|sounds? (?:good|great|right|correct|reasonable)|agreed?"
    r"|makes sense|perfect|great"
    r"|i agree|works for me|fine|good|plus one|\+1)\b",
    re.IGNORECASE,
)


_UNDECIDED = lazy_compile(
    r"\b(?:if|whether|until|unless|once|before|when|haven't|have not|hasn't|not yet|didn't|did not"
    r"|never|need to|should we|"
    r"do we|did we|can we|could|would|might|maybe|not sure|I thought|who|how|sooner|after"
    r"|as soon as|felt|feels?)\b[^,.]{0,40}$|\b(?:that|which|what|as|why|way|just)\s+$",
    re.IGNORECASE,
)
_MECHANICS = lazy_compile(
    r"\b(?:let's (?:just )?(?:do|keep|make|leave|use|move|set|push|say|not|plan) (?:it|that|this"
    r"|a (?:quick|round)|the (?:intro\w*|agenda))|"
    r"(?:keep|use) (?:\w+ing|on|the (?:time|chat|remaining|rest))|go (?:around|next|first|back|to"
    r"|ahead and (?:start|get|move))|"
    r"do (?:a |the |some |our )?(?:round|intro\w*|quick|client|next)|make sure|not (?:get|go"
    r"|going to (?:go|get|talk|spend|discuss|cover))|"
    r"to say\b|go ahead and jump|let's (?:look|see|kick|hear|have|be|wait|talk|discuss|go (?:over|through"
    r"|into)|get|start|begin|try|take|jump|say)|"
    r"(?:you|you're) should be good to go|you .{0,20}good to go|have time|be able|run out|give (?:it"
    r"|people)|(?:use|spend) the (?:last|first|remaining|next|rest)|the next (?:item|topic|slide))\b",
    re.IGNORECASE,
)


_PAST = lazy_compile(
    r"\b(?:ago|last (?:week|month|year|time|call|meeting)|back in (?:the day|\d)"
    r"|previously|originally|initially|yesterday|"
    r"in the past|years? (?:ago|back)|at (?:the|that) time|back then|that was the|the year (?:that|when"
    r"|we))\b",
    re.IGNORECASE,
)


# Where the talk goes next, not what is settled.
_MODERATION = lazy_compile(
    r"\b(?:mov(?:e|ing) on\b|(?:mov(?:e|ing)|go|switch|jump) (?:on |back |over )?to (?:the )?(?:next"
    r"|following|last|first) (?:section|topic|item|slide|point|question|issue|speaker|part|one"
    r"|presentation|agenda)\b"
    r"|(?:stop|start) (?:the )?recording\b|skip (?:the )?(?:re)?intro)",
    re.IGNORECASE,
)
# "Go" settles something only with one of these.
_ASTRAY = lazy_compile(
    r"^go (?!(?:ahead|with|without|for|to|live|forward|public|by|from|down|into|in|and|back|out|straight)\b)",
    re.IGNORECASE,
)
_BROKEN_OFF = lazy_compile(r"(?:\b(?:what|who|whose|which|how|why|where)|'s)$", re.IGNORECASE)
_DECIDED = lazy_compile(
    r"^(?:we(?:'ve| have)?|it (?:was|has been)) (?:\w+ly |all |also |just |already )*"
    r"(?:decided|agreed|chose|resolved|concluded)(?: instead| then)?(?: (?:not )?to| that| on)?",
    re.IGNORECASE,
)
_FUNCTION = word_set("not never to the a an on with for of and or just then also instead ahead is are that's")


class _Found(NamedTuple):
    score: float
    position: int
    at: int
    text: str


def decisions(transcript: Transcript, context: MeetingContext) -> tuple[Decision, ...]:
    """At most ten. Resolutions that are marked as such first; a proposal is never one."""
    return find_decisions(ParsedTranscript.parse(transcript, context))


@cached_per_transcript
def find_decisions(parsed: ParsedTranscript) -> tuple[Decision, ...]:
    marked = [
        Decision(line.text[:1].upper() + line.text[1:], line.evidence, "rules")
        for line in parsed.explicit
        if line.kind == "decision"
    ]
    room = 0 if marked else int(parsed.working_minutes() / _MINUTES_A_DECISION)
    spoken = sorted(islice(_spoken(parsed), _MAX_HEARD), key=lambda found: -found.score)
    strong = _worded(parsed, (f for f in spoken if f.score >= _ENOUGH))
    kept = _distinct(strong, marked)
    if len(kept) < room:
        weak = _worded(parsed, (f for f in spoken if f.score < _ENOUGH))
        kept = _distinct(weak, kept)[: max(len(kept), room)]
    return tuple(kept if marked else _distinct(_heard(parsed, kept), kept))


def _heard(parsed: ParsedTranscript, known: list[Decision]) -> list[Decision]:
    """What the classifier takes for settled, the likeliest first, where the rules found nothing."""
    told = judged(parsed)
    enough = _LIKELY if is_working_talk(told) else _CERTAIN
    likely = [position for position, one in enumerate(told) if one.decision >= enough]
    taken = {decision.evidence.segment for decision in known}
    found = []
    for group in grouped(parsed, told, likely):
        if taken.isdisjoint(parsed.sentences[at].segment for at in group):
            likelihood = max(told[at].decision for at in group)
            found.append((likelihood, _proposal(parsed, told, group)))
    found.sort(key=lambda one: -one[0])
    return [decision for _, decision in found if phrasing.content_words(decision.text)]


def _proposal(parsed: ParsedTranscript, told: list[Judged], group: list[int]) -> Decision:
    """The decision in the words that say most of it: of the proposal, where the rest is a yes to it."""
    full = [at for at in group if not is_thin(parsed.sentences[at].text)]
    if not full:
        before = range(max(0, group[0] - _LOOK_AHEAD), group[0])
        proposed = [at for at in before if not is_thin(parsed.sentences[at].text)]
        full = [max(proposed, key=lambda at: told[at].acts["propose"])] if proposed else group
    sentence = parsed.sentences[max(full, key=lambda at: told[at].decision)]
    at, said = phrasing.from_verb(sentence.text)
    text = said if at <= _OPENS_WITHIN else phrasing.truncate(sentence.text)
    return Decision(phrasing.tidy(text).rstrip("?"), sentence.evidence(), "rules")


def _worded(parsed: ParsedTranscript, found: Iterable[_Found]) -> list[Decision]:
    told = (_told(parsed, one) for one in islice(found, _MAX_TRIED))
    return [decision for decision in told if decision]


def _spoken(parsed: ParsedTranscript) -> Iterator[_Found]:
    """The best candidate of each sentence, and others only if they are strong too."""
    for position, sentence in enumerate(parsed.sentences):
        found = sorted(_in_sentence(parsed, position, sentence), key=lambda f: -f.score)
        yield from (f for n, f in enumerate(found) if f.score >= (_WEAKEST if n == 0 else _ENOUGH))


def _in_sentence(parsed: ParsedTranscript, position: int, sentence: Sentence) -> Iterator[_Found]:
    text = sentence.text
    asked = text.endswith("?")
    for cue, pattern in decision_cues.compiled():
        match = pattern.search(text)
        if match is None or (asked and not cue.asks) or _doubted(text, match):
            continue
        said = _said(text, cue, match)
        if _MECHANICS.search(f"{match.group()}{text[match.end() : match.end() + 40]}"):
            continue
        worded = phrasing.tidy(said)
        if not _settles(worded, text, cue, match):
            continue
        yield _Found(_score(parsed, position, cue, match, worded), position, match.start(), worded)


def _settles(worded: str, text: str, cue: Cue, match: re.Match[str]) -> bool:
    """A verb with an object of its own; in a whole sentence somebody or something that the cue is about."""
    if _ASTRAY.match(worded) or _BROKEN_OFF.search(worded) or _MODERATION.search(worded[:60]):
        return False
    if cue.drop == "none":
        head = phrasing.words(text[: match.start()])
        return cue.weight >= _ENOUGH or any(not w.endswith("ly") and w not in _FUNCTION for w in head)
    bare = _DECIDED.sub("", worded, count=1)
    own = [word for word in phrasing.words(bare) if word not in _FUNCTION]
    return len(own) >= _MIN_OWN


def _doubted(text: str, match: re.Match[str]) -> bool:
    return bool(
        _denied(text, match.start())
        or _PAST.search(text[match.start() : match.end() + 80])
        or _UNDECIDED.search(text[max(0, match.start() - 60) : match.start()])
    )


def _told(parsed: ParsedTranscript, found: _Found) -> Decision | None:
    """With what it is about, from the sentences around; None where that does not tell."""
    known = phrasing.stems(found.text)
    thin = len(phrasing.content_words(found.text)) < _MIN_CONTENT
    few = thin or len(known) < _FEW
    most = _MOST if few else int(len(known) < _ENOUGH_KNOWN and len(parsed.sentences) > _LONG)
    about = parsed.nearby_topics.about(found.position, found.at, known, most, own=not few)
    if not found.text or (thin and not about):
        return None
    named = phrasing.replace_pronoun(found.text, about[0]) if len(about) == 1 else None
    text = named or (f"{found.text} ({', '.join(about)})" if about else found.text)
    evidence = parsed.sentences[found.position].evidence(found.at)
    return Decision(text, evidence, "rules")


def _denied(text: str, at: int) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    return text.count('"', 0, at) % 2 == 1 or bool(task_context.DENIED.search(text[max(0, at - 40) : at]))


def _said(text: str, cue: Cue, match: re.Match[str]) -> str:
    """What to show: from the cue on, behind it, or the whole sentence where the cue stands at its end."""
    if cue.drop == "none":
        return phrasing.clause_around(text, match)
    if cue.drop == "all":
        return re.sub(
            r"^[\s,]*(?:that|to|is|was)\b(?: we(?:'ll| will)?\b)?", "", phrasing.clause(text[match.end() :])
        )
    return phrasing.clause(text[match.start() :])


def _score(parsed: ParsedTranscript, position: int, cue: Cue, match: re.Match[str], worded: str) -> float:
    text = parsed.sentences[position].text
    words = phrasing.content_words(worded)
    score = cue.weight + 0.03 * min(4, len(words)) - 0.15 * (len(words) < _MIN_CONTENT)
    score += 0.08 * bool(_CLOSES.match(text)) + 0.1 * _accepted(parsed, position)
    if task_context.HEDGE.search(text[max(0, match.start() - 25) : match.end() + 25]):
        score *= 0.75
    if task_context.CONDITION.search(text[match.end() :]):
        score *= 0.85
    return score


def _accepted(parsed: ParsedTranscript, position: int) -> bool:
    """Whether somebody else says yes right after."""
    speaker = parsed.sentences[position].speaker
    for after in parsed.sentences[position + 1 : position + 1 + _LOOK_AHEAD]:
        if after.speaker != speaker:
            return bool(_YES.match(after.text))
    return False


def _distinct(found: list[Decision], standing: list[Decision]) -> list[Decision]:
    """What stands, and what is found that is none of it; at most MAX_ITEMS.

    Of what stands nothing is dropped: marked lines that are merely alike may say opposite things.
    """
    kept = standing[:MAX_ITEMS]
    seen = [_known(decision) for decision in kept]
    for decision in found:
        if len(kept) == MAX_ITEMS:
            break
        known = _known(decision)
        if any(phrasing.stem_overlap(known, other) >= _SAME for other in seen) or _again(decision, kept):
            continue
        kept.append(decision)
        seen.append(known)
    return kept


def _known(decision: Decision) -> frozenset[str]:
    bare = decision.text.split(" (")[0]
    enough = len(phrasing.content_words(bare)) >= _MIN_CONTENT
    return phrasing.stems(bare if enough else decision.text)


def _again(decision: Decision, kept: list[Decision]) -> bool:
    """`We decided not to do this`, twice in a minute: said once more."""
    words, at = decision.text.split(" (")[0], decision.evidence.segment or 0
    return any(
        words == other.text.split(" (")[0] and abs(at - (other.evidence.segment or 0)) <= _LOOK_AROUND
        for other in kept
    )
