"""What `inbound_email` costs before it works: its import and clients, against bare aioboto3 with its three.

Whole processes, in turn (A B A B ...), bytecode compiled beforehand, so that a
noisy machine disturbs both alike. The median of each and of the pairs' ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15

BARE = """
import asyncio, time
begun = time.perf_counter()
import aioboto3
async def main():
    session = aioboto3.Session()
    async with session.client("s3"), session.client("dynamodb"), session.client("ses"):
        print((time.perf_counter() - begun) * 1000)
asyncio.run(main())
"""

OURS = """
import asyncio, sys, time
sys.path.insert(0, "lambdas/inbound_email")
begun = time.perf_counter()
import handler
async def ready(intake):
    print((time.perf_counter() - begun) * 1000)
handler.environment.run(ready)
handler.environment.close()
"""

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "S3_BUCKET": "b",
    "RUNS_TABLE": "r",
    "API_BASE_URL": "http://127.0.0.1:1/v1",
    "API_AUTH_TOKEN": "t",
    "SES_REGION": "eu-west-1",
    "REPLY_FROM": "assistant@parley.local",
}


def milliseconds(program: str) -> float:
    """One process's own measure, from its first import to its clients."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | ENVIRONMENT
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    for program in (BARE, OURS):
        milliseconds(program)
    pairs = [(milliseconds(OURS), milliseconds(BARE)) for _ in range(RUNS)]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"import and clients, medians of {RUNS} pairs")
    print(f"  inbound_email             {ours:7.0f} ms")
    print(f"  bare aioboto3, 3 clients  {bare:7.0f} ms")
    print(f"  ratio                     {ratio:7.2f}     (goal <= 1.15)")


if __name__ == "__main__":
    main()
