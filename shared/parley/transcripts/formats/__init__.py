"""The transcript formats: one module and one row in FORMATS for each."""

from __future__ import annotations

from parley.transcripts.formats import aws_transcribe, docx, json_turns, notes, pdf
from parley.transcripts.formats.base import Format
from parley.transcripts.formats.text_formats import TEXT_FORMATS

# The first row whose `sniff` accepts a file reads it: the most distinctive formats come first.
FORMATS: tuple[Format, ...] = (
    Format("docx", docx.sniff, docx.read),
    Format("pdf", pdf.sniff, pdf.read),
    Format("aws-transcribe", aws_transcribe.sniff, aws_transcribe.read),
    Format("fireflies", json_turns.sniff_fireflies, json_turns.read),
    Format("json", json_turns.sniff, json_turns.read),
    *TEXT_FORMATS,
    Format("notes", notes.sniff, notes.read),
)
