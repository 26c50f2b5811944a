from __future__ import annotations

import pytest

from parley.conversations.domains import add_domain, remove_domain
from parley.conversations.mailboxes import lookup_names

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


async def test_a_removed_address_is_free_again_for_its_own_tenant(api):
    path = "/mailboxes/deals@parley.local"
    assert (await api.call("DELETE", path, by="admin"))[0] == 204
    assert (await api.call("GET", path))[0] == 404
    again = {"address": "deals@parley.local", "purpose": "deals"}
    assert (await api.call("POST", "/mailboxes", by="admin", json=again))[0] == 201


async def test_an_address_is_of_a_domain_of_its_tenant(api, stores):
    for box, field in (
        ({"address": "in@parley.local"}, "address"),
        ({"address": "in@somewhere.invalid"}, "address"),
        ({"address": "in@rival.example", "aliases": ["@company.com"]}, "aliases"),
        ({"address": "in@sub.rival.example"}, "address"),
    ):
        body = {"purpose": "meetings", **box}
        status, problem, _ = await api.call("POST", "/mailboxes", by="other", json=body)
        assert (status, problem["errors"][0]["field"]) == (422, field), box
        assert "parley admin domain add rival" in problem["detail"]
    await make(api, "in@rival.example", by="other")
    path = "/mailboxes/in@rival.example"
    taken = {"aliases": ["x@parley.local"]}
    assert (await api.call("PATCH", path, by="other", json=taken))[0] == 422
    await add_domain(stores.store, "rival", ".rival.example")
    aliases = {"aliases": ["@sub.rival.example"]}
    assert (await api.call("PATCH", path, by="other", json=aliases))[0] == 200


async def test_a_removed_address_rests_before_another_tenant_can_have_it(api, stores):
    await make(api, "in@a.test", "other@a.test")
    await remove_domain(stores.store, "demo", ".test")
    await add_domain(stores.store, "rival", "a.test")
    assert (await api.call("DELETE", "/mailboxes/in@a.test", by="admin"))[0] == 204
    for address in ("in@a.test", "other@a.test"):
        status, problem, _ = await make(api, address, by="other")
        assert (status, "30 days" in problem["detail"]) == (422, True)
    assert (await make(api, "new@a.test", by="other"))[0] == 201


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


def test_the_nearest_name_comes_first():
    assert lookup_names("a+b+c@x.example") == ["a+b+c@x.example", "a@x.example", "@x.example"]
    assert lookup_names("a@x.example") == ["a@x.example", "@x.example"]
    assert lookup_names("+b@x.example") == ["+b@x.example", "@x.example"]


async def make(api, address, *aliases, by="admin"):
    body = {"address": address, "purpose": "meetings", "aliases": list(aliases)}
    return await api.call("POST", "/mailboxes", by=by, json=body)


async def found(api, address) -> str | None:
    token = {"Authorization": f"Bearer {api.tokens['pipeline']}"}
    params = {"address": address}
    _, page, _ = await api.call("GET", "/mailboxes", by=None, headers=token, params=params)
    return page["items"][0]["address"] if page["items"] else None


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("main@x.example", "main@x.example"),
        ("Notes@X.example", "main@x.example"),
        ("main+acme@x.example", "main@x.example"),
        ("notes+acme+2@x.example", "main@x.example"),
        ("main+own@x.example", "main+own@x.example"),
        ("main+own+more@x.example", "main@x.example"),
        ("notes+tagged@x.example", "other@x.example"),
        ("anyone@x.example", "other@x.example"),
        ("+@x.example", "other@x.example"),
        ("anyone@sub.x.example", None),
        ("anyone@y.example", None),
    ],
)
async def test_the_nearest_mailbox_takes_the_mail(api, address, mailbox):
    await make(api, "main@x.example", "Notes@x.example")
    await make(api, "main+own@x.example")
    await make(api, "other@x.example", "notes+tagged@x.example", "@X.example")
    assert await found(api, address) == mailbox


async def test_a_tenant_finds_its_own_by_any_of_their_addresses(api):
    await make(api, "main@x.example", "notes@x.example")
    for by, expected in (("member", 1), ("other", 0)):
        _, page, _ = await api.call("GET", "/mailboxes", by=by, params={"address": "notes+1@x.example"})
        assert len(page["items"]) == expected
    _, page, _ = await api.call("GET", "/mailboxes")
    assert [box["address"] for box in page["items"]].count("main@x.example") == 1
    for method, more in (("GET", {}), ("PATCH", {"json": {"mode": "draft"}}), ("DELETE", {})):
        assert (await api.call(method, "/mailboxes/notes@x.example", by="admin", **more))[0] == 404


async def test_an_address_is_a_mailbox_or_an_alias_of_one(api):
    assert (await make(api, "main@x.example", "notes@x.example", "notes@x.example", "main@x.example"))[1][
        "aliases"
    ] == ["notes@x.example"]
    status, problem, _ = await make(api, "notes@x.example")
    assert (status, problem["errors"][0]["field"]) == (409, "id")
    for taken in ("main@x.example", "notes@x.example"):
        status, problem, _ = await make(api, "second@x.example", "free@x.example", taken)
        assert (status, problem["errors"][0]["field"]) == (409, "aliases")
    assert await found(api, "second@x.example") is None
    assert await found(api, "free@x.example") is None


async def test_aliases_follow_their_mailbox(api):
    path = "/mailboxes/main@x.example"
    await make(api, "main@x.example", "a@x.example", "b@x.example")
    await make(api, "second@x.example", "c@x.example")
    taken = {"aliases": ["a@x.example", "c@x.example"]}
    status, problem, _ = await api.call("PATCH", path, by="admin", json=taken)
    assert (status, problem["errors"][0]["field"]) == (409, "aliases")
    assert await found(api, "b@x.example") == "main@x.example"
    status, box, _ = await api.call(
        "PATCH", path, by="admin", json={"aliases": ["b@x.example", "d@x.example"]}
    )
    assert (status, box["aliases"]) == (200, ["b@x.example", "d@x.example"])
    assert await found(api, "a@x.example") is None
    assert await found(api, "d@x.example") == "main@x.example"
    await api.call("PATCH", path, by="admin", json={"mode": "draft"})
    assert await found(api, "b@x.example") == "main@x.example"
    assert (await api.call("DELETE", path, by="admin"))[0] == 204
    assert await found(api, "b@x.example") is None
    assert (await make(api, "d@x.example", "b@x.example"))[0] == 201


async def test_a_post_again_under_its_key_gets_its_answer(api):
    headers = {"Idempotency-Key": "k"}
    body = {"address": "main@x.example", "purpose": "meetings", "aliases": ["a@x.example"]}
    first = await api.call("POST", "/mailboxes", by="admin", json=body, headers=headers)
    again = await api.call("POST", "/mailboxes", by="admin", json=body, headers=headers)
    assert first[:2] == again[:2]
    assert first[0] == 201


async def test_an_alias_that_is_none_is_named(api):
    for alias in ("nonsense", "*", "@"):
        status, problem, _ = await make(api, "main@x.example", alias)
        assert (status, problem["errors"][0]["field"]) == (422, "aliases.0")
    status, problem, _ = await make(api, "main@x.example", *(f"a{n}@x.example" for n in range(51)))
    assert (status, problem["errors"][0]["field"]) == (422, "aliases")
