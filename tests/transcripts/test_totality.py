"""Whatever the bytes are: a transcript or a TranscriptError, and work that grows with the size alone."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.errors import TranscriptError
from parley.transcripts import FORMATS, find_in_text, parse_transcript

PIECES = st.sampled_from(
    ["WEBVTT", "\n", "\n\n", "\r", "00:00:01.000 --> 00:00:02.000", "-->", "1\n", "<v Ann>", "</v>", "<", ">", "&amp;", "Ann: ",
     "Bob:\t", "[00:00:01] ", "<ann> ", "12:00:01\tAnn:\t", "[Ann] 11:00:00\n", "Ann  0:03\n", "s/a/b/g\n", "scribe: ann\n", "... ",
     "{", "[", '"text":', '"a"', ",", "0:00:01.0,0:00:02.0\n", "PK\x03\x04", "%PDF-1.4", "\x00", "ü", "李", "🦄", "Transcript\n", "Topic: x\n"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join)
NAMES = st.sampled_from(
    [None, "a.vtt", "a.srt", "a.sbv", "a.json", "notes.txt", "a.docx", "a.pdf", "a.log", "..", ""]
)
OPTIONS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(content, **named):
    try:
        found = parse_transcript(content, **named)
    except TranscriptError as error:
        said = str(error)
        found = None
    if found is None:
        assert said
        assert "\n" not in said
        return
    assert [segment.index for segment in found.segments] == list(range(len(found.segments)))
    for segment in found.segments:
        assert segment.text
        assert len(segment.text.splitlines()) == 1
        assert segment.speaker is None or segment.speaker.strip()
        assert segment.start is None or 0 <= segment.start < float("inf")


@OPTIONS
@given(
    st.binary(max_size=400),
    NAMES,
    st.sampled_from([None, "utf-8", "uft-8", "x", "hex", "idna", "utf-7", "\x00"]),
)
def test_any_bytes(content, filename, charset):
    check(content, filename=filename, charset=charset)


@OPTIONS
@given(TEXTS, NAMES, st.sampled_from([None, *(row.name for row in FORMATS)]))
def test_anything_like_a_transcript(text, filename, name):
    check(text.encode("utf-8", "surrogatepass"), filename=filename, format=name)


@OPTIONS
@given(TEXTS)
def test_any_body(text):
    found = find_in_text(text)
    assert found is None or len(found.segments) > 1


HOSTILE = {
    "angles": "<",
    "closed angles": "<>",
    "open tags": "<v ",
    "colons": ":",
    "spaced colons": "a : ",
    "brackets": "[",
    "stamps": "00:00:01 ",
    "arrows": "00:00:01.000 --> 00:00:02.000\n<v a>b\n",
    "names": "Ann: hi\n",
    "new names": "A{n}: hi\n",
    "corrections": "<ann> s/a/b/g\n",
    "blank lines": "\n",
    "headings": "Ann  0:03\n",
    "chat": '00:00:01\tAnn:\tReplying to "\n',
    "objects": '{"a":[',
    "ampersands": "&",
    "spaces": " ",
    "stars": "**",
}  # fmt: skip


def calls(run):
    """How many lines of our own code were executed: the same on every machine."""
    count = 0

    def trace(frame, event, _argument):
        nonlocal count
        if "transcripts" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", HOSTILE)
def test_work_grows_with_the_size_alone(shape):
    def work(size):
        unit = HOSTILE[shape]
        text = "".join(unit.replace("{n}", str(n)) for n in range(size // len(unit)))

        def run():
            find_in_text(text)
            check(text.encode())

        return calls(run)

    work(2_000)  # imports and caches
    small, large = work(8_000), work(32_000)
    assert large <= small * 4.6 + 2_000
