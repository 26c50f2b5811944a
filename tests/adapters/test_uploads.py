"""Upload URLs, signed as S3 takes them in every region."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import aioboto3
import pytest

from parley.adapters.uploads import S3Uploads
from parley.bootstrap.clients import S3

REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ca-central-1"]


@pytest.mark.parametrize("region", REGIONS)
async def test_a_url_is_signed_by_the_regions_own_host(region, monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    session = aioboto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=region)
    async with session.client("s3", config=S3) as client:
        url = urlsplit(await S3Uploads(client, "raw-mail").presign("uploads/x", seconds=900))
    said = parse_qs(url.query)
    assert url.netloc in {f"raw-mail.s3.{region}.amazonaws.com", "raw-mail.s3.amazonaws.com"}
    assert region != "us-west-2" or "us-west-2" in url.netloc
    assert said["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert f"/{region}/s3/aws4_request" in said["X-Amz-Credential"][0]
