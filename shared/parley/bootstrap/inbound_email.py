"""The only place where concrete clients meet the core.

One execution environment keeps one event loop, one set of clients and one
pipeline for all its invocations; `Environment` is that.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import aioboto3
import aiohttp
from aiobotocore.config import AioConfig

from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.llm_openai import OpenAIProvider
from parley.adapters.s3 import S3MailStore
from parley.adapters.secrets import resolve_secret
from parley.adapters.ses import SesSender
from parley.adapters.sqs import SqsQueue
from parley.analysis.machine import TranscriptMachine
from parley.core.clock import Clock
from parley.inbound.intake import Intake
from parley.inbound.pipeline import Pipeline
from parley.ledger.runs import Runs
from parley.llm.gateway import Gateway, Price, Provider
from parley.mail.limits import Limits
from parley.settings import BackendSettings, LLMSettings, PipelineSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from parley.inbound.delivery_events import Settlement
    from parley.insights.worker import Worker
    from parley.ledger.sweep import Rounds
    from parley.ledger.waiting import Oversight
    from parley.preparation.preparer import Preparer
    from parley.settings import DeliverySettings, JobsSettings, ScheduledSettings

BYTES_IN_FLIGHT = 48_000_000
"""Of raw email at once, in one execution environment; parsing multiplies them."""

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

Made = TypeVar("Made")


async def _openai(settings: LLMSettings, session: aioboto3.Session, resources: AsyncExitStack) -> Provider:
    key = await resolve_secret(session, "OPENAI_API_KEY", settings.openai_api_key)
    http = await resources.enter_async_context(aiohttp.ClientSession())
    return OpenAIProvider(http, base_url=settings.llm_base_url, model=settings.llm_model, api_key=key)


PROVIDERS: dict[str, Callable[[LLMSettings, aioboto3.Session, AsyncExitStack], Awaitable[Provider]]] = {
    "openai": _openai,
}
"""One row a model provider; `rules` is none."""


@asynccontextmanager
async def open_gateway(settings: LLMSettings, session: aioboto3.Session) -> AsyncIterator[Gateway | None]:
    """The way to the model that the settings ask for, with its breaker; None where the rules do the work."""
    async with AsyncExitStack() as resources:
        opener = PROVIDERS.get(settings.llm_provider)
        if opener is None:
            yield None
            return
        provider = await opener(settings, session, resources)
        yield Gateway(provider, price=Price(*settings.price()), model=settings.llm_model)


@asynccontextmanager
async def open_machine(settings: LLMSettings, session: aioboto3.Session) -> AsyncIterator[TranscriptMachine]:
    """The transcript machine that the settings ask for."""
    async with open_gateway(settings, session) as gateway:
        yield TranscriptMachine(gateway, fallback=_by_rules(settings))


def _preparer(gateway: Gateway | None, settings: LLMSettings) -> Preparer:
    # Only an invite pays for loading it.
    from parley.preparation.preparer import Preparer

    return Preparer(gateway, fallback=_by_rules(settings))


def _by_rules(settings: LLMSettings) -> bool:
    return settings.llm_fallback == "rules"


@asynccontextmanager
async def open_intake(
    settings: PipelineSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Intake]:
    """`inbound_email`'s core with its clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        s3 = await opened(session.client("s3", config=PATIENT))
        dynamo = await opened(session.client("dynamodb", config=PATIENT))
        ses = await opened(session.client("ses", region_name=settings.ses_region, config=ONE_SHOT))
        token = await resolve_secret(session, "API_AUTH_TOKEN", settings.api_auth_token)
        http = await opened(aiohttp.ClientSession())
        gateway = await opened(open_gateway(settings, session))
        pipeline = Pipeline(
            runs=Runs(
                DynamoRunTable(dynamo, settings.runs_table), clock=clock, key=settings.ledger_key.encode()
            ),
            mail=S3MailStore(s3, settings.s3_bucket, limit=Limits().raw_bytes, in_flight=BYTES_IN_FLIGHT),
            backend=APIClient(http, base_url=settings.api_base_url, token=token),
            sender=SesSender(
                ses,
                sender=settings.reply_from,
                region=settings.ses_region,
                configuration_set=settings.ses_configuration_set,
            ),
            machine=TranscriptMachine(gateway, fallback=_by_rules(settings)),
            preparer=partial(_preparer, gateway, settings),
            clock=clock,
            reply_from=settings.reply_from,
        )

        async def sqs() -> Any:
            return await opened(session.client("sqs", config=PATIENT))

        yield Intake(pipeline=pipeline, queue=SqsQueue(_once(sqs)), clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What a person's commands need: the journal to read and to settle, and the API."""

    table: DynamoRunTable
    runs: Runs
    oversight: Oversight
    api: APIClient


@asynccontextmanager
async def open_operations(
    settings: PipelineSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Operations]:
    """The operating commands' clients; they are closed on the way out."""
    # No function needs it: it stays off the pipeline's cold path.
    from parley.ledger.waiting import Oversight

    session = session or aioboto3.Session()
    token = await resolve_secret(session, "API_AUTH_TOKEN", settings.api_auth_token)
    async with session.client("dynamodb", config=PATIENT) as dynamo, aiohttp.ClientSession() as http:
        table = DynamoRunTable(dynamo, settings.runs_table)
        yield Operations(
            table=table,
            runs=Runs(table, clock=clock, key=settings.ledger_key.encode()),
            oversight=Oversight(table, clock=clock),
            api=APIClient(http, base_url=settings.api_base_url, token=token),
        )


@asynccontextmanager
async def open_backend_app(
    settings: BackendSettings, *, session: aioboto3.Session | None = None
) -> AsyncIterator[FastAPI]:
    """`backend_api`'s app with its clients; they are closed on the way out."""
    # FastAPI and pydantic stay off the pipeline's cold path.
    from parley.adapters.data_table import DynamoDataStore, S3BlobStore
    from parley.adapters.s3 import S3RawStore
    from parley.adapters.sqs import SqsOutlet
    from parley.adapters.uploads import S3Uploads
    from parley.api.app import create_app
    from parley.insights.analysis import Analysing
    from parley.insights.analyst import Analyst
    from parley.ledger.erasure import Eraser
    from parley.preparation.service import Preparing

    session = session or aioboto3.Session()
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        dynamo = await opened(session.client("dynamodb", config=PATIENT))
        s3 = await opened(session.client("s3", config=PATIENT))
        gateway = await opened(open_gateway(settings, session))
        queue = None
        if settings.jobs_queue_url:
            sqs = await opened(session.client("sqs", config=PATIENT))
            queue = SqsOutlet(sqs, settings.jobs_queue_url)
        runs = DynamoRunTable(dynamo, settings.runs_table)
        analyst = Analyst(
            machine=TranscriptMachine(gateway, fallback=_by_rules(settings)),
            journal=Runs(runs, clock=time.time, key=settings.ledger_key.encode()),
        )
        yield create_app(
            store=DynamoDataStore(dynamo, settings.data_table),
            blobs=S3BlobStore(s3, settings.s3_bucket),
            runs=Eraser(runs, S3RawStore(s3, settings.s3_bucket), clock=time.time),
            ledger_key=settings.ledger_key.encode(),
            preparing=Preparing(preparer=_preparer(gateway, settings)),
            analysing=Analysing(analyst=analyst, queue=queue),
            uploads=S3Uploads(s3, settings.s3_bucket),
        )


@asynccontextmanager
async def open_jobs(
    settings: JobsSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Worker]:
    """`analysis_jobs`'s core with its clients; they are closed on the way out."""
    from parley.insights.analyst import Analyst
    from parley.insights.worker import Worker

    session = session or aioboto3.Session()
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        dynamo = await opened(session.client("dynamodb", config=PATIENT))
        token = await resolve_secret(session, "API_AUTH_TOKEN", settings.api_auth_token)
        http = await opened(aiohttp.ClientSession())
        analyst = Analyst(
            machine=await opened(open_machine(settings, session)),
            journal=Runs(DynamoRunTable(dynamo, settings.runs_table), clock=clock),
        )

        async def sqs() -> Any:
            return await opened(session.client("sqs", config=PATIENT))

        backend = APIClient(http, base_url=settings.api_base_url, token=token)
        yield Worker(analyst=analyst, backend=backend, queue=SqsQueue(_once(sqs)), clock=clock)


@asynccontextmanager
async def open_scheduled(
    settings: ScheduledSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Rounds]:
    """`scheduled`'s rounds with their clients; they are closed on the way out."""
    # What only this function does stays off the others' cold path.
    from parley.adapters.s3 import S3RawListing, S3RawStore
    from parley.adapters.sqs import SqsOutlet
    from parley.ledger.erasure import Eraser
    from parley.ledger.sweep import Rounds, Sweeper

    session = session or aioboto3.Session()
    async with (
        session.client("dynamodb", config=PATIENT) as dynamo,
        session.client("s3", config=PATIENT) as s3,
        session.client("sqs", config=PATIENT) as sqs,
    ):
        table = DynamoRunTable(dynamo, settings.runs_table)
        sweeper = Sweeper(
            table=table,
            raw=S3RawListing(s3, settings.s3_bucket),
            queue=SqsOutlet(sqs, settings.emails_queue_url),
            clock=clock,
        )
        eraser = Eraser(table, S3RawStore(s3, settings.s3_bucket), clock=clock)
        yield Rounds(sweeper=sweeper, eraser=eraser, retention=settings.retention(), clock=clock)


@asynccontextmanager
async def open_settlement(
    settings: DeliverySettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Settlement]:
    """`delivery_events`'s core with its clients; they are closed on the way out."""
    from parley.inbound.delivery_events import Settlement

    session = session or aioboto3.Session()
    token = await resolve_secret(session, "API_AUTH_TOKEN", settings.api_auth_token)
    key = settings.ledger_key.encode()
    async with session.client("dynamodb", config=PATIENT) as dynamo, aiohttp.ClientSession() as http:
        yield Settlement(
            runs=Runs(DynamoRunTable(dynamo, settings.runs_table), clock=clock, key=key),
            backend=APIClient(http, base_url=settings.api_base_url, token=token),
            clock=clock,
            reply_from=settings.reply_from,
        )


def _once(make: Callable[[], Coroutine[Any, Any, Made]]) -> Callable[[], Coroutine[Any, Any, Made]]:
    """Make it when it is first wanted, one time."""
    made: list[Made] = []
    lock = asyncio.Lock()

    async def get() -> Made:
        async with lock:
            if not made:
                made.append(await make())
        return made[0]

    return get


class Environment(Generic[Made]):
    """What one Lambda execution environment keeps between invocations: a loop and what was opened on it.

    Lambda freezes the process between invocations and kills it without a word,
    so nothing is ever closed there; `close` is for those who run it elsewhere.
    """

    def __init__(self, open_resource: Callable[[], AbstractAsyncContextManager[Made]]) -> None:
        self._open = open_resource
        self._runner = asyncio.Runner()
        self._resources: AsyncExitStack | None = None
        self._made: list[Made] = []

    def run(self, work: Callable[[Made], Coroutine[Any, Any, Any]]) -> Any:
        """Run `work` on the kept loop, with what was opened on it."""
        return self._runner.run(self._with(work))

    async def _with(self, work: Callable[[Made], Coroutine[Any, Any, Any]]) -> Any:
        if self._resources is None:
            resources = AsyncExitStack()
            self._made = [await resources.enter_async_context(self._open())]
            self._resources = resources
            # The imports and clients are for good: no later collection needs to look at them.
            gc.freeze()
            gc.enable()
        return await work(self._made[0])

    def close(self) -> None:
        """Close the clients and the loop."""
        if self._resources is not None:
            self._runner.run(self._resources.aclose())
        self._resources = None
        self._runner.close()
