"""WebVTT: the specification, what meeting tools make of it, and what damaged files keep."""

from __future__ import annotations

import pytest

from parley.transcripts import parse_transcript


def read(text, **named):
    found = parse_transcript(text.encode(), filename="meeting.vtt", **named)
    assert found.format == "webvtt"
    return [(s.speaker, s.text, s.start, s.end) for s in found.segments]


def cue(text, start="00:00:01.000", end="00:00:02.000"):
    return f"WEBVTT\n\n{start} --> {end}\n{text}\n"


def test_blocks_that_are_no_cues_are_left_out():
    text = (
        "\ufeffWEBVTT - weekly call\nKind: captions\n\nNOTE a note\nof two lines\n\nSTYLE\n::cue { color: red }\n\n"
        "REGION\nid:fred\n\nfirst\n00:01.500 --> 00:02.250 align:start position:0%\nHello\nthere.\n\n"
        "NOTE between\n\n01:00:00.000 --> 01:00:01.001\nBye.\n\nNOTE the end"
    )
    assert read(text) == [(None, "Hello there.", 1.5, 2.25), (None, "Bye.", 3600.0, 3601.001)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(ending):
    text = cue("<v Ann>Hello.").replace("\n", ending)
    assert read(text) == [("Ann", "Hello.", 1.0, 2.0)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("<v Ann Lee>Hello.</v>", [("Ann Lee", "Hello.")]),
        ("<v.loud.first Ann>Hello.</v>", [("Ann", "Hello.")]),
        ("<v Ann>Hello.\n<v Bob>Hi <i>there</i>.", [("Ann", "Hello."), ("Bob", "Hi there.")]),
        ("<v Ann>Hello.</v> (noise)", [("Ann", "Hello."), (None, "(noise)")]),
        ("<v A &amp; B>a &lt;b&gt; &amp;&nbsp;c", [("A & B", "a <b> & c")]),
        ("<c.yellow.bg_blue>one <b>two <u>three</u></b></c>", [(None, "one two three")]),
        ("when <00:17.500>the <00:00:18.000>moon", [(None, "when the moon")]),
        ("<lang en>hi</lang> <ruby>a<rt>b</rt></ruby>", [(None, "hi ab")]),
        (
            "if a < b and b > c, mail <ann@example.com>",
            [(None, "if a < b and b > c, mail <ann@example.com>")],
        ),
        ("<v>nobody", [(None, "nobody")]),
        ("<v Ann>one\n\ttwo\u2028three", [("Ann", "one two three")]),
    ],
)
def test_voices_and_tags(payload, expected):
    assert [(speaker, text) for speaker, text, _, _ in read(cue(payload))] == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("00:00:01,500", "00:00:02,250", (1.5, 2.25)),
        ("00:01.500", "00:02.250", (1.5, 2.25)),
        ("100:00:00.000", "100:00:01.000", (360000.0, 360001.0)),
        ("00:00:01", "00:00:02", (1.0, 2.0)),
        ("1:2:03.5", "1:2:04.25", (3723.5, 3724.25)),
        ("00:00:01 .500", "00:00:02 .250", (1.5, 2.25)),
        ("14.400", "15.100", (14.4, 15.1)),
    ],
)
def test_times_that_are_unambiguous_are_read(start, end, expected):
    assert read(cue("Hello.", start, end)) == [(None, "Hello.", *expected)]


@pytest.mark.parametrize("bad", ["00:00:1d.890", "00:61:00.000", "00:00:75.000", "soon", ""])
def test_a_cue_whose_time_cannot_be_read_is_left_out_and_costs_no_other(bad):
    text = cue("lost", "00:00:01.000", bad) + "\n00:00:03.000 --> 00:00:04.000\nkept\n"
    assert read(text) == [(None, "kept", 3.0, 4.0)]


def test_a_cue_without_its_blank_line_ends_at_the_next_times():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo\n"
    assert [said[1] for said in read(text)] == ["one", "two"]


def test_a_file_that_a_mail_client_double_spaced():
    text = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAnn: Hello.\n\n2\n00:00:02.000 --> 00:00:03.000\nBob: Hi.\n"
    assert read(text.replace("\n", "\n\n")) == read(text)


def zoom(*lines):
    return "WEBVTT\n\n" + "\n\n".join(
        f"{n}\n00:00:{n:02}.000 --> 00:00:{n:02}.900\n{line}" for n, line in enumerate(lines)
    )


def speakers(*lines):
    return [said[0] for said in read(zoom(*lines))]


def test_zoom_prefixes_are_speakers_even_where_one_speaks_once():
    names = [
        "Ann | ACME",
        "marc | team",
        "ann",
        "David (dz)",
        "Smith, John (ACME)",
        "Dr. J. Wu",
        "李雷",
        "🦄",
        "+14155550100",
    ]
    assert speakers(*(f"{name}: Hello there." for name in names)) == names


def test_a_colon_in_speech_makes_no_speaker_where_lines_are_prefixed():
    lines = [
        "Ann: Hi.",
        "Bob: Hi.",
        "Ann: So: here.",
        "so: here we are",
        "remember this: be kind",
        "Bob: Yes.",
    ] * 2
    assert speakers(*lines) == ["Ann", "Bob", "Ann", None, None, "Bob"] * 2
    assert read(zoom(*lines))[2][1] == "So: here."


def test_a_colon_in_speech_makes_no_speaker_where_nothing_is_prefixed():
    lines = [
        "we have",
        "three points: one",
        "So: let us go",
        "The question is: why",
        "and that is",
        "all of it",
    ] * 3
    assert speakers(*lines) == [None] * 18


def test_labels_are_nobody():
    lines = ["Ann: Hi.", "Bob: Hi.", "Topic: money", "ACTION: Bob to pay", "Ann: Bye."]
    assert speakers(*lines) == ["Ann", "Bob", None, None, "Ann"]


def test_names_only_where_the_speaker_changes():
    lines = ["Ann: Hello.", "I am back.", "It rained.", "Bob: Hi.", "It did.", "Ann: Well.", "Bob: Yes."]
    assert speakers(*lines) == ["Ann", None, None, "Bob", None, "Ann", "Bob"]


def test_two_speakers_in_one_cue():
    text = zoom("Ann: Hello.\nBob: Hi.", "Ann: How are\nyou?", "Bob: Fine.")
    assert [said[:2] for said in read(text)] == [
        ("Ann", "Hello."), ("Bob", "Hi."), ("Ann", "How are you?"), ("Bob", "Fine."),
    ]  # fmt: skip


def test_without_its_header_and_without_a_name_it_is_read_by_its_arrows():
    found = parse_transcript(
        b"00:00:00.500 --> 00:00:07.000\nHello.\n\n00:00:07.000 --> 00:00:08.000\nBye.\n"
    )
    assert [(s.text, s.start) for s in found.segments] == [("Hello.", 0.5), ("Bye.", 7.0)]
