"""`scheduled`: the rounds that it goes, with their clients."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioboto3

from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.s3 import S3RawListing, S3RawStore
from parley.adapters.sqs import SqsSender
from parley.bootstrap.clients import PATIENT
from parley.core.clock import Clock
from parley.inbound.erasure import EmailEraser
from parley.inbound.scheduled import ScheduledTasks
from parley.inbound.sweep import EmailSweeper
from parley.settings import ScheduledSettings


@asynccontextmanager
async def open_scheduled(
    settings: ScheduledSettings, *, clock: Clock = time.time, session: aioboto3.Session | None = None
) -> AsyncIterator[ScheduledTasks]:
    """`scheduled`'s rounds with their clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    async with (
        session.client("dynamodb", config=PATIENT) as dynamo,
        session.client("s3", config=PATIENT) as s3,
        session.client("sqs", config=PATIENT) as sqs,
    ):
        table = DynamoRunTable(dynamo, settings.runs_table)
        sweeper = EmailSweeper(
            table=table,
            raw=S3RawListing(s3, settings.s3_bucket),
            queue=SqsSender(sqs, settings.emails_queue_url),
            clock=clock,
        )
        eraser = EmailEraser(table, S3RawStore(s3, settings.s3_bucket), clock=clock)
        yield ScheduledTasks(sweeper=sweeper, eraser=eraser, retention=settings.retention(), clock=clock)
