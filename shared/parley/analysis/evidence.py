"""Whether a quote really stands in the transcript.

The quote comes from a model, so it is untrusted. It is looked for as it is,
then by its words alone (case, white space, punctuation and the shape of quote
marks aside); what is returned as verified is always the transcript's own
bytes, never the model's. Linear in transcript and quote; never raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.transcript import Segment, Transcript

MAX_QUOTE = 500
_MAX_LOOKED_FOR = 4_000
_MIN_WORDS = 2
_MAX_NAME = 80

_WORD = re.compile(r"[^\W_]+(?:['\u2019\u2018`\u00b4\u02bc][^\W_]+)*")
_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4\u02bc]")
_GAP = re.compile(r"\.{3,}|…|\[\.\.\.\]|\[…\]")
_TRIVIAL = frozenset(
    """
        a an and are as at be but by do for from get go had has have he her his i if in is it its just
        like me my no not of oh ok okay on or our right she so that the their them then there they this
        to uh um up us was we well were what will with yeah yes you your i'm it's that's we're you're
        i'll we'll
        """.replace("'", "").split(),
)


class _Word(NamedTuple):
    """One word of the transcript: folded, and where its bytes are."""

    folded: str
    segment: Segment
    start: int
    end: int


def verify_quote(quote: str, transcript: Transcript, *, segment: int | None = None) -> Evidence:
    """The proof for `quote`, with the transcript's own bytes, or unverified as it was given.

    `segment` is where the quote is said to stand; that segment is looked at
    first. A quote that runs over several cues is cut to its longest part in one.
    """
    wanted = quote.strip()[:_MAX_LOOKED_FOR]
    ordered = tuple(_ordered(transcript, segment))
    for attempt in (_exact, _by_words, _over_cues):
        found = attempt(wanted, ordered, transcript)
        if found:
            return found
    return Evidence(wanted[:MAX_QUOTE])


def _ordered(transcript: Transcript, first: int | None) -> Iterator[Segment]:
    """The named segment, then all of them."""
    if first is not None and 0 <= first < len(transcript.segments):
        yield transcript.segments[first]
    yield from transcript.segments


def _exact(wanted: str, ordered: Iterable[Segment], _transcript: Transcript) -> Evidence | None:
    for segment in ordered:
        at = segment.text.find(wanted) if wanted else -1
        if at >= 0 and _proves(wanted, segment):
            return _evidence(segment, at, at + len(wanted))
    return None


def _by_words(wanted: str, ordered: Iterable[Segment], _transcript: Transcript) -> Evidence | None:
    """The same words in one segment; a speaker's name before them is the model's own."""
    for needle in _needles(wanted):
        phrase = _padded(needle)
        for segment in ordered:
            if needle and phrase in _padded(_folded(segment.text)) and _proves(" ".join(needle), segment):
                return _located(needle, list(_words(segment)))
    return None


def _over_cues(wanted: str, ordered: tuple[Segment, ...], transcript: Transcript) -> Evidence | None:
    """The longest part of a quote that was put together from neighbouring cues, or with gaps."""
    words = [word for segment in transcript.segments for word in _words(segment)]
    for needle in _needles(wanted):
        at = _find([word.folded for word in words], needle)
        if at >= 0:
            return _longest(words[at : at + len(needle)])
    parts = sorted((part.strip() for part in _GAP.split(wanted)), key=len, reverse=True)
    return _by_words(parts[0], ordered, transcript) if len(parts) > 1 else None


def _needles(wanted: str) -> Iterator[list[str]]:
    """The quote's words; and without what stands before a colon early on."""
    yield _folded(wanted)
    prefix, colon, rest = wanted.partition(":")
    if colon and len(prefix) <= _MAX_NAME:
        yield _folded(rest)


def _located(needle: list[str], words: list[_Word]) -> Evidence:
    at = _find([word.folded for word in words], needle)
    return _evidence(words[at].segment, words[at].start, words[at + len(needle) - 1].end)


def _longest(words: list[_Word]) -> Evidence | None:
    """Of words that lie in several segments, the run in one segment that says most."""
    runs: dict[int, list[_Word]] = {}
    for word in words:
        runs.setdefault(word.segment.index, []).append(word)
    run = max(runs.values(), key=lambda run: sum(len(word.folded) for word in run), default=[])
    if not run or not _proves(" ".join(word.folded for word in run), run[0].segment):
        return None
    return _evidence(run[0].segment, run[0].start, run[-1].end)


def _find(words: list[str], needle: list[str]) -> int:
    """Where the words of `needle` stand one after another, or -1; by one search over the joined text."""
    if not needle:
        return -1
    joined = _padded(words)
    at = joined.find(_padded(needle))
    return -1 if at < 0 else joined.count(" ", 0, at)


def _padded(words: list[str]) -> str:
    return f" {' '.join(words)} "


def _folded(text: str) -> list[str]:
    return [_fold(match.group()) for match in _WORD.finditer(text)]


def _words(segment: Segment) -> Iterator[_Word]:
    for match in _WORD.finditer(segment.text):
        yield _Word(_fold(match.group()), segment, match.start(), match.end())


def _fold(word: str) -> str:
    return _APOSTROPHES.sub("", word).casefold()


def _proves(quote: str, segment: Segment) -> bool:
    """Two words, one of which says something; or all that there is in the segment."""
    words = _folded(quote)
    if len(words) >= _MIN_WORDS and not _TRIVIAL.issuperset(words):
        return True
    return bool(words) and words == _folded(segment.text)


def _evidence(segment: Segment, start: int, end: int) -> Evidence:
    quote = segment.text[start:end][:MAX_QUOTE].rstrip()
    return Evidence(quote, segment.speaker, segment.index, segment.start, verified=True)
