"""Tenant `rival` knows every id of tenant `demo`, and sees and changes nothing of it."""

from __future__ import annotations

import json

import pytest

from parley.conversations.domains import add_domain, remove_domain

SECRET = "only demo may read this"


@pytest.fixture
async def filled(api):
    """One thing of each kind in demo, each holding the secret."""
    puts = {
        "/meetings/m-1": {"title": SECRET, "thread_id": "t-1"},
        "/meetings/m-1/insights": {"run_id": "r-1", "insights": {"summary": {"text": SECRET}}},
        "/messages/msg-1": {"thread_id": "t-1", "text": SECRET},
        "/emails/r-1": {"note": SECRET},
        "/contacts/c-1": {"email": "c@x.example", "name": SECRET},
        "/suppressions/s@x.example": {"reason": SECRET},
    }
    for path, body in puts.items():
        assert (await api.call("PUT", path, by="pipeline", json=body))[0] == 200
    assert (await api.call("PUT", "/blacklist/b@x.example", by="admin", json={"reason": SECRET}))[0] == 200
    change = {"signature": SECRET}
    assert (await api.call("PATCH", "/mailboxes/deals@parley.local", by="admin", json=change))[0] == 200
    assert (await api.call("PATCH", "/users/user_1", by="admin", json={"role": SECRET}))[0] == 200
    return api


LISTS = [
    "/meetings",
    "/meetings?thread_id=t-1",
    "/messages?thread_id=t-1",
    "/emails",
    "/mailboxes",
    "/mailboxes?address=deals@parley.local",
    "/users",
    "/users?email=sarah.chen@company.com",
    "/contacts",
    "/contacts?email=c@x.example",
    "/blacklist",
    "/suppressions",
]
THINGS = [
    "/meetings/m-1",
    "/meetings/m-1/insights",
    "/conversations/t-1",
    "/emails/r-1",
    "/mailboxes/deals@parley.local",
    "/users/user_1",
    "/contacts/c-1",
    "/blacklist/b@x.example",
    "/suppressions/s@x.example",
]
CHANGES = [
    ("PATCH", "/meetings/m-1", {"title": "x"}),
    ("DELETE", "/meetings/m-1", None),
    ("PUT", "/meetings/m-1/insights", {"insights": {}}),
    ("PATCH", "/mailboxes/deals@parley.local", {"mode": "silent"}),
    ("DELETE", "/mailboxes/deals@parley.local", None),
    ("PATCH", "/users/user_1", {"name": "x"}),
    ("PATCH", "/contacts/c-1", {"name": "x"}),
    ("DELETE", "/blacklist/b@x.example", None),
    ("DELETE", "/suppressions/s@x.example", None),
]


async def snapshot(api) -> list[str]:
    return [json.dumps((await api.call("GET", path))[1], sort_keys=True) for path in LISTS + THINGS]


async def test_the_owner_sees_it_through_every_route(filled):
    for seen in await snapshot(filled):
        assert SECRET in seen


@pytest.mark.parametrize("by", ["other", "pipeline"])
async def test_another_tenant_sees_none_of_it(filled, by):
    tenant = "rival" if by == "pipeline" else None
    for path in LISTS:
        status, body, _ = await filled.call("GET", path, by=by, tenant=tenant)
        assert (status, body["items"]) == (200, []), path
    for path in THINGS:
        status, body, _ = await filled.call("GET", path, by=by, tenant=tenant)
        assert status == 404, path
        assert SECRET not in json.dumps(body)


async def test_another_tenant_changes_none_of_it(filled):
    before = await snapshot(filled)
    for method, path, body in CHANGES:
        status, _, _ = await filled.call(method, path, by="other", json=body)
        assert status == 404, path
    assert await snapshot(filled) == before


async def test_the_same_ids_in_two_tenants_are_two_things(filled):
    body = {"title": "rival's own", "thread_id": "t-1"}
    status, _, _ = await filled.call("PUT", "/meetings/m-1", by="pipeline", tenant="rival", json=body)
    assert status == 200
    assert (await filled.call("GET", "/meetings/m-1", by="other"))[1]["title"] == "rival's own"
    assert (await filled.call("GET", "/meetings/m-1"))[1]["title"] == SECRET


async def test_users_and_contacts_of_another_tenant_do_not_exist(filled):
    body = {"title": "x", "user_id": "user_1"}
    status, problem, _ = await filled.call("POST", "/meetings", by="other", json=body)
    assert (status, problem["errors"][0]["field"]) == (422, "user_id")


async def test_an_idempotency_key_of_another_tenant_is_a_fresh_one(filled):
    contact = {"email": "same@x.example"}
    headers = {"Idempotency-Key": "k"}
    _, first, _ = await filled.call("POST", "/contacts", by="admin", json=contact, headers=headers)
    status, second, _ = await filled.call("POST", "/contacts", by="other", json=contact, headers=headers)
    assert status == 201
    assert first["id"] != second["id"]


async def test_a_cursor_of_another_tenant_is_refused(filled):
    _, page, _ = await filled.call("GET", "/meetings?limit=1")
    assert page["next_cursor"]
    status, problem, _ = await filled.call(
        "GET", "/meetings", by="other", params={"limit": 1, "cursor": page["next_cursor"]}
    )
    assert (status, problem["errors"][0]["field"]) == (422, "cursor")


async def test_an_address_has_one_owner_over_all_tenants(filled, stores):
    await remove_domain(stores.store, "demo", "parley.local")
    await add_domain(stores.store, "rival", "parley.local")
    taken = {"address": "deals@parley.local", "purpose": "meetings"}
    status, problem, _ = await filled.call("POST", "/mailboxes", by="other", json=taken)
    assert (status, problem["errors"][0]["field"]) == (409, "id")
    assert SECRET not in json.dumps(problem)
