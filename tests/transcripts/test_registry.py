"""From bytes to a transcript: which row reads what, and what is refused in which words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from parley.errors import TranscriptError
from parley.transcripts import FORMATS, is_transcript_file, parse_transcript
from parley.transcripts.input_file import MAX_BYTES, MAX_LINES

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


def test_importing_brings_in_no_library():
    script = "import sys, parley.transcripts; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"docx", "lxml", "pypdf", "chardet", "pydantic", "boto3"} & set(loaded)


def test_size_and_lines_have_limits():
    with pytest.raises(TranscriptError, match="20 MB"):
        parse_transcript(b"Ann: hi\n" * (MAX_BYTES // 8 + 1))
    with pytest.raises(TranscriptError, match="lines"):
        parse_transcript(b"a\n" * (MAX_LINES + 1))


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("Ann: Grüße.\nBob: Où ça\u202f?\nAnn: Voilà.\n".encode(), "us-ascii"),
        ("Ann: Grüße.\nBob: Ou ça?\nAnn: Voilà.\n".encode("latin-1"), "iso-8859-1"),
        ("Ann: Grüße.\nBob: Ou ça?\nAnn: Voilà.\n".encode("cp1252"), "uft-8"),
        ("Ann: Grüße.\nBob: Ou ça?\nAnn: Voilà.\n".encode("utf-16-be"), None),
        ("Ann: Grüße.\nBob: Ou ça?\nAnn: Voilà.\n".encode("utf-16"), "utf-8"),
        ("Ann: 予算\nBob: はい\nAnn: では\n".encode("iso2022_jp"), None),
        ("Ann: Grüße. ".encode() + b"x" * 300 + "\nBob: ça\nAnn: Voilà é".encode()[:-1], None),
    ],
)
def test_any_encoding(content, charset):
    found = parse_transcript(content, charset=charset)
    assert found.speakers == ("Ann", "Bob")
    assert found.segments[0].text.startswith(("Grüße.", "予算"))
