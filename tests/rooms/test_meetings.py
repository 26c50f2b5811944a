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


INVITE = {
    "title": "Pilot review",
    "scheduled_time": "2026-03-02T10:00:00",
    "duration_minutes": 30,
    "time_zone": "Europe/Berlin",
    "ical_uid": "u-1@x.example",
    "sequence": 0,
    "dtstamp": "2026-02-20T09:00:00+01:00",
    "rrule": "FREQ=WEEKLY",
    "all_day": False,
    "thread_id": "t-1",
}


async def test_an_invite_is_read_back_as_it_was_written(api):
    status, body, _ = await put(api, INVITE)
    assert status == 200
    assert {name: body[name] for name in INVITE} == INVITE | {"dtstamp": "2026-02-20T08:00:00Z"}
    assert (await api.call("GET", "/meetings/m-1"))[1] == body


async def test_invites_in_any_order_and_at_once_leave_the_same_meeting(api):
    said = [
        INVITE,
        INVITE | {"sequence": 1, "scheduled_time": "2026-03-03T10:00:00", "thread_id": "t-2"},
        {"ical_uid": INVITE["ical_uid"], "sequence": 1, "status": "cancelled"},
        INVITE | {"sequence": 1, "dtstamp": "2026-02-21T08:00:00Z", "duration_minutes": 45},
    ]
    for ident, order in (("a", (0, 1, 2, 3)), ("b", (3, 2, 1, 0)), ("c", (2, 0, 3, 1))):
        for n in order:
            assert (await put(api, said[n], ident))[0] == 200
    assert {status for status, _, _ in await asyncio.gather(*(put(api, one, "d") for one in said))} == {200}
    bodies = [(await api.call("GET", f"/meetings/{ident}"))[1] for ident in "abcd"]
    assert [body | {"id": ""} for body in bodies] == [bodies[0] | {"id": ""}] * 4
    assert (bodies[0]["status"], bodies[0]["sequence"], bodies[0]["duration_minutes"]) == ("cancelled", 1, 45)
    assert bodies[0]["thread_id"] == "t-1"


async def test_an_update_moves_the_meeting_and_leaves_what_a_person_wrote(api):
    await put(api, INVITE)
    notes = {"title": "Ours", "summary": "Bring the contract", "contact_id": "contact_1"}
    assert (await api.call("PATCH", "/meetings/m-1", json=notes))[0] == 200
    moved = INVITE | {"sequence": 1, "title": "Pilot review (moved)", "scheduled_time": "2026-03-09T10:00:00"}
    status, body, headers = await put(api, moved)
    assert (status, headers["ETag"]) == (200, '"3"')
    assert {name: body[name] for name in notes} == notes
    assert body["scheduled_time"] == "2026-03-09T10:00:00"


async def test_a_transcript_completes_the_meeting_that_a_person_made(api):
    ident = await created(api)
    status, body, _ = await put(api, {"title": "Re: call", "status": "completed", "thread_id": "t-1"}, ident)
    assert (status, body["title"], body["status"]) == (200, MEETING["title"], "completed")
    assert body["scheduled_time"] == MEETING["scheduled_time"]
    assert await titles(api, thread_id="t-1") == [MEETING["title"]]


async def test_a_cancel_does_not_bring_back_what_a_person_removed(api):
    await put(api, INVITE)
    await api.call("DELETE", "/meetings/m-1")
    assert (await put(api, INVITE | {"sequence": 3, "status": "cancelled"}))[1] == {"deleted": True}
    assert (await put(api, INVITE | {"sequence": -1}))[1] == {"deleted": True}
    assert (await api.call("GET", "/meetings/m-1"))[0] == 404
    assert (await put(api, INVITE | {"sequence": 4}))[1]["sequence"] == 4


async def test_an_odd_calendar_is_stored_all_the_same(api):
    odd = {"ical_uid": "\x00u" * 3000, "series": "\x01" * 2000, "duration_minutes": 10**7, "sequence": -5}
    status, body, _ = await put(api, odd)
    assert (status, body["duration_minutes"], body["sequence"]) == (200, 10**7, -5)
    assert await titles(api, ical_uid=body["ical_uid"]) == [""]


async def test_a_thread_and_a_uid_have_lists_of_their_own(api):
    for n, day in ((1, 5), (2, 3), (3, 4)):
        body = INVITE | {"title": f"m{n}", "scheduled_time": f"2026-03-0{day}T10:00:00"}
        await put(api, body | ({"thread_id": "t-2", "ical_uid": "u-2"} if n == 3 else {}), f"m-{n}")
    assert await titles(api, thread_id="t-1") == ["m2", "m1"]
    assert await titles(api, ical_uid="u-2") == ["m3"]
    assert await titles(api, ical_uid="u-2", thread_id="t-1") == []
    assert await titles(api, thread_id="t-1", status="cancelled") == []
    assert await titles(api, thread_id="t-1", **{"from": "2026-03-04", "to": "2026-03-06"}) == ["m1"]
    assert await titles(api, thread_id="t-0") == []
    _, first, _ = await api.call("GET", "/meetings", params={"thread_id": "t-1", "limit": 1})
    rest = {"thread_id": "t-1", "limit": 1, "cursor": first["next_cursor"]}
    assert [m["title"] for m in (await api.call("GET", "/meetings", params=rest))[1]["items"]] == ["m1"]


async def test_the_lists_of_thread_and_uid_follow_every_change(api):
    await put(api, INVITE)
    await put(api, INVITE | {"title": "other", "scheduled_time": "2026-03-01T10:00:00"}, "m-2")
    assert await titles(api, thread_id="t-1") == ["other", "Pilot review"]
    await put(api, INVITE | {"sequence": 1, "scheduled_time": "2026-02-01T10:00:00"})
    assert await titles(api, thread_id="t-1") == ["Pilot review", "other"]
    await api.call("PATCH", "/meetings/m-1", json={"thread_id": "t-2"})
    assert await titles(api, thread_id="t-1") == ["other"]
    assert await titles(api, thread_id="t-2") == ["Pilot review"]
    await api.call("PATCH", "/meetings/m-1", json={"thread_id": None})
    assert await titles(api, thread_id="t-2") == []
    assert len(await titles(api, ical_uid=INVITE["ical_uid"])) == 2
    await api.call("DELETE", "/meetings/m-2")
    assert await titles(api, ical_uid=INVITE["ical_uid"]) == ["Pilot review"]
    await put(api, INVITE | {"sequence": 1, "title": "back"}, "m-2")
    assert sorted(await titles(api, ical_uid=INVITE["ical_uid"])) == ["Pilot review", "back"]


async def test_a_meeting_stands_in_no_list_that_it_has_left(api, stores):
    async def parts() -> set[str]:
        return {part.key.part for part in await stores.store.parts("demo#meeting#m-1")}

    await put(api, INVITE)
    assert await parts() == {"#", "LINK#thread_id", "LINK#ical_uid"}
    await api.call("PATCH", "/meetings/m-1", json={"thread_id": None})
    assert await parts() == {"#", "LINK#ical_uid"}
    await api.call("DELETE", "/meetings/m-1")
    assert await parts() == {"#"}
