from __future__ import annotations

import pytest

from parley.mail.html_to_text import MOST_TAGS, deepest, html_to_text


def test_blocks_lists_and_entities_read_as_a_person_sees_them() -> None:
    text = html_to_text("<h1>Notes</h1><p>One &amp; two<br>three</p><ul><li>a</li><li>b</li></ul>")
    assert [line.strip() for line in text.split("\n") if line.strip()] == [
        "Notes",
        "One & two",
        "three",
        "* a",
        "* b",
    ]


def test_lines_are_right_stripped_and_tables_not_padded() -> None:
    text = html_to_text(
        "<table><tr><td>Ada</td><td>Friday</td></tr><tr><td>A much longer name</td><td>x</td></tr></table>"
    )
    assert [line.split() for line in text.split("\n") if line] == [
        ["Ada", "Friday"],
        ["A", "much", "longer", "name", "x"],
    ]
    assert all(line == line.rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("levels", [10, 100, 260, 5_000])
def test_deep_nesting_loses_nothing(levels: int) -> None:
    assert html_to_text("<div>" * levels + "the words" + "</div>" * levels) == "the words"


def test_a_deep_part_is_not_lost_behind_a_long_shallow_one() -> None:
    source = "<p>" + "shallow words " * 100 + "</p>" + "<div>" * 300 + "the deep words" + "</div>" * 300
    assert "the deep words" in html_to_text(source)


def test_too_many_tags_for_inscriptis_are_scanned() -> None:
    """Told apart by hidden text, which only inscriptis leaves out."""
    hidden = '<div style="display:none">hidden</div><p>seen words</p>'
    assert html_to_text(hidden) == "seen words"
    assert "hidden" in html_to_text(hidden + "<b></b>" * 20_000)


def test_scripts_styles_and_comments_are_no_text() -> None:
    source = "<style>p{}</style><script>evil()</script><!-- hidden --><p>seen</p>"
    assert html_to_text(source) == "seen"
    assert html_to_text("<div>" * 300 + source) == "seen"


def test_hidden_text_is_left_out() -> None:
    assert html_to_text('<div style="display:none">secret words here</div><p>seen</p>') == "seen"


@pytest.mark.parametrize(
    "source", ["", "<", "<!", "<!--", "a < b and c > d", "<p", "</", "<a b='", "\x00", "&#0;&#xD800;"]
)
def test_broken_markup_is_survived(source: str) -> None:
    html_to_text(source).encode("utf-8")


def test_an_open_bracket_is_text() -> None:
    assert html_to_text("<p>if a &lt; b or 3 < 4 then</p>").replace("  ", " ") == "if a < b or 3 < 4 then"


def test_a_wide_table_does_not_grow_with_rows_times_width() -> None:
    source = "<table><tr><td>" + "w" * 20_000 + "</td></tr>" + "<tr><td>x</td></tr>" * 2_000 + "</table>"
    assert len(html_to_text(source)) < len(source)


def test_void_and_self_closing_elements_do_not_nest() -> None:
    assert deepest("<br>" * 500 + "<p>" * 500 + "<div><b></b></div>") == 2


def test_what_lies_behind_too_many_tags_is_left_out() -> None:
    assert "late" not in html_to_text("<b>x" * MOST_TAGS + "late<b>later</b>")
