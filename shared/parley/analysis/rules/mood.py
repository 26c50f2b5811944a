"""The mood of a meeting by a small lexicon, and what it says of the relationship with a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import wording
from parley.analysis.rules.reading import Reading
from parley.models.insight import Evidence, RelationshipHealth, Sentiment, SentimentLabel

from parley.analysis.rules.words import listed

if TYPE_CHECKING:
    from parley.analysis.rules.context import Context
    from parley.analysis.rules.sentences import Sentence
    from parley.models.transcript import Transcript

_GOOD = {
    **dict.fromkeys(
        listed("love loved thrilled delighted excellent fantastic amazing impressed outstanding"),
        2.0,
    ),
    **dict.fromkeys(
        listed("""
    happy pleased excited glad wonderful helpful smooth smoothly success successful successfully
    appreciate valuable easy easier better improved improvement enjoyed promising satisfied confident
    win great awesome perfect nice
    """),
        1.0,
    ),
}
_BAD = {
    **dict.fromkeys(
        listed("""
    hate angry furious terrible awful unacceptable disaster horrible churn outraged disappointed
    frustrated frustrating unhappy
    """),
        2.0,
    ),
    **dict.fromkeys(
        listed("""
    worried worry concern concerned concerns problem problems issue issues bug bugs broken fail failed
    fails failing failure slow delay delayed delays confusing confused difficult painful annoying
    blocked blocker risk risky bad worse worst wrong unfortunately struggling stuck expensive complain
    complaint complaints cancel missed unclear
    """),
        1.0,
    ),
}
_GREETING = listed("great awesome perfect nice good cool")
_NEGATIONS = listed("""
    not no never without don't doesn't didn't isn't aren't wasn't weren't won't can't couldn't wouldn't
    haven't hasn't hardly barely neither nor nothing
    """)
_CUSTOMER = listed("""
    customer customers client's renewal renew renewing subscription contract account onboarding churn
    pricing vendor support csm licence license licenses seats
    """)
_AT_RISK = listed("""
    churn frustrated frustrating unhappy disappointed cancel competitor unacceptable angry furious
    """)
_WINDOW = 3
_SMOOTHING = 6.0
_CLEAR = 0.15


class _Tone(NamedTuple):
    good: float
    bad: float

    @property
    def net(self) -> float:
        return self.good - self.bad


def sentiment(transcript: Transcript, context: Context) -> Sentiment:
    """`score` is (good - bad) / (good + bad + 6): little said is little shown.

    `relationship_health` is None unless the talk is of a customer's business
    (renewal, contract, churn, ...); `evidence` is the strongest sentence.
    """
    return from_reading(Reading.of(transcript, context))


def from_reading(reading: Reading) -> Sentiment:
    tones = [_tone(wording.words(sentence.text)) for sentence in reading.sentences]
    good, bad = sum(t.good for t in tones), sum(t.bad for t in tones)
    score = round((good - bad) / (good + bad + _SMOOTHING), 2)
    label = _label(score, good, bad)
    return Sentiment(label, score, _health(reading, tones, score), _proof(reading, tones, label), "rules")


def _tone(words: list[str]) -> _Tone:
    """The weights of one sentence; a negation shortly before turns a word round."""
    good = bad = 0.0
    courtesy = len(words) < 4
    for at, word in enumerate(words):
        weight = _GOOD.get(word, 0.0) - _BAD.get(word, 0.0)
        if not weight or (word in _GREETING and (courtesy or at == 0)):
            continue
        if not _NEGATIONS.isdisjoint(words[max(0, at - _WINDOW) : at]):
            weight = -0.5 * weight
        good, bad = good + max(weight, 0.0), bad + max(-weight, 0.0)
    return _Tone(good, bad)


def _label(score: float, good: float, bad: float) -> SentimentLabel:
    if abs(score) >= _CLEAR:
        return "positive" if score > 0 else "negative"
    return "mixed" if min(good, bad) >= _SMOOTHING else "neutral"


def _health(reading: Reading, tones: list[_Tone], score: float) -> RelationshipHealth | None:
    """Only of a talk about a customer's business; one clear complaint outweighs a friendly tone."""
    business = complaints = 0
    for sentence, tone in zip(reading.sentences, tones, strict=True):
        words = set(wording.words(sentence.text))
        business += not _CUSTOMER.isdisjoint(words)
        complaints += tone.net < 0 and not _AT_RISK.isdisjoint(words)
    if business < 2 and not (business and complaints):
        return None
    if complaints and (complaints > 1 or score < 0):
        return "at_risk"
    return "strong" if score >= 2 * _CLEAR and not complaints else "stable"


def _proof(reading: Reading, tones: list[_Tone], label: SentimentLabel) -> Evidence | None:
    """The sentence that says the label loudest; none for a neutral talk."""
    if label == "neutral":
        return None
    sign = {"positive": 1, "negative": -1, "mixed": -1}[label]
    best = max(range(len(tones)), key=lambda at: sign * tones[at].net, default=None)
    if best is None or sign * tones[best].net <= 0:
        return None
    return _evidence(reading.sentences[best])


def _evidence(sentence: Sentence) -> Evidence:
    words = [w for w in wording.words(sentence.text) if w in _GOOD or w in _BAD]
    return sentence.evidence(max(0, sentence.text.lower().find(words[0])) if words else 0)
