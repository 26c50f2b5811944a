"""What of a mail's body is a transcript, and what only looks a little like one."""

from __future__ import annotations

import pytest

from parley.transcripts import find_in_text

TALK = "Ann: Hello, shall we\nstart?\nBob: Yes.\nAnn: I will send the plan by Friday.\n"
SAID = [("Ann", "Hello, shall we start?"), ("Bob", "Yes."), ("Ann", "I will send the plan by Friday.")]
VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAnn: Hello.\n\n2\n00:00:03.000 --> 00:00:04.000\nBob: Hi.\n"
)
MINUTES = (
    "Thanks to Ann for scribing!\n\nhttps://example.com/minutes\n\n----------------------------------------\n"
    "Minutes for 2026-03-31\n\nTopics:\n  1. money\nAction Items:\n  1. Bob to send the\n    budget\nOrganizer:\n  Ann Lee\n"
    "Scribe:\n  Bob\nPresent:\n  Ann Lee, Bob, Ted // Ted T\n  (he/him)\n\nBob is scribing.\nAnn Lee:  Welcome to this\n  call.\n"
    "Bob: +1\n\nTopic: money\n\nAnn Lee:  Who sends it?\nBob:  I do.\n"
)


def said(text):
    found = find_in_text(text)
    return None if found is None else [(s.speaker, s.text) for s in found.segments]


@pytest.mark.parametrize(
    "text",
    [
        TALK,
        "Hi team,\n\nhere is the call. Please read:\n\n" + TALK,
        TALK + "\nBest regards,\nCarla\n",
        "Hello all,\n\n" + TALK + "\n-- \nCarla: the boss\nTel: 1\n",
        "See below.\n\n"
        + TALK
        + "\nOn Mon, 3 Mar 2026, Dan wrote:\n> Bob: quoted\n> Ann: quoted\n> Bob: again\n",
        TALK.replace("\n", "\r\n"),
    ],
)
def test_the_transcript_is_found_among_what_people_write_around_it(text):
    assert said(text) == SAID


def test_minutes_by_mail_begin_after_their_heading():
    assert said(MINUTES) == [
        ("Ann Lee", "Welcome to this call."), ("Bob", "+1"), (None, "Topic: money"), ("Ann Lee", "Who sends it?"), ("Bob", "I do."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("Hello,\n\n" + VTT + "\nBest regards,\nCarla\n", "webvtt", 2),
        (
            "Hello,\n\n" + VTT.replace("WEBVTT\n\n", "").replace(".000", ",000") + "\nBest regards,\nCarla\n",
            "srt",
            2,
        ),
        ("Hi\n\n[00:00:01] Ann: Hello.\n[00:00:02] Bob: Hi.\n[00:00:05] Ann: So.\n\nCarla", "plain", 3),
        ("Hi\n\n00:00:01 no names here\n00:00:02 but times\n00:00:05 to the second\n\nCarla", "plain", 3),
        ("Hi\n\n<ann> hello\n<bob> hi\n<ann> so\n<bob> yes\n", "irc", 4),
        ("Hi,\n\nAnn Lee  0:03\nHello.\n\nBob  0:09\nHi.\n\nAnn Lee  0:15\nBye.\n\nCarla", "otter", 3),
        (
            "Hi,\n\n[Ann Lee] 11:02:09\nHello.\n\n[Bob] 11:02:11\nHi.\n\n[Ann Lee] 11:02:15\nBye.\n\nCarla",
            "zoom-captions",
            3,
        ),
        (
            "The chat:\n\n00:03:42\tAnn:\tHello\n00:04:00\tBob:\tHi\n00:05:00\tAnn:\tSo\n\nCarla",
            "zoom-chat",
            3,
        ),
    ],
)
def test_other_formats_in_a_body(text, name, count):
    found = find_in_text(text)
    assert found is not None
    assert (found.format, len(found.segments)) == (name, count)
    assert "Carla" not in found.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello Ann,\n\nplease note: we meet at 10:30. One thing: bring the plan.\n\nBest regards,\nBob",
        "From: Ann <ann@example.com>\nSent: Monday\nTo: Bob\nSubject: Re: plan\n\nText\n\nFrom: Bob\nTo: Ann\nSubject: plan\n\nText\n\nFrom: Ann\nTo: Bob\nSubject: plan\n",
        "> Ann: Hello.\n> Bob: Hi.\n> Ann: So.\n> Bob: Yes.\n",
        "Agenda:\n10:00 Welcome: Ann\n10:15 Budget: Bob\n10:30 Plan: Carla\n11:00 Lunch: all\n",
        "When: Monday\nWhere: Room 3\nWho: all\nWhat: budget\nWhen: Tuesday\nWhere: Room 4\n",
        "Task: write\nOwner: Ann\nDue: May\n\nTask: test\nOwner: Bob\nDue: June\n\nTask: ship\nOwner: Ann\nDue: July\n",
        "Alpha: one\nBeta: two\nGamma: three\n\nAlpha: one\nBeta: two\nGamma: three\n",
        "Q: Why?\nA: Because.\nQ: How?\nA: So.\nQ: When?\nA: Now.\n",
        "Ann: please read this.\n\nThe plan is done, and I will send it.\n\nBob",
        "Ann: your part is chapter one.\nBob: your part is chapter two.\nCarla: your part is chapter three.\n",
        "X-Mailer: a\nContent-Type: b\nReceived: c\nX-Mailer: a\nReceived: d\nX-Mailer: e\nReceived: f\n",
        "we meet 2:00 tomorrow\n3:00 at the latest\n4:00 would be too late\n",
        "a { color: red;\nmargin: 0;\ncolor: blue;\nmargin: 1;\ncolor: green;\nmargin: 2; }\n",
        "the arrow --> points here\nand --> there\n",
    ],
)
def test_a_letter_is_no_transcript(text):
    assert find_in_text(text) is None
