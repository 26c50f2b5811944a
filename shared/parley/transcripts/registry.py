"""The formats, and the way from bytes to a transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from parley.errors import TranscriptError
from parley.transcripts import (
    aws_transcribe,
    docx,
    irc,
    jitsi_chat,
    meet,
    notes,
    otter,
    pdf,
    plain,
    sbv,
    subrip,
    turns,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.source import Source
from parley.transcripts.statement import Statement, transcript
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Format:
    """`sniff` may look at anything but must not raise; `read` may raise TranscriptError."""

    name: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Iterable[Statement]]


# From what nothing else looks like to what much looks like: the order is the rule.
FORMATS: tuple[Format, ...] = (
    Format("docx", docx.sniff, docx.read),
    Format("pdf", pdf.sniff, pdf.read),
    Format("aws-transcribe", aws_transcribe.sniff, aws_transcribe.read),
    Format("fireflies", turns.sniff_fireflies, turns.read),
    Format("json", turns.sniff, turns.read),
    Format("webvtt", webvtt.sniff, webvtt.read),
    Format("srt", subrip.sniff, subrip.read),
    Format("sbv", sbv.sniff, sbv.read),
    Format("zoom-chat", zoom_chat.sniff, zoom_chat.read),
    Format("zoom-captions", zoom_captions.sniff, zoom_captions.read),
    Format("meet", meet.sniff, meet.read),
    Format("jitsi-chat", jitsi_chat.sniff, jitsi_chat.read),
    Format("irc", irc.sniff, irc.read),
    Format("otter", otter.sniff, otter.read),
    Format("plain", plain.sniff, plain.read),
    Format("notes", notes.sniff, notes.read),
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
    raise TranscriptError(
        "No speakers or times were found: send what the meeting tool exports (.vtt, .srt, .txt, .docx)."
    )
