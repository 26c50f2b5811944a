"""The same promises from the fake table and from DynamoDB's, so that tests on the fake mean something."""

from __future__ import annotations

import asyncio
import uuid

import aioboto3
import pytest

from parley.adapters.dynamo import DynamoRunTable
from parley.errors import RetryableError
from tests.support import MemoryRunTable


@pytest.fixture(params=["memory", "dynamo"])
async def table(request):
    if request.param == "memory":
        yield MemoryRunTable()
        return
    options = request.getfixturevalue("aws")
    async with aioboto3.Session().client("dynamodb", **options) as client:
        name = f"runs-{uuid.uuid4().hex}"
        await client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield DynamoRunTable(client, name)


def row(**fields):
    return {"pk": "p", "sk": "s", "version": 1, "write_id": "w1", **fields}


async def test_create_answers_none_and_then_what_stands(table):
    assert await table.create(row(state="open")) is None
    assert await table.create(row(write_id="w2", state="other")) == row(state="open")


async def test_replace_takes_only_the_version_it_names(table):
    await table.create(row())
    assert await table.replace(row(version=2, write_id="w2"), version=1) is None
    standing = await table.replace(row(version=2, write_id="w3"), version=1)
    assert standing == row(version=2, write_id="w2")


async def test_replacing_what_is_not_there_writes_nothing(table):
    assert await table.replace(row(version=2), version=1) == {}
    assert await table.get("p", "s") is None


async def test_values_come_back_as_they_went_in(table):
    item = row(
        lease_until=1772532060.125,
        none=None,
        empty="",
        deep={"list": [1, 2.5, {"x": None}], "text": "äöü\u2028", "yes": True, "no": False, "list0": []},
    )
    await table.create(item)
    assert await table.get("p", "s") == item


async def test_a_partition_is_read_whole_and_in_order(table):
    for name in ("step#b", "claim", "step#a"):
        await table.create({**row(), "sk": name, "big": "x" * 300_000})
    await table.create({**row(), "pk": "other"})
    assert [item["sk"] for item in await table.items("p")] == ["claim", "step#a", "step#b"]


async def test_of_many_at_once_one_wins(table):
    ends = await asyncio.gather(*(table.create(row(write_id=f"w{n}")) for n in range(10)))
    assert ends.count(None) == 1
    ends = await asyncio.gather(
        *(table.replace(row(version=2, write_id=f"v{n}"), version=1) for n in range(10))
    )
    assert ends.count(None) == 1


async def test_a_table_that_is_not_there_is_ours_to_mend_and_worth_a_retry(aws):
    async with aioboto3.Session().client("dynamodb", **aws) as client:
        table = DynamoRunTable(client, "nowhere")
        with pytest.raises(RetryableError, match="nowhere"):
            await table.create(row())
        with pytest.raises(RetryableError, match="nowhere"):
            await table.get("p", "s")
        with pytest.raises(RetryableError, match="nowhere"):
            await table.items("p")
