"""Due phrases, counted from Friday the 20th of November 2026."""

from __future__ import annotations

import re
from datetime import date

import pytest

from parley.analysis.rules import analyzer as rules
from parley.analysis.rules import due_dates
from parley.transcripts.transcript import Segment, Transcript
from tests.analysis.due_date_table import rows

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("by Friday", "2026-11-27"),
        ("tomorrow", "2026-11-21"),
        ("by end of week", "2026-11-20"),
        ("by the end of next week", "2026-11-27"),
        ("next Tuesday", "2026-11-24"),
        ("by March 5", "2027-03-05"),
        ("by March 5th, 2028", "2028-03-05"),
        ("on the 5 of December", "2026-12-05"),
        ("due 2027-03-05", "2027-03-05"),
        ("in two weeks", "2026-12-04"),
        ("within 3 days", "2026-11-23"),
        ("in a month", "2026-12-20"),
        ("by the end of the month", "2026-11-30"),
        ("end of the quarter", "2026-12-31"),
        ("end of next quarter", "2027-03-31"),
        ("by Tuesday, after Monday's call", "2026-11-24"),
    ],
)
def test_a_day(said, day):
    assert due_dates.find_due_date(f"send it {said}", TODAY).day == date.fromisoformat(day)


@pytest.mark.parametrize("said", ["next week", "sometime this month", "by February 31", "on 2026-02-31"])
def test_no_single_day(said):
    found = due_dates.find_due_date(f"send it {said}", TODAY)
    assert found is None or found.day is None


@pytest.mark.parametrize(
    "said", ["since Friday", "last Tuesday", "Friday's call", "Monday or Thursday", "3/4", ""]
)
def test_no_due_date(said):
    assert due_dates.find_due_date(f"send it {said}", TODAY) is None


def test_next_friday_said_on_a_monday_may_be_either():
    assert due_dates.find_due_date("by next Friday", date(2026, 11, 16)).day is None


def test_without_a_meeting_day_only_absolute_dates_count():
    assert due_dates.find_due_date("by Friday", None).day is None
    assert due_dates.find_due_date("by 2027-01-05", None).day == date(2027, 1, 5)


@pytest.mark.parametrize("said", ["this afternoon", "today", "tonight", "later today"])
def test_a_part_of_the_day_is_the_day_of_the_meeting(said):
    assert due_dates.find_due_date(f"I can do that {said}.", date(2026, 11, 20)).day == date(2026, 11, 20)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.meeting}: {row.said}")
def test_the_table(row):
    found = due_dates.find_due_date(row.said, row.meeting)
    assert (found.day if found else None) == row.due


def test_the_table_is_right_about_its_weekdays():
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    table = rows()
    assert len(table) > 200
    assert all(row.due >= row.meeting for row in table if row.due)
    for row in table:
        named = {day for day in days if day in row.said.lower()}
        if row.due and len(named) == 1 and not re.search("from|until|tomorrow", row.said):
            assert days[row.due.weekday()] in named, row


@pytest.mark.parametrize(
    ("talk", "due"),
    [
        # renegotiated
        ("A: I'll send the offer by Friday. B: Could you make it Thursday? A: Okay, Thursday.", "2026-03-12"),
        ("A: I'll send the offer by Friday. B: Can it be Thursday? A: Sure.", "2026-03-12"),
        ("A: I'll send the offer by Friday. B: Could it be tomorrow? A: I can't do tomorrow.", "2026-03-13"),
        ("A: I'll send the offer by Friday. B: What about Thursday? A: No, sorry.", "2026-03-13"),
        ("A: I'll send the offer by Friday. B: How about Thursday? B: My board sits then.", None),
        ("A: I'll send the offer by Friday. A: Actually, make that Monday.", "2026-03-16"),
        ("A: I'll send the offer by Friday. B: Friday is great.", "2026-03-13"),
        (
            "A: I'll send the offer by the end of the month. B: Any chance sooner? A: Twentieth, then.",
            "2026-03-20",
        ),
        # asked for, and told later
        ("A: I'll send the offer. B: By when? A: By Thursday.", "2026-03-12"),
        ("A: I'll send the offer. A: By Monday, hopefully.", "2026-03-16"),
        ("A: Could you send the offer, B? B: Sure, by Thursday.", "2026-03-12"),
        ("A: Could you send the offer, B? B: Yes, you'll have it tomorrow.", "2026-03-11"),
        ("A: Could you send the offer, B? B: Today? A: Tomorrow is fine.", "2026-03-11"),
        # of something else
        ("A: I'll send the offer. B: And the demo? A: Thursday.", None),
        ("A: I'll send the offer by Friday. B: I'll call the bank on Monday.", "2026-03-13"),
    ],
)
def test_the_sentences_around_a_task_settle_its_day(talk, due):
    rows = [one.split(": ", 1) for one in re.split(r"(?<=[.?]) (?=[AB]: )", talk)]
    said = tuple(Segment(n, text, {"A": "Ann", "B": "Bo"}[who]) for n, (who, text) in enumerate(rows))
    items = rules.action_items(Transcript("plain", said), rules.MeetingContext(date=date(2026, 3, 10)))
    (item,) = [item for item in items if "offer" in item.text]
    assert item.due_date == due


def test_a_date_in_a_neighbouring_cue_is_the_tasks():
    cues = ("So I'll", "draft the seating plan by", "Thursday.")
    said = tuple(Segment(n, text, "Ann", float(n)) for n, text in enumerate(cues))
    (item,) = rules.action_items(Transcript("vtt", said), rules.MeetingContext(date=date(2026, 3, 10)))
    assert (item.text, item.due_date) == ("Draft the seating plan", "2026-03-12")


def test_words_that_set_no_limit_stay_in_the_text():
    said = (Segment(0, "I'll pay the invoice not before Friday.", "Ann"),)
    (item,) = rules.action_items(Transcript("plain", said), rules.MeetingContext(date=date(2026, 3, 10)))
    assert (item.text, item.due_date) == ("Pay the invoice not before Friday", None)


def test_a_day_before_the_promise_is_its_own_unless_another_promise_names_it():
    said = (Segment(0, "By Monday noon I'll call the garage.", "Ann"),)
    (item,) = rules.action_items(Transcript("plain", said), rules.MeetingContext(date=date(2026, 3, 10)))
    assert item.due_date == "2026-03-16"
    said = (Segment(0, "I'll send the guide by tomorrow, and I'll add the metadata file.", "Ann"),)
    items = rules.action_items(Transcript("plain", said), rules.MeetingContext(date=date(2026, 3, 10)))
    assert [item.due_date for item in items if item.text.startswith("Add")] == [None]


def test_the_day_that_it_is_not_is_left_out_of_the_text_with_the_day_that_it_is():
    said = (Segment(0, "I'll send the form not on Thursday but on Monday.", "Ann"),)
    (item,) = rules.action_items(Transcript("plain", said), rules.MeetingContext(date=date(2026, 3, 10)))
    assert (item.text, item.due_date) == ("Send the form", "2026-03-16")
