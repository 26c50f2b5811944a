from __future__ import annotations

import pytest

from parley.conversations.kinds import MESSAGE
from parley.errors import NotYetThere, RetryableError
from parley.store.blobs import unpack
from parley.store.record import ListQuery, record_key
from parley.store.records import Records

BIG = "ä" * 1_000_000  # 2 MB


async def objects(stores) -> list[str]:
    listed = await stores.s3.list_objects_v2(Bucket=stores.bucket)
    return [entry["Key"] for entry in listed.get("Contents", [])]


async def test_a_body_of_2_mb_is_kept_beside_the_table(api, stores):
    message = {"thread_id": "t-1", "text": BIG}
    status, _, _ = await api.call("PUT", "/messages/m-1", by="pipeline", json=message)
    assert status == 200
    _, page, _ = await api.call("GET", "/messages", params={"thread_id": "t-1"})
    assert page["items"][0]["text"] == BIG
    keys = await objects(stores)
    assert len(keys) == 1
    assert keys[0].startswith("data/demo/message/m-1/")


async def test_a_small_body_stays_in_its_record(api, stores):
    await api.call("PUT", "/messages/m-1", by="pipeline", json={"thread_id": "t-1", "text": "short"})
    assert await objects(stores) == []


async def test_big_insights_and_their_earlier_versions_can_be_read(api):
    await api.call("PUT", "/meetings/m-1", by="pipeline", json={"title": "t"})
    for run in ("r-1", "r-2"):
        body = {"run_id": run, "insights": {"summary": {"text": run + BIG}}}
        assert (await api.call("PUT", "/meetings/m-1/insights", by="pipeline", json=body))[0] == 200
    for version, run in ((1, "r-1"), (2, "r-2")):
        _, body, _ = await api.call("GET", "/meetings/m-1/insights", params={"version": version})
        assert body["insights"]["summary"]["text"] == run + BIG


async def test_removing_a_meeting_removes_its_big_bodies(api, stores):
    await api.call("PUT", "/meetings/m-1", by="pipeline", json={"title": "t", "summary": BIG})
    body = {"run_id": "r", "insights": {"summary": {"text": BIG}}}
    await api.call("PUT", "/meetings/m-1/insights", by="pipeline", json=body)
    assert len(await objects(stores)) == 2
    assert (await api.call("DELETE", "/meetings/m-1"))[0] == 204
    assert await objects(stores) == []


async def test_a_changed_big_body_leaves_no_old_one_behind(api, stores):
    await api.call("PUT", "/meetings/m-1", by="pipeline", json={"title": "t", "summary": BIG})
    await api.call("PATCH", "/meetings/m-1", json={"title": "u"})
    assert len(await objects(stores)) == 1
    assert (await api.call("GET", "/meetings/m-1"))[1]["summary"] == BIG


async def test_a_body_that_is_not_the_one_meant_is_never_given_out(api, stores):
    await api.call("PUT", "/messages/m-1", by="pipeline", json={"thread_id": "t-1", "text": BIG})
    [key] = await objects(stores)
    record = await stores.store.get(record_key("demo", "message", "m-1"))
    await stores.s3.put_object(Bucket=stores.bucket, Key=key, Body=b'{"text": "forged"}')
    with pytest.raises(NotYetThere):
        await unpack(stores.blobs, record)
    await stores.s3.delete_object(Bucket=stores.bucket, Key=key)
    with pytest.raises(NotYetThere):
        await unpack(stores.blobs, record)
    status, problem, headers = await api.call("GET", "/messages", params={"thread_id": "t-1"})
    assert (status, problem["status"], headers["Retry-After"]) == (503, 503, "1")


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/meetings/m-1", {"title": "t", "summary": BIG}, {"summary": "B" + BIG}),
        ("/messages/m-1", {"thread_id": "t-1", "text": BIG}, {"text": "B" + BIG}),
        ("/emails/r-1", {"states": ["received"], "note": BIG}, {"states": ["received", "done"]}),
    ],
)
async def test_a_put_that_replaces_a_big_body_leaves_one_and_it_is_the_one_that_stands(
    api, stores, path, body, change
):
    for said in (body, body | change, body | change, body):
        status, answer, _ = await api.call("PUT", path, by="pipeline", json=said)
        assert status == 200
        assert len(await objects(stores)) == 1
    assert {name: answer[name] for name in change} == change


async def test_a_big_body_that_shrinks_leaves_none(api, stores):
    await api.call("PUT", "/messages/m-1", by="pipeline", json={"thread_id": "t-1", "text": BIG})
    await api.call("PUT", "/messages/m-1", by="pipeline", json={"thread_id": "t-1", "text": "small"})
    assert await objects(stores) == []


async def test_a_refused_write_leaves_no_big_body(api, stores):
    body = {"title": BIG[:400], "user_id": "user_1", "summary": BIG, "contact_id": "contact_99"}
    assert (await api.call("POST", "/meetings", json=body))[0] == 422
    assert await objects(stores) == []


class Deaf:
    """A store whose writes are made, but break off before they are known to be."""

    def __init__(self, store) -> None:
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def upsert(self, record, *, token):
        await self._store.upsert(record, token=token)
        raise RetryableError("The line went dead")


async def test_while_it_is_unknown_which_body_stands_none_is_removed(stores):
    def body(text):
        return {"id": "m-1", "thread_id": "t-1", "text": text}

    await Records(stores.store, stores.blobs).put("demo", MESSAGE, "m-1", body(BIG))
    deaf = Records(Deaf(stores.store), stores.blobs)
    with pytest.raises(RetryableError):
        await deaf.put("demo", MESSAGE, "m-1", body("B" + BIG))
    assert len(await objects(stores)) == 2
    found = await deaf.fetch("demo", MESSAGE, "m-1")
    assert found.body["text"] == "B" + BIG


class Lagging:
    """A store whose lists show what stood a moment ago."""

    def __init__(self, store, page) -> None:
        self._store = store
        self._page = page

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def query(self, _):
        return self._page


async def test_a_list_that_lags_shows_the_body_that_stands_now(stores):
    query = ListQuery(group="demo#thread#t-1", limit=9)
    records = Records(stores.store, stores.blobs)
    for text in (BIG, "B" + BIG):
        before = await stores.store.query(query)
        await records.put("demo", MESSAGE, "m-1", {"id": "m-1", "thread_id": "t-1", "text": text})
    lagging = Records(Lagging(stores.store, before), stores.blobs)
    assert [item["text"] for item in (await lagging.page(query)).items] == ["B" + BIG]
    await records.delete("demo", MESSAGE, "m-1")
    assert (await lagging.page(query)).items == []
