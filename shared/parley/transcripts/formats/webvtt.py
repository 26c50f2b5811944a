"""WebVTT: https://www.w3.org/TR/webvtt1/, and the habits of Zoom, Teams and Meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.cues import ARROW, Cue, statements, timing, without_double_spacing
from parley.transcripts.input_file import InputFile
from parley.transcripts.transcript import Statement

_HEADER = "WEBVTT"
_NEAR = 4


def sniff(file: InputFile) -> bool:
    return file.is_text and (file.suffix == ".vtt" or file.text.lstrip().startswith(_HEADER))


def read(file: InputFile) -> Iterable[Statement]:
    return statements(cues(file.lines))


def cues(lines: Sequence[str]) -> Iterator[Cue]:
    """Every cue whose times can be read. A blank line or the next arrow ends a cue.

    Notes, styles, regions and identifiers need no rule of their own: they
    stand in blocks, or above an arrow, where no cue is open.
    """
    cue: Cue | None = None
    lines = without_double_spacing(lines)
    for number, line in enumerate(lines):
        if ARROW not in line and (line.strip() or (line and not _ends_cue(lines, number))):
            if cue is not None and line.strip(" -"):
                cue.lines.append(line)
            continue
        if cue is not None:
            yield cue
        times = timing(line)
        cue = Cue(*times) if times else None
    if cue is not None:
        yield cue


def _ends_cue(lines: Sequence[str], number: int) -> bool:
    """Whether the next cue follows a line of spaces: the specification ends a cue at an empty line only."""
    below = [line for line in lines[number + 1 : number + _NEAR] if line.strip()]
    return not below or any(ARROW in line for line in below[:2])
