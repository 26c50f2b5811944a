"""Caption cues, `start --> end` and the lines below, which WebVTT, SubRip and SBV share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from parley.transcripts.cue_markup import voices
from parley.transcripts.speaker_names import accepted_names, could_be_name, merge_badges, split_prefix
from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement

ARROW = "-->"
_SPACED_COLON = re.compile(r"\s*([:.,])\s*")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,80})[)\]]:?")
_MAX_STAMP = 24

Splitter = Callable[[str], tuple[str, str] | None]


@dataclass(slots=True)
class Cue:
    start: float
    end: float
    lines: list[str] = field(default_factory=list)


def timing(line: str) -> tuple[float, float] | None:
    """Start and end of `start --> end settings`, in seconds; None where either cannot be read."""
    left, arrow, right = line.partition(ARROW)
    if not arrow or len(left) > _MAX_STAMP * 2:
        return None
    start, end = _time(left), _time(right)
    return (start, end) if start is not None and end is not None else None


def _time(text: str) -> float | None:
    """Also `00:00:01 ,500`, `00: 00:01.5` and `12.5`: unambiguous whatever the writer's habits."""
    stamp = _SPACED_COLON.sub(r"\1", text.lstrip()[:_MAX_STAMP]).partition(" ")[0].partition("\t")[0].strip()
    if re.fullmatch(r"\d{1,5}[.,]\d{1,3}", stamp, re.ASCII):
        return float(stamp.replace(",", "."))
    return parse_seconds(stamp)


def statements(cues: Iterable[Cue]) -> list[Statement]:
    """One statement for each cue, or one for each voice where a cue has several."""
    return merge_badges(_statements(list(cues)))


def _statements(cues: Sequence[Cue]) -> Iterator[Statement]:
    split = _bracketed if _are_bracketed(cues) else split_prefix
    spoken = [(cue, voices(cue.lines)) for cue in cues]
    unnamed = [
        said[0].text.split("\n") for _, said in spoken if said and all(v.speaker is None for v in said)
    ]
    firsts = [split(line) for lines in unnamed for line in (lines if split is _bracketed else lines[:1])]
    known = accepted_names([found for found in firsts if found], len(unnamed))
    for cue, said in spoken:
        for voice in said:
            if voice.speaker is not None:
                yield Statement(voice.text, voice.speaker, cue.start, cue.end)
            else:
                yield from _by_prefix(cue, voice.text, known, split)


def _are_bracketed(cues: Sequence[Cue]) -> bool:
    """Whether half of the cues begin with a name in brackets on a line of its own, above what is said."""
    names = [found[0] for cue in cues if len(cue.lines) > 1 and (found := _bracketed(cue.lines[0]))]
    return len(names) * 2 > len(cues) and len(set(names)) > 1


def _bracketed(line: str) -> tuple[str, str] | None:
    """`(Ann Lee)` or `[Ann Lee]`, with nothing behind it; else None. Sounds are written without capitals."""
    match = _IN_BRACKETS.fullmatch(line.strip())
    if match is None or not match[1][:1].isupper() or not could_be_name(match[1]):
        return None
    return match[1], ""


def _by_prefix(cue: Cue, text: str, known: frozenset[str], split: Splitter) -> Iterator[Statement]:
    """`Ann: hi` and, on a line of its own in the same cue, `Bob: hello`."""
    speaker: str | None = None
    gathered: list[str] = []
    for line in text.split("\n"):
        found = split(line)
        if found is None or found[0] not in known:
            gathered.append(line)
            continue
        yield Statement("\n".join(gathered), speaker, cue.start, cue.end)
        speaker, gathered = found[0], [found[1]]
    yield Statement("\n".join(gathered), speaker, cue.start, cue.end)


def without_double_spacing(lines: Sequence[str]) -> Sequence[str]:
    """Remove the empty line that some mail clients put after every line."""
    for parity in (0, 1):
        if len(lines) > 4 and not any(line.strip() for line in lines[parity::2]):  # noqa: PLR2004 - a cue at least
            return lines[1 - parity :: 2]
    return lines
