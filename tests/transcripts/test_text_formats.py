"""Transcripts as text: who said what and when, and nothing that the file does not say."""

from __future__ import annotations

import pytest

from parley.errors import TranscriptError
from parley.transcripts import parse_transcript

PLAIN = "Weekly call\n\nAnn Lee: Hello, and\nwelcome.\nBob: Hi.\nAnn Lee: Let us begin.\n"
STAMPED = "[00:01:02] Ann: Hello.\n[00:01:05.500] Bob: Hi.\n[1:02:03 - 1:02:05] Ann: Bye.\n"
ZOOM_CHAT = (
    '00:03:42\tAnn | ACME:\tHello\nsecond line\n\nthird line\n00:04:00\tBob:\tReacted to "Hello" with 👍\n'
    '00:04:10\tBob:\tReplying to "Hello"\n\nHi Ann\n00:04:20\tAnn | ACME:\tRemoved a 👍 reaction from "Hi Ann"\n'
    "00:05:00\tAnn | ACME:\tsee http://example.com/a:b\n"
)
ZOOM_SAVED = (
    "10:02:11 From Ann Lee to Everyone:\n\tHello all\n10:02:30 From  Bob (he/him)  to  Everyone : Hi\n"
    "10:03:00 From Ann Lee to Bob(Direct Message): psst\n"
)
CAPTIONS = "[Ann Lee] 11:02:09\nHow are you?\n\n[Bob [ACME]] 11:02:11\nFine,\nthanks.\n\n[Ann Lee] 11:02:15\n[laughs] Good.\n"
OTTER = "Ann Lee  0:03\nHello.\n\nSpeaker 2  0:09\nHi.\n\nAnn Lee  1:02:03\nBye.\n\nTranscribed by https://otter.ai\n"
MEET = (
    "Weekly – 2026/03/01 10:00 CET – Transcript\nAttendees\nAnn Lee, Bob\nTranscript\n"
    "This editable transcript was computer generated and might contain errors.\n00:00:00\n\nAnn Lee: Hello.\nBob: Hi.\n"
    "00:05:00\n\nAnn Lee: Five minutes later.\nTranscription ended after 00:06:10\n"
)
IRC = (
    "13:00:00 <RRSAgent> RRSAgent has joined #x\n13:00:01 <foo> scribe: foo\n13:00:02 <ann> present+ Pete\n"
    "13:00:05 <foo> Pete: Something els\n13:00:06 <ann> q+\n13:00:07 <foo> ... important\n13:00:08 <foo> s/els/else/\n"
    "13:00:09 <ann> Pete: I agree\n13:00:10 <foo> note to us: no name here\n13:00:11 <foo> ACTION: ann to write\n"
    "13:00:12 <ann> https://example.com/a\n"
)


def rows(text, **named):
    found = parse_transcript(text.encode(), **named)
    return found.format, [(s.speaker, s.text, s.start) for s in found.segments]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (PLAIN, "plain", [("Ann Lee", "Hello, and welcome.", None), ("Bob", "Hi.", None), ("Ann Lee", "Let us begin.", None)]),
        (STAMPED, "plain", [("Ann", "Hello.", 62.0), ("Bob", "Hi.", 65.5), ("Ann", "Bye.", 3723.0)]),
        ("00:00:01 Ann: a b\n00:00:02 Bob: c\n", "plain", [("Ann", "a b", 1.0), ("Bob", "c", 2.0)]),
        ("Ann [00:01]: a b\nBob (0:02): c\nAnn [00:03]: d\n", "plain", [("Ann", "a b", 1.0), ("Bob", "c", 2.0), ("Ann", "d", 3.0)]),
        ("**Ann:** a b\n\n**Bob**: c\n\n- **Ann**: d\n", "plain", [("Ann", "a b", None), ("Bob", "c", None), ("Ann", "d", None)]),
        ("Ann:\na b\n\nBob:\nc\n\nAnn:\nd\n", "plain", [("Ann", "a b", None), ("Bob", "c", None), ("Ann", "d", None)]),
        ("[00:00] no names\n[00:05] in here\n", "plain", [(None, "no names", 0.0), (None, "in here", 5.0)]),
        ("0:00\nno names\n0:05\nin here\n", "plain", [(None, "no names", 0.0), (None, "in here", 5.0)]),
        ("李雷：你好。\n韩梅：你好。\n李雷：再见。\n", "plain", [("李雷", "你好。", None), ("韩梅", "你好。", None), ("李雷", "再见。", None)]),
        (ZOOM_CHAT, "zoom-chat", [
            ("Ann | ACME", "Hello second line third line", 222.0), ("Bob", "Hi Ann", 250.0),
            ("Ann | ACME", "see http://example.com/a:b", 300.0),
        ]),
        (ZOOM_SAVED, "zoom-chat", [
            ("Ann Lee", "Hello all", 36131.0), ("Bob (he/him)", "Hi", 36150.0), ("Ann Lee", "psst", 36180.0),
        ]),
        (CAPTIONS, "zoom-captions", [
            ("Ann Lee", "How are you?", 39729.0), ("Bob [ACME]", "Fine, thanks.", 39731.0), ("Ann Lee", "[laughs] Good.", 39735.0),
        ]),
        (OTTER, "otter", [
            ("Ann Lee", "Hello.", 3.0), ("Speaker 2", "Hi.", 9.0), ("Ann Lee", "Bye. Transcribed by https://otter.ai", 3723.0),
        ]),
        ("Ann\n0:03\nHello.\nBob\n0:09\nHi.\nAnn\n0:12\nBye.\n", "otter", [("Ann", "Hello.", 3.0), ("Bob", "Hi.", 9.0), ("Ann", "Bye.", 12.0)]),
        ("0:03 Ann\nHello.\n\n0:09 Bob\nHi.\n\n0:12 Ann\nBye.\n", "otter", [("Ann", "Hello.", 3.0), ("Bob", "Hi.", 9.0), ("Ann", "Bye.", 12.0)]),
        (MEET, "meet", [("Ann Lee", "Hello.", 0.0), ("Bob", "Hi.", None), ("Ann Lee", "Five minutes later.", 300.0)]),
        (IRC, "irc", [
            ("Pete", "Something else important", 46805.0), ("ann", "Pete: I agree", 46809.0),
            (None, "note to us: no name here", 46810.0), (None, "ACTION: ann to write", 46811.0),
            ("ann", "https://example.com/a", 46812.0),
        ]),
        ("Ann (ACME)\nAnn (ACME) says:hello\nall \n19:35\nBob\nBob says:\nhi \n \n19:36\n", "jitsi-chat", [("Ann (ACME)", "hello all", None), ("Bob", "hi", None)]),
        ("[3:01pm] <ann> hi\n[3:02pm] <bob> yo\n", "irc", [("ann", "hi", 54060.0), ("bob", "yo", 54120.0)]),
        ("[2026-03-31T17:00:28.749Z]\t<ann>\thi\n[2026-03-31T17:00:29.000Z]\t<bob>\tyo\n", "irc", [("ann", "hi", 61228.749), ("bob", "yo", 61229.0)]),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)  # fmt: skip
def test_formats(text, name, expected):
    assert rows(text) == (name, expected)


def test_minutes_wrapped_by_hand_keep_who_said_what():
    text = (
        "Topics:\n  1. money\nPresent:\n  Ann Lee, Bob\nOrganizer:\n  Ann Lee\n\nBob is scribing.\n\n"
        "Ann Lee :  Welcome to\n  this call: it is short.\n<bob_x> q about money\n<bob_x> q+\n<ann> scribe+\nTed // Ted T (he/him) (t.com):  Yes,\n  I do. [scribe assist\n  by Bob X]\n\n"
        "ACTION: Bob to send\n  the budget\n\nNobody objects.\nAnn Lee: \n  https://example.com/a\n"
    )
    assert rows(text)[1] == [
        ("Ann Lee", "Welcome to this call: it is short.", None),
        ("bob_x", "q about money", None),
        ("Ted // Ted T (he/him) (t.com)", "Yes, I do.", None),
        (None, "ACTION: Bob to send the budget", None),
        (None, "Nobody objects.", None),
        ("Ann Lee", "https://example.com/a", None),
    ]


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        ("s/old/new/", "an old new"),
        ("s/old/new/g", "an new new"),
        ("s|old|new|", "an old new"),
        ("s/absent/x/", "an old old"),
        ("s//x/", "an old old"),
    ],
)
def test_corrections_reach_the_nearest_line_that_fits(correction, expected):
    text = f"<ann> an old old\n<bob> something\n<ann> {correction}\n"
    if expected == "an old new":
        expected = "an new old"
    assert rows(text)[1][0][1] == expected


def test_a_scribe_is_believed_only_while_scribing():
    text = "<foo> scribe+\n<foo> Pete: one\n<foo> scribe-\n<foo> Pete: two\n<pete> three\n"
    assert rows(text)[1] == [("Pete", "one", None), ("foo", "Pete: two", None), ("pete", "three", None)]


def test_prose_is_notes_only_where_it_is_called_so():
    prose = "We met on Monday and agreed to ship in May after long talks.\n\n- Ann writes the plan\n- Bob tests all of it\n"
    with pytest.raises(TranscriptError):
        rows(prose, filename="letter.txt")
    expected = [
        "We met on Monday and agreed to ship in May after long talks.",
        "Ann writes the plan",
        "Bob tests all of it",
    ]
    for named in ({"filename": "meeting-notes.txt"}, {"format": "notes"}):
        name, said = rows(prose, **named)
        assert (name, [text for _, text, _ in said]) == (
            "notes",
            ["We met" + expected[0][6:], *(f"{t}" for t in expected[1:])],
        )
        assert all(speaker is None and start is None for speaker, _, start in said)


@pytest.mark.parametrize(
    "text",
    [
        "Invoice total: 5 EUR\nInvoice number: 3\nPaid: no\n",
        "Alpha: one two three\nBeta: two two three\nGamma: three\n" * 3,
        "width: 3\nheight: 4\ndepth: 5\n",
        "Copyright notice: all is reserved.\n\nPermission is granted.\n\nWarranty: none.\n",
    ],
)
def test_a_form_is_no_transcript(text):
    with pytest.raises(TranscriptError):
        rows(text, filename="file.txt")


def test_two_sentences_by_two_people_are_one():
    assert rows("Alice: I will send it.\nBob: Thank you very much.\n")[1][1] == (
        "Bob",
        "Thank you very much.",
        None,
    )
