"""Topics: announced ones first ("Topic:", "let's move on to"), then what the talk keeps coming back to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import wording
from parley.analysis.rules.reading import Reading
from parley.analysis.rules.words import STOP, VERBS
from parley.models.insight import KeyTopic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.rules.context import Context
    from parley.models.transcript import Transcript

MAX_ITEMS = 10
_MAX_SALIENT = 6
_MIN_COUNT = 3
_SAME = 0.5

_ANNOUNCED = re.compile(
    r"\b(?:next (?:up|item|topic|thing|point)(?: (?:on (?:the|our) (?:agenda|list)|up|for today|I have|we have|here))*(?: is|,| would be| was|:)|"
    r"(?:moving|move|let's go|going|jump|switch|get|pivot|turn)(?: right)? (?:on|over|now|into|on over)(?: to| into)?|"
    r"(?:let's|I'd like to|I want to|we should|we'll|we're going to|wanted to) (?:talk|discuss|chat|speak|start|kick off|begin|dive)(?: a bit| now| first| briefly)*"
    r"(?: about| on| through| with| into| by talking about)|first (?:up|item|topic|thing)(?: on (?:the|our) (?:agenda|list))?(?: is|,)|"
    r"(?:last|final) (?:item|topic|thing)(?: on (?:the|our) (?:agenda|list))?(?: is|,)|"
    r"(?:the )?(?:purpose|topic|goal|agenda) (?:of|for) (?:today's|this|the|today)(?: call| meeting| session)? is(?: to (?:discuss|talk about|review))?)\s+",
    re.IGNORECASE,
)
_MAX_WORDS = 8


class _Phrase(NamedTuple):
    score: float
    key: tuple[str, ...]


def key_topics(transcript: Transcript, context: Context) -> tuple[KeyTopic, ...]:
    """At most ten: the marked ones in order; without those, announced and then frequent ones."""
    return from_reading(Reading.of(transcript, context))


def from_reading(reading: Reading) -> tuple[KeyTopic, ...]:
    marked = [
        KeyTopic(wording.shortened(line.text, 100), line.evidence, "rules")
        for line in reading.explicit
        if line.kind == "topic"
    ]
    heard = [] if len(marked) >= 3 else [*_announced(reading), *_salient(reading)]
    return tuple(_distinct([*marked, *heard]))[:MAX_ITEMS]


def _announced(reading: Reading) -> Iterator[KeyTopic]:
    for sentence in reading.sentences:
        match = _ANNOUNCED.search(sentence.text)
        if match is None or sentence.text.endswith("?"):
            continue
        topic = _noun_phrase(sentence.text[match.end() :])
        if topic:
            yield KeyTopic(topic, sentence.evidence(match.start()), "rules")


def _noun_phrase(text: str) -> str:
    """What is announced, when that is short and says something."""
    said = wording.tidy(wording.clause(re.split(r"[,.?!;:…]", text, maxsplit=1)[0]))
    said = re.sub(
        r"^(?:the|a|an|our|your|this|that|some|talk about|discuss|about)\s+", "", said, flags=re.IGNORECASE
    )
    parts = wording.words(said)
    if not parts or len(parts) > _MAX_WORDS or not wording.content(said) or parts[0] in STOP:
        return ""
    return said[:1].upper() + said[1:]


def _salient(reading: Reading) -> Iterator[KeyTopic]:
    """Phrases of one to three content words by how often, and over how much of the talk, they return."""
    counts: Counter[tuple[str, ...]] = Counter()
    where: dict[tuple[str, ...], list[tuple[int, int, str]]] = defaultdict(list)
    names = {part for name in reading.people.names for part in wording.words(name)}
    for position, sentence in enumerate(reading.sentences):
        for key, at, surface in _phrases(sentence.text, names):
            counts[key] += 1
            where[key].append((position, at, surface))
    for phrase in _ranked(counts, len(reading.sentences)):
        position, at, _ = where[phrase.key][0]
        surface = Counter(surface for _, _, surface in where[phrase.key]).most_common(1)[0][0]
        yield KeyTopic(surface[:1].upper() + surface[1:], reading.sentences[position].evidence(at), "rules")


def _ranked(counts: Counter[tuple[str, ...]], size: int) -> list[_Phrase]:
    least = max(_MIN_COUNT, size // 150)
    found = [
        _Phrase(count * (1.0, 2.2, 2.8)[len(key) - 1], key) for key, count in counts.items() if count >= least
    ]
    found.sort(key=lambda phrase: (-phrase.score, phrase.key))
    return found[: _MAX_SALIENT * 3]


_TOKEN = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")


def _phrases(text: str, names: set[str]) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """Runs of neighbouring content words, each as (stemless key, offset, as it was said)."""
    run: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        word = match.group().lower()
        joined = bool(run) and text[run[-1].end() : match.start()] == " "
        if not _carries(word, names):
            run = []
            continue
        run = [*run[-2:], match] if joined else [match]
        for size in range(1, len(run) + 1):
            part = run[-size:]
            if size > 1 or len(word) > 3:
                yield (
                    tuple(m.group().lower() for m in part),
                    part[0].start(),
                    text[part[0].start() : match.end()],
                )


def _carries(word: str, names: set[str]) -> bool:
    bare = word.replace("'", "")
    return not (
        len(bare) < 2
        or bare in STOP
        or bare in names
        or bare in VERBS
        or bare.isdigit()
        or word.endswith(("n't", "ly"))
    )


def _distinct(found: list[KeyTopic]) -> list[KeyTopic]:
    """No topic that is part of another, or says the same."""
    kept: list[KeyTopic] = []
    seen: list[frozenset[str]] = []
    for topic in found:
        stems = frozenset(wording.words(topic.topic))
        if any(stems <= other or wording.alike(stems, other) > _SAME for other in seen):
            continue
        kept.append(topic)
        seen.append(stems)
    return kept
