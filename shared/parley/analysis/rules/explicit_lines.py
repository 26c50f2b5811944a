"""Explicit lines: `ACTION: ...`, `RESOLVED: ...`, `Topic: ...`, in their many spellings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from parley.analysis.insight import Evidence
from parley.analysis.rules.word_lists import word_set
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.transcripts.transcript import Segment, Transcript

Kind = Literal["action", "decision", "topic"]


class ExplicitLine(NamedTuple):
    """One explicit item: `text` with continuations and corrections, and its proof."""

    kind: Kind
    text: str
    evidence: Evidence


_LABEL = lazy_compile(
    r"^[\s>*•·\-\u2013—_]*(?P<open>[\[(]?)[*_]*\s*"
    r"(?P<label>action\s+items?|actions?|ai|to-?dos?|todos?|next steps?|resolved|resolutions?|agreed"
    r"|agreement|decisions?|decided|"
    r"consensus|sub-?topics?|topics?|agenda items?)"
    r"(?P<number>\s*(?:-\d+|#\s?\d+|\s\d+))?[*_]*(?P<close>[\])]?)[*_]*\s*(?P<colon>[:\uff1a])?[*_]*\s*",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("topic", "topic"),
    ("sub", "topic"),
    ("agenda", "topic"),
    ("action", "action"),
    ("ai", "action"),
    ("to", "action"),
    ("next", "action"),
)
_BARE_TASK = lazy_compile(r"^(?:on\s+)?@?[\w.\-]+(?:\s+[A-Z][\w.\-]+)?\s+(?:to|will)\s+\w+")
_BULLET = lazy_compile(r"^\s*(?:[-*•·\u2013]|\d{1,2}[.)]|\[[ xX]?\])\s+")
_CONTINUES = lazy_compile(r"^\s*(?:\.\.\.?\.?|…)\s*")
_CORRECTION = lazy_compile(
    r"^s(?P<mark>[/|])(?P<old>[^/|]{1,200})(?P=mark)(?P<new>[^/|]{0,200})(?:(?P=mark)g?)?\s*$"
)
_NOTHING = word_set("none nil n/a na nothing tbd no yes")
_BOTS = word_set("""
        trackbot rrsagent zakim ghurlbot gb agendabot github-bot minutes-bot pchampin_bot
        """)
_MAX_TEXT = 400
_MAX_CONTINUED = 12
_LOOK_BACK = 20


def find_explicit_lines(transcript: Transcript) -> tuple[ExplicitLine, ...]:
    """Every explicit action, decision and topic, in order, each once."""
    if transcript.listed:
        return tuple(_listed(transcript))
    found: list[tuple[int, ExplicitLine]] = []
    heading: Kind | None = None
    for position, segment in enumerate(transcript.segments):
        _correct(found, segment, position)
        heading, new = _read(segment, heading)
        found.extend((position, _continued(line, transcript, position)) for line in new)
    return tuple(dict.fromkeys(line for _, line in _unrepeated(found)))


def _listed(transcript: Transcript) -> Iterator[ExplicitLine]:
    """The items of notes, each under what it is listed."""
    for kind, segment in zip(transcript.listed, transcript.segments, strict=True):
        yield from _line(kind, segment, 0)


def _read(segment: Segment, heading: Kind | None) -> tuple[Kind | None, list[ExplicitLine]]:
    """The heading that now holds, and what this segment says explicitly."""
    if (segment.speaker or "").lower() in _BOTS:
        return None, []
    labelled = _labelled_speaker(segment)
    if labelled:
        return None, [labelled]
    match = _LABEL.match(segment.text[:200])
    if match:
        return _after_label(segment, match)
    bullet = _BULLET.match(segment.text)
    if heading and bullet:
        return heading, _line(heading, segment, bullet.end())
    return None, []


def _after_label(segment: Segment, match: re.Match[str]) -> tuple[Kind | None, list[ExplicitLine]]:
    rest = segment.text[match.end() :]
    kind = kind_of(match["label"])
    if match["colon"] and not rest.strip(" *_"):
        return (kind if kind != "topic" else None), []
    if _reference(match) or not _introduces(match, rest):
        return None, []
    return None, _line(kind, segment, match.end())


def kind_of(label: str) -> Kind:
    """What a label announces; those that open no action and no topic are decisions."""
    lowered = label.lower()
    return next((kind for start, kind in _KINDS if lowered.startswith(start)), "decision")


def _reference(match: re.Match[str]) -> bool:
    """`ACTION-12: ...` speaks of an action that exists already."""
    return (match["number"] or "").strip().startswith("-")


def _introduces(match: re.Match[str], rest: str) -> bool:
    """A colon or brackets introduce an item; `ACTION name to do` does so in capitals."""
    if match["colon"] or (match["open"] and match["close"]):
        return True
    return match["label"].isupper() and bool(_BARE_TASK.match(rest))


def _labelled_speaker(segment: Segment) -> ExplicitLine | None:
    """`ACTION: do this`, read by a format that took the label for a speaker."""
    match = _LABEL.fullmatch(f"{segment.speaker}:") if segment.speaker else None
    if match is None or _reference(match):
        return None
    return next(iter(_line(kind_of(match["label"]), segment, 0)), None)


def _line(kind: Kind, segment: Segment, start: int) -> list[ExplicitLine]:
    text = segment.text[start : start + _MAX_TEXT].strip().strip("*_").strip()
    if not _says_something(text):
        return []
    quote = segment.text.strip()[:_MAX_TEXT]
    return [
        ExplicitLine(
            kind, text, Evidence(quote, segment.speaker, segment.index, segment.start, verified=True)
        )
    ]


def _says_something(text: str) -> bool:
    bare = text.lower().strip(" .!-[]()")
    return (
        bare not in _NOTHING
        and not bare.startswith(("http://", "https://"))
        and any(c.isalpha() for c in bare)
    )


def _continued(line: ExplicitLine, transcript: Transcript, position: int) -> ExplicitLine:
    """With the `... more` lines that the same speaker puts right below."""
    text = line.text
    for segment in transcript.segments[position + 1 : position + 1 + _MAX_CONTINUED]:
        match = _CONTINUES.match(segment.text)
        if match is None or segment.speaker != line.evidence.speaker or len(text) > _MAX_TEXT:
            break
        text = f"{text} {segment.text[match.end() :].strip()}"
    return line._replace(text=text)


def _correct(found: list[tuple[int, ExplicitLine]], segment: Segment, position: int) -> None:
    """`s/old/new/` mends the latest item that holds `old`, when it stands close above."""
    match = _CORRECTION.match(segment.text[:500].strip())
    if match is None:
        return
    for at in range(len(found) - 1, -1, -1):
        where, line = found[at]
        if position - where > _LOOK_BACK:
            return
        if match["old"] in line.text:
            found[at] = (where, line._replace(text=line.text.replace(match["old"], match["new"], 1)))
            return


def _unrepeated(found: list[tuple[int, ExplicitLine]]) -> Iterator[tuple[int, ExplicitLine]]:
    """A chair who restates, and a recap at the end, add nothing."""
    seen: set[tuple[Kind, str]] = set()
    for position, line in found:
        key = (line.kind, "".join(c for c in line.text.lower() if c.isalnum()))
        if key not in seen:
            seen.add(key)
            yield position, line
