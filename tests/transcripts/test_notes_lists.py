"""Written notes: what they list is read, word for word, and nothing else of them."""

from __future__ import annotations

import pytest

from parley.transcripts import find_notes, parse_transcript

RECAP = """Your recap of Dredging plan is ready.

Summary
The team spoke about the harbour and agreed on little.

Suggested next steps
[ ] Otis Brandt to order the buoys by Thursday
[ ] Lena: ask the port for the depth chart

See the full notes
"""
MINUTES = """Present: Otis Brandt, Lena Voss and Rui Paz

We spoke of the weather.

ACTION: Rui to paint the crane
* DECISION: the pier stays shut until May
"""


def items(text):
    found = find_notes(text)
    return [(kind, one.text) for kind, one in zip(found.listed, found.segments, strict=True)] if found else []


def test_the_list_below_its_heading_is_read_and_not_the_summary():
    assert items(RECAP) == [
        ("action", "Otis Brandt to order the buoys by Thursday"),
        ("action", "Lena: ask the port for the depth chart"),
    ]


def test_lines_that_say_what_they_are_and_who_was_there():
    found = find_notes(MINUTES)
    assert items(MINUTES) == [
        ("action", "Rui to paint the crane"),
        ("decision", "the pier stays shut until May"),
    ]
    assert found.present == ("Otis Brandt", "Lena Voss", "Rui Paz")
    assert found.kind == "notes"


@pytest.mark.parametrize(
    "heading", ["Action items:", "## To-dos", "**Next steps**", "Nächste Schritte", "Próximos pasos"]
)
def test_a_heading_by_another_name(heading):
    assert items(f"{heading}\n- Lena to call the harbour master\n") == [
        ("action", "Lena to call the harbour master")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Agenda\n- introductions\n- budget\n",
        "Action: failed\nStatus: 5.1.1\n",
        "Thanks for the call. What are the next steps?",
        "Next steps\n\n\nNone\n",
    ],
)
def test_what_lists_nothing_is_no_notes(text):
    assert find_notes(text) is None


def test_a_file_of_minutes_says_that_it_is_notes():
    assert parse_transcript(MINUTES.encode(), filename="minutes.md").kind == "notes"
