from __future__ import annotations

import pytest

from parley.api.tokens import Role, Tokens, create_token, list_tokens, revoke_token
from parley.errors import RequestError


async def test_health_needs_no_token(api):
    assert (await api.call("GET", "/health", by=None))[:2] == (200, {"status": "ok"})


async def test_without_a_known_token_it_is_401(api):
    unknown = ["Bearer", "Bearer nobody-made-this-token", "Basic dXNlcjpwdw==", "Bearer " + "x" * 5000]
    for headers in [{}, *({"Authorization": text} for text in unknown)]:
        status, body, answered = await api.call("GET", "/meetings", by=None, headers=headers)
        assert (status, body["title"]) == (401, "Unauthorized")
        assert answered["WWW-Authenticate"] == "Bearer"
        assert answered["Content-Type"] == "application/problem+json"


async def test_only_the_pipeline_names_a_tenant(api):
    for by, tenant in (("member", "demo"), ("admin", "rival")):
        status, body, _ = await api.call("GET", "/meetings", by=by, tenant=tenant)
        assert (status, body["errors"][0]["field"]) == (403, "Parley-Tenant")
        status, _, _ = await api.call("GET", "/mailboxes", by=by, tenant=tenant)
        assert status == 403


async def test_the_pipeline_has_to_name_a_tenant(api):
    token = {"Authorization": f"Bearer {api.tokens['pipeline']}"}
    for named in [{}, *({"Parley-Tenant": tenant} for tenant in ("Demo", "a#b", "../x", "~", "a" * 64))]:
        status, body, _ = await api.call("GET", "/meetings", by=None, headers=token | named)
        assert (status, body["errors"][0]["field"]) == (422, "Parley-Tenant")


MAILBOX = {"address": "new@demo.example", "purpose": "meetings"}
USER = {"name": "Ada", "email": "ada@company.com"}


REFUSED = [
    ("member", "POST", "/mailboxes", MAILBOX),
    ("member", "PATCH", "/mailboxes/meetings@parley.local", {"mode": "silent"}),
    ("member", "DELETE", "/mailboxes/meetings@parley.local", None),
    ("pipeline", "DELETE", "/mailboxes/meetings@parley.local", None),
    ("member", "POST", "/users", USER),
    ("pipeline", "POST", "/users", USER),
    ("member", "PATCH", "/users/user_1", {"name": "x"}),
    ("member", "PUT", "/blacklist/a@b.example", {}),
    ("pipeline", "PUT", "/blacklist/a@b.example", {}),
    ("member", "DELETE", "/blacklist/a@b.example", None),
    ("member", "PUT", "/suppressions/a@b.example", {}),
    ("pipeline", "DELETE", "/suppressions/a@b.example", None),
    ("admin", "PUT", "/messages/m", {"thread_id": "t"}),
    ("admin", "PUT", "/emails/r", {}),
    ("admin", "PUT", "/contacts/c", {"email": "a@b.example"}),
    ("admin", "PUT", "/meetings/m", {"title": "x"}),
]


async def test_other_roles_are_refused(api):
    for by, method, path, body in REFUSED:
        status, problem, _ = await api.call(method, path, by=by, json=body)
        assert (status, problem["status"]) == (403, 403), (by, method, path)


async def test_a_token_is_kept_as_a_hash_only(stores):
    token = await create_token(stores.store, role=Role.MEMBER, tenant="demo")
    rows = (await stores.dynamodb.scan(TableName=stores.table))["Items"]
    assert len(rows) == 1
    assert token not in str(rows)


async def test_making_the_same_token_again_changes_nothing_but_another_grant_is_refused(stores):
    again = {"token": "a-token-of-the-local-stack", "role": Role.PIPELINE}
    await create_token(stores.store, **again)
    assert await create_token(stores.store, **again) == again["token"]
    with pytest.raises(RequestError):
        await create_token(stores.store, token=again["token"], role=Role.ADMIN, tenant="demo")


@pytest.mark.parametrize(
    "grant",
    [
        {"role": Role.ADMIN},
        {"role": Role.PIPELINE, "tenant": "demo"},
        {"role": Role.ADMIN, "tenant": "demo", "token": "short"},
    ],
)
async def test_a_grant_that_makes_no_sense_is_refused(stores, grant):
    with pytest.raises(RequestError):
        await create_token(stores.store, **grant)


async def test_a_revoked_token_is_good_for_no_longer_than_the_cache(stores):
    now = [0.0]
    tokens = Tokens(stores.store, cache_seconds=30, monotonic=lambda: now[0])
    token = await create_token(stores.store, role=Role.MEMBER, tenant="demo")
    assert (await tokens.grant(token)).tenant == "demo"
    (entry,) = await list_tokens(stores.store, "demo")
    await revoke_token(stores.store, "demo", entry.id)
    now[0] = 29.0
    assert await tokens.grant(token) is not None
    now[0] = 30.0
    assert await tokens.grant(token) is None


async def test_a_token_is_good_until_it_expires(stores):
    now = [1_000.0]
    tokens = Tokens(stores.store, clock=lambda: now[0])
    token = await create_token(stores.store, role=Role.MEMBER, tenant="demo", expires_at=2_000)
    assert await tokens.grant(token)
    now[0] = 2_000.0
    assert await tokens.grant(token) is None


async def test_a_list_holds_a_tenants_own_tokens_and_opens_nothing(stores):
    mine = await create_token(stores.store, role=Role.MEMBER, tenant="demo", name="reporting")
    await create_token(stores.store, role=Role.ADMIN, tenant="rival")
    await create_token(stores.store, role=Role.PIPELINE)
    (entry,) = await list_tokens(stores.store, "demo")
    assert (entry.name, entry.grant.role) == ("reporting", Role.MEMBER)
    assert entry.id not in mine
    with pytest.raises(RequestError, match="no token"):
        await revoke_token(stores.store, "rival", entry.id)
    await revoke_token(stores.store, "demo", entry.id)
    assert await list_tokens(stores.store, "demo") == []
    assert await Tokens(stores.store).grant(mine) is None
