"""Text transcripts: `Name: text`, with `[hh:mm:ss]` before it or none, hard-wrapped or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from parley.transcripts.formats.irc_commands import is_command, named_scribes
from parley.transcripts.input_file import InputFile
from parley.transcripts.line_parser import MARKED_LINE, Line, parse_lines
from parley.transcripts.speaker_names import accepted_names, merge_badges
from parley.transcripts.stray_labels import stray_labels
from parley.transcripts.transcript import Statement, StatementBuilder
from parley.transcripts.turn_taking import is_conversation

_RULE = re.compile(r"[-=_*~#\s]{3,}")
_ASSIST = re.compile(r"\[scribe\s+assist\s+by\s+[^\[\]]{1,100}\]\s*\Z", re.IGNORECASE)
_TITLE = re.compile(r"\W*(?:full |meeting )?transcript(?:ion)?\W*", re.IGNORECASE)
_FEW_NAMED = 2
_GOES_ON = ("...", "\u2026")
_DOTS = ".\u2026 "
_SCRIBING = re.compile(r".{1,80} (?:is|are) scribing\.?")


def sniff(file: InputFile) -> bool:
    return file.is_text and is_conversation(statements(file.lines))


def read(file: InputFile) -> Iterable[Statement]:
    return statements(file.lines)


def statements(lines: Sequence[str]) -> list[Statement]:
    """The statements; lines above the first one are a heading and are left out."""
    parsed = _from_title(parse_lines(lines))
    speakers = _speakers(parsed)
    parsed = _without_strays(parsed, speakers)
    hanging = _hanging(parsed, speakers)
    return merge_badges(_joined(parsed, speakers, hanging=hanging))


def _from_title(parsed: Sequence[Line]) -> Sequence[Line]:
    """What stands below the title `Transcript`, where names do: summaries and agendas stand above it."""
    title = next((n for n, line in enumerate(parsed) if _TITLE.fullmatch(line.text)), None)
    below = parsed[title + 1 :] if title is not None else ()
    named = sum(1 for line in below if line.prefix or line.speaker or line.stamp)
    return below if named >= _FEW_NAMED else parsed


def _without_strays(parsed: Sequence[Line], speakers: frozenset[str]) -> Sequence[Line]:
    """Without the paragraphs that a title, a banner or a footer begins."""
    strays = stray_labels(parsed, speakers)
    kept: list[Line] = []
    stray = False
    for number, line in enumerate(parsed):
        stray = bool(line.text) and (number in strays or (stray and not _opens(line, speakers)))
        kept.append(Line(0, "") if stray else line)
    return kept


def _speakers(parsed: Sequence[Line]) -> frozenset[str]:
    outer = [line for line in parsed if line.text and not line.indent and line.speaker is None]
    names = [(line.prefix, line.rest) for line in outer if line.prefix]
    # Labels, rules and "X is scribing" are nobody's lines: they do not count against the share.
    furniture = sum(1 for line in outer if _is_furniture(line.text) or MARKED_LINE.match(line.text))
    return accepted_names(names, len(outer) - furniture)


def _hanging(parsed: Sequence[Line], speakers: frozenset[str]) -> bool:
    """Whether wrapped lines are indented, so that a line at the margin is a new statement."""
    indented = flush = 0
    open_ = False
    for line in parsed:
        if _opens(line, speakers) or not line.text:
            open_ = bool(line.text)
        elif open_ and line.indent:
            indented += 1
        elif open_:
            flush += 1
    return indented > flush


def _opens(line: Line, speakers: frozenset[str]) -> bool:
    return line.speaker is not None or line.stamp is not None or (not line.indent and line.prefix in speakers)


def _is_furniture(text: str) -> bool:
    return _RULE.fullmatch(text) is not None or _SCRIBING.fullmatch(text) is not None


def _joined(parsed: Sequence[Line], speakers: frozenset[str], *, hanging: bool) -> Iterator[Statement]:
    draft: StatementBuilder | None = None
    after_blank = False
    for line in parsed:
        if line.speaker is not None and _is_robots(line.text):
            continue
        if not line.text and line.speaker is None and line.stamp is None:
            after_blank = True
            continue
        if after_blank and draft is not None and not _opens(line, speakers) and _is_marked(draft):
            yield _finished(draft)
            draft = StatementBuilder([line.text.lstrip(_DOTS)])
            after_blank = False
            continue
        opened = _opened(line, speakers, draft, alone=after_blank or hanging)
        after_blank = False
        if opened is not None:
            if draft is not None:
                yield _finished(draft)
            draft = opened
        elif draft is not None and not _is_furniture(line.text):
            goes_on = draft.speaker is not None and line.text.startswith(_GOES_ON)
            draft.pieces.append(line.text.lstrip(_DOTS) if goes_on else line.text)
    if draft is not None:
        yield _finished(draft)


def _is_robots(text: str) -> bool:
    """A command in the chat of a meeting, which minutes by mail copy with the rest."""
    return is_command(text) or bool(named_scribes("", text))


def _is_marked(draft: StatementBuilder) -> bool:
    """`RESOLUTION: ...`, which a blank line ends: what goes on below is somebody's own."""
    return draft.speaker is None and MARKED_LINE.match(draft.pieces[0]) is not None


def _finished(draft: StatementBuilder) -> Statement:
    """Without the remark that minutes put behind what somebody else wrote down."""
    said = draft.build()
    return said._replace(text=_ASSIST.sub("", said.text))


def _opened(
    line: Line, speakers: frozenset[str], draft: StatementBuilder | None, *, alone: bool
) -> StatementBuilder | None:
    """The new statement that this line begins; None where it goes on with the one above, or says nothing."""
    if _opens(line, speakers):
        return _new(line, speakers, draft)
    if draft is None or _is_furniture(line.text):
        return None
    if draft.is_empty and (draft.speaker is not None or draft.start is not None):
        return None  # `Name:` or a time on a line of its own
    if draft.speaker is not None and line.text.startswith(_GOES_ON):
        return None
    if MARKED_LINE.match(line.text) or (alone and not line.indent):
        return StatementBuilder([line.text])
    return None


def _new(line: Line, speakers: frozenset[str], draft: StatementBuilder | None) -> StatementBuilder:
    named = line.prefix if line.prefix in speakers else None
    text = line.rest if named else line.text
    start, end = line.start, line.end
    if start is None and draft is not None and draft.is_empty and draft.speaker is None:
        start, end = draft.start, draft.end  # a time on a line of its own
    return StatementBuilder([text], line.speaker or named, start, end)
