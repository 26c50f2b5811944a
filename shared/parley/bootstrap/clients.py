"""How the AWS clients are configured, and one that is opened on first use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiobotocore.config import AioConfig

Made = TypeVar("Made")

PATIENT = AioConfig(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
# One attempt on a fresh connection: an error while connecting is definite, a drop
# after that is ambiguous, and a stale keep-alive never looks like either.
ONE_SHOT = AioConfig(
    connect_timeout=3,
    read_timeout=10,
    retries={"total_max_attempts": 1},
    # aiobotocore fills in a keep-alive time-out, which aiohttp refuses beside force_close.
    connector_args={"force_close": True, "keepalive_timeout": None},
)

# S3 takes SigV4 for the bucket's own host in every region; a presigned URL has to say so.
S3 = PATIENT.merge(AioConfig(signature_version="s3v4", s3={"addressing_style": "virtual"}))


def once(make: Callable[[], Coroutine[Any, Any, Made]]) -> Callable[[], Coroutine[Any, Any, Made]]:
    """Call `make` at the first use, and give that result from then on."""
    made: list[Made] = []
    lock = asyncio.Lock()

    async def get() -> Made:
        async with lock:
            if not made:
                made.append(await make())
        return made[0]

    return get
