"""A transcript as sentences, each of which knows the bytes it came from.

Captions break sentences over several cues; a sentence here may therefore have
several pieces, one a segment. Its text is for reading, its pieces for proof.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.insight import Evidence
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.transcripts.transcript import Segment, Transcript

# A bound on one sentence keeps every pattern run over it cheap, whatever the transcript holds.
MAX_SENTENCE = 600
MAX_QUOTE = 280
MAX_SEGMENTS = 50_000

# Bounded repeats: a run of a million dots must not be tried from each of its dots to the end.
_END = lazy_compile(r"[.!?]{1,8}[\"'\u201d\u2019)\]]{0,3}(?=\s|$)")
_PREFIXED = lazy_compile(r"[\w.\-]{1,30}(?: [A-Z][\w.\-]{0,30})?:\s")
_ABBREVIATION = lazy_compile(r"\b(?:e\.g|i\.e|etc|vs|mr|mrs|ms|dr|inc|no|approx|[A-Z])\.$", re.IGNORECASE)
# No sentence ends in one of these: "send the plan by" / "Friday."
_OPEN = lazy_compile(
    r"\b(?:by|on|until|till|before|the|a|an|to|next|this|of|and|or|with|for|at|from|in|our|my|your|I'll|we'll|end)$",
    re.IGNORECASE,
)
_SMALL_I = lazy_compile(r"(?<![\w'.])i(?=['\s]|$)")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "“": '"', "”": '"', "\u00a0": " ", "\t": " "})


class Piece(NamedTuple):
    """`segment.text[start:end]` stands at `offset` in the sentence's text."""

    segment: Segment
    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` has plain quotes and is as long as the bytes it stands for, piece by piece."""

    text: str
    pieces: tuple[Piece, ...]

    @property
    def speaker(self) -> str | None:
        return self.pieces[0].segment.speaker

    @property
    def segment(self) -> int:
        return self.pieces[0].segment.index

    def evidence(self, at: int = 0) -> Evidence:
        """The proof for what stands at `at`: the piece there, as its segment has it."""
        piece = next((p for p in reversed(self.pieces) if p.offset <= at), self.pieces[0])
        start, end = window(piece, at)
        segment = piece.segment
        return Evidence(segment.text[start:end], segment.speaker, segment.index, segment.start, verified=True)


def window(piece: Piece, at: int) -> tuple[int, int]:
    """At most MAX_QUOTE characters of the piece around `at`, cut between words."""
    text = piece.segment.text
    start, end = piece.start, piece.end
    if end - start > MAX_QUOTE:
        middle = start + max(0, at - piece.offset)
        start = _word_start(text, max(start, min(middle - 60, end - MAX_QUOTE)), start)
        end = _word_end(text, start, min(end, start + MAX_QUOTE), end)
    return start, end


def _word_start(text: str, at: int, low: int) -> int:
    space = text.rfind(" ", low, at)
    return at if at == low else (space + 1 if space >= 0 and at - space < MAX_QUOTE // 4 else at)


def _word_end(text: str, low: int, at: int, end: int) -> int:
    space = text.rfind(" ", low, at)
    return at if at == end or space <= low else space


def plain(text: str) -> str:
    """The same length, with typewriter quotes and a capital I: what patterns are run over."""
    text = text if text.isascii() and "\t" not in text else text.translate(_QUOTES)
    return _SMALL_I.sub("I", text) if " i" in text or text.startswith("i") else text


def split(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each sentence of one segment, none longer than MAX_SENTENCE."""
    start = 0
    for match in _END.finditer(text):
        if match.group() == "." and _ABBREVIATION.search(text[max(0, match.end() - 8) : match.end()]):
            continue
        yield from _bounded(text, start, match.end())
        start = match.end()
    yield from _bounded(text, start, len(text))


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end - start > MAX_SENTENCE:
        space = text.rfind(" ", start + MAX_SENTENCE // 2, start + MAX_SENTENCE)
        cut = space if space > 0 else start + MAX_SENTENCE
        yield start, cut
        start = cut + 1 if space > 0 else cut
    if start < end:
        yield start, end


def sentences(transcript: Transcript) -> tuple[Sentence, ...]:
    """All sentences, in order; those that run on over cues of one speaker are joined."""
    found: list[Sentence] = []
    for segment in transcript.segments[:MAX_SEGMENTS]:
        for number, (start, end) in enumerate(split(segment.text)):
            sentence = _single(segment, start, end)
            if number == 0 and found and _runs_on(found[-1], sentence):
                found[-1] = _joined(found[-1], sentence)
            else:
                found.append(sentence)
    return tuple(found)


def _single(segment: Segment, start: int, end: int) -> Sentence:
    return Sentence(plain(segment.text[start:end]), (Piece(segment, start, end, 0),))


def _runs_on(before: Sentence, after: Sentence) -> bool:
    """Whether one speaker goes on in the next cue without having ended the sentence."""
    if before.speaker != after.speaker or len(before.text) + len(after.text) > MAX_SENTENCE:
        return False
    if _PREFIXED.match(after.text):
        return False
    if after.segment - before.pieces[-1].segment.index != 1:
        return False
    if before.text.endswith(("…", "...", ",")):
        return True
    return before.text[-1].isalnum() and (after.text[0].islower() or bool(_OPEN.search(before.text)))


def _joined(before: Sentence, after: Sentence) -> Sentence:
    offset = len(before.text) + 1
    moved = tuple(piece._replace(offset=piece.offset + offset) for piece in after.pieces)
    return Sentence(f"{before.text} {after.text}", before.pieces + moved)
