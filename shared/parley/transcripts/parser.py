"""The formats, and the way from bytes to a transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from parley.errors import TranscriptError
from parley.transcripts.formats import (
    aws_transcribe,
    docx,
    google_meet,
    irc,
    jitsi_chat,
    json_turns,
    notes,
    otter,
    pdf,
    plain,
    sbv,
    srt,
    webvtt,
    zoom_captions,
    zoom_chat,
)
from parley.transcripts.input_file import Source
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
    Format("fireflies", json_turns.sniff_fireflies, json_turns.read),
    Format("json", json_turns.sniff, json_turns.read),
    Format("webvtt", webvtt.sniff, webvtt.read),
    Format("srt", srt.sniff, srt.read),
    Format("sbv", sbv.sniff, sbv.read),
    Format("zoom-chat", zoom_chat.sniff, zoom_chat.read),
    Format("zoom-captions", zoom_captions.sniff, zoom_captions.read),
    Format("meet", google_meet.sniff, google_meet.read),
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
