"""Raw email in S3."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import code_of, translate
from parley.errors import NotYetThere, RetryableError, SenderError
from parley.mail.email import Reason
from parley.mail.inbound_events import RAW_PREFIX

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

    from parley.inbound.sweep import Stored

# Without s3:ListBucket a missing key answers 403: it may only not be there yet.
ABSENT = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})


async def fetch_email_from_s3(client: S3Client, bucket: str, key: str, *, limit: int) -> bytes:
    """The raw bytes of one email (name: seed 003).

    Raises NotYetThere while the object cannot be read, SenderError("too_big")
    for more than `limit` bytes, RetryableError when S3 does not answer.
    """
    async with _opened(client, bucket, key, limit=limit) as (body, _):
        return await _read(body, bucket, key)


@asynccontextmanager
async def _opened(client: S3Client, bucket: str, key: str, *, limit: int) -> AsyncIterator[tuple[Any, int]]:
    """The object's stream and its size in bytes, before any of it is read."""
    try:
        answer = await client.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in ABSENT:
            raise NotYetThere(f"s3://{bucket}/{key} cannot be read yet ({code_of(error)})") from error
        raise translate(error, f"read s3://{bucket}/{key}") from error
    except BotoCoreError as error:
        raise translate(error, f"read s3://{bucket}/{key}") from error
    async with answer["Body"] as body:
        size = answer["ContentLength"]
        if size > limit:
            raise SenderError(
                Reason.TOO_BIG,
                f"the email has {size:,} bytes, more than the {limit:,} allowed: "
                "send the transcript alone, without recordings",
            )
        yield body, size


async def _read(body: Any, bucket: str, key: str) -> bytes:
    try:
        content: bytes = await body.read()
    except (BotoCoreError, ClientError, OSError) as error:
        raise RetryableError(f"s3://{bucket}/{key} broke off: {error}") from error
    return content


class ByteBudget:
    """How many bytes of raw email may be in memory at once; whoever finds no room waits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[None]:
        """Hold `size` bytes. One that is larger than the whole budget goes alone."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._held == 0 or self._held + size <= self._limit)
            self._held += size
        try:
            yield
        finally:
            async with self._changed:
                self._held -= size
                self._changed.notify_all()


class S3MailStore:
    """`inbound.ports.MailStore` over one client; `bucket` is used where an event names none."""

    def __init__(self, client: S3Client, bucket: str, *, limit: int, in_flight: int) -> None:
        self._client = client
        self._bucket = bucket
        self._limit = limit
        self._budget = ByteBudget(in_flight)

    @asynccontextmanager
    async def open(self, bucket: str | None, key: str) -> AsyncIterator[bytes]:
        """See `MailStore.open`. The bytes count against the budget until they are let go."""
        name = bucket or self._bucket
        async with AsyncExitStack() as held:
            async with _opened(self._client, name, key, limit=self._limit) as (body, size):
                await held.enter_async_context(self._budget.hold(size))
                content = await _read(body, name, key)
            yield content


class S3RawListing:
    """`sweep.RawMail` over one client; a page has `most` objects, of which S3 allows 1,000."""

    def __init__(self, client: S3Client, bucket: str, *, most: int = 1_000) -> None:
        self._client = client
        self.bucket = bucket
        self.most = most

    async def page(self, *, after: str) -> list[Stored]:
        """See `RawMail.page`."""
        # Off inbound_email's cold path, which reads raw mail and lists none.
        from parley.inbound.sweep import Stored

        try:
            answer = await self._client.list_objects_v2(
                Bucket=self.bucket, Prefix=RAW_PREFIX, StartAfter=after, MaxKeys=self.most
            )
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"list s3://{self.bucket}/{RAW_PREFIX}") from error
        return [
            Stored(found["Key"], found["LastModified"].timestamp(), found["Size"])
            for found in answer.get("Contents", ())
        ]


class S3RawStore:
    """`erasure.RawStore` over one client; `bucket` is used where a run names none."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def remove(self, bucket: str | None, key: str) -> int:
        """See `RawStore.remove`. Where the bucket keeps versions, a plain delete would leave them all."""
        name, removed = bucket or self._bucket, 0
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=name, Prefix=key)
        try:
            async for page in pages:
                for found in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if found["Key"] == key:
                        await self._client.delete_object(Bucket=name, Key=key, VersionId=found["VersionId"])
                        removed += 1
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"remove a raw email from s3://{name}") from error
        return removed
