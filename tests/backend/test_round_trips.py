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


async def test_a_post_with_its_references_and_its_key_is_one_round_trip(api, stores):
    await api.call("GET", "/emails/none")
    meeting = {"title": "t", "user_id": "user_1", "contact_id": "contact_1"}
    with counting(stores.dynamodb) as table:
        status, _, _ = await api.call("POST", "/meetings", json=meeting, headers={"Idempotency-Key": "k"})
    assert status == 201
    assert table == ["TransactWriteItems"]


async def test_an_unknown_token_costs_a_lookup_each_time_and_a_known_one_costs_one(api, stores):
    with counting(stores.dynamodb) as table:
        for _ in range(3):
            await api.call("GET", "/emails/none", by=None, headers={"Authorization": "Bearer nobody-s-token"})
    assert table == ["GetItem"] * 3
    with counting(stores.dynamodb) as table:
        for _ in range(3):
            await api.call("GET", "/emails/none")
    assert table == ["GetItem"] * 4
