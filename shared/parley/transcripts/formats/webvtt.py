"""WebVTT: https://www.w3.org/TR/webvtt1/, and the habits of Zoom, Teams and Meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.cues import ARROW, Cue, statements, timing, undoubled
from parley.transcripts.input_file import Source
from parley.transcripts.statement import Statement

_HEADER = "WEBVTT"


def sniff(source: Source) -> bool:
    return source.is_text and (source.suffix == ".vtt" or source.text.lstrip().startswith(_HEADER))


def read(source: Source) -> Iterable[Statement]:
    return statements(cues(source.lines))


def cues(lines: Sequence[str]) -> Iterator[Cue]:
    """Every cue whose times can be read. A blank line or the next arrow ends a cue.

    Notes, styles, regions and identifiers need no rule of their own: they
    stand in blocks, or above an arrow, where no cue is open.
    """
    cue: Cue | None = None
    for line in undoubled(lines):
        if ARROW not in line and line.strip():
            if cue is not None:
                cue.lines.append(line)
            continue
        if cue is not None:
            yield cue
        times = timing(line)
        cue = Cue(*times) if times else None
    if cue is not None:
        yield cue
