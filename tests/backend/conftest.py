"""The backend over a real wire: moto in server mode below, uvicorn on a thread above."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache

import aioboto3
import aiohttp
import pytest
import uvicorn

from parley.adapters.data_table import DynamoDataStore, S3BlobStore, table_definition
from parley.backend.app import create_app
from parley.backend.services.demo import seed_demo
from parley.backend.services.tokens import Role, create_token

CREDENTIALS = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "region_name": "eu-central-1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, *, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def moto_url():
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/moto-api/")
        yield url
    finally:
        process.terminate()
        process.wait(10)


@dataclass(frozen=True)
class Stores:
    store: DynamoDataStore
    blobs: S3BlobStore
    dynamodb: object
    s3: object
    table: str
    bucket: str


@cache
def aws_session() -> aioboto3.Session:
    """One for all tests: a new one costs 39 ms a client, a reused one 1.2."""
    return aioboto3.Session(**CREDENTIALS)


@asynccontextmanager
async def open_stores(url: str):
    """A table and a bucket of their own, so that no test sees another's records."""
    name = f"data-{uuid.uuid4().hex[:12]}"
    async with AsyncExitStack() as resources:
        session = aws_session()
        dynamodb = await resources.enter_async_context(session.client("dynamodb", endpoint_url=url))
        s3 = await resources.enter_async_context(session.client("s3", endpoint_url=url))
        await dynamodb.create_table(**table_definition(name))
        await s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["region_name"]}
        )
        yield Stores(DynamoDataStore(dynamodb, name), S3BlobStore(s3, name), dynamodb, s3, name, name)


@pytest.fixture
async def stores(moto_url):
    async with open_stores(moto_url) as opened:
        yield opened


class Api:
    """The app under uvicorn, and a way to call it with one of its tokens."""

    def __init__(self, base_url: str, tokens: dict[str, str], session: aiohttp.ClientSession) -> None:
        self.base_url = base_url
        self.tokens = tokens
        self.session = session

    async def call(self, method, path, *, by="member", tenant=None, headers=None, **more):
        """(status, body, headers); `by` names a token, `tenant` what the pipeline names."""
        sent = dict(headers or {})
        if by:
            sent["Authorization"] = f"Bearer {self.tokens[by]}"
        if by == "pipeline" and tenant is None:
            tenant = "demo"
        if tenant:
            sent["Parley-Tenant"] = tenant
        async with self.session.request(method, self.base_url + path, headers=sent, **more) as answer:
            text = await answer.text()
            body = await answer.json(content_type=None) if text else None
            return answer.status, body, answer.headers


@asynccontextmanager
async def serving(app):
    """The app under uvicorn, in this loop, on a free port."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    server.config.install_signal_handlers = False
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        await task


async def make_tokens(store) -> dict[str, str]:
    grants = {
        "member": (Role.MEMBER, "demo", "user_1"),
        "admin": (Role.ADMIN, "demo", "user_2"),
        "other": (Role.ADMIN, "rival", None),
        "pipeline": (Role.PIPELINE, None, None),
    }
    made = await asyncio.gather(
        *(
            create_token(store, role=role, tenant=tenant, user_id=user)
            for role, tenant, user in grants.values()
        )
    )
    return dict(zip(grants, made, strict=True))


@pytest.fixture
async def api(stores):
    """The API with the demo tenant, and the tenant `rival` that has nothing."""
    await seed_demo(stores.store)
    tokens = await make_tokens(stores.store)
    app = create_app(store=stores.store, blobs=stores.blobs)
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Api(base_url, tokens, session)
