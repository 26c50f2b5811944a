"""The backend over a real wire: moto in server mode below, uvicorn above."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache

import aioboto3
import aiohttp
import pytest
from fastapi import FastAPI

from local.backend_server import backend_server
from local.demo import seed_demo
from local.ports import listen, port_of
from parley.adapters.blob_store import S3BlobStore
from parley.adapters.data_table import DynamoDataStore, table_definition
from parley.api.tokens import Role, create_token
from parley.bootstrap.app import create_app
from parley.conversations.domains import add_domain

CREDENTIALS = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "region_name": "eu-central-1",
}


class OneWriteAtATime(DynamoDataStore):
    """DynamoDB checks a condition and writes in one step; moto's threads can come between the two."""

    def __init__(self, client, table: str) -> None:
        super().__init__(client, table)
        self._turn = asyncio.Lock()

    async def write(self, *changes):
        async with self._turn:
            return await super().write(*changes)

    async def upsert(self, record, *, token):
        async with self._turn:
            return await super().upsert(record, token=token)


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
        yield Stores(OneWriteAtATime(dynamodb, name), S3BlobStore(s3, name), dynamodb, s3, name, name)


_demo: list[dict] = []
"""The items of the demo tenant, once a test has had them made."""


async def seed(stores: Stores) -> None:
    """The demo tenant as `seed_demo` makes it, copied item by item: a transaction is slow in moto."""
    if not _demo:
        async with open_stores(stores.dynamodb.meta.endpoint_url) as empty:
            await seed_demo(empty.store)
            _demo.extend((await empty.dynamodb.scan(TableName=empty.table))["Items"])
    for start in range(0, len(_demo), 25):
        puts = [{"PutRequest": {"Item": item}} for item in _demo[start : start + 25]]
        await stores.dynamodb.batch_write_item(RequestItems={stores.table: puts})


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
    with listen(None, what="the backend") as listener:
        async with backend_server(app, listener):
            yield f"http://127.0.0.1:{port_of(listener)}/v1"


_idle: list[FastAPI] = []
"""An app that has answered and whose test is over."""


@asynccontextmanager
async def serving_warm(app: FastAPI):
    """As `serving`, by an app of an earlier test with the state of this one.

    FastAPI makes its routes at the first request of an app, which takes 100 ms.
    """
    warm = _idle.pop() if _idle else app
    warm.state = app.state
    async with serving(warm) as base_url:
        yield base_url
    _idle.append(warm)


async def make_tokens(store) -> dict[str, str]:
    grants = {
        "member": (Role.MEMBER, "demo", "user_1"),
        "admin": (Role.ADMIN, "demo", "user_2"),
        "other": (Role.ADMIN, "rival", None),
        "pipeline": (Role.PIPELINE, None, None),
    }
    await add_domain(store, "rival", "rival.example")
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
    await seed(stores)
    tokens = await make_tokens(stores.store)
    app = create_app(store=stores.store, blobs=stores.blobs)
    async with serving_warm(app) as base_url, aiohttp.ClientSession() as session:
        yield Api(base_url, tokens, session)
