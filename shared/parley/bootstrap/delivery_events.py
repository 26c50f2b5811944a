"""`delivery_events`: the settlement of what SES says of replies, with its clients."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aioboto3
import aiohttp

from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.secrets import resolve_secret
from parley.bootstrap.clients import PATIENT
from parley.core.clock import Clock
from parley.inbound.delivery_events import Settlement
from parley.inbound.email_ledger import EmailLedger
from parley.settings import DeliverySettings


@asynccontextmanager
async def open_settlement(
    settings: DeliverySettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[Settlement]:
    """`delivery_events`'s core with its clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    renew = partial(resolve_secret, session, "API_AUTH_TOKEN", settings.api_auth_token)
    token = await renew()
    key = settings.ledger_key.encode()
    async with session.client("dynamodb", config=PATIENT) as dynamo, aiohttp.ClientSession() as http:
        yield Settlement(
            runs=EmailLedger(DynamoRunTable(dynamo, settings.runs_table), clock=clock, key=key),
            backend=APIClient(http, base_url=settings.api_base_url, token=token, renew=renew),
            clock=clock,
            reply_from=settings.reply_from,
        )
