"""From the bytes of a file to a transcript."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from parley.errors import TranscriptError, UnknownFormat
from parley.transcripts.formats import FORMATS
from parley.transcripts.formats.base import Format
from parley.transcripts.head_dates import day_of_file_name, day_of_head, day_of_json
from parley.transcripts.input_file import InputFile
from parley.transcripts.meeting_day import MeetingDay
from parley.transcripts.notes_lists import find_notes
from parley.transcripts.transcript import Transcript, build_transcript

FIRST_WORDS = 24
"""Characters by which the first statement is found in the file."""
NOTHING_FOUND = (
    "No speakers or times were found: send what the meeting tool exports (.vtt, .srt, .txt, .docx)."
)
_NOTES = frozenset({".txt", ".text", ".md"})


def parse_transcript(
    content: bytes,
    *,
    filename: str | None = None,
    content_type: str | None = None,
    charset: str | None = None,
    format: str | None = None,  # noqa: A002 - the name of the command's option
    arrived: date | None = None,
) -> Transcript:
    """Read a file in the first row of FORMATS that accepts it.

    `charset` is the declared one; it is used only where the bytes allow it.
    `format` names the row to use instead of asking each. `arrived` is the day
    on which it was sent: a date in its head lies before. Raises TranscriptError,
    with one sentence for the sender, where the file holds no transcript.
    """
    file = InputFile(content, filename, content_type, charset)
    if not content.strip():
        raise TranscriptError("The transcript is empty: send the file again.")
    row = _named(format) if format else _recognised(file)
    found = build_transcript(row.name, row.read(file)) if row else _listed(file)
    if found is None:
        raise UnknownFormat(NOTHING_FOUND)
    if not found.segments:
        raise TranscriptError(f"The transcript holds no statements (read as {found.format}).")
    kind: Literal["transcript", "notes"] = "notes" if found.format == "notes" else "transcript"
    return replace(found, day=_day(file, found, arrived), kind=kind)


def _listed(file: InputFile) -> Transcript | None:
    """The items of written notes, where a text file lists any."""
    return find_notes(file.text) if file.suffix in _NOTES and file.is_text else None


def _day(file: InputFile, found: Transcript, arrived: date | None) -> MeetingDay | None:
    first = found.segments[0].text[:FIRST_WORDS]
    if file.is_text and file.json is not None:
        head = day_of_json(file.json, arrived=arrived)
    else:
        head = day_of_head(file.head, first, arrived=arrived)
    return head or day_of_file_name(file.filename, arrived=arrived)


def _named(name: str) -> Format:
    for row in FORMATS:
        if row.name == name:
            return row
    names = ", ".join(row.name for row in FORMATS)
    raise TranscriptError(f"There is no transcript format {name!r}: choose one of {names}.")


def _recognised(file: InputFile) -> Format | None:
    return next((row for row in FORMATS if row.sniff(file)), None)
