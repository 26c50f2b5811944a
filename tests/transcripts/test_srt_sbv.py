"""SubRip and SBV, whole and damaged."""

from __future__ import annotations

import pytest

from parley.transcripts import parse_transcript

SRT = "1\n00:00:01,500 --> 00:00:02,250\nAnn: <i>Hello</i>.\n\n2\n00:00:03,000 --> 00:00:04,000\nBob: {\\an8}Good\nday.\n"
EXPECTED = [("Ann", "Hello.", 1.5, 2.25), ("Bob", "Good day.", 3.0, 4.0)]


def rows(content, **named):
    found = parse_transcript(content if isinstance(content, bytes) else content.encode(), **named)
    return found.format, [(s.speaker, s.text, s.start, s.end) for s in found.segments]


@pytest.mark.parametrize(
    "text",
    [
        SRT,
        SRT.replace(",", "."),
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n", "\r"),
        SRT.replace("1\n00", "00").replace("2\n00", "00"),
        SRT.replace("\n\n2\n", "\n2\n"),
        SRT.replace("\nday", "\n\nday"),
        "\n\n" + SRT.replace("\n", "\n\n"),
    ],
    ids=[
        "as written",
        "dots",
        "crlf",
        "cr",
        "no index",
        "no blank line",
        "blank line in a cue",
        "double-spaced",
    ],
)
def test_subrip(text):
    assert rows(text) == ("srt", EXPECTED)


def test_a_number_that_is_said_stays():
    text = "1\n00:00:01,000 --> 00:00:02,000\nHow many?\n42\n\n2\n00:00:03,000 --> 00:00:04,000\nBye.\n"
    assert rows(text)[1][0][1] == "How many? 42"


@pytest.mark.parametrize("codec", ["gb2312", "big5", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_subrip_in_any_encoding(codec):
    line = "今天我们讨论下个月的预算和计划" if codec != "big5" else "今天我們討論下個月的預算和計劃"
    text = "".join(f"{n}\r\n00:00:{n:02},000 --> 00:00:{n:02},500\r\n{line}\r\n\r\n" for n in range(1, 20))
    declared = codec if codec in {"gb2312", "big5"} else None
    assert rows(text.encode(codec), charset=declared)[1][0] == (None, line, 1.0, 1.5)


def test_sbv():
    text = "0:00:00.378,0:00:11.378\nAnn: One\ntwo\n\n0:00:13.f89,0:00:15.489\nlost\n\n0:00:15.489,0:00:16.234\nBob: Three\n"
    assert rows(text) == ("sbv", [("Ann", "One two", 0.378, 11.378), ("Bob", "Three", 15.489, 16.234)])
