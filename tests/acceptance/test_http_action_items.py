"""The HTTP API: what was promised in meetings, and what became of it."""

from __future__ import annotations

import pytest

from tests.acceptance.world import DOWN, TALK, a_modelled_api, analyzed, created
from tests.llm_stub import Behaviour

PROBLEM = "application/problem+json"
PROMISED = [
    {"text": "Send the contract", "owner": "Sarah Chen", "due_date": "2025-11-10"},
    {"text": "Name a contact", "owner": "Jennifer Liu", "due_date": "2025-11-20"},
    {"text": "Find a room", "owner": None, "due_date": None},
]


async def items(api, **params) -> list[dict]:
    status, body, _ = await api.call("GET", "/action-items", params=params)
    assert status == 200, body
    return body["items"]


async def texts(api, **params) -> list[str]:
    return [one["text"] for one in await items(api, **params)]


@pytest.fixture
async def meeting(api):
    return await created(api, title="Terms", action_items=PROMISED)


async def one_of(api, meeting: str, text: str = "Send the contract") -> str:
    return next(one["id"] for one in await items(api, meeting_id=meeting) if one["text"] == text)


async def patch(api, ident: str, **changes):
    headers = {"If-Match": changes.pop("if_match")} if "if_match" in changes else None
    return await api.call("PATCH", f"/action-items/{ident}", json=changes, headers=headers)


# -- lists


async def test_what_was_promised_is_listed_by_due_date_with_where_it_was(api, meeting):
    found = await items(api, meeting_id=meeting)
    assert [one["text"] for one in found] == ["Send the contract", "Name a contact", "Find a room"]
    assert {one["status"] for one in found} == {"open"}
    promised = {
        "meeting_id": meeting,
        "title": "Terms",
        "scheduled_time": "2025-11-15T10:00:00",
        "trust": "own",
    }
    assert [one["promised"] for one in found] == [promised] * 3


async def test_an_analysis_makes_items_that_can_be_proved(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        (item,) = await items(api, meeting_id=meeting)
        assert (item["owner"], item["due_date"], item["source"]) == ("Ann Berg", "2026-03-06", "model")
        assert item["evidence"]["quote"] in TALK
        status, alone, headers = await api.call("GET", f"/action-items/{item['id']}")
        assert (status, alone, headers["ETag"]) == (200, item, '"1"')


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"owner": "Sarah Chen"}, ["Send the contract"]),
        ({"owner": "jennifer"}, ["Name a contact"]),
        ({"owner": "Chen Sarah"}, ["Send the contract"]),
        ({"owner": "Sar"}, []),
        ({"status": "done"}, []),
        ({"due_before": "2025-11-20"}, ["Send the contract"]),
        ({"due_before": "2025-11-21"}, ["Send the contract", "Name a contact"]),
        ({"due_before": "2025-11-21", "owner": "liu", "status": "open"}, ["Name a contact"]),
    ],
)
async def test_each_filter_leaves_only_what_it_names(api, meeting, filters, left):
    assert await texts(api, meeting_id=meeting, **filters) == left


@pytest.mark.parametrize("filters", [{"status": "perhaps"}, {"due_before": "soon"}, {"limit": "0"}])
async def test_a_filter_that_makes_no_sense_is_a_422(api, filters):
    status, body, _ = await api.call("GET", "/action-items", params=filters)
    assert (status, [error["field"] for error in body["errors"]]) == (422, list(filters))


async def test_pages_give_each_item_once(api, meeting):
    everything, seen, cursor = await texts(api), [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        _, page, _ = await api.call("GET", "/action-items", params=params)
        assert len(page["items"]) <= 2
        seen += [one["text"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everything
    assert len(set(seen)) == 8


async def test_no_tenant_sees_what_was_promised_to_another(api, meeting):
    ident = await one_of(api, meeting)
    assert (await api.call("GET", "/action-items", by="other"))[1]["items"] == []
    assert (await api.call("GET", f"/action-items/{ident}", by="other"))[0] == 404
    assert (await api.call("PATCH", f"/action-items/{ident}", json={"status": "done"}, by="other"))[0] == 404


# -- a life of their own


async def test_an_item_is_done_and_opened_again(api, meeting):
    ident = await one_of(api, meeting)
    status, done, headers = await patch(api, ident, status="done")
    assert (status, done["status"], done["edited_by"], headers["ETag"]) == (200, "done", "user_1", '"2"')
    assert done["closed_at"]
    assert "Send the contract" not in await texts(api, status="open")
    assert await texts(api, status="done") == ["Send the contract"]
    status, opened, _ = await patch(api, ident, status="open")
    assert (status, opened["status"], opened["closed_at"]) == (200, "open", None)


@pytest.mark.parametrize(("first", "then"), [("done", "dropped"), ("dropped", "done")])
async def test_a_move_that_makes_no_sense_is_a_409_and_changes_nothing(api, meeting, first, then):
    ident = await one_of(api, meeting)
    await patch(api, ident, status=first)
    status, body, headers = await patch(api, ident, status=then, text="Otherwise")
    assert (status, headers["Content-Type"]) == (409, PROBLEM)
    assert [error["field"] for error in body["errors"]] == ["status"]
    _, standing, _ = await api.call("GET", f"/action-items/{ident}")
    assert (standing["status"], standing["text"]) == (first, "Send the contract")


async def test_saying_the_same_status_again_is_no_move(api, meeting):
    ident = await one_of(api, meeting)
    _, first, _ = await patch(api, ident, status="done")
    status, again, _ = await patch(api, ident, status="done")
    assert (status, again["closed_at"]) == (200, first["closed_at"])


async def test_owner_and_due_date_can_be_set_and_taken_away(api, meeting):
    ident = await one_of(api, meeting, "Find a room")
    _, given, _ = await patch(api, ident, owner="Marcus Webb", due_date="2025-11-05")
    assert (given["owner"], given["due_date"], given["text"]) == ("Marcus Webb", "2025-11-05", "Find a room")
    assert (await texts(api, meeting_id=meeting))[0] == "Find a room"
    _, taken, _ = await patch(api, ident, owner=None, due_date=None)
    assert (taken["owner"], taken["due_date"]) == (None, None)
    assert (await texts(api, meeting_id=meeting))[-1] == "Find a room"


@pytest.mark.parametrize(
    "changes", [{"status": "perhaps"}, {"due_date": "soon"}, {"text": ""}, {"colour": "red"}, {"id": "x"}]
)
async def test_a_change_that_makes_no_sense_is_a_422(api, meeting, changes):
    status, body, _ = await patch(api, await one_of(api, meeting), **changes)
    assert (status, [error["field"] for error in body["errors"]]) == (422, list(changes))


async def test_what_somebody_else_changed_is_not_changed_unseen(api, meeting):
    ident = await one_of(api, meeting)
    await patch(api, ident, owner="Marcus Webb", if_match='"1"')
    status, _, headers = await patch(api, ident, owner="Somebody", if_match='"1"')
    assert (status, headers["Content-Type"]) == (412, PROBLEM)
    assert (await patch(api, ident, owner="Somebody", if_match='"2"'))[0] == 200


async def test_an_item_that_is_not_there_is_a_404(api, meeting):
    assert (await api.call("GET", "/action-items/none.such"))[0] == 404
    assert (await patch(api, "none.such", status="done"))[0] == 404


async def test_what_was_promised_goes_with_its_meeting(api, meeting):
    ident = await one_of(api, meeting)
    assert (await api.call("DELETE", f"/meetings/{meeting}"))[0] == 204
    assert await items(api, meeting_id=meeting) == []
    assert (await api.call("GET", f"/action-items/{ident}"))[0] == 404
    assert (await patch(api, ident, status="done"))[0] == 404


# -- with newer insights


async def test_what_a_person_did_outlives_a_newer_analysis(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        ident = await one_of(api, meeting, "Send the pricing sheet")
        await patch(api, ident, status="done")
        await analyzed(api, meeting, regenerate=True)
        assert [one["status"] for one in await items(api, meeting_id=meeting)] == ["done"]
        stub.script["action_items"] = {"items": []}
        await analyzed(api, meeting, regenerate=True)
        assert [one["status"] for one in await items(api, meeting_id=meeting)] == ["done"]


async def test_what_a_newer_analysis_does_not_find_goes_and_what_it_finds_comes(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        (found,) = stub.script["action_items"]["items"]
        stub.script["action_items"] = {"items": [found | {"text": "Send the list of prices"}]}
        await analyzed(api, meeting, regenerate=True)
        assert await texts(api, meeting_id=meeting) == ["Send the list of prices"]


async def test_an_extractor_that_fails_takes_nothing_away_that_was_promised(stores):
    down: set[str] = set()
    async with a_modelled_api(stores, behave=lambda _, name: DOWN if name in down else Behaviour()) as (
        _,
        api,
    ):
        meeting = await created(api)
        await analyzed(api, meeting)
        down.add("action_items")
        answer = await analyzed(api, meeting, regenerate=True)
        assert set(answer["errors"]) == {"action_items"}
        assert await texts(api, meeting_id=meeting) == ["Send the pricing sheet"]


async def test_what_is_promised_in_an_analysed_meeting_is_owed_in_the_next_preparation(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api, title="Pricing call", scheduled_time="2025-10-01T10:00:00")
        await analyzed(api, meeting)
        following = await created(api)
        path = f"/meetings/{following}/prepare"
        _, body, _ = await api.call("POST", path, json={"user_id": "user_1"})
        owed = body["context"]["pending_action_items"]
        line = next(one for one in owed if "Send the pricing sheet" in one)
        for said in ("Ann Berg", "2026-03-06", "Pricing call", "2025-10-01"):
            assert said in line
        await patch(api, await one_of(api, meeting, "Send the pricing sheet"), status="done")
        _, body, _ = await api.call("POST", path, json={"user_id": "user_1"})
        assert not any("pricing sheet" in one for one in body["context"]["pending_action_items"])


async def edited(api, meeting: str, **changes):
    """A person's edit of the first action item, in the insights."""
    _, kept, _ = await api.call("GET", f"/meetings/{meeting}/insights")
    insights = kept["insights"]
    insights["action_items"][0] |= changes
    body = {"insights": insights}
    assert (await api.call("PUT", f"/meetings/{meeting}/insights", json=body))[0] == 200


async def test_what_the_insights_say_of_an_item_is_true_of_it_until_somebody_changes_the_item(stores):
    async with a_modelled_api(stores) as (_, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        await edited(api, meeting, owner="Zoe Ray", due_date="2026-09-09")
        (item,) = await items(api, meeting_id=meeting)
        assert (item["owner"], item["due_date"], item["status"]) == ("Zoe Ray", "2026-09-09", "open")
        assert await texts(api, owner="zoe", due_before="2026-09-10") == [item["text"]]
        await patch(api, item["id"], owner="Ann Berg")
        await edited(api, meeting, owner="Somebody Else")
        assert [one["owner"] for one in await items(api, meeting_id=meeting)] == ["Ann Berg"]


async def test_what_was_promised_in_another_transcript_of_the_meeting_stays_open(stores):
    async with a_modelled_api(stores) as (stub, api):
        meeting = await created(api)
        await analyzed(api, meeting)
        quote = "I will bring the plans."
        found = {"text": "Bring the plans", "owner": "Jennifer Liu", "due_date": None, "quote": quote}
        stub.script["action_items"] = {"items": [stub.script["action_items"]["items"][0] | found]}
        await analyzed(api, meeting, transcript=f"Jennifer Liu: {quote}\nAnn Berg: Good.\n")
        assert set(await texts(api, meeting_id=meeting)) == {"Send the pricing sheet", "Bring the plans"}
