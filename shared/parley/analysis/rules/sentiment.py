"""Sentiment: the tone of a meeting by a small lexicon, and the health of a customer relationship."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import Evidence, RelationshipHealth, Sentiment, SentimentLabel
from parley.analysis.rules import phrasing
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.analysis.rules.word_lists import word_set
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

_GOOD = {
    **dict.fromkeys(
        word_set("love loves loved thrilled delighted excellent fantastic amazing impressed outstanding"),
        2.0,
    ),
    **dict.fromkeys(
        word_set("""
        happy pleased excited glad wonderful helpful smooth smoothly success successful successfully
        appreciate valuable easy easier better improved improvement enjoyed promising satisfied
        confident win great awesome perfect nice
        """),
        1.0,
    ),
}
_BAD = {
    **dict.fromkeys(
        word_set("""
        hate angry furious terrible awful unacceptable disaster horrible churn outraged disappointed
        frustrated frustrating unhappy
        """),
        2.0,
    ),
    **dict.fromkeys(
        word_set("""
        worried worry concerned broken fail failed fails failing failure slow delay delayed delays
        confusing confused difficult painful annoying blocked blocker risk risky bad worse worst
        unfortunately struggling stuck expensive complain complaint complaints cancel missed unclear
        """),
        1.0,
    ),
}
_GREETING = word_set("great awesome perfect nice good cool")
_NEGATIONS = word_set("""
        not no never without don't doesn't didn't isn't aren't wasn't weren't won't can't couldn't
        wouldn't haven't hasn't hardly barely neither nor nothing
        """)
_CUSTOMER = word_set("""
        customer customers renewal renewals renew renewing subscription onboarding churn pricing vendor
        csm licence license licenses seats invoice upsell rollout
        """)
_AT_RISK = word_set("""
        churn frustrated frustrating unhappy disappointed cancel competitor unacceptable angry furious
        """)
_LEAVING = lazy_compile(
    r"\b(?:(?:other|another|alternative|different) (?:vendors?|providers?|suppliers?)|competitors?"
    r"|(?:cancel|terminate|end) "
    r"(?:the|our|my) (?:contract|subscription|account)|(?:not|won't|n't) (?:be )?renew)",
    re.IGNORECASE,
)
_ENOUGH_BUSINESS = 2
_BOTH = 2.0
_WINDOW = 3
_COURTESY = 4
_SMOOTHING = 6.0
_CLEAR = 0.2


class _Tone(NamedTuple):
    good: float
    bad: float

    @property
    def net(self) -> float:
        return self.good - self.bad


def sentiment(transcript: Transcript, context: MeetingContext) -> Sentiment:
    """`score` is (good - bad) / (good + bad + 6): little said is little shown.

    `relationship_health` is None unless the talk is of a customer's business
    (renewal, contract, churn, ...); `evidence` is the strongest sentence.
    """
    return assess_sentiment(ParsedTranscript.parse(transcript, context))


def assess_sentiment(parsed: ParsedTranscript) -> Sentiment:
    tones = [_tone(phrasing.words(sentence.text)) for sentence in parsed.sentences]
    good, bad = sum(t.good for t in tones), sum(t.bad for t in tones)
    score = round((good - bad) / (good + bad + _SMOOTHING), 2)
    label = _label(score, _strong(t.good for t in tones), _strong(t.bad for t in tones))
    return Sentiment(label, score, _health(parsed, tones, score), _proof(parsed, tones, label), "rules")


def _tone(words: list[str]) -> _Tone:
    """The weights of one sentence; a negation shortly before turns a word round."""
    good = bad = 0.0
    courtesy = len(words) < _COURTESY
    for at, word in enumerate(words):
        weight = _GOOD.get(word, 0.0) - _BAD.get(word, 0.0)
        if not weight or courtesy or (word in _GREETING and at == 0):
            continue
        if not _NEGATIONS.isdisjoint(words[max(0, at - _WINDOW) : at]):
            weight = -0.5 * weight
        good, bad = good + max(weight, 0.0), bad + max(-weight, 0.0)
    return _Tone(good, bad)


def _label(score: float, good: float, bad: float) -> SentimentLabel:
    if abs(score) >= _CLEAR:
        return "positive" if score > 0 else "negative"
    return "mixed" if min(good, bad) >= _BOTH else "neutral"


def _strong(weights: Iterable[float]) -> float:
    """What clearly coloured sentences weigh: a word here and there is no mood."""
    return sum(weight for weight in weights if weight >= _BOTH)


def _health(parsed: ParsedTranscript, tones: list[_Tone], score: float) -> RelationshipHealth | None:
    """Only of a talk about a customer's business; one clear complaint outweighs a friendly tone."""
    said: set[str] = set()
    complaints = 0
    for sentence, tone in zip(parsed.sentences, tones, strict=True):
        words = set(phrasing.words(sentence.text))
        said |= _CUSTOMER & words
        complaints += tone.net < 0 and not _AT_RISK.isdisjoint(words)
        complaints += 2 * bool(_LEAVING.search(sentence.text))
    if len(said) < _ENOUGH_BUSINESS and not (said and complaints):
        return None
    if complaints and (complaints > 1 or score < 0):
        return "at_risk"
    return "strong" if score >= 2 * _CLEAR and not complaints else "stable"


def _proof(parsed: ParsedTranscript, tones: list[_Tone], label: SentimentLabel) -> Evidence | None:
    """The sentence that says the label loudest; none for a neutral talk."""
    if label == "neutral":
        return None
    sign = {"positive": 1, "negative": -1, "mixed": -1}[label]
    best = max(range(len(tones)), key=lambda at: sign * tones[at].net, default=None)
    if best is None or sign * tones[best].net <= 0:
        return None
    return _evidence(parsed.sentences[best])


def _evidence(sentence: Sentence) -> Evidence:
    words = [w for w in phrasing.words(sentence.text) if w in _GOOD or w in _BAD]
    return sentence.evidence(max(0, sentence.text.lower().find(words[0])) if words else 0)
