"""`inbound_email`: the intake of mail with its clients."""

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
from parley.adapters.s3 import S3MailStore
from parley.adapters.secrets import resolve_secret
from parley.adapters.ses import SesSender
from parley.adapters.sqs import SqsQueue
from parley.bootstrap.clients import ONE_SHOT, PATIENT, once
from parley.bootstrap.model import machine_of, open_gateway, preparer_of
from parley.core.clock import Clock
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.intake import Intake
from parley.inbound.pipeline import Pipeline
from parley.mail.limits import Limits
from parley.settings import PipelineSettings

BYTES_IN_FLIGHT = 48_000_000
"""Of raw email at once, in one execution environment; parsing multiplies them."""


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
        renew = partial(resolve_secret, session, "API_AUTH_TOKEN", settings.api_auth_token)
        token = await renew()
        http = await opened(aiohttp.ClientSession())
        gateway = await opened(open_gateway(settings, session))
        pipeline = Pipeline(
            runs=EmailLedger(
                DynamoRunTable(dynamo, settings.runs_table), clock=clock, key=settings.ledger_key.encode()
            ),
            mail=S3MailStore(s3, settings.s3_bucket, limit=Limits().raw_bytes, in_flight=BYTES_IN_FLIGHT),
            backend=APIClient(http, base_url=settings.api_base_url, token=token, renew=renew),
            sender=SesSender(
                ses,
                sender=settings.reply_from,
                region=settings.ses_region,
                configuration_set=settings.ses_configuration_set,
            ),
            machine=machine_of(gateway, settings),
            preparer=partial(preparer_of, gateway, settings),
            clock=clock,
            reply_from=settings.reply_from,
        )

        async def sqs() -> Any:
            return await opened(session.client("sqs", config=PATIENT))

        yield Intake(pipeline=pipeline, queue=SqsQueue(once(sqs)), clock=clock)
