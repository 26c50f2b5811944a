"""Bytes or a mail's body to a transcript: one module a format, one row in FORMATS."""

from parley.transcripts.body import find_in_text
from parley.transcripts.candidates import is_transcript_file
from parley.transcripts.registry import FORMATS, Format, parse_transcript
from parley.transcripts.source import Source

__all__ = ["FORMATS", "Format", "Source", "find_in_text", "is_transcript_file", "parse_transcript"]
