"""What the data store promises, beyond what the API's tests already lean on."""

from __future__ import annotations

import pytest
from aiohttp import web

from parley.adapters.blob_store import S3BlobStore
from parley.adapters.data_table import DynamoDataStore, table_definition
from parley.errors import NotYetThere, RetryableError
from parley.store.record import Action, Change, Guard, Record, Refusal, record_key
from tests.rooms.conftest import aws_session

KEY = record_key("demo", "thing", "1")


def put(body="{}", guard=Guard.NEW, **more) -> Change:
    version = more.pop("version", 0)
    record = Record(key=KEY, body=body, updated_at="now", **more)
    return Change(action=Action.PUT, key=KEY, guard=guard, record=record, version=version)


async def test_a_record_comes_back_as_it_went(stores):
    change = put('{"a": 1.5}', fields={"x": "y"}, rank=0, applied=frozenset({"t"}), expires_at=7)
    assert await stores.store.write(change) is None
    assert await stores.store.get(KEY) == change.record


async def test_a_refusal_shows_what_stands(stores):
    await stores.store.write(put("1"))
    refusal = await stores.store.write(put("2"))
    assert refusal == Refusal(0, (await stores.store.get(KEY)))
    assert refusal.standing.body == "1"
    assert not refusal.is_own(put("2").record)


async def test_a_write_whose_answer_was_lost_is_known_as_ones_own(stores):
    change = put("1")
    await stores.store.write(change)
    refusal = await stores.store.write(change)
    assert refusal.is_own(change.record)


async def test_of_several_changes_all_are_made_or_none(stores):
    other = record_key("demo", "thing", "2")
    missing = Change(action=Action.CHECK, key=other, guard=Guard.LIVE)
    assert (await stores.store.write(put(), missing)).position == 1
    assert await stores.store.get(KEY) is None


async def test_an_upsert_counts_on_and_keeps_the_time_of_birth(stores):
    for number in range(3):
        record = Record(key=KEY, body=str(number), updated_at=f"time {number}")
        assert (await stores.store.upsert(record, token=f"t{number}")).applied
    standing = await stores.store.get(KEY)
    assert (standing.version, standing.created_at, standing.body) == (3, "time 0", "2")
    again = await stores.store.upsert(record, token="t0")
    assert (again.applied, again.record) == (False, standing)


async def test_many_records_are_read_in_order_with_gaps(stores):
    keys = [record_key("demo", "thing", str(n)) for n in range(100)]
    change = put()
    await stores.store.write(change)
    found = await stores.store.get_many([*keys[:50], KEY, *keys[51:]])
    assert found[1] == change.record
    assert [record for record in found if record is None] == [None] * 98


def test_a_key_begins_with_its_tenant_and_cannot_be_forged():
    assert KEY.partition == "demo#thing#1"
    for tenant, kind, ident in (("", "a", "b"), ("a#b", "c", "d"), ("a", "b#c", "d"), ("a", "b", "")):
        with pytest.raises(ValueError, match="no key"):
            record_key(tenant, kind, ident)


async def test_an_absent_blob_is_not_there_yet(stores):
    with pytest.raises(NotYetThere):
        await stores.blobs.get_blob("data/demo/none")


def test_the_table_is_the_one_that_the_template_declares():
    definition = table_definition("t")
    assert [entry["AttributeName"] for entry in definition["KeySchema"]] == ["pk", "sk"]
    [index] = definition["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "gsi1"


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
async def test_what_dynamodb_says_in_passing_can_be_tried_again(code):
    async def refuse(_: web.BaseRequest) -> web.Response:
        return web.json_response({"__type": f"com.amazonaws#{code}"}, status=400)

    runner = web.ServerRunner(web.Server(refuse))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with (
            aws_session().client("dynamodb", endpoint_url=url, config=_one_attempt()) as dynamodb,
            aws_session().client("s3", endpoint_url=url, config=_one_attempt()) as s3,
        ):
            store = DynamoDataStore(dynamodb, "t")
            for work in (store.get(KEY), store.write(put()), store.upsert(put().record, token="t")):
                with pytest.raises(RetryableError, match=code):
                    await work
            with pytest.raises(RetryableError):
                await S3BlobStore(s3, "b").put_blob("k", b"")
    finally:
        await runner.cleanup()


def _one_attempt():
    from aiobotocore.config import AioConfig

    return AioConfig(retries={"total_max_attempts": 1})
