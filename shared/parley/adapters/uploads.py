"""Files that somebody puts into S3 without us in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.aws_errors import code_of, translate
from parley.adapters.s3 import ABSENT
from parley.errors import NotYetThere, RetryableError

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client


class S3Uploads:
    """A `insights.transcripts.UploadStore` over one bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    async def presign(self, key: str, *, seconds: int) -> str:
        """See `UploadStore.presign`."""
        try:
            return await self._client.generate_presigned_url(
                "put_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
            )
        except (ClientError, BotoCoreError) as error:
            raise translate(error, "sign a URL for an upload") from error

    async def read(self, key: str, *, limit: int) -> bytes:
        """See `UploadStore.read`. Its size is known before any of it is read."""
        try:
            answer = await self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if code_of(error) in ABSENT:
                raise NotYetThere(f"nothing was uploaded as {key}") from error
            raise translate(error, "read an upload") from error
        except BotoCoreError as error:
            raise translate(error, "read an upload") from error
        async with answer["Body"] as body:
            if answer["ContentLength"] > limit:
                raise ValueError(f"the upload holds more than {limit} bytes")
            try:
                content: bytes = await body.read()
            except (BotoCoreError, ClientError, OSError) as error:
                raise RetryableError(f"the upload {key} broke off: {error}") from error
        return content
