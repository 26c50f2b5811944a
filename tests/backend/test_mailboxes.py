from __future__ import annotations

BOX = {
    "address": "Team+Notes@Demo.Example",
    "purpose": "meetings",
    "members": ["@Company.com", "a@b.example"],
}


async def test_a_mailbox_lives_under_its_lower_cased_address(api):
    status, made, _ = await api.call("POST", "/mailboxes", by="admin", json=BOX)
    assert status == 201
    assert made["address"] == "team+notes@demo.example"
    assert made["members"] == ["@company.com", "a@b.example"]
    assert (made["tenant"], made["mode"], made["require_auth"]) == ("demo", "auto", True)
    assert (await api.call("GET", "/mailboxes/TEAM%2Bnotes@demo.example"))[:2] == (200, made)


async def test_the_pipeline_finds_an_address_over_all_tenants(api):
    rivals = {"address": "in@rival.example", "purpose": "deals"}
    assert (await api.call("POST", "/mailboxes", by="other", json=rivals))[0] == 201
    token = {"Authorization": f"Bearer {api.tokens['pipeline']}"}
    for address, tenant in (("in@rival.example", "rival"), ("Creator@Repflow.app", "demo")):
        params = {"address": address}
        _, page, _ = await api.call("GET", "/mailboxes", by=None, headers=token, params=params)
        assert [box["tenant"] for box in page["items"]] == [tenant]
    params = {"address": "nobody@x.example"}
    _, page, _ = await api.call("GET", "/mailboxes", by=None, headers=token, params=params)
    assert page == {"items": [], "next_cursor": None}
    status, problem, _ = await api.call("GET", "/mailboxes", by=None, headers=token)
    assert (status, problem["errors"][0]["field"]) == (422, "Parley-Tenant")


async def test_a_change_needs_the_version_that_was_read(api):
    path = "/mailboxes/deals@parley.local"
    stale = {"If-Match": '"9"'}
    assert (await api.call("PATCH", path, by="admin", json={"mode": "draft"}, headers=stale))[0] == 412
    status, box, headers = await api.call("PATCH", path, by="admin", json={"mode": "draft"})
    assert (status, box["mode"], headers["ETag"]) == (200, "draft", '"2"')
    assert (await api.call("PATCH", path, by="admin", json={"mode": None}))[0] == 422
    assert (await api.call("PATCH", path, by="admin", json={"address": "x@y.example"}))[0] == 422


async def test_a_removed_address_is_free_again(api):
    path = "/mailboxes/deals@parley.local"
    assert (await api.call("DELETE", path, by="admin"))[0] == 204
    assert (await api.call("GET", path))[0] == 404
    again = {"address": "deals@parley.local", "purpose": "deals"}
    assert (await api.call("POST", "/mailboxes", by="other", json=again))[0] == 201


async def test_lists_hold_the_tenants_own(api):
    _, page, _ = await api.call("GET", "/mailboxes")
    assert [box["address"] for box in page["items"]] == [
        "creator@repflow.app",
        "deals@parley.local",
        "meetings@parley.local",
    ]


async def test_what_is_no_address_is_named(api):
    for changes, field in (
        ({"address": "a@b@c"}, "address"),
        ({"address": "a b@c.example"}, "address"),
        ({"members": ["*", "nonsense"]}, "members.1"),
        ({"cost_ceiling_micro_usd": -1}, "cost_ceiling_micro_usd"),
    ):
        status, problem, _ = await api.call("POST", "/mailboxes", by="admin", json=BOX | changes)
        assert (status, problem["errors"][0]["field"]) == (422, field)
    assert (await api.call("GET", "/mailboxes/nonsense"))[0] == 422
