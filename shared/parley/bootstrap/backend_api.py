"""`backend_api`: the HTTP API with its clients."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aioboto3
from fastapi import FastAPI

from parley.adapters.blob_store import S3BlobStore
from parley.adapters.data_table import DynamoDataStore
from parley.adapters.dynamo import DynamoRunTable
from parley.adapters.s3 import S3RawStore
from parley.adapters.sqs import SqsSender
from parley.adapters.uploads import S3Uploads
from parley.bootstrap.app import create_app
from parley.bootstrap.clients import PATIENT, S3
from parley.bootstrap.model import machine_of, open_gateway, preparer_of
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.erasure import EmailEraser
from parley.insights.analysis import AnalysisConfig
from parley.insights.analyst import Analyst
from parley.preparation.service import PreparationConfig
from parley.settings import BackendSettings


@asynccontextmanager
async def open_backend_app(
    settings: BackendSettings, *, session: aioboto3.Session | None = None
) -> AsyncIterator[FastAPI]:
    """`backend_api`'s app with its clients; they are closed on the way out."""
    session = session or aioboto3.Session()
    async with AsyncExitStack() as resources:
        opened = resources.enter_async_context
        dynamo = await opened(session.client("dynamodb", config=PATIENT))
        s3 = await opened(session.client("s3", config=S3))
        gateway = await opened(open_gateway(settings, session))
        queue = None
        if settings.jobs_queue_url:
            sqs = await opened(session.client("sqs", config=PATIENT))
            queue = SqsSender(sqs, settings.jobs_queue_url)
        runs = DynamoRunTable(dynamo, settings.runs_table)
        analyst = Analyst(
            machine=machine_of(gateway, settings),
            ledger=EmailLedger(runs, clock=time.time, key=settings.ledger_key.encode()),
        )
        yield create_app(
            store=DynamoDataStore(dynamo, settings.data_table),
            blobs=S3BlobStore(s3, settings.s3_bucket),
            runs=EmailEraser(runs, S3RawStore(s3, settings.s3_bucket), clock=time.time),
            ledger_key=settings.ledger_key.encode(),
            preparing=PreparationConfig(preparer=preparer_of(gateway, settings)),
            analysing=AnalysisConfig(analyst=analyst, queue=queue),
            uploads=S3Uploads(s3, settings.s3_bucket),
        )
