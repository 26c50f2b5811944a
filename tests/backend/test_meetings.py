from __future__ import annotations

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
