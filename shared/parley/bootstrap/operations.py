"""What the operating commands of `parley` need."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aioboto3
import aiohttp

from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.secrets import resolve_secret
from parley.bootstrap.clients import PATIENT
from parley.core.clock import Clock
from parley.inbound.email_ledger import EmailLedger
from parley.ledger.waiting import RunInspector
from parley.settings import PipelineSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What a person's commands need: the journal to read and to settle, and the API."""

    table: DynamoRunTable
    runs: EmailLedger
    inspector: RunInspector
    api: APIClient


@asynccontextmanager
async def open_operations(
    settings: PipelineSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Operations]:
    """The operating commands' clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    renew = partial(resolve_secret, session, "API_AUTH_TOKEN", settings.api_auth_token)
    token = await renew()
    async with session.client("dynamodb", config=PATIENT) as dynamo, aiohttp.ClientSession() as http:
        table = DynamoRunTable(dynamo, settings.runs_table)
        yield Operations(
            table=table,
            runs=EmailLedger(table, clock=clock, key=settings.ledger_key.encode()),
            inspector=RunInspector(table, clock=clock),
            api=APIClient(http, base_url=settings.api_base_url, token=token, renew=renew),
        )
