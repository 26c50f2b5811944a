from __future__ import annotations

import pytest

from parley.backend.services.bodies import unpack
from parley.errors import NotYetThere
from parley.models.record import record_key

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
