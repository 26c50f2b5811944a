"""Whether a model's quote stands in the transcript."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.analysis.evidence import MAX_QUOTE, verify_quote
from parley.transcripts.transcript import Segment, Transcript

TALK = Transcript(
    "test",
    (
        Segment(0, "I’ll send the deck — by Friday, promised.", "Ann Lee", 1.0, 4.0),
        Segment(1, "And I will send", "Bob Ray", 5.0),
        Segment(2, "the signed contract to legal.", "Bob Ray", 7.0),
        Segment(3, "Yes.", "Ann Lee", 9.0),
        Segment(4, "I’ll send the deck — by Friday, promised.", "Cy Poe", 11.0),
    ),
)


def test_an_exact_quote():
    found = verify_quote("the signed contract", TALK)
    assert (found.quote, found.speaker, found.segment, found.start) == (
        "the signed contract",
        "Bob Ray",
        2,
        7.0,
    )
    assert found.verified


def test_the_named_segment_comes_first():
    assert verify_quote("send the deck", TALK, segment=4).segment == 4
    assert verify_quote("send the deck", TALK).segment == 0
    assert verify_quote("send the deck", TALK, segment=99).segment == 0
    assert verify_quote("send the deck", TALK, segment=-1).segment == 0


@pytest.mark.parametrize(
    "quote",
    [
        "I'll send the deck by friday",
        "I'LL  SEND\nTHE DECK - BY FRIDAY",
        '"I\'ll send the deck, by Friday"',
        "Ann Lee: I'll send the deck by Friday",
    ],
)
def test_a_quote_in_other_clothes_gives_back_the_transcripts_bytes(quote):
    found = verify_quote(quote, TALK)
    assert found.quote == "I’ll send the deck — by Friday"
    assert found.verified


def test_a_quote_over_two_cues_is_cut_to_its_longest_part():
    found = verify_quote("I will send the signed contract to legal", TALK)
    assert (found.quote, found.segment, found.verified) == ("the signed contract to legal", 2, True)


def test_a_quote_with_a_gap_is_cut_to_its_longest_part():
    found = verify_quote("I'll ... the signed contract to legal", TALK)
    assert (found.quote, found.verified) == ("the signed contract to legal", True)


@pytest.mark.parametrize(
    "quote", ["I will cancel the contract", "", "  ", "the", "I will", "send", "...", "end the deck by Fri"]
)
def test_no_proof(quote):
    found = verify_quote(quote, TALK)
    assert not found.verified
    assert found.quote == quote.strip()
    assert found.segment is None


def test_a_short_quote_is_proof_where_the_segment_says_no_more():
    assert verify_quote("yes", TALK).quote == "Yes"
    assert verify_quote("yes", TALK).verified


def test_an_endless_quote_is_cut():
    found = verify_quote("never said " * 10_000, TALK)
    assert not found.verified
    assert len(found.quote) == MAX_QUOTE


@given(st.text(max_size=60), st.one_of(st.none(), st.integers()))
def test_whatever_is_verified_stands_there(quote, segment):
    found = verify_quote(quote, TALK, segment=segment)
    if found.verified:
        assert found.quote in TALK.segments[found.segment].text
