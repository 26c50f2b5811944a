"""The backend's big bodies in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.adapters.store_errors import error_code, translated
from parley.errors import NotYetThere, RetryableError

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client


class S3BlobStore:
    """A `store.ports.BlobStore`: one object a body, below `data/`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def put_blob(self, key: str, data: bytes) -> None:
        with translated("S3"):
            await self._client.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentType="application/json"
            )

    async def get_blob(self, key: str) -> bytes:
        """Raises NotYetThere when there is no such object."""
        try:
            with translated("S3"):
                answer = await self._client.get_object(Bucket=self._bucket, Key=key)
                return await answer["Body"].read()
        except RetryableError as error:
            if error_code(error.__cause__) in {"NoSuchKey", "AccessDenied"}:
                raise NotYetThere(f"The body {key} is not in S3") from error
            raise

    async def delete_blob(self, key: str) -> None:
        with translated("S3"):
            await self._client.delete_object(Bucket=self._bucket, Key=key)
