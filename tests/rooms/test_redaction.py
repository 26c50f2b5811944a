"""Taking one person out of what is other people's too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.privacy.redaction import MARK, Person, clean_names, names_in, without

ADDRESS = "zofia@client.example"
ZOFIA = Person(ADDRESS, ("Zofia O'Dell-Kwiatkowska",), ("contact_1",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Zofia will call Bo.", f"{MARK} will call Bo."),
        ("ask zofia o'dell-kwiatkowska", f"ask {MARK}"),
        ("ZOFIA@client.example wrote", f"{MARK} wrote"),
        ("<zofia@client.example>", f"<{MARK}>"),
        ("Zofia O&#x27;Dell-Kwiatkowska, in HTML", f"{MARK}, in HTML"),
        ("Zofias and a zofia", "Zofias and a zofia"),
        (
            "xzofia@client.example and zofia@client.examples",
            "xzofia@client.example and zofia@client.examples",
        ),
        ("nothing of hers", "nothing of hers"),
    ],
)
def test_text_loses_the_address_the_name_and_its_words(before, after):
    assert without(before, ZOFIA) == after


def test_lists_lose_who_is_the_person_and_keep_a_namesake():
    people = [
        {"name": "Zofia", "address": None},
        {"name": "Z.", "address": "Zofia@Client.example", "response": "accepted"},
        {"name": "Zofia Nowak", "address": "zofia@other.example"},
    ]
    assert without({"attendees": people}, ZOFIA) == {"attendees": [people[2]]}
    assert without({"to": [ADDRESS, "bo@x.example"]}, ZOFIA) == {"to": ["bo@x.example"]}
    assert without({"responses": {ADDRESS: {"response": "declined"}, "b@x.y": {}}}, ZOFIA) == {
        "responses": {"b@x.y": {}}
    }


def test_what_the_person_said_is_no_evidence_and_what_they_owe_is_nobodys():
    evidence = {"quote": "I do it", "speaker": "Zofia", "segment": 3, "start": 2.5, "verified": True}
    item = {"text": "Zofia does it", "owner": "Zofia", "evidence": evidence}
    assert without(item, ZOFIA) == {
        "text": f"{MARK} does it",
        "owner": None,
        "evidence": {"quote": "", "speaker": None, "segment": None, "start": None, "verified": False},
    }


def test_a_quote_that_names_the_person_is_no_longer_verified_and_others_are():
    named = {"quote": "Zofia does it", "speaker": "Bo", "verified": True}
    other = {"quote": "I do it", "speaker": "Bo", "verified": True}
    assert without(named, ZOFIA) == {"quote": f"{MARK} does it", "speaker": "Bo", "verified": False}
    assert without(other, ZOFIA) == other


def test_a_field_that_was_the_address_holds_a_text_still():
    assert without({"title": ADDRESS, "contact_id": "contact_1", "organizer": ADDRESS}, ZOFIA) == {
        "title": MARK,
        "contact_id": None,
        "organizer": None,
    }


def test_beside_what_they_said_nothing_of_them_stays():
    item = {
        "quote": "I will",
        "speaker": "Zofia",
        "owner": ADDRESS,
        "to": [ADDRESS, "bo@x.example"],
        ADDRESS: 1,
    }
    left = without(item, ZOFIA)
    assert (left["quote"], left["speaker"], left["owner"], left["to"]) == ("", None, None, ["bo@x.example"])
    assert ADDRESS not in left


def test_without_a_name_only_the_address_goes():
    assert without("Zofia, zofia@client.example", Person(ADDRESS)) == f"Zofia, {MARK}"


def test_names_are_found_beside_the_address_alone():
    body = {"a": [{"name": " Zofia  K ", "address": ADDRESS}, {"name": "Bo", "email": "bo@x.example"}]}
    assert clean_names(names_in(body, ADDRESS), ADDRESS) == ("Zofia K",)
    assert clean_names(["", "Z", ADDRESS], ADDRESS) == ()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([ADDRESS, "Zofia", "Bo"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "address", "owner", "quote", "speaker", "text", ADDRESS, "to"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(values)
def test_whatever_the_value_nothing_is_left_and_twice_is_once(value):
    left = without(value, ZOFIA)
    assert ADDRESS not in str(left).lower()
    assert without(left, ZOFIA) == left
