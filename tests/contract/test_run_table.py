"""The same promises from the fake table and from DynamoDB's, so that tests on the fake mean something."""

from __future__ import annotations

import asyncio
import uuid

import aioboto3
import pytest

from local.template import load_template
from parley.adapters.dynamo import DynamoRunTable
from parley.errors import RetryableError
from parley.ledger.table import Index
from tests.support import MemoryRunTable


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.processes)])
async def table(request):
    if request.param == "memory":
        yield MemoryRunTable()
        return
    options = request.getfixturevalue("aws")
    async with aioboto3.Session().client("dynamodb", **options) as client:
        name = f"runs-{uuid.uuid4().hex}"
        await client.create_table(**load_template().table("RunsTable").create_arguments(name))
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


async def test_rows_are_found_by_what_they_carry_and_what_waits_oldest_first(table):
    await table.create({**row(), "sk": "b", "waiting": "run#open", "since": "2026-01-02", "name": "n1"})
    await table.create({**row(), "sk": "a", "waiting": "run#open", "since": "2026-01-03", "delivery": "d1"})
    await table.create({**row(), "sk": "c", "waiting": "run#failed", "since": "2026-01-01"})
    await table.create({**row(), "sk": "d"})
    assert await table.find(Index.WAITING, "run#open", limit=10) == [("p", "b"), ("p", "a")]
    assert await table.find(Index.WAITING, "run#open", limit=1) == [("p", "b")]
    assert await table.find(Index.NAME, "n1", limit=10) == [("p", "b")]
    assert await table.find(Index.DELIVERY, "d1", limit=10) == [("p", "a")]
    assert await table.find(Index.DELIVERY, "d2", limit=10) == []


async def test_what_waits_no_longer_is_found_no_longer(table):
    await table.create(row(waiting="run#open", since="2026-01-02"))
    await table.replace(row(version=2), version=1)
    assert await table.find(Index.WAITING, "run#open", limit=10) == []


async def test_removing_twice_is_removing(table):
    await table.create(row())
    await table.remove("p", "s")
    await table.remove("p", "s")
    assert await table.get("p", "s") is None


async def test_a_table_that_is_not_there_is_ours_to_mend_and_worth_a_retry(aws):
    async with aioboto3.Session().client("dynamodb", **aws) as client:
        table = DynamoRunTable(client, "nowhere")
        with pytest.raises(RetryableError, match="nowhere"):
            await table.create(row())
        with pytest.raises(RetryableError, match="nowhere"):
            await table.get("p", "s")
        with pytest.raises(RetryableError, match="nowhere"):
            await table.items("p")
        with pytest.raises(RetryableError, match="nowhere"):
            await table.find(Index.NAME, "p", limit=1)
        with pytest.raises(RetryableError, match="nowhere"):
            await table.remove("p", "s")
