"""From bytes to a transcript: which row reads what, and what is refused in which words."""

from __future__ import annotations

import pytest

from parley.errors import TranscriptError
from parley.transcripts import FORMATS, is_transcript_file, parse_transcript

VTT = b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.500\nAnn: Hello.\n\n2\n00:00:03.000 --> 00:00:04.000\nBob: Good morning.\n"


def test_a_forced_format_wins_over_the_name():
    assert parse_transcript(VTT, filename="a.txt", format="srt").format == "srt"


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(TranscriptError, match="webvtt") as error:
        parse_transcript(VTT, format="mp3")
    assert all(row.name in str(error.value) for row in FORMATS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"WEBVTT\n\nNOTE nothing was said\n", "no statements"),
        (bytes(range(256)) * 40, "not text"),
        (b"Just a letter.\n\nWith two lines.\n", "No speakers"),
    ],
)
def test_what_is_no_transcript_is_refused_in_one_sentence(content, says):
    with pytest.raises(TranscriptError, match=says) as error:
        parse_transcript(content)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("filename", "content_type", "wanted"),
    [
        ("GMT2026.transcript.VTT", None, True),
        ("call.srt", "application/octet-stream", True),
        ("notes.docx", None, True),
        ("photo.png", "text/plain", False),
        (None, "text/vtt; charset=utf-8", True),
        (None, "text/calendar", False),
        ("invite.ics", "text/calendar", False),
        (None, None, False),
    ],
)
def test_candidates(filename, content_type, wanted):
    assert is_transcript_file(filename, content_type) is wanted
