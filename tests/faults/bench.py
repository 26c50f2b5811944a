"""One stack to break: moto, the backend and an LLM stub, with the proxy in front and workers to kill.

    worker ──▶ proxy ──▶ moto (own process) ◀── backend (uvicorn, this loop)
                   ├───▶ backend
                   └───▶ LLM stub

Everything is made from template.yaml, as the embedded stack is. What tests
read afterwards they read from moto and the backend, never through the proxy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aioboto3
import aiohttp

from local.backend_server import backend_server
from local.demo import seed_demo
from local.environment import ACCOUNT, REGION, aws_environment, in_place
from local.moto_server import moto_server
from local.ports import LOOPBACK, listen, port_of
from local.provision import Clients, open_clients, provision
from local.resource_names import physical, queue_arn
from local.ses_inbound import Envelope, Findings, SesInbound, on_top
from local.stack import stack_variables
from local.stack_types import INBOUND, REPLY_FROM
from local.template import load_template
from parley.adapters.data_table import DynamoDataStore
from parley.api.tokens import Role, create_token
from parley.bootstrap.backend_api import open_backend_app
from parley.conversations.domains import add_domain
from parley.settings import BackendSettings
from tests.faults.paths import BEGINNING, DELIVERY, ORCHARD, ORCHARD_MAILBOX, SCRIPT, Email
from tests.faults.proxy import STORE, Proxy, open_proxy
from tests.faults.zygote import Died, Ended, Worker, Zygote, open_zygote
from tests.llm_stub import LLMStub, llm_stub
from tests.support import short_ca_bundle

COME_BACK = 1_000.0
"""Seconds between two deliveries: past every lease."""


@dataclass(slots=True)
class Bench:
    """The stack, and what a case does with it."""

    proxy: Proxy
    clients: Clients
    llm: LLMStub
    env: dict[str, str]
    api_url: str
    function_seconds: float
    zygote: Zygote
    baseline: dict[str, dict[tuple[str, str], Any]] = field(default_factory=dict)
    _message: dict[str, Any] = field(default_factory=dict)
    _stored: dict[str, bytes] = field(default_factory=dict)
    _taken: int = 0
    _uncounted: bool = False
    _left: dict[str, dict[tuple[str, str], Any]] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, str]:
        return self.env["RUNS_TABLE"], self.env["DATA_TABLE"]

    @property
    def queue(self) -> str:
        return f"{self.clients.sqs.meta.endpoint_url}/{ACCOUNT}/{physical('EmailsQueue')}"

    # -- the state -------------------------------------------------------------------------

    async def rows(self, table: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Every item of a table, as DynamoDB has it."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        pages = self.clients.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        async for page in pages:
            found |= {(i["pk"]["S"], i["sk"]["S"]): i for i in page["Items"]}
        return found

    async def new_rows(self, table: str) -> dict[tuple[str, str], dict[str, Any]]:
        """What the case has made of the table: items that were not there, or not so, in the beginning."""
        before = self.baseline[table]
        found = {key: item for key, item in (await self.rows(table)).items() if before.get(key) != item}
        self._left[table] = found
        return found

    async def sends_taken(self) -> int:
        """How many messages SES took since this was last asked.

        In its own count: moto counts the one recipient of each twice, as RCPT and as To.
        """
        answer = await self.clients.ses.get_send_quota()
        self._uncounted = False
        before, self._taken = self._taken, int(answer["SentLast24Hours"]) // 2
        return self._taken - before

    async def reset(self) -> None:
        """As it was before the case: what a case left behind meets no other."""
        for table in self.tables:
            before = self.baseline[table]
            left = self._left.get(table) or await self.new_rows(table)
            gone = [{"DeleteRequest": {"Key": {"pk": i["pk"], "sk": i["sk"]}}} for i in left.values()]
            back = [{"PutRequest": {"Item": before[key]}} for key in left if key in before]
            requests = [one for one in gone if _key(one) not in before] + back
            for start in range(0, len(requests), 25):
                batch = {table: requests[start : start + 25]}
                await self.clients.dynamodb.batch_write_item(RequestItems=batch)
        self._left.clear()
        if self._uncounted:
            await self.sends_taken()
        if self._message:
            handle = self._message["ReceiptHandle"]
            await self.clients.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=handle)
            self._message = {}
        self.llm.calls.clear()
        self.llm.requests.clear()
        self.llm.keys.clear()

    # -- a delivery ------------------------------------------------------------------------

    async def post(self, path: Email, *, key: str = DELIVERY, store: bool = True) -> None:
        """The mail in raw/, and its notification in the queue: received once, never visible again by itself."""
        envelope = Envelope(sender=path.sender, recipients=path.recipients)
        at = datetime.fromtimestamp(BEGINNING, UTC)
        stored = on_top(path.raw, envelope, key, Findings(), at) + path.raw
        inbound = SesInbound(
            s3=self.clients.s3, sns=self.clients.sns, bucket=self.env["S3_BUCKET"], topic_arn=""
        )
        if store and self._stored.get(key) != stored:
            self._stored[key] = stored
            await self.clients.s3.put_object(Bucket=inbound.bucket, Key=f"raw/{key}", Body=stored)
        body = inbound.notification(stored, envelope, key, at)
        await self.clients.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        answer = await self.clients.sqs.receive_message(
            QueueUrl=self.queue, VisibilityTimeout=43_200, MaxNumberOfMessages=1
        )
        self._message = answer["Messages"][0]

    def event(self, *, receives: int) -> dict[str, Any]:
        """The posted message as Lambda hands it over for the `receives`th time."""
        record = {
            "messageId": self._message["MessageId"],
            "receiptHandle": self._message["ReceiptHandle"],
            "body": self._message["Body"],
            "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1760032800000"},
            "messageAttributes": {},
            "md5OfBody": self._message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn("EmailsQueue"),
            "awsRegion": REGION,
        }
        return {"Records": [record]}

    async def worker(self) -> Worker:
        """A fresh execution environment; the proxy's crashes are its own."""
        self._uncounted = True
        worker = await self.zygote.fork()
        self.proxy.kill = worker.kill
        return worker

    def job(
        self,
        path: Email,
        *,
        receives: int,
        seconds: float | None = None,
        apart: float = COME_BACK,
        event: Any = None,
    ) -> dict[str, Any]:
        """One invocation: each delivery begins `apart` seconds after the last one began."""
        return {
            "env": {**self.env, **path.env(self.proxy.urls["llm"])},
            "event": event or self.event(receives=receives),
            "seconds": seconds or self.function_seconds,
            "offset": BEGINNING + apart * (receives - 1) - time.time(),
        }

    async def deliver(
        self, path: Email, *, receives: int, seconds: float | None = None, apart: float = COME_BACK
    ) -> Ended | Died:
        """One delivery to a fresh worker, to its end or to the worker's.

        A worker that has not answered when its `seconds` are over is killed, as Lambda does.
        """
        self._left.clear()
        self.proxy.turn = receives - 1
        worker = await self.worker()
        job = self.job(path, receives=receives, seconds=seconds, apart=apart)
        timer = asyncio.get_running_loop().call_later(job["seconds"], worker.kill)
        try:
            return await worker.work(job)
        finally:
            timer.cancel()
            worker.leave()
            await self.proxy.quiet()


def _key(request: dict[str, Any]) -> tuple[str, str]:
    key = request["DeleteRequest"]["Key"]
    return key["pk"]["S"], key["sk"]["S"]


def comes_back(end: Ended | Died) -> bool:
    """Whether the queue delivers the message again."""
    if isinstance(end, Died) or end.raised is not None:
        return True
    return bool(end.answer["batchItemFailures"])


@asynccontextmanager
async def open_bench(*, store_through_proxy: bool = False) -> AsyncIterator[Bench]:
    """Start it all; `store_through_proxy` puts the proxy between the backend and its table as well."""
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        endpoint = resources.enter_context(moto_server())
        zygote = await opened(open_zygote())
        api = resources.enter_context(listen(None, what="the API"))
        llm = await opened(llm_stub(script=SCRIPT))
        template = load_template()
        env = stack_variables(template, endpoint, f"http://{LOOPBACK}:{port_of(api)}", {})
        proxy = await opened(
            open_proxy({"aws": endpoint, "api": env["API_BASE_URL"], "llm": llm.url, STORE: endpoint})
        )
        proxy.ses.configuration_sets = frozenset(filter(None, [env.get("SES_CONFIGURATION_SET")]))
        backend_endpoint = proxy.urls[STORE] if store_through_proxy else endpoint
        resources.enter_context(in_place({**aws_environment(backend_endpoint), **env}))
        session = aioboto3.Session()
        direct = aioboto3.Session()
        clients = await _clients(direct, endpoint, resources)
        await provision(clients, template, reply_from=REPLY_FROM)
        await _seed(clients, env)
        await opened(_backend(session, api))
        await _second_tenant(clients, env)
        bench = Bench(
            proxy=proxy,
            clients=clients,
            llm=llm,
            env={
                **env,
                **aws_environment(proxy.urls["aws"]),
                "API_BASE_URL": proxy.urls["api"],
                "AWS_CA_BUNDLE": resources.enter_context(short_ca_bundle()),
            },
            api_url=env["API_BASE_URL"],
            function_seconds=float(template.function(INBOUND).timeout),
            zygote=zygote,
        )
        bench.baseline = {table: await bench.rows(table) for table in bench.tables}
        yield bench


async def _clients(session: aioboto3.Session, endpoint: str, resources: AsyncExitStack) -> Clients:
    with in_place(aws_environment(endpoint)):
        return await open_clients(session, resources)


async def _seed(clients: Clients, env: dict[str, str]) -> None:
    store = DynamoDataStore(clients.dynamodb, env["DATA_TABLE"])
    await asyncio.gather(
        seed_demo(store),
        create_token(store, role=Role.PIPELINE, token=env["API_AUTH_TOKEN"]),
    )


async def _second_tenant(clients: Clients, env: dict[str, str]) -> None:
    """A tenant of its own, with one mailbox, made by its admin."""
    store = DynamoDataStore(clients.dynamodb, env["DATA_TABLE"])
    token = await create_token(store, role=Role.ADMIN, tenant=ORCHARD)
    await add_domain(store, ORCHARD, ORCHARD_MAILBOX.rpartition("@")[2])
    body = {
        "address": ORCHARD_MAILBOX,
        "purpose": "meetings",
        "members": ["*"],
        "require_auth": False,
        "answer_unauthenticated": True,
    }
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        http.post(f"{env['API_BASE_URL']}/mailboxes", json=body) as response,
    ):
        assert response.status == 201, await response.text()


@asynccontextmanager
async def _backend(session: aioboto3.Session, api: Any) -> AsyncIterator[None]:
    async with (
        open_backend_app(BackendSettings.from_env(), session=session) as app,
        backend_server(app, api),
    ):
        yield
