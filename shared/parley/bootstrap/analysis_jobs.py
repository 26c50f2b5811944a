"""`analysis_jobs`: the worker of analyses that were put off, with its clients."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import aioboto3
import aiohttp

from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.secrets import resolve_secret
from parley.adapters.sqs import SqsQueue
from parley.bootstrap.clients import PATIENT, once
from parley.bootstrap.model import open_machine
from parley.core.clock import Clock
from parley.inbound.email_ledger import EmailLedger
from parley.insights.analyst import Analyst
from parley.insights.worker import Worker
from parley.settings import JobsSettings


@asynccontextmanager
async def open_jobs(
    settings: JobsSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Worker]:
    """`analysis_jobs`'s core with its clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        dynamo = await opened(session.client("dynamodb", config=PATIENT))
        renew = partial(resolve_secret, session, "API_AUTH_TOKEN", settings.api_auth_token)
        token = await renew()
        http = await opened(aiohttp.ClientSession())
        analyst = Analyst(
            machine=await opened(open_machine(settings, session)),
            ledger=EmailLedger(DynamoRunTable(dynamo, settings.runs_table), clock=clock),
        )

        async def sqs() -> Any:
            return await opened(session.client("sqs", config=PATIENT))

        backend = APIClient(http, base_url=settings.api_base_url, token=token, renew=renew)
        yield Worker(analyst=analyst, backend=backend, queue=SqsQueue(once(sqs)), clock=clock)
