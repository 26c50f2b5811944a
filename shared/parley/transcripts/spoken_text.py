"""Text that its sender calls a transcript, though it has the shape of no format."""

from __future__ import annotations

import re

from parley.errors import TranscriptError
from parley.transcripts.transcript import Statement, Transcript, build_transcript

NAME = "text"
_LABELLED = re.compile(r"\s*([^\W\d_][^\n:\uff1a]{0,39}?)\s*(?::\s+|\uff1a\s*)(\S.*)")
_OTHER_FORMATS = ("{", "[{", "<", "%PDF", "WEBVTT")


def parse_spoken_text(content: bytes) -> Transcript:
    """Read each line as a statement.

    Where every line begins with a label and a colon the labels are the
    speakers; else nobody is named. Raises TranscriptError for what is no text,
    holds no words, or begins like a format that should have read it.
    """
    try:
        text = content.decode().strip()
    except UnicodeDecodeError as error:
        raise TranscriptError("The transcript is no text in UTF-8.") from error
    if text.startswith(_OTHER_FORMATS) or "\0" in text or not any(map(str.isalpha, text)):
        raise TranscriptError("The transcript is no text that somebody can have spoken.")
    lines = [line for line in text.splitlines() if line.strip()]
    labelled = [_LABELLED.fullmatch(line) for line in lines]
    if all(labelled):
        return build_transcript(NAME, (Statement(found[2], found[1]) for found in labelled if found))
    return build_transcript(NAME, (Statement(line) for line in lines))
