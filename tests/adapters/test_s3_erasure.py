"""Raw mail is removed with every version that the bucket keeps of it, and nothing else is."""

from __future__ import annotations

import uuid

import aioboto3
import pytest

from parley.adapters.s3 import S3RawStore
from parley.errors import RetryableError


@pytest.fixture
async def client(aws):
    async with aioboto3.Session().client("s3", **aws) as client:
        yield client


async def bucket_of(client, *keys, versioned=False):
    name = f"raw-{uuid.uuid4().hex[:12]}"
    await client.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": client.meta.region_name}
    )
    if versioned:
        status = {"Status": "Enabled"}
        await client.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)
    for key in keys:
        await client.put_object(Bucket=name, Key=key, Body=b"x")
    return name


async def left(client, bucket):
    answer = await client.list_object_versions(Bucket=bucket)
    return [entry["Key"] for entry in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ()))]


@pytest.mark.parametrize("named", [True, False])
async def test_an_email_goes_and_its_neighbour_stays(client, named):
    bucket = await bucket_of(client, "raw/d1", "raw/d10")
    store = S3RawStore(client, "another" if named else bucket)
    assert await store.remove(bucket if named else None, "raw/d1") == 1
    assert await left(client, bucket) == ["raw/d10"]
    assert await store.remove(bucket, "raw/d1") == 0


async def test_every_version_goes_and_so_do_the_markers(client):
    bucket = await bucket_of(client, "raw/d1", "raw/d1", "raw/d2", versioned=True)
    await client.delete_object(Bucket=bucket, Key="raw/d1")
    assert await S3RawStore(client, bucket).remove(None, "raw/d1") == 3
    assert await left(client, bucket) == ["raw/d2"]


async def test_a_bucket_that_is_not_there_is_worth_a_retry(client):
    with pytest.raises(RetryableError, match="nowhere"):
        await S3RawStore(client, "nowhere").remove(None, "raw/d1")
