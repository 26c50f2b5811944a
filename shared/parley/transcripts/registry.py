"""The formats, and the way from bytes to a transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from parley.errors import TranscriptError
from parley.models.transcript import Transcript
from parley.transcripts import plain, sbv, subrip, webvtt
from parley.transcripts.source import Source
from parley.transcripts.statement import Statement, transcript


@dataclass(frozen=True, slots=True)
class Format:
    """`sniff` may look at anything but must not raise; `read` may raise TranscriptError."""

    name: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Iterable[Statement]]


FORMATS: tuple[Format, ...] = (
    Format("webvtt", webvtt.sniff, webvtt.read),
    Format("srt", subrip.sniff, subrip.read),
    Format("sbv", sbv.sniff, sbv.read),
    Format("plain", plain.sniff, plain.read),
)


def parse_transcript(
    content: bytes,
    *,
    filename: str | None = None,
    content_type: str | None = None,
    charset: str | None = None,
    format: str | None = None,  # noqa: A002 - the word that the command line uses
) -> Transcript:
    """What was said, in order. The first row of FORMATS that knows the file reads it.

    `charset` is the declared one; `format` forces a row by its name. Raises
    TranscriptError, one sentence, for everything that is no transcript.
    """
    source = Source(content, filename, content_type, charset)
    if not content.strip():
        raise TranscriptError("The transcript is empty: send the file again.")
    row = _forced(format) if format else _known(source)
    found = transcript(row.name, row.read(source))
    if not found.segments:
        raise TranscriptError(f"The transcript holds no statements (read as {row.name}).")
    return found


def _forced(name: str) -> Format:
    for row in FORMATS:
        if row.name == name:
            return row
    names = ", ".join(row.name for row in FORMATS)
    raise TranscriptError(f"There is no transcript format {name!r}: choose one of {names}.")


def _known(source: Source) -> Format:
    for row in FORMATS:
        if row.sniff(source):
            return row
    names = ", ".join(row.name for row in FORMATS)
    raise TranscriptError(
        f"No speakers or times were found in the file: send a transcript in one of {names}."
    )
