from __future__ import annotations

from parley.backend.services.demo import CONTACTS, USERS, seed_demo


async def test_the_demo_tenant_has_the_seeds_people(api):
    _, user, _ = await api.call("GET", "/users/user_1")
    assert (user["name"], user["email"], user["role"]) == (
        "Sarah Chen",
        "sarah.chen@company.com",
        "Account Executive",
    )
    _, contact, _ = await api.call("GET", "/contacts/contact_1")
    assert (contact["company"], contact["role"]) == ("Acme Corp", "VP of Engineering")
    assert len((await api.call("GET", "/users"))[1]["items"]) == len(USERS)
    assert len((await api.call("GET", "/contacts"))[1]["items"]) == len(CONTACTS)


async def test_seeding_again_changes_nothing(api, stores):
    await api.call("PATCH", "/users/user_1", by="admin", json={"role": "Director"})
    await seed_demo(stores.store)
    assert (await api.call("GET", "/users/user_1"))[1]["role"] == "Director"


async def test_a_contact_is_found_by_its_address_alone(api):
    for email in ("ann@x.example", "ann@x.example.org", "jo.ann@x.example"):
        await api.call("POST", "/contacts", json={"email": email, "name": "Ann"})
    _, page, _ = await api.call("GET", "/contacts", params={"email": "Ann@X.example"})
    assert [contact["email"] for contact in page["items"]] == ["ann@x.example"]


async def test_a_derived_contact_keeps_what_a_person_added(api):
    body = {"email": "ann@x.example", "name": "Ann"}
    await api.call("PUT", "/contacts/c-1", by="pipeline", json=body)
    status, changed, _ = await api.call("PATCH", "/contacts/c-1", json={"company": "X Ltd"})
    assert (status, changed["company"], changed["name"]) == (200, "X Ltd", "Ann")
    assert (await api.call("PUT", "/contacts/c-1", by="pipeline", json=body))[1]["company"] == "X Ltd"


async def test_users_are_made_by_an_admin(api):
    user = {"name": "Ada", "email": "ada@company.com", "time_zone": "Asia/Kolkata"}
    status, made, _ = await api.call("POST", "/users", by="admin", json=user)
    assert status == 201
    assert (await api.call("GET", f"/users/{made['id']}"))[1] == made | user
    status, problem, _ = await api.call("POST", "/users", by="admin", json=user | {"time_zone": "Nowhere"})
    assert (status, problem["errors"][0]["field"]) == (422, "time_zone")
