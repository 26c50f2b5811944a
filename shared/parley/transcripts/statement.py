"""What every format module makes: statements, which become a transcript's segments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from parley.transcripts.transcript import Segment, Transcript

# Bidirectional and zero-width marks that mail clients and subtitle editors leave behind, or that
# make a quote read otherwise than it is written.
_INVISIBLE = {
    ord(char): None
    for char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
}
# Half a surrogate pair, which JSON can escape, can be written to no file and sent in no mail.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")


class Statement(NamedTuple):
    """`text` may still hold line breaks; `segments` cleans it."""

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(slots=True)
class Draft:
    """A statement that is still being read: pieces are joined once, so that work stays linear."""

    pieces: list[str]
    speaker: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def wordless(self) -> bool:
        return not any(self.pieces)

    def done(self) -> Statement:
        return Statement("\n".join(self.pieces), self.speaker, self.start, self.end)


def one_line(text: str) -> str:
    """Any white space, line breaks of every kind among it, to one space."""
    return " ".join(_CONTROL.sub("", text.translate(_INVISIBLE)).split())


def transcript(name: str, statements: Iterable[Statement]) -> Transcript:
    """Statements without words are left out; the others are numbered from 0."""
    segments: list[Segment] = []
    for said in statements:
        text = one_line(said.text)
        if text:
            speaker = one_line(said.speaker or "") or None
            segments.append(Segment(len(segments), text, speaker, said.start, said.end))
    return Transcript(format=name, segments=tuple(segments))
