"""A transcript and its segments, and the statements that a format module yields to build them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from parley.transcripts.meeting_day import MeetingDay

# Bidirectional and zero-width marks that mail clients and subtitle editors leave behind, or that
# make a quote read otherwise than it is written.
_INVISIBLE = {
    ord(char): None
    for char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
}
# Half a surrogate pair, which JSON can escape, can be written to no file and sent in no mail.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")

Listed = Literal["action", "decision"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One statement of one speaker. `index` is 0-based; `start` and `end` are seconds or None.

    `speaker` is None where the file names none: it is never guessed.
    `text` is what evidence is quoted from, byte for byte; it has no line breaks.
    """

    index: int
    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """All segments in order. `format` is the name of the row of `transcripts.FORMATS` that read them.

    `day` is the meeting's, as the transcript's head or its file's name says it.
    `kind` tells whether it is what was said or what somebody wrote down later.
    Of notes `listed` says for each segment under what it is listed, and `present`
    are the people whom they name.
    """

    format: str
    segments: tuple[Segment, ...]
    day: MeetingDay | None = field(default=None, compare=False)
    kind: Literal["transcript", "notes"] = "transcript"
    listed: tuple[Listed, ...] = ()
    present: tuple[str, ...] = ()

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers' names, in the order in which they first speak."""
        return tuple(dict.fromkeys(s.speaker for s in self.segments if s.speaker))

    @property
    def seconds(self) -> float | None:
        """The latest time of any segment, in seconds; None where no segment has a time."""
        times = [t for s in self.segments for t in (s.start, s.end) if t is not None]
        return max(times, default=None)

    @property
    def text(self) -> str:
        """One line a segment, `Speaker: text`, as a model is shown it."""
        return "\n".join(f"{s.speaker}: {s.text}" if s.speaker else s.text for s in self.segments)


class Statement(NamedTuple):
    """What a format module yields. Times are seconds; `text` may hold line breaks."""

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(slots=True)
class StatementBuilder:
    """Collects the lines of a statement and joins them once, so that work stays linear."""

    pieces: list[str]
    speaker: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def is_empty(self) -> bool:
        return not any(self.pieces)

    def build(self) -> Statement:
        return Statement("\n".join(self.pieces), self.speaker, self.start, self.end)


def one_line(text: str) -> str:
    """Replace every run of white space and line breaks by one space, and remove control characters."""
    return " ".join(_CONTROL.sub("", text.translate(_INVISIBLE)).split())


def build_transcript(name: str, statements: Iterable[Statement]) -> Transcript:
    """Clean the statements, leave out those without words, and number the others from 0."""
    segments: list[Segment] = []
    for said in statements:
        text = one_line(said.text)
        if text:
            speaker = one_line(said.speaker or "") or None
            segments.append(Segment(len(segments), text, speaker, said.start, said.end))
    return Transcript(format=name, segments=tuple(segments))
