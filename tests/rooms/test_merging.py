"""What several emails say of one meeting: the same in whatever order they arrive."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.meetings.merging import EMPTY, SCHEDULE, held_by_person, merge, non_blank_fields, stamp_of
from parley.store.results import Standing

REQUEST = {
    "title": "Pilot review",
    "scheduled_time": "2026-03-02T10:00:00",
    "duration_minutes": 30,
    "time_zone": "Europe/Berlin",
    "attendees": [{"name": "Ann", "address": "ann@x.example", "response": None}],
    "status": "scheduled",
    "ical_uid": "u-1",
    "sequence": 0,
    "dtstamp": "2026-02-20T08:00:00Z",
    "thread_id": "t-1",
    "user_id": "user_1",
}
CANCEL = {"status": "cancelled", "sequence": 0, "ical_uid": "u-1", "dtstamp": "2026-02-19T08:00:00Z"}
FIND = {"title": "Fwd: the call", "status": "completed", "thread_id": "t-9", "summary": "We met."}


def after(*said, start: Standing | None = None) -> Standing:
    standing = start or Standing()
    for one in said:
        standing = merge(standing, one) or standing
    return standing


WRITES = st.fixed_dictionaries(
    {"sequence": st.integers(0, 2), "status": st.sampled_from(["scheduled", "tentative", "cancelled"])},
    optional={
        "dtstamp": st.sampled_from(["2026-02-20T08:00:00Z", "2026-02-21T08:00:00.5Z", None]),
        "title": st.sampled_from(["", "A", "B"]),
        "scheduled_time": st.sampled_from(["2026-03-02T10:00:00", "2026-03-03T10:00:00", None]),
        "duration_minutes": st.sampled_from([0, 30, None]),
        "all_day": st.booleans(),
        "attendees": st.sampled_from([[], [{"name": "Ann"}], [{"name": "Bo"}]]),
        "thread_id": st.sampled_from(["t-1", "t-2", None]),
        "user_id": st.sampled_from(["user_1", "user_2", None]),
        "run_id": st.sampled_from(["r-1", "r-2"]),
    },
)


@given(st.lists(WRITES, min_size=1, max_size=4), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(invites, found, random):
    said = [*invites, *([FIND] if found else [])]
    wanted = after(*said)
    shuffled = said + random.choices(said, k=2)  # copies come, too
    random.shuffle(shuffled)
    assert after(*shuffled) == wanted


@given(st.lists(WRITES, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_nor_does_it_after_a_person_has_changed_something(invites, random):
    first = after(REQUEST | {"sequence": -1})
    edited = Standing({**first.body, "title": "Mine"}, held_by_person(first.stamps, ["title"]))
    wanted = after(*invites, start=edited)
    assert wanted.body["title"] == "Mine"
    random.shuffle(invites)
    assert after(*invites, start=edited) == wanted


ORDER = [
    REQUEST | {"sequence": -1, "dtstamp": "2026-12-31T00:00:00Z"},
    REQUEST | {"dtstamp": None},
    REQUEST,
    REQUEST | {"dtstamp": "2026-02-20T08:00:01Z"},
    CANCEL,
    CANCEL | {"dtstamp": "2026-02-19T09:00:00Z"},
    REQUEST | {"sequence": 1, "dtstamp": "2026-01-01T00:00:00Z"},
    REQUEST | {"sequence": 10},
]


def test_sequence_then_cancel_then_dtstamp():
    stamps = [stamp_of(said) for said in ORDER]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == len(stamps)
    assert stamp_of(FIND) == ""


def test_a_new_request_moves_the_meeting_and_says_all_of_its_schedule():
    moved = {"sequence": 1, "scheduled_time": "2026-03-05T09:00:00", "ical_uid": "u-1", "thread_id": "t-2"}
    body = after(REQUEST, moved).body
    assert body["scheduled_time"] == "2026-03-05T09:00:00"
    assert (body["duration_minutes"], body["attendees"], body["time_zone"]) == (None, [], None)
    assert (body["title"], body["user_id"], body["thread_id"]) == ("Pilot review", "user_1", "t-1")


def test_a_cancel_keeps_what_it_does_not_say():
    for said in itertools.permutations([REQUEST, CANCEL]):
        body = after(*said).body
        assert body["status"] == "cancelled"
        assert body["scheduled_time"] == REQUEST["scheduled_time"]
        assert body["attendees"] == REQUEST["attendees"]


def test_a_request_of_a_later_sequence_takes_a_cancel_back():
    assert after(CANCEL, REQUEST | {"sequence": 1}).body["status"] == "scheduled"


def test_a_find_fills_what_no_invite_gives_and_completes_it_for_good():
    for said in itertools.permutations([REQUEST, FIND, REQUEST | {"sequence": 1}]):
        body = after(*said).body
        assert (body["title"], body["thread_id"], body["summary"]) == ("Pilot review", "t-1", "We met.")
        assert body["status"] == "completed"


def test_the_later_of_two_finds_counts():
    body = after(FIND, FIND | {"title": "The call", "thread_id": "t-10"}).body
    assert (body["title"], body["thread_id"]) == ("The call", "t-9")


def edit(standing: Standing, **changes) -> Standing:
    return Standing({**standing.body, **changes}, held_by_person(standing.stamps, changes))


def test_what_a_person_set_stays_but_for_what_an_invite_is_about():
    edited = edit(
        after(REQUEST), title="Mine", user_id="user_2", summary="S", scheduled_time="2026-03-09T09:00:00"
    )
    older = REQUEST | {"sequence": -1, "title": "Older", "scheduled_time": "2026-03-01T09:00:00"}
    assert after(older, start=edited).body == edited.body
    moved = after(
        REQUEST | {"sequence": 1, "title": "New", "scheduled_time": "2026-03-05T09:00:00"}, start=edited
    )
    assert (moved.body["title"], moved.body["user_id"], moved.body["summary"]) == ("Mine", "user_2", "S")
    assert moved.body["scheduled_time"] == "2026-03-05T09:00:00"
    assert not any(moved.stamps[name].startswith("~") for name in SCHEDULE)


def test_what_a_person_emptied_is_not_filled_again():
    edited = edit(after(FIND), summary=None)
    assert after(FIND | {"summary": "Again."}, start=edited).body["summary"] is None


def test_a_find_leaves_the_fields_of_a_meeting_that_a_person_made():
    made = {"title": "Mine", "scheduled_time": "2026-03-02T10:00:00", "status": "scheduled", "all_day": False}
    standing = Standing(EMPTY | made, held_by_person({}, non_blank_fields(made)))
    body = after(FIND | {"scheduled_time": "2026-03-02T11:00:00"}, start=standing).body
    assert (body["title"], body["scheduled_time"]) == ("Mine", "2026-03-02T10:00:00")
    assert (body["status"], body["thread_id"]) == ("completed", "t-9")


@pytest.mark.parametrize(
    ("said", "back"),
    [
        (REQUEST, False),
        (REQUEST | {"sequence": -1}, False),
        (CANCEL | {"sequence": 5}, False),
        (REQUEST | {"sequence": 1}, True),
        (FIND, True),
    ],
)
def test_a_removed_meeting_comes_back_by_something_new_alone(said, back):
    removed = Standing({}, after(REQUEST).stamps, deleted=True)
    again = merge(removed, said)
    assert (again is not None) is back
    if again:
        assert again.body["title"] == said["title"]
        assert not again.deleted


def test_every_field_has_a_value_from_the_first_write_on():
    assert set(EMPTY) <= set(after({"title": "t"}).body)
    assert merge(after(REQUEST), REQUEST) is None


def answer(who, response, at):
    return {"title": "Review", "ical_uid": "u1", "responses": {who: {"response": response, "at": at}}}


ANSWERS = (
    answer("a@x.example", "accepted", "2026-03-01T08:00:00Z"),
    answer("a@x.example", "declined", "2026-03-01T09:00:00Z"),
    answer("b@x.example", "tentative", "2026-03-01T08:30:00Z"),
    {"title": "Review", "ical_uid": "u1", "sequence": 0, "scheduled_time": "2026-03-03T10:00:00"},
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_last_answer_of_each_attendee_stands_in_any_order(order):
    body = after(*(ANSWERS[index] for index in order)).body
    assert {who: said["response"] for who, said in body["responses"].items()} == {
        "a@x.example": "declined",
        "b@x.example": "tentative",
    }
    assert (body["scheduled_time"], body["status"]) == ("2026-03-03T10:00:00", "scheduled")


def test_an_answer_does_not_bring_a_removed_meeting_back():
    assert merge(Standing(deleted=True), ANSWERS[0]) is None


# Who is uninvited.


def uninvited(at="2026-02-21T08:00:00Z", who="bo@x.example"):
    return {"ical_uid": "u-1", "responses": {who: {"response": "uninvited", "at": at}}}


PAIR = REQUEST | {
    "attendees": [
        *REQUEST["attendees"],
        {"name": "Bo", "address": "Bo@x.example", "response": None},
        {"name": "Cy", "address": "cy@x.example", "response": None},
    ]
}


def names(standing):
    return [one["name"] for one in standing.body["attendees"]]


@pytest.mark.parametrize("order", list(itertools.permutations([PAIR, uninvited()])))
def test_who_is_uninvited_goes_and_the_meeting_stays(order):
    standing = after(*order)
    assert (names(standing), standing.body["status"]) == (["Ann", "Cy"], "scheduled")


AGAIN = PAIR | {"sequence": 1, "dtstamp": "2026-02-22T08:00:00Z"}


@pytest.mark.parametrize("order", list(itertools.permutations([PAIR, uninvited(), AGAIN])))
def test_a_later_invite_brings_them_back(order):
    standing = after(*order)
    assert (names(standing), standing.body["responses"]) == (["Ann", "Bo", "Cy"], {})


@pytest.mark.parametrize(
    "order", list(itertools.permutations([PAIR, uninvited(who="cy@x.example"), uninvited()]))
)
def test_a_meeting_of_nobody_but_who_invites_is_cancelled(order):
    assert after(*order).body["status"] == "cancelled"
