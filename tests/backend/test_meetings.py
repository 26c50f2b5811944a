from __future__ import annotations

import asyncio
import re

MEETING = {
    "title": "Q4 Planning with Northwind",
    "contact_id": "contact_2",
    "user_id": "user_1",
    "scheduled_time": "2025-11-15T10:00:00",
    "status": "scheduled",
}


async def created(api, **changes) -> str:
    status, body, _ = await api.call("POST", "/meetings", json=MEETING | changes)
    assert status == 201, body
    return body["meeting_id"]


async def titles(api, **params) -> list[str]:
    status, body, _ = await api.call("GET", "/meetings", params=params)
    assert status == 200, body
    return [item["title"] for item in body["items"]]


async def test_create_answers_as_the_seed_prints(api):
    status, body, _ = await api.call("POST", "/meetings", json=MEETING)
    assert status == 201
    assert set(body) == {"meeting_id", "message"}
    assert body["message"] == "Meeting created successfully"
    assert re.fullmatch(r"meeting_[0-9a-f]{32}", body["meeting_id"])


async def test_what_was_created_can_be_read(api):
    ident = await created(api)
    status, body, headers = await api.call("GET", f"/meetings/{ident}")
    assert status == 200
    assert headers["ETag"] == '"1"'
    assert body["id"] == ident
    assert {name: body[name] for name in MEETING} == MEETING
    assert body["attendees"] == []


async def test_an_internal_meeting_has_no_contact(api):
    ident = await created(api, contact_id=None)
    _, body, _ = await api.call("GET", f"/meetings/{ident}")
    assert body["contact_id"] is None


BAD = [
    ({"user_id": "user_99"}, "user_id"),
    ({"contact_id": "contact_99"}, "contact_id"),
    ({"title": ""}, "title"),
    ({"status": "perhaps"}, "status"),
    ({"scheduled_time": "soon"}, "scheduled_time"),
    ({"scheduled_time": "2025-11-15T10:00:00Z"}, "scheduled_time"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ({"duration_minutes": -1}, "duration_minutes"),
    ({"attendees": [{"name": "A", "address": "not an address"}]}, "attendees.0.address"),
    ({"colour": "red"}, "colour"),
]


async def test_bad_data_is_a_422_that_names_the_field(api):
    for changes, field in BAD:
        status, body, headers = await api.call("POST", "/meetings", json=MEETING | changes)
        assert status == 422
        assert headers["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in body["errors"]] == [field]


async def test_a_failed_create_leaves_nothing(api):
    before = await titles(api)
    await api.call("POST", "/meetings", json=MEETING | {"contact_id": "contact_99"})
    assert await titles(api) == before


async def test_lists_are_by_time_and_filters_leave_the_rest_out(api):
    await created(api, title="later", scheduled_time="2025-12-01T09:00:00")
    await created(api, title="sooner", scheduled_time="2025-11-01T09:00:00")
    await created(api, title="whenever", scheduled_time=None)
    everything = await titles(api)
    assert everything[-3:] == ["sooner", "later", "whenever"]
    assert everything[0] == "Product Demo"
    assert await titles(api, contact_id="contact_1") == ["Product Demo", "Security Review"]
    assert await titles(api, contact_id="contact_2", status="scheduled") == ["sooner", "later", "whenever"]
    assert await titles(api, user_id="user_2", contact_id="contact_1") == []


async def test_from_is_included_and_to_is_not(api):
    for day in (1, 2, 3):
        await created(api, title=f"day {day}", scheduled_time=f"2026-01-0{day}T09:00:00")
    await created(api, title="whenever", scheduled_time=None)
    assert await titles(api, **{"from": "2026-01-02T09:00:00"}) == ["day 2", "day 3"]
    assert await titles(api, **{"from": "2026-01-01", "to": "2026-01-02T09:00:00"}) == ["day 1"]
    assert (await titles(api, to="2026-01-02"))[-1] == "day 1"


async def test_patch_changes_the_given_fields_and_no_others(api):
    ident = await created(api)
    status, body, headers = await api.call("PATCH", f"/meetings/{ident}", json={"title": "Moved"})
    assert (status, headers["ETag"]) == (200, '"2"')
    assert body == (await api.call("GET", f"/meetings/{ident}"))[1]
    assert body["title"] == "Moved"
    assert body["scheduled_time"] == MEETING["scheduled_time"]


async def test_patch_moves_the_meeting_in_the_list(api):
    ident = await created(api, title="moved", scheduled_time="2026-03-01T09:00:00")
    await created(api, title="stays", scheduled_time="2026-03-02T09:00:00")
    await api.call("PATCH", f"/meetings/{ident}", json={"scheduled_time": "2026-03-03T09:00:00"})
    assert await titles(api, **{"from": "2026-03-01"}) == ["stays", "moved"]


async def test_a_bad_patch_changes_nothing(api):
    ident = await created(api)
    bad = [({"contact_id": "contact_99"}, "contact_id"), ({"title": None}, "title"), ({"id": "x"}, "id")]
    for changes, field in bad:
        status, body, _ = await api.call("PATCH", f"/meetings/{ident}", json=changes)
        assert (status, body["errors"][0]["field"]) == (422, field)
    assert (await api.call("GET", f"/meetings/{ident}"))[2]["ETag"] == '"1"'


async def test_of_two_writers_that_read_the_same_version_one_is_told(api):
    ident = await created(api)
    status, _, _ = await api.call(
        "PATCH", f"/meetings/{ident}", json={"title": "first"}, headers={"If-Match": '"1"'}
    )
    assert status == 200
    status, body, _ = await api.call(
        "PATCH", f"/meetings/{ident}", json={"title": "second"}, headers={"If-Match": '"1"'}
    )
    assert (status, body["errors"][0]["field"]) == (412, "If-Match")
    assert (await api.call("GET", f"/meetings/{ident}"))[1]["title"] == "first"


async def test_patches_of_different_fields_at_once_all_hold(api):
    ident = await created(api)
    changes = [{"title": "T"}, {"duration_minutes": 25}, {"series": "weekly"}]
    answers = await asyncio.gather(
        *(api.call("PATCH", f"/meetings/{ident}", json=change) for change in changes)
    )
    assert [status for status, _, _ in answers] == [200, 200, 200]
    _, body, _ = await api.call("GET", f"/meetings/{ident}")
    assert (body["title"], body["duration_minutes"], body["series"]) == ("T", 25, "weekly")


async def test_what_is_not_there_is_404(api):
    for method, more in (("GET", {}), ("PATCH", {"json": {"title": "x"}}), ("DELETE", {})):
        status, body, _ = await api.call(method, "/meetings/meeting_0", **more)
        assert (status, body["status"]) == (404, 404)


async def test_delete_removes_the_meeting_and_its_insights(api):
    ident = await created(api)
    await api.call("PUT", f"/meetings/{ident}/insights", json={"insights": {}})
    assert (await api.call("DELETE", f"/meetings/{ident}", headers={"If-Match": '"7"'}))[0] == 412
    assert (await api.call("DELETE", f"/meetings/{ident}"))[0] == 204
    assert (await api.call("GET", f"/meetings/{ident}"))[0] == 404
    assert (await api.call("GET", f"/meetings/{ident}/insights"))[0] == 404
    assert (await api.call("DELETE", f"/meetings/{ident}"))[0] == 404
    assert "Q4 Planning with Northwind" not in await titles(api)


DERIVED = {
    "title": "From a transcript",
    "thread_id": "t1",
    "run_id": "run-1",
    "source": {"kind": "transcript"},
}


async def put(api, body, ident="m-1"):
    return await api.call("PUT", f"/meetings/{ident}", by="pipeline", json=body)


async def test_a_derived_meeting_is_made_once_however_often_it_is_put(api):
    for _ in range(3):
        status, body, headers = await put(api, DERIVED)
        assert (status, headers["ETag"], body["title"]) == (200, '"1"', "From a transcript")
    assert (await titles(api)).count("From a transcript") == 1


async def test_puts_at_once_make_one_meeting(api):
    answers = await asyncio.gather(*(put(api, DERIVED) for _ in range(8)))
    assert {(status, headers["ETag"]) for status, _, headers in answers} == {(200, '"1"')}


async def test_a_put_that_comes_back_does_not_undo_a_persons_change(api):
    await put(api, DERIVED)
    await api.call("PATCH", "/meetings/m-1", json={"title": "What a person calls it"})
    status, body, _ = await put(api, DERIVED)
    assert (status, body["title"]) == (200, "What a person calls it")


async def test_a_put_that_comes_back_does_not_bring_back_what_a_person_removed(api):
    await put(api, DERIVED)
    await api.call("DELETE", "/meetings/m-1")
    assert (await put(api, DERIVED))[:2] == (200, {"deleted": True})
    assert (await api.call("GET", "/meetings/m-1"))[0] == 404
    assert (await put(api, DERIVED | {"title": "Something new"}))[0] == 200
    assert (await api.call("GET", "/meetings/m-1"))[1]["title"] == "Something new"


async def test_an_older_sequence_never_replaces_a_newer_one(api):
    await put(api, DERIVED | {"sequence": 2, "title": "moved twice"})
    status, body, _ = await put(api, DERIVED | {"sequence": 1, "title": "moved once"})
    assert (status, body["title"]) == (200, "moved twice")
    _, body, _ = await put(api, DERIVED | {"sequence": 3, "title": "moved again"})
    assert body["title"] == "moved again"


async def test_only_the_pipeline_chooses_ids(api):
    for by in ("member", "admin"):
        status, body, _ = await api.call("PUT", "/meetings/m-1", by=by, json=DERIVED)
        assert (status, body["title"]) == (403, "Forbidden")
