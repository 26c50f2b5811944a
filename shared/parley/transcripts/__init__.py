"""Bytes or a mail's body to a transcript: one module a format, one row in FORMATS."""

from parley.transcripts.file_types import is_transcript_file
from parley.transcripts.input_file import Source
from parley.transcripts.mail_body import find_in_text
from parley.transcripts.parser import FORMATS, Format, parse_transcript

__all__ = ["FORMATS", "Format", "Source", "find_in_text", "is_transcript_file", "parse_transcript"]
