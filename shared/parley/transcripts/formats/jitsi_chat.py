"""Jitsi's chat, as copied from its panel: `Ann says:text`, the clock, then the next name.

The clock has no seconds and stands below the words; it is left out rather
than taken for minutes and seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.input_file import InputFile
from parley.transcripts.transcript import Statement, StatementBuilder

_SAYS = re.compile(r"(\S.{0,99}?) says:(.*)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?: ?[AaPp][Mm])?", re.ASCII)
_LEAST = 2


def sniff(file: InputFile) -> bool:
    """Two lines at the least say who says, and below them stands the clock."""
    if not file.is_text:
        return False
    said = sum(1 for line in file.lines if _SAYS.fullmatch(line.strip()))
    clocks = sum(1 for line in file.lines if _CLOCK.fullmatch(line.strip()))
    return said >= _LEAST and clocks * 2 >= said


def read(file: InputFile) -> Iterable[Statement]:
    return _statements(file.lines)


def _statements(lines: Sequence[str]) -> Iterator[Statement]:
    draft: StatementBuilder | None = None
    for line in lines:
        match = _SAYS.fullmatch(line.strip())
        if match is not None or _CLOCK.fullmatch(line.strip()):
            if draft is not None:
                yield draft.build()
            draft = StatementBuilder([match[2]], match[1]) if match else None
        elif draft is not None:
            draft.pieces.append(line)
    if draft is not None:
        yield draft.build()
