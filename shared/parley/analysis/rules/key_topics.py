"""Topics: announced ones first ("Topic:", "let's move on to"), then what the talk keeps coming back to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import KeyTopic
from parley.analysis.rules import phrasing
from parley.analysis.rules.noun_phrases import CALENDAR
from parley.analysis.rules.parsed_transcript import ParsedTranscript, cached_per_transcript
from parley.analysis.rules.word_lists import NO_TOPIC, STOP, VERBS, word_set
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.meeting_context import MeetingContext
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_MAX_SALIENT = 7
_MIN_COUNT = 3
_SAME = 0.5

_ANNOUNCED = lazy_compile(
    r"\b(?:next (?:up|item|topic|thing|point)(?: (?:on (?:the|our) (?:agenda|list)|up|for today"
    r"|I have|we have|here))*(?: is|,| would be| was|:)|"
    r"(?:moving|move|let's go|going|jump|switch|get|pivot|turn)(?: right)? (?:on|over|now|into"
    r"|on over)(?: to| into)?|"
    r"(?:let's|I'd like to|I want to|we should|we'll|we're going to|wanted to) (?:talk|discuss|chat"
    r"|speak|start|kick off|begin|dive)(?: a bit| now| first| briefly)*"
    r"(?: about| on| through| with| into| by talking about)|first (?:up|item|topic"
    r"|thing)(?: on (?:the|our) (?:agenda|list))?(?: is|,)|"
    r"(?:last|final) (?:item|topic|thing)(?: on (?:the|our) (?:agenda|list))?(?: is|,)|"
    r"(?:the )?(?:purpose|topic|goal|agenda) (?:of|for) (?:today's|this|the|today)(?: call| meeting"
    r"| session)? is(?: to (?:discuss|talk about|review))?)\s+",
    re.IGNORECASE,
)
_MAX_WORDS = 6
_SUBJECTS = word_set(
    "i we you they he she it i'm we've we're we'll i'll i've you're it's is are was were have has do"
)


_MAX_RUN = 3
_ENOUGH_MARKED, _MIN_CARRYING = 3, 2
_MIN_LETTERS = 4
_MANY_VOICES, _ENOUGH_TOPICS = 4, 5
_NOW = lazy_compile(
    r"(?:\s+(?:now|here|today|first|then|again|too|next|briefly|quickly|please|as well|real quick))+$",
    re.IGNORECASE,
)


class _Mention(NamedTuple):
    position: int
    at: int
    surface: str


def key_topics(transcript: Transcript, context: MeetingContext) -> tuple[KeyTopic, ...]:
    """At most ten: the marked ones in order; without those, announced and then frequent ones."""
    return find_key_topics(ParsedTranscript.parse(transcript, context))


@cached_per_transcript
def find_key_topics(parsed: ParsedTranscript) -> tuple[KeyTopic, ...]:
    marked = [
        KeyTopic(phrasing.truncate(line.text, 100), line.evidence, "rules")
        for line in parsed.explicit
        if line.kind == "topic"
    ]
    spoken = [] if len(marked) >= _ENOUGH_MARKED else [*_announced(parsed), *_salient(parsed)]
    return tuple(_distinct([*marked, *spoken]))[:MAX_ITEMS]


def _announced(parsed: ParsedTranscript) -> Iterator[KeyTopic]:
    for sentence in parsed.sentences:
        match = _ANNOUNCED.search(sentence.text)
        if match is None or sentence.text.endswith("?"):
            continue
        topic = _noun_phrase(sentence.text[match.end() :])
        if topic:
            yield KeyTopic(topic, sentence.evidence(match.start()), "rules")


def _noun_phrase(text: str) -> str:
    """What is announced, when that is short and says something."""
    said = phrasing.tidy(phrasing.clause(re.split(r"[,.?!;:…]", text, maxsplit=1)[0]))
    said = re.sub(
        r"^(?:the|a|an|our|your|this|that|some|talk about|discuss|about)\s+", "", said, flags=re.IGNORECASE
    )
    said = _NOW.sub("", said)
    parts = phrasing.words(said)
    if not parts or (len(parts) == 1 and (parts[0] in VERBS or parts[0] in NO_TOPIC)):
        return ""
    if len(parts) > _MAX_WORDS or not phrasing.content_words(said) or parts[0] in STOP:
        return ""
    if parts[0].endswith("ing") or not _SUBJECTS.isdisjoint(parts):
        return ""
    return said[:1].upper() + said[1:]


def _salient(parsed: ParsedTranscript) -> Iterator[KeyTopic]:
    """Noun phrases by how often they return; a single word counts only where it stands as a noun."""
    names = {part for name in parsed.people.names for part in phrasing.words(name)}
    seen: dict[frozenset[str], list[_Mention]] = defaultdict(list)
    for position, sentence in enumerate(parsed.sentences):
        for key, at, surface in _phrases(sentence.text, names):
            seen[key].append(_Mention(position, at, surface))
    for mentions in _ranked(seen, parsed):
        surface = Counter(mention.surface for mention in mentions).most_common(1)[0][0]
        proof = parsed.sentences[mentions[0].position].evidence(mentions[0].at)
        yield KeyTopic(surface[:1].upper() + surface[1:], proof, "rules")


def _ranked(seen: dict[frozenset[str], list[_Mention]], parsed: ParsedTranscript) -> list[list[_Mention]]:
    """Compounds by how often and by how many they are said; single words where these are few."""
    least = max(_MIN_COUNT, len(parsed.sentences) // 150)
    several = len(parsed.speakers) > 1
    compounds, singles = [], []
    for key, mentions in seen.items():
        voices = len({parsed.sentences[m.position].speaker for m in mentions})
        weight = len(mentions) * (1 + 0.25 * min(voices, _MANY_VOICES))
        if len(key) > 1 and len(mentions) >= least - (voices > 1):
            compounds.append((weight, key, mentions))
        elif len(key) == 1 and len(mentions) >= least and (voices > 1 or not several):
            singles.append((weight, key, mentions))
    compounds.sort(key=lambda row: (-row[0], row[2][0].position))
    singles.sort(key=lambda row: (-row[0], row[2][0].position))
    best = [(key, mentions) for _, key, mentions in compounds[:_MAX_SALIENT]]
    within = {stem for key, _ in best for stem in key}
    free = [mentions for _, key, mentions in singles if not key & within]
    return [*(mentions for _, mentions in best), *free[: max(0, _ENOUGH_TOPICS - len(best))]]


_TOKEN = lazy_compile(r"[^\W_]+(?:['\-][^\W_]+)*")
_BEFORE_NOUN = word_set(
    "the a an our your their my his her this these those of with for on about in from new any some no every"
)


def _phrases(text: str, names: set[str]) -> Iterator[tuple[frozenset[str], int, str]]:
    """Maximal runs of two or three content words, and single ones after a determiner."""
    run: list[re.Match[str]] = []
    before = last = ""
    for match in _TOKEN.finditer(text):
        word = match.group().lower()
        joined = bool(run) and text[run[-1].end() : match.start()] == " "
        if run and not (joined and _carries(word, names)):
            yield from _phrase(text, run, before)
            run = []
        if _carries(word, names):
            before = before if run else last
            run.append(match)
        last = word
    yield from _phrase(text, run, before)


def _phrase(text: str, run: list[re.Match[str]], before: str) -> Iterator[tuple[frozenset[str], int, str]]:
    if not run or len(run) > _MAX_RUN or (len(run) == 1 and before not in _BEFORE_NOUN):
        return
    surface = text[run[0].start() : run[-1].end()]
    if len(run) > 1 or len(surface) >= _MIN_LETTERS:
        yield phrasing.stems(surface), run[0].start(), surface


def _carries(word: str, names: set[str]) -> bool:
    bare = word.replace("'", "")
    if bare in NO_TOPIC:
        return False
    return not (
        len(bare) < _MIN_CARRYING
        or bare in STOP
        or bare in names
        or bare in VERBS
        or bare.isdigit()
        or bare in CALENDAR
        or word.endswith(("n't", "ly"))
    )


def _distinct(found: list[KeyTopic]) -> list[KeyTopic]:
    """No topic that is part of another, or says the same."""
    kept: list[KeyTopic] = []
    seen: list[frozenset[str]] = []
    for topic in found:
        stems = frozenset(phrasing.words(topic.topic))
        if any(stems <= other or phrasing.stem_overlap(stems, other) > _SAME for other in seen):
            continue
        kept.append(topic)
        seen.append(stems)
        if len(kept) == MAX_ITEMS:
            break
    return kept
