"""A transcript pasted into a mail's body: found only where nothing else fits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from parley.models.transcript import Transcript
from parley.transcripts import plain, webvtt
from parley.transcripts.cues import ARROW, statements
from parley.transcripts.source import MAX_BYTES, split_lines
from parley.transcripts.statement import Statement, transcript

_ENDS = re.compile(r"--\s?|_{8,}|-{2,}\s?(?:original|forwarded) message.*", re.IGNORECASE)
_LEAST = 3


def find_in_text(text: str) -> Transcript | None:
    """The transcript that a body holds, or None. Conservative: a letter, an agenda,
    headers or a quoted reply are none. It takes three statements and two turns,
    or times; quoted lines and what follows a signature mark do not count.
    """
    lines = _own_lines(split_lines(text[:MAX_BYTES]))
    return _cues(lines) or _spoken(lines)


def _own_lines(lines: Sequence[str]) -> list[str]:
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    last = next((n for n in range(len(kept) - 1, -1, -1) if _ENDS.fullmatch(kept[n].rstrip())), None)
    # A rule above the transcript is no signature: only a mark near the end cuts.
    return kept[:last] if last is not None and last > len(kept) // 2 else kept


def _cues(lines: Sequence[str]) -> Transcript | None:
    first = next((n for n, line in enumerate(lines) if ARROW in line), None)
    if first is None:
        return None
    found = transcript(
        "webvtt" if "WEBVTT" in "\n".join(lines[:first]) else "srt", statements(webvtt.cues(lines))
    )
    return found if len(found.segments) > 1 else None


def _spoken(lines: Sequence[str]) -> Transcript | None:
    said = _trimmed(plain.statements(lines))
    if not _is_conversation(said):
        return None
    return transcript("plain", said)


def _trimmed(said: list[Statement]) -> list[Statement]:
    """Without the paragraphs after the last statement that is anybody's."""
    while said and said[-1].speaker is None and said[-1].start is None:
        said.pop()
    return said


def _is_conversation(said: Sequence[Statement]) -> bool:
    owned = [one for one in said if one.speaker or one.start is not None]
    if len(owned) < _LEAST or len(owned) * 2 < len(said):
        return False
    names = [one.speaker for one in owned if one.speaker]
    timed = [one.start for one in owned if one.start is not None]
    if len(timed) >= _LEAST and timed == sorted(timed) and len(set(names)) < len(names):
        return True
    return _takes_turns(names) and not _is_record(names)


def _takes_turns(names: Sequence[str]) -> bool:
    """Someone speaks, another answers, and one of them speaks again."""
    turns = [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]
    return len(names) >= _LEAST and len(turns) > len(set(turns)) > 1


def _is_record(names: Sequence[str]) -> bool:
    """Three labels or more, always in the same order: a form filled in several times."""
    cycle = len(set(names))
    if cycle < 3 or any(count * cycle != len(names) for count in Counter(names).values()):  # noqa: PLR2004
        return False
    return all(name == names[n % cycle] for n, name in enumerate(names))
