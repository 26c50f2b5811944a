"""Text that its sender calls a transcript, though no format accepts it."""

from __future__ import annotations

import pytest

from parley.errors import TranscriptError
from parley.transcripts.spoken_text import parse_spoken_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Long transcript of a visit goes here.", [(None, "Long transcript of a visit goes here.")]),
        (
            "- we ship on Monday\n\n- Ines calls the port",
            [(None, "- we ship on Monday"), (None, "- Ines calls the port")],
        ),
        ("Rep: Good morning.\nBuyer: Hello there.", [("Rep", "Good morning."), ("Buyer", "Hello there.")]),
        ("Speaker 1: Ready?\nSpeaker 2: Yes.", [("Speaker 1", "Ready?"), ("Speaker 2", "Yes.")]),
        ("来週の月曜日に見積もりを送ります。", [(None, "来週の月曜日に見積もりを送ります。")]),
        ("田中：資料を送ります。", [("田中", "資料を送ります。")]),
        (
            "Note: it was short.\nand then we left",
            [(None, "Note: it was short."), (None, "and then we left")],
        ),
    ],
)
def test_each_line_is_a_statement(text, expected):
    found = parse_spoken_text(text.encode())
    assert [(one.speaker, one.text) for one in found.segments] == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a\x00b",
        b"1234 5678",
        b"---",
        b'{"turns": 3}',
        b'[{"a": 1}]',
        b"WEBVTT\n",
        b"<html>hi</html>",
    ],
)
def test_what_nobody_can_have_spoken_is_refused(content):
    with pytest.raises(TranscriptError):
        parse_spoken_text(content)
