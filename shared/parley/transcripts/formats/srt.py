"""SubRip (.srt): an index, `00:00:01,500 --> 00:00:03,000`, lines, a blank line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.cues import ARROW, Cue, statements, timing, without_double_spacing
from parley.transcripts.input_file import InputFile
from parley.transcripts.transcript import Statement


def sniff(file: InputFile) -> bool:
    return file.is_text and any(ARROW in line and timing(line) for line in file.lines)


def read(file: InputFile) -> Iterable[Statement]:
    return statements(cues(file.lines))


def cues(lines: Sequence[str]) -> Iterator[Cue]:
    """Every cue whose times can be read. A cue ends at the next block that has an index or a time."""
    cue: Cue | None = None
    after_blank = True
    lines = without_double_spacing(lines)
    for number, line in enumerate(lines):
        if ARROW in line:
            if cue is not None:
                yield cue
            times = timing(line)
            cue = Cue(*times) if times else None
        elif _is_index(lines, number, after_blank=after_blank):
            if cue is not None:
                yield cue
            cue = None
        elif cue is not None and line.strip():
            cue.lines.append(line)
        after_blank = not line.strip()
    if cue is not None:
        yield cue


def _is_index(lines: Sequence[str], number: int, *, after_blank: bool) -> bool:
    """Digits alone that open a block, or stand right before a timing line."""
    if not lines[number].strip().isdecimal():
        return False
    following = next((line for line in lines[number + 1 : number + 3] if line.strip()), "")
    return ARROW in following or (after_blank and bool(following))
