"""What a place in the talk is about."""

from __future__ import annotations

import pytest

from parley.analysis.rules import noun_phrases
from parley.analysis.rules.sentences import sentences
from parley.transcripts.transcript import Segment, Transcript


def around(*rows):
    transcript = Transcript("test", tuple(Segment(n, text, who) for n, (who, text) in enumerate(rows)))
    return noun_phrases.NearbyTopics(sentences(transcript), noun_phrases.names_of(["Ann Lee", "Bob Ray"]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We looked at the invoice template for the Vienna office", ["invoice template", "Vienna office"]),
        ("I want to invoice the customer", ["customer"]),
        ("It is on Friday the 3rd of May", []),
        ("He was running late", []),
        ("the #4979 change", ["#4979 change"]),
    ],
)
def test_things_are_runs_of_words_that_carry_something(text, found):
    assert [phrase.surface for phrase in noun_phrases.phrases(text)] == found


def test_the_nearest_thing_that_is_not_known_comes_first():
    talk = around(
        ("Ann Lee", "The budget is fine."),
        ("Ann Lee", "The invoice template is broken, the invoice template has no logo."),
        ("Bob Ray", "I'll fix that."),
    )
    assert talk.about(2, 0, frozenset(), 1) == ["invoice template"]
    assert "invoice template" not in talk.about(2, 0, frozenset({"invoic"}), 2)


def test_ones_own_are_those_of_the_same_turn():
    talk = around(
        ("Ann Lee", "The invoice template is broken."),
        ("Bob Ray", "The price list is old."),
        ("Bob Ray", "I'll fix that."),
    )
    assert talk.about(2, 0, frozenset(), 3, own=True) == ["price list"]


def test_names_of_those_who_are_there_are_no_subject():
    talk = around(("Ann Lee", "Thanks to Bob for the Bob report."), ("Ann Lee", "I'll fix that."))
    assert all("Bob" not in surface for surface in talk.about(1, 0, frozenset(), 3))
