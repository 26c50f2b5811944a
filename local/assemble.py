"""Puts the embedded stack together; imported once moto is starting, because it is the heavy part."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import aioboto3
import aiohttp

from local.lambda_runtime import ExecutionEnvironment
from local.poller import Poller
from local.provision import Clients, open_clients, provision, provision_events
from local.resource_names import bucket_name, physical, queue_arn, queue_url, topic_arn
from local.results import Results
from local.samples import store_samples
from local.ses_inbound import SesInbound
from local.stack_types import INBOUND, REPLY_FROM, Options, Stack
from parley.core.tasks import together

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Sequence

    from local.poller import Batch
    from local.template import Template

ENVIRONMENTS = 4
"""Batches of one function that are worked at once; where a function allows fewer, fewer."""


async def assemble(
    resources: AsyncExitStack,
    options: Options,
    *,
    template: Template,
    endpoint: str,
    api: socket.socket,
    smtp: socket.socket | None,
    env: dict[str, str],
    on_batch: Callable[[Batch], None],
) -> Stack:
    """Provision, start the servers and the poller; `resources` ends them."""
    session = aioboto3.Session()
    clients = await open_clients(session, resources)
    provisioning = asyncio.create_task(_provision(session, clients, template, options))
    # The backend's imports take about as long as the provisioning.
    await asyncio.to_thread(_import_backend)
    await provisioning
    pipeline_token = env["API_AUTH_TOKEN"]
    mailboxes, admin_token = await _seed(clients, pipeline_token)
    await resources.enter_async_context(_backend(session, api))
    http = await resources.enter_async_context(aiohttp.ClientSession())
    inbound = SesInbound(
        s3=clients.s3,
        sns=clients.sns,
        bucket=bucket_name(template.buckets[0]),
        topic_arn=topic_arn(template.subscriptions[0].topic),
    )
    if options.samples:
        await store_samples(inbound)
    return Stack(
        template=template,
        endpoint=endpoint,
        api_base_url=env["API_BASE_URL"],
        api_auth_token=admin_token,
        smtp=await _smtp(resources, inbound, smtp),
        env=env,
        clients=clients,
        inbound=inbound,
        results=Results(
            http,
            clients.dynamodb,
            api_base_url=env["API_BASE_URL"],
            token=pipeline_token,
            runs_table=env["RUNS_TABLE"],
        ),
        mailboxes=mailboxes,
        polling=await resources.enter_async_context(_polling(clients, template, endpoint, options, on_batch))
        if options.poll
        else None,
    )


async def _provision(
    session: aioboto3.Session, clients: Clients, template: Template, options: Options
) -> None:
    telling = [provision_events(session, clients, template)] if options.events else []
    await asyncio.gather(provision(clients, template, reply_from=REPLY_FROM), *telling)


def _import_backend() -> None:
    import local.backend_server
    import parley.bootstrap.app
    import parley.bootstrap.backend_api

    del local, parley


async def _seed(clients: Clients, pipeline_token: str) -> tuple[frozenset[str], str]:
    """The demo tenant and the pipeline's token; answers the tenant's mailboxes and a token of its own."""
    from local.demo import MAILBOXES, TENANT, seed_demo
    from parley.adapters.data_table import DynamoDataStore
    from parley.api.tokens import Role, create_token

    store = DynamoDataStore(clients.dynamodb, physical("DataTable"))
    _, _, admin_token = await asyncio.gather(
        seed_demo(store),
        create_token(store, role=Role.PIPELINE, token=pipeline_token),
        create_token(store, role=Role.ADMIN, tenant=TENANT),
    )
    return frozenset(mailbox["address"] for mailbox in MAILBOXES), admin_token


@asynccontextmanager
async def _backend(session: aioboto3.Session, api: socket.socket) -> AsyncIterator[None]:
    from local.backend_server import backend_server
    from parley.bootstrap.backend_api import open_backend_app
    from parley.settings import BackendSettings

    async with (
        open_backend_app(BackendSettings.from_env(), session=session) as app,
        backend_server(app, api),
    ):
        yield


async def _smtp(resources: AsyncExitStack, inbound: SesInbound, listener: socket.socket | None) -> str | None:
    if listener is None:
        return None
    from local.smtp import smtp_server

    host, port = listener.getsockname()
    await resources.enter_async_context(smtp_server(inbound.receive, listener))
    return f"{host}:{port}"


@asynccontextmanager
async def _polling(
    clients: Clients,
    template: Template,
    endpoint: str,
    options: Options,
    on_batch: Callable[[Batch], None],
) -> AsyncIterator[asyncio.Task[None]]:
    pollers = [
        Poller(
            sqs=clients.sqs,
            queue_url=queue_url(endpoint, source.queue),
            queue_arn=queue_arn(source.queue),
            source=source,
            new_environment=partial(ExecutionEnvironment, function),
            on_batch=on_batch,
            concurrency=min(ENVIRONMENTS, source.maximum_concurrency or ENVIRONMENTS),
            come_back=options.come_back,
        )
        for function in template.functions
        if options.events or function.name == INBOUND
        for source in function.sources
    ]
    polling = asyncio.create_task(_all(pollers))
    try:
        yield polling
    finally:
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling


async def _all(pollers: Sequence[Poller]) -> None:
    await together(*(poller.run() for poller in pollers))
