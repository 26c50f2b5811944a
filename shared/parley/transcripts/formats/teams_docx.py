"""The older Teams .docx: `0:0:0.0 --> 0:0:2.400`, the speaker on the next line, then the words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.transcripts.cues import ARROW, undoubled
from parley.transcripts.formats.webvtt import cues
from parley.transcripts.speaker_names import could_name
from parley.transcripts.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence


def statements(lines: Sequence[str]) -> list[Statement]:
    """Empty where the lines are not of this kind."""
    if not any(ARROW in line for line in lines):
        return []
    found = [cue for cue in cues(undoubled(lines)) if cue.lines]
    headed = [cue for cue in found if len(cue.lines) > 1 and could_name(cue.lines[0].strip())]
    names = {cue.lines[0].strip() for cue in headed}
    if len(headed) != len(found) or len(names) * 2 > len(found) + 2:
        return []
    return [Statement("\n".join(cue.lines[1:]), cue.lines[0], cue.start, cue.end) for cue in found]
