"""YouTube's SBV: `0:00:00.378,0:00:11.378`, lines, a blank line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.cues import Cue, statements
from parley.transcripts.input_file import InputFile
from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement

_ENOUGH = 20


def sniff(file: InputFile) -> bool:
    """The first line that is not empty is a pair of times."""
    if not file.is_text:
        return False
    head = (line for line in file.lines[:_ENOUGH] if line.strip())
    return _timing(next(head, "")) is not None


def read(file: InputFile) -> Iterable[Statement]:
    return statements(_cues(file.lines))


def _timing(line: str) -> tuple[float, float] | None:
    left, comma, right = line.partition(",")
    start, end = parse_seconds(left), parse_seconds(right)
    return (start, end) if comma and start is not None and end is not None else None


def _cues(lines: Sequence[str]) -> Iterator[Cue]:
    cue: Cue | None = None
    for line in lines:
        times = _timing(line)
        if times is None and line.strip():
            if cue is not None:
                cue.lines.append(line)
            continue
        if cue is not None:
            yield cue
        cue = Cue(*times) if times else None
    if cue is not None:
        yield cue
