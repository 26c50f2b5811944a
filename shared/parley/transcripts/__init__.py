"""Bytes, or the body of a mail, to a Transcript: `parse_transcript` and `find_in_text`."""

from parley.transcripts.file_types import is_transcript_file
from parley.transcripts.formats import FORMATS
from parley.transcripts.formats.base import Format
from parley.transcripts.input_file import InputFile
from parley.transcripts.mail_body import find_in_text
from parley.transcripts.notes_lists import find_notes
from parley.transcripts.parser import parse_transcript

__all__ = [
    "FORMATS",
    "Format",
    "InputFile",
    "find_in_text",
    "find_notes",
    "is_transcript_file",
    "parse_transcript",
]
