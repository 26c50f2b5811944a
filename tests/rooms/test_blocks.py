from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["blacklist", "suppressions"])
async def test_an_address_is_blocked_until_it_is_not(api, kind):
    path = f"/{kind}/Bad@X.example"
    assert (await api.call("GET", path))[0] == 404
    status, entry, _ = await api.call("PUT", path, by="admin", json={"reason": "bounced"})
    assert (status, entry) == (200, {"address": "bad@x.example", "reason": "bounced", "source": ""})
    assert (await api.call("GET", path))[:2] == (200, entry)
    assert (await api.call("GET", f"/{kind}"))[1]["items"] == [entry]
    assert (await api.call("GET", f"/{kind}/good@x.example"))[0] == 404
    assert (await api.call("DELETE", path, by="admin"))[0] == 204
    assert (await api.call("GET", path))[0] == 404
    assert (await api.call("DELETE", path, by="admin"))[0] == 404
    assert (await api.call("PUT", path, by="admin", json={"reason": "bounced"}))[0] == 200
    assert (await api.call("GET", path))[0] == 200


async def test_a_domain_blocks_all_its_addresses_and_no_others(api):
    await api.call("PUT", "/blacklist/@X.example", by="admin", json={})
    assert (await api.call("GET", "/blacklist/anyone@x.example"))[1]["address"] == "@x.example"
    assert (await api.call("GET", "/blacklist/anyone@sub.x.example"))[0] == 404
    assert (await api.call("GET", "/suppressions/anyone@x.example"))[0] == 404


async def test_odd_but_legal_addresses_are_addresses(api):
    for written in ("a%2Fb@x.example", "a%23b@x.example", "a%25b@x.example", "o'neil@x.example"):
        assert (await api.call("PUT", f"/blacklist/{written}", by="admin", json={}))[0] == 200
        assert (await api.call("GET", f"/blacklist/{written}"))[0] == 200
    entries = (await api.call("GET", "/blacklist"))[1]["items"]
    wanted = ["a#b@x.example", "a%b@x.example", "a/b@x.example", "o'neil@x.example"]
    assert sorted(entry["address"] for entry in entries) == wanted
