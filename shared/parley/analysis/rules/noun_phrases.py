"""Noun phrases, and which of them a place in the talk is about."""

from __future__ import annotations

import re
from collections import Counter
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import phrasing
from parley.analysis.rules.word_lists import NO_TOPIC, STOP, VERBS, word_set
from parley.core.day_names import MONTHS, WEEKDAYS
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parley.analysis.rules.sentences import Sentence

TOKEN = lazy_compile(r"[#]?[^\W_]+(?:['\-./_][^\W_]+)*")
MAX_RUN = 3
_MIN_CARRYING = 2
_BACK, _AHEAD = 6, 2
_FAR = 45.0
_LATER = 1.6
_SPECIFIC = 1.6
_ONCE = 0.5
_ENOUGH = 0.5
_MIN_LETTERS = 3
# A word after one of these is done, not a thing.
_BEFORE_VERB = word_set(
    "to i we you they he she will would can could should might must let lets not dont didnt doesnt ill well "
    "youll theyll id wed cant wont"
)
CALENDAR = frozenset(
    (
        *MONTHS,
        *WEEKDAYS,
        *("eod", "cob", "eow", "eom", "eoq", "eoy"),
        *(f"{n}{e}" for n in range(1, 32) for e in ("st", "nd", "rd", "th")),
    )
)
_ENDINGS = ("n't", "ly", "'s", "'re", "'ll", "'ve", "'d", "'m")


# At a phrase's edge these are what somebody does or did.
_FORMS = ("ing", "ed")


_MARKS = str.maketrans(dict.fromkeys(',.?!:;()[]"…', " "))


class Phrase(NamedTuple):
    at: int
    surface: str


def is_content_word(word: str) -> bool:
    """Whether a lower-case word can be part of what a talk is about."""
    bare = word.replace("'", "")
    return not (
        len(bare) < _MIN_CARRYING
        or bare in NO_TOPIC
        or bare in STOP
        or bare.isdigit()
        or bare in CALENDAR
        or word.endswith(_ENDINGS)
    )


def phrases(text: str) -> Iterator[Phrase]:
    """Maximal runs of one to three carrying words with single spaces between them."""
    run: list[re.Match[str]] = []
    before = ""
    for match in TOKEN.finditer(text):
        word = match.group().lower()
        noun = _noun(word, before)
        if run and not (noun and text[run[-1].end() : match.start()] == " "):
            yield from _phrase(text, run)
            run = []
        if noun:
            run.append(match)
        before = word.replace("'", "")
    yield from _phrase(text, run)


def _noun(word: str, before: str) -> bool:
    """A verb's form stands for a thing only where nothing before makes it a deed."""
    if before in _BEFORE_VERB and not word[0].isdigit() and word[0] != "#":
        return False
    return is_content_word(word) or (word.isdigit() and len(word) > MAX_RUN)


def _phrase(text: str, run: list[re.Match[str]]) -> Iterator[Phrase]:
    while run and run[0].group().lower().endswith(_FORMS):
        run = run[1:]
    while run and run[-1].group().lower().endswith(_FORMS):
        run = run[:-1]
    if len(run) == 1 and run[0].group().lower() in VERBS:
        return
    if run and len(run) <= MAX_RUN and run[-1].end() - run[0].start() >= _MIN_LETTERS:
        yield Phrase(run[0].start(), text[run[0].start() : run[-1].end()])


class NearbyTopics:
    """What the sentences of one meeting are about, each judged by those around it."""

    def __init__(self, sentences: Sequence[Sentence], names: frozenset[str]) -> None:
        self._sentences = sentences
        self._names = names
        self._counted: Counter[str] | None = None
        self._known: dict[int, tuple[Phrase, ...]] = {}

    @property
    def counts(self) -> Counter[str]:
        """How often each lower-case word is said at all; counted when first asked for."""
        if self._counted is None:
            self._counted = Counter(
                " ".join(s.text for s in self._sentences).lower().translate(_MARKS).split()
            )
        return self._counted

    def about(
        self, position: int, at: int, known: frozenset[str], most: int, *, own: bool = False
    ) -> list[str]:
        """At most `most` phrases near `at` in a sentence that say something beyond `known` stems.

        `own`: only what the speaker says in the same turn, and no single common word.
        """
        if not most:
            return []
        found = self._near(position, at, own=own)
        local = Counter(phrasing.stem(word) for _, surface in found for word in surface.lower().split())
        scored = sorted(
            ((self._score(surface, far, local), surface) for far, surface in found),
            key=lambda pair: -pair[0],
        )
        kept: list[str] = []
        for score, surface in scored:
            stems = phrasing.stems(surface)
            if score < _ENOUGH or len(kept) == most:
                break
            if own and len(stems) == 1 and not _special(surface):
                continue
            if stems and not stems & known and not {w.lower() for w in surface.split()} & self._names:
                kept.append(surface)
                known |= stems
        return kept

    def _near(self, position: int, at: int, *, own: bool) -> list[tuple[float, str]]:
        """Each phrase around with its distance in words, what comes later counted farther."""
        found = []
        for where in self._turn(position, own=own):
            offset = self._words_between(where, position, at)
            for phrase in self._phrases(where):
                far = offset + (phrase.at / 6)
                found.append((abs(far) * (_LATER if far > 0 else 1.0), phrase.surface))
        return found

    def _phrases(self, where: int) -> tuple[Phrase, ...]:
        if where not in self._known:
            self._known[where] = tuple(phrases(self._sentences[where].text))
        return self._known[where]

    def _turn(self, position: int, *, own: bool) -> Iterator[int]:
        """The sentences around: before it those of others too, unless only one's `own` count."""
        speaker = self._sentences[position].speaker
        first = position
        while first > max(0, position - _BACK) and not (
            own and self._parts(self._sentences[first - 1], speaker)
        ):
            first -= 1
        yield from range(first, position + 1)
        for where in range(position + 1, min(len(self._sentences), position + _AHEAD + 1)):
            if self._sentences[where].speaker != speaker:
                return
            yield where

    @staticmethod
    def _parts(before: Sentence, speaker: str | None) -> bool:
        """Whether another subject ends there: with somebody else's words, or a question put to others."""
        return before.speaker != speaker or before.text.endswith("?")

    def _words_between(self, where: int, position: int, at: int) -> float:
        """How many words (of six letters) the start of one sentence lies from a place in another."""
        low, high = sorted((where, position))
        letters = sum(len(self._sentences[n].text) for n in range(low, high))
        return (letters if where > position else -letters) / 6 - at / 6

    def _score(self, surface: str, far: float, local: Counter[str]) -> float:
        stems = phrasing.stems(surface)
        special = _special(surface)
        weight = 0.0
        for word in phrasing.content_words(surface):
            once = self.counts[word] <= 1 and not special
            weight += (1 + log(max(1, local[phrasing.stem(word)]))) * (_ONCE if once else 1.0)
        return weight / sqrt(max(1, len(stems))) * exp(-far / _FAR) * (_SPECIFIC if special else 1.0)


def _special(surface: str) -> bool:
    """A name of the trade: with a digit, or an acronym."""
    return any(c.isdigit() for c in surface) or any(w.isupper() for w in surface.split())


def names_of(people: Sequence[str]) -> frozenset[str]:
    return frozenset(part for name in people for part in phrasing.words(name))
