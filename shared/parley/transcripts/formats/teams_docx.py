"""The older Teams .docx: `0:0:0.0 --> 0:0:2.400`, the speaker on the next line, then the words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.transcripts.cues import ARROW, without_double_spacing
from parley.transcripts.formats.webvtt import cues
from parley.transcripts.speaker_names import could_be_name
from parley.transcripts.transcript import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence


def statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are of this format; else an empty list."""
    if not any(ARROW in line for line in lines):
        return []
    found = [cue for cue in cues(without_double_spacing(lines)) if cue.lines]
    headed = [cue for cue in found if len(cue.lines) > 1 and could_be_name(cue.lines[0].strip())]
    names = {cue.lines[0].strip() for cue in headed}
    if len(headed) != len(found) or len(names) * 2 > len(found) + 2:
        return []
    return [Statement("\n".join(cue.lines[1:]), cue.lines[0], cue.start, cue.end) for cue in found]
