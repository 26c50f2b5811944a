"""What each request of the mail path costs in round trips to the data table and to S3."""

from __future__ import annotations

from contextlib import contextmanager

import pytest


@contextmanager
def counting(client):
    """The names of the operations that are sent while the block lasts."""
    sent: list[str] = []

    def note(model, **_) -> None:
        sent.append(model.name)

    client.meta.events.register("before-call", note)
    try:
        yield sent
    finally:
        client.meta.events.unregister("before-call", note)


WRITES = [
    ("/meetings/m-1", {"title": "t"}),
    ("/meetings/m-1", {"title": "t", "thread_id": "t-1", "ical_uid": "u-1", "sequence": 0}),
    ("/meetings/m-1/insights", {"run_id": "r-1", "insights": {}}),
    ("/messages/m-1", {"thread_id": "t-1"}),
    ("/emails/r-1", {"states": ["received"]}),
    ("/contacts/c-1", {"email": "ann@x.example"}),
    ("/suppressions/s@x.example", {}),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
async def test_a_put_is_one_round_trip_and_so_is_its_repetition(api, stores, path, body):
    await api.call("GET", "/health", by="pipeline")
    await api.call("GET", "/emails/none", by="pipeline")  # the token is known from here on
    for _ in range(2):
        with counting(stores.dynamodb) as table, counting(stores.s3) as bucket:
            status, _, _ = await api.call("PUT", path, by="pipeline", json=body)
        assert status == 200
        assert len(table) == 1, table
        assert bucket == []


async def test_a_lookup_is_one_round_trip(api, stores):
    await api.call("GET", "/emails/none", by="pipeline")
    for path in ("/mailboxes?address=deals@parley.local", "/blacklist/a@b.example", "/messages?thread_id=t"):
        with counting(stores.dynamodb) as table:
            await api.call("GET", path, by="pipeline")
        assert len(table) == 1, (path, table)


async def test_a_post_reads_whose_calendar_it_is_and_is_one_write(api, stores):
    await api.call("GET", "/emails/none")
    meeting = {"title": "t", "user_id": "user_1", "contact_id": "contact_1"}
    with counting(stores.dynamodb) as table:
        status, _, _ = await api.call("POST", "/meetings", json=meeting, headers={"Idempotency-Key": "k"})
    assert status == 201
    assert table == ["BatchGetItem", "TransactWriteItems"]


async def test_an_unknown_token_costs_a_lookup_each_time_and_a_known_one_costs_one(api, stores):
    with counting(stores.dynamodb) as table:
        for _ in range(3):
            await api.call("GET", "/emails/none", by=None, headers={"Authorization": "Bearer nobody-s-token"})
    assert table == ["GetItem"] * 3
    with counting(stores.dynamodb) as table:
        for _ in range(3):
            await api.call("GET", "/emails/none")
    assert table == ["GetItem"] * 4


async def test_an_alias_or_a_tagged_address_costs_at_most_one_more(api, stores):
    box = {"address": "main@x.example", "purpose": "meetings", "aliases": ["notes@x.example"]}
    await api.call("POST", "/mailboxes", by="admin", json=box)
    await api.call("GET", "/emails/none", by="pipeline")
    for address, trips in (("main@x.example", 1), ("main+a@x.example", 1), ("notes+a@x.example", 2)):
        with counting(stores.dynamodb) as table:
            _, page, _ = await api.call("GET", "/mailboxes", by="pipeline", params={"address": address})
        assert [found["address"] for found in page["items"]] == ["main@x.example"]
        assert len(table) == trips, table


@contextmanager
def reading(client):
    """How many items the answers hold, read one way or another, while the block lasts."""
    read: list[int] = []

    def note(parsed, **_) -> None:
        batches = parsed.get("Responses", {}).values()
        read.append(parsed.get("ScannedCount", 0) + sum(len(items) for items in batches))

    client.meta.events.register("after-call", note)
    try:
        yield read
    finally:
        client.meta.events.unregister("after-call", note)


@pytest.mark.parametrize("filters", [{"thread_id": "t-1"}, {"ical_uid": "u-1"}])
async def test_a_meeting_is_found_by_thread_or_uid_whatever_else_the_tenant_has(api, stores, filters):
    wanted = {"title": "wanted", "thread_id": "t-1", "ical_uid": "u-1"}
    await api.call("PUT", "/meetings/m-1", by="pipeline", json=wanted)
    costs = []
    for more in (0, 25):
        for n in range(more):
            other = {"title": "o", "thread_id": f"o-{n}", "ical_uid": f"o-{n}"}
            await api.call("PUT", f"/meetings/o-{n}", by="pipeline", json=other)
        with counting(stores.dynamodb) as table, reading(stores.dynamodb) as read:
            _, page, _ = await api.call("GET", "/meetings", by="pipeline", params=filters)
        assert [found["title"] for found in page["items"]] == ["wanted"]
        costs.append((table, sum(read)))
    assert costs == [(["Query", "BatchGetItem"], 2)] * 2
