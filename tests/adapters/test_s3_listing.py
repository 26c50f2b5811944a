"""raw/ listed in pages, by key, from any place on."""

import time

import aioboto3
import pytest

from parley.adapters.s3 import S3RawListing
from parley.errors import RetryableError


@pytest.fixture
async def client(aws):
    async with aioboto3.Session().client("s3", **aws) as client:
        await client.create_bucket(
            Bucket="listed", CreateBucketConfiguration={"LocationConstraint": aws["region_name"]}
        )
        for key in ("data/x", "raw/a", "raw/b", "raw/c d+é", "raz"):
            await client.put_object(Bucket="listed", Key=key, Body=b"12345")
        yield client
        for key in ("data/x", "raw/a", "raw/b", "raw/c d+é", "raz"):
            await client.delete_object(Bucket="listed", Key=key)
        await client.delete_bucket(Bucket="listed")


async def test_pages_hold_all_mail_once_and_nothing_else(client):
    listing = S3RawListing(client, "listed", most=2)
    keys, after = [], ""
    while page := await listing.page(after=after):
        assert len(page) <= 2
        keys += [one.key for one in page]
        after = page[-1].key
    assert keys == ["raw/a", "raw/b", "raw/c d+é"]


async def test_an_object_tells_when_it_was_stored_and_its_size(client):
    [one, *_] = await S3RawListing(client, "listed").page(after="")
    assert one.size == 5
    assert abs(one.at - time.time()) < 60


async def test_a_bucket_that_is_not_there_can_be_mended(client):
    with pytest.raises(RetryableError, match="list s3://gone/raw/"):
        await S3RawListing(client, "gone").page(after="")
