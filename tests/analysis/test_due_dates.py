"""Due phrases, counted from Friday the 20th of November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from parley.analysis.rules import due_dates

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
        ("due 2026-03-05", "2026-03-05"),
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
