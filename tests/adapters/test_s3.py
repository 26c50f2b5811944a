"""Reading raw email from S3."""

from __future__ import annotations

import asyncio
import uuid

import aioboto3
import pytest

from parley.adapters.s3 import ByteBudget, S3MailStore, fetch_email_from_s3
from parley.errors import NotYetThere, RetryableError, SenderError


@pytest.fixture
async def s3(aws):
    async with aioboto3.Session().client("s3", **aws) as client:
        yield client


@pytest.fixture
async def bucket(s3):
    name = f"raw-{uuid.uuid4().hex}"
    await s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


async def test_the_bytes_come_back_unchanged(s3, bucket):
    raw = bytes(range(256)) * 10
    await s3.put_object(Bucket=bucket, Key="raw/a+b %20é", Body=raw)
    assert await fetch_email_from_s3(s3, bucket, "raw/a+b %20é", limit=10_000) == raw


async def test_an_absent_object_is_not_there_yet(s3, bucket):
    with pytest.raises(NotYetThere):
        await fetch_email_from_s3(s3, bucket, "raw/gone", limit=1)


async def test_an_absent_bucket_is_worth_a_retry_and_named(s3):
    with pytest.raises(RetryableError, match="no-such-bucket"):
        await fetch_email_from_s3(s3, "no-such-bucket", "raw/x", limit=1)


async def test_too_many_bytes_are_refused_with_a_number(s3, bucket):
    await s3.put_object(Bucket=bucket, Key="raw/big", Body=b"x" * 1001)
    with pytest.raises(SenderError, match="1,001") as refused:
        await fetch_email_from_s3(s3, bucket, "raw/big", limit=1000)
    assert refused.value.reason == "too_big"


async def test_the_configured_bucket_is_used_where_the_event_names_none(s3, bucket):
    await s3.put_object(Bucket=bucket, Key="raw/x", Body=b"mail")
    store = S3MailStore(s3, bucket, limit=100, in_flight=100)
    async with store.open(None, "raw/x") as raw:
        assert raw == b"mail"


async def test_bytes_in_flight_are_bounded():
    budget = ByteBudget(100)
    held, most = 0, 0

    async def work(size):
        nonlocal held, most
        async with budget.hold(size):
            held += size
            most = max(most, held)
            await asyncio.sleep(0)
            held -= size

    await asyncio.gather(*(work(size) for size in [40, 40, 40, 150, 90, 10] * 5))
    assert held == 0
    assert most == 150


async def test_one_larger_than_the_budget_goes_alone():
    budget = ByteBudget(100)
    async with budget.hold(150):
        waiting = asyncio.create_task(budget.hold(1).__aenter__())
        await asyncio.sleep(0.01)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 1)
