from __future__ import annotations

import asyncio

from local.demo import CONTACTS, USERS, seed_demo


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


async def test_an_address_is_one_users_and_free_again_when_it_changes(api):
    user = {"name": "Ada", "email": "ada@company.com"}
    _, made, _ = await api.call("POST", "/users", by="admin", json=user)
    status, problem, _ = await api.call("POST", "/users", by="admin", json=user | {"name": "Other"})
    assert (status, problem["errors"][0]["field"]) == (409, "email")
    for email in ("ada@acme.com", "ada@corp.com", "ada@acme.com"):
        change = {"email": email}
        status, changed, _ = await api.call("PATCH", f"/users/{made['id']}", by="admin", json=change)
        assert (status, changed["email"]) == (200, email)
    assert changed["former_emails"] == ["ada@company.com", "ada@corp.com"]
    assert (await api.call("POST", "/users", by="admin", json=user))[0] == 201
    taken = {"email": "ada@company.com"}
    assert (await api.call("PATCH", f"/users/{made['id']}", by="admin", json=taken))[0] == 409


ANN = {"email": "ann@x.example", "name": "Ann"}


async def put(api, body, ident="c-1"):
    return await api.call("PUT", f"/contacts/{ident}", by="pipeline", json=body)


async def by_address(api, email="ann@x.example"):
    return (await api.call("GET", "/contacts", params={"email": email}))[1]["items"]


async def test_an_email_fills_what_is_blank_and_overwrites_nothing(api):
    await put(api, {"email": "ann@x.example"})
    status, body, headers = await put(api, ANN | {"company": "X Ltd"})
    assert (status, headers["ETag"]) == (200, '"2"')
    assert body == {"id": "c-1", **ANN, "company": "X Ltd", "role": ""}
    status, body, headers = await put(api, {"email": "ann@x.example", "name": "A. Nother", "role": "CTO"})
    assert (body["name"], body["company"], body["role"], headers["ETag"]) == ("Ann", "X Ltd", "CTO", '"3"')
    assert (await put(api, {"email": "ann@x.example", "name": "Again"}))[2]["ETag"] == '"3"'


async def test_what_a_person_emptied_is_not_filled_by_the_same_email(api):
    await put(api, ANN)
    await api.call("PATCH", "/contacts/c-1", json={"name": ""})
    assert (await put(api, ANN))[1]["name"] == ""


async def test_an_address_has_one_contact_whoever_made_it(api):
    _, made, _ = await api.call("POST", "/contacts", json={"email": "Ann@X.example"})
    status, body, _ = await put(api, ANN)
    assert (status, body["id"], body["name"]) == (200, made["id"], "Ann")
    assert (await put(api, ANN, "c-2"))[1] == body
    assert await by_address(api) == [body]
    assert (await api.call("GET", "/contacts/c-1"))[0] == 404
    status, problem, _ = await api.call("POST", "/contacts", json=ANN)
    assert (status, problem["errors"][0]["field"]) == (409, "email")


async def test_the_demo_tenants_contacts_hold_their_addresses(api):
    _, body, _ = await put(api, {"email": CONTACTS[0]["email"], "name": "Somebody"})
    assert body == CONTACTS[0]


async def test_puts_and_posts_at_once_make_one_contact(api):
    answers = await asyncio.gather(
        *(put(api, ANN | {"role": "r" * n}, f"c-{n}") for n in range(6)),
        *(api.call("POST", "/contacts", json=ANN) for _ in range(3)),
    )
    assert {status for status, _, _ in answers} <= {200, 201, 409}
    [standing] = await by_address(api)
    assert {body["id"] for status, body, _ in answers if status < 300} == {standing["id"]}


async def test_a_changed_address_is_claimed_and_the_old_one_is_free(api):
    await put(api, ANN)
    await put(api, {"email": "bo@x.example"}, "c-2")
    status, problem, _ = await api.call("PATCH", "/contacts/c-1", json={"email": "bo@x.example"})
    assert (status, problem["errors"][0]["field"]) == (409, "email")
    assert (await api.call("PATCH", "/contacts/c-1", json={"email": "cy@x.example"}))[0] == 200
    assert (await put(api, {"email": "cy@x.example"}, "c-3"))[1]["id"] == "c-1"
    assert (await api.call("POST", "/contacts", json=ANN))[0] == 201


async def test_a_removed_contact_stays_removed_until_a_person_makes_it_again(api):
    _, made, _ = await api.call("POST", "/contacts", json=ANN)
    assert (await api.call("DELETE", f"/contacts/{made['id']}", headers={"If-Match": '"9"'}))[0] == 412
    assert (await api.call("DELETE", f"/contacts/{made['id']}", by="other"))[0] == 404
    assert (await api.call("DELETE", f"/contacts/{made['id']}"))[0] == 204
    for ident in ("c-1", made["id"]):
        assert (await put(api, ANN | {"role": "new"}, ident))[:2] == (200, {"deleted": True})
    assert await by_address(api) == []
    status, again, _ = await api.call("POST", "/contacts", json=ANN)
    assert (status, await by_address(api)) == (201, [again])
    assert (await put(api, ANN))[1] == again


async def test_what_is_left_of_a_removed_contact_does_not_tell_the_address(api, stores):
    await put(api, ANN)
    await api.call("DELETE", "/contacts/c-1")
    items = (await stores.dynamodb.scan(TableName=stores.table))["Items"]
    assert "ann@x.example" not in str(items)


async def test_tenants_have_contacts_of_their_own(api):
    await put(api, ANN)
    status, theirs, _ = await api.call("POST", "/contacts", by="other", json=ANN)
    assert status == 201
    assert theirs["id"] != "c-1"
