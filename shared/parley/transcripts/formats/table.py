"""Tables of statements: Markdown, CSV, tabs or aligned columns, with or without a heading row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from parley.transcripts.speaker_names import could_be_name
from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement
from parley.transcripts.turn_taking import takes_turns

if TYPE_CHECKING:
    from parley.transcripts.input_file import InputFile

_SPEAKER = frozenset({"speaker", "name", "participant", "who", "speaker name"})
_WORDS = frozenset(
    {"transcription", "transcript", "text", "content", "what was said", "message", "utterance"}
)
_START = frozenset({"start", "time", "timestamp", "start time", "start_time"})
_LEAST = 3
_RULER = re.compile(r"[\s|:+=-]+")
_WIDE = re.compile(r"\s{2,}")
_STAMP = re.compile(r"\[?\(?(\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)\)?\]?")


class Columns(NamedTuple):
    """The numbers of the columns; `start` None where there are no times."""

    speaker: int
    words: int
    start: int | None


def sniff(file: InputFile) -> bool:
    return file.is_text and bool(find_statements(file.lines))


def read(file: InputFile) -> Iterable[Statement]:
    return find_statements(file.lines)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where the lines are such a table; else an empty list."""
    for split in (_pipes, _tabs, _commas, _columns):
        rows = [row for row in split(lines) if len(row) > 1]
        said = _with_heading(rows) or (_without_heading(rows) if split is not _commas else [])
        if said:
            return said
    return []


def columns_of(heading: Sequence[str]) -> Columns | None:
    """The columns that a heading row names; None where it names no speaker or no text."""
    names = [cell.strip().strip("*").lower() for cell in heading]
    speaker, words, start = (
        next((n for n, name in enumerate(names) if name in known), None)
        for known in (_SPEAKER, _WORDS, _START)
    )
    return Columns(speaker, words, start) if speaker is not None and words is not None else None


def _with_heading(rows: Sequence[Sequence[str]]) -> list[Statement]:
    for number, row in enumerate(rows):
        columns = columns_of(row)
        if columns is not None:
            body = [one for one in rows[number + 1 :] if len(one) == len(row)]
            return _statements(body, columns)
    return []


def _without_heading(rows: Sequence[Sequence[str]]) -> list[Statement]:
    """Three columns, time, name and text, in any order of the first two."""
    rows = [row for row in rows if len(row) == 3]  # noqa: PLR2004 - time, name, text
    if len(rows) < _LEAST:
        return []
    start = next((n for n in (0, 1) if all(_time(row[n]) is not None for row in rows)), None)
    if start is None:
        return []
    names = [row[1 - start] for row in rows]
    if not takes_turns(names) or not all(could_be_name(name) for name in names):
        return []
    return _statements(rows, Columns(1 - start, 2, start))


def _statements(rows: Iterable[Sequence[str]], columns: Columns) -> list[Statement]:
    found = []
    for row in rows:
        start = _time(row[columns.start]) if columns.start is not None else None
        found.append(Statement(row[columns.words], row[columns.speaker], start))
    return found


def _time(cell: str) -> float | None:
    match = _STAMP.fullmatch(cell.strip())
    return parse_seconds(match[1]) if match else None


def _pipes(lines: Sequence[str]) -> list[list[str]]:
    tabled = (line.strip() for line in lines if line.count("|") > 1 and not _RULER.fullmatch(line))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tabled]


def _tabs(lines: Sequence[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip().split("\t")] for line in lines if "\t" in line]


def _columns(lines: Sequence[str]) -> list[list[str]]:
    return [_WIDE.split(line.strip(), maxsplit=2) for line in lines if "  " in line.strip()]


def _commas(lines: Sequence[str]) -> list[list[str]]:
    """CSV, where the first line with a comma is a heading row."""
    first = next((n for n, line in enumerate(lines) if "," in line or ";" in line), None)
    if first is None:
        return []
    mark = ";" if lines[first].count(";") > lines[first].count(",") else ","
    if columns_of(lines[first].replace('"', "").split(mark)) is None:
        return []
    try:
        return list(csv.reader((line + "\n" for line in lines[first:]), delimiter=mark))
    except csv.Error:
        return []
