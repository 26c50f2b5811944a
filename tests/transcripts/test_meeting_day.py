"""The day that due dates count from: who decides it, and what each source says."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime

import pytest

from parley.core.numeric_dates import read_numeric_date
from parley.transcripts import find_in_text, parse_transcript
from parley.transcripts.meeting_day import MeetingDay, decide_meeting_day

SENT = date(2026, 5, 20)
TALK = "Ana Ruiz: I'll send the map by Friday.\nBen Cole: Good.\nAna Ruiz: Bye.\n"


def test_the_order_of_the_sources():
    everything = {
        "given": date(2026, 5, 1),
        "said": MeetingDay(date(2026, 5, 2), "transcript"),
        "meeting": date(2026, 5, 3),
        "written": datetime(2026, 5, 4, 9),  # noqa: DTZ001
        "sent": SENT,
    }
    found = []
    while everything:
        found.append(decide_meeting_day(**everything))
        everything.pop(next(iter(everything)))
    assert [(one.date.day, one.source) for one in found] == [
        (1, "given"),
        (2, "transcript"),
        (3, "meeting"),
        (4, "forwarded"),
        (20, "mail"),
    ]
    assert decide_meeting_day() is None


def test_a_day_that_has_not_come_is_none_of_a_meeting_that_was_held():
    said = MeetingDay(date(2026, 7, 1), "file")
    assert decide_meeting_day(said=said, sent=SENT) == MeetingDay(SENT, "mail")
    assert decide_meeting_day(said=said) == said


def test_a_transcript_months_after_the_meeting_of_its_thread_counts_from_its_own_mail():
    assert decide_meeting_day(meeting=date(2025, 12, 9), sent=SENT) == MeetingDay(SENT, "mail")
    assert decide_meeting_day(meeting=date(2026, 4, 28), sent=SENT).source == "meeting"


def test_the_day_in_words():
    assert MeetingDay(date(2025, 10, 2), "mail").words == "Thursday, 2 October 2025"


@pytest.mark.parametrize(
    ("text", "arrived", "day"),
    [
        ("03.04.2026", None, "2026-04-03"),
        ("3.4.26", None, "2026-04-03"),
        ("04/15/2026", None, "2026-04-15"),
        ("15-04-2026", None, "2026-04-15"),
        ("Fri 03/04/2026", None, "2026-04-03"),
        ("Wed, 03/04/2026", None, "2026-03-04"),
        ("Mittwoch, 03/04/2026", None, "2026-03-04"),
        ("03/04/2026", "2026-03-06", "2026-03-04"),
        ("03/04/2026", "2026-04-06", "2026-04-03"),
        ("03/04/2026", "2026-01-06", None),
        ("03/04/2026", None, None),
        ("31.02.2026", None, None),
        ("release 10.2.0.14", None, None),
    ],
)
def test_dates_in_numbers(text, arrived, day):
    found = read_numeric_date(text, arrived=date.fromisoformat(arrived) if arrived else None)
    assert (found.day.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("GMT20260310-080000_Recording.transcript.txt", "2026-03-10"),
        ("Tender sync-20260310_090000-Meeting Transcript.txt", "2026-03-10"),
        ("call 2026-03-10.txt", "2026-03-10"),
        ("call_2026_03_10.txt", "2026-03-10"),
        ("standup_10.03.2026.txt", "2026-03-10"),
        ("Board call March 10, 2026.txt", "2026-03-10"),
        ("10 Mar 2026 review.txt", "2026-03-10"),
        ("notes.txt", None),
        ("order 20269910.txt", None),
    ],
)
def test_the_name_of_the_file(name, day):
    found = parse_transcript(TALK.encode(), filename=name).day
    assert (found.date.isoformat(), found.source) == (day, "file") if day else found is None


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("Weekly sync\nTue, Mar 10, 2026\n\n", "2026-03-10"),
        ("Meeting date: 10 March 2026\n\n", "2026-03-10"),
        ("Datum: 10.03.2026\n", "2026-03-10"),
        ("Held on 2026-03-10 at 09:00\n\n", "2026-03-10"),
        ("Next meeting: 2026-04-01\n\n", None),
        ("Please read before 1 April 2026\n\n", None),
        ("", None),
    ],
)
def test_the_head_of_a_text(head, day):
    for found in (parse_transcript((head + TALK).encode(), filename="x.txt"), find_in_text(head + TALK)):
        assert (found.day and found.day.as_json()) == (day and {"date": day, "source": "transcript"})


def test_what_is_said_is_no_head():
    said = "Ana Ruiz: The contract of March 3, 2026 is signed.\nBen Cole: Good.\nAna Ruiz: Bye.\n"
    assert parse_transcript(said.encode(), filename="x.txt").day is None


def test_the_head_goes_before_the_name():
    found = parse_transcript(b"Held on 2026-03-10\n\n" + TALK.encode(), filename="copy of 2026-03-19.txt")
    assert found.day == MeetingDay(date(2026, 3, 10), "transcript")


def test_the_head_of_a_word_file():
    lines = ["Tender sync-Meeting Transcript", "March 10, 2026, 8:00AM", *TALK.splitlines()]
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {space}><w:body>{paragraphs}</w:body></w:document>"
        )
    found = parse_transcript(made.getvalue(), filename="Tender sync.docx")
    assert found.day == MeetingDay(date(2026, 3, 10), "transcript")


def test_the_fields_around_a_recording():
    turns = [{"speaker": "Ana Ruiz", "text": "Hello there."}, {"speaker": "Ben Cole", "text": "Hello."}]
    for said in ("2026-03-10T09:00:00Z", 1773133200000):
        found = parse_transcript(json.dumps({"date": said, "transcript": turns}).encode(), filename="x.json")
        assert found.day == MeetingDay(date(2026, 3, 10), "transcript")
