"""The transcript formats: one module and one row in FORMATS for each."""

from __future__ import annotations

from parley.transcripts.formats import (
    assemblyai,
    aws_transcribe,
    deepgram,
    docx,
    json_turns,
    notes,
    pdf,
    recall,
    speechmatics,
    teams_json,
    whisper,
)
from parley.transcripts.formats.base import Format
from parley.transcripts.formats.text_formats import TEXT_FORMATS

# The first row whose `sniff` accepts a file reads it: the most distinctive formats come first.
FORMATS: tuple[Format, ...] = (
    Format("docx", docx.sniff, docx.read),
    Format("pdf", pdf.sniff, pdf.read),
    Format("aws-transcribe", aws_transcribe.sniff, aws_transcribe.read),
    Format("assemblyai", assemblyai.sniff, assemblyai.read),
    Format("deepgram", deepgram.sniff, deepgram.read),
    Format("recall", recall.sniff, recall.read),
    Format("speechmatics", speechmatics.sniff, speechmatics.read),
    Format("teams-json", teams_json.sniff, teams_json.read),
    Format("whisper", whisper.sniff, whisper.read),
    Format("fireflies", json_turns.sniff_fireflies, json_turns.read),
    Format("json", json_turns.sniff, json_turns.read),
    *TEXT_FORMATS,
    Format("notes", notes.sniff, notes.read),
)
