"""A small world for erasure: the real pipeline, API, tables and bucket; only SES is a fake."""

from __future__ import annotations

import email.message
import email.policy
import json
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from local.template import load_template
from parley.adapters.api_client import APIClient
from parley.adapters.dynamo import DynamoRunTable, from_wire
from parley.adapters.s3 import S3MailStore, S3RawStore
from parley.analysis.machine import TranscriptMachine
from parley.bootstrap.app import create_app
from parley.core.clock import Deadline
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.erasure import EmailEraser
from parley.inbound.pipeline import Pipeline
from parley.mail.email import DeliveryId, EmailEvent, ThreadId
from parley.preparation.preparer import Preparer
from tests.rooms.conftest import Api, make_tokens, seed, serving_warm
from tests.support import FakeClock, FakeSender

MEETINGS = "meetings@parley.local"
RIVALS = "meetings@rival.example"
ZOFIA = "zofia.kwiatkowska@client.example"
NAME = "Zofia Kwiatkowska"
ANN, BO = "ann@partner.example", "bo@partner.example"
NOW = 1_772_532_000.0


def vtt(*turns: str) -> str:
    """`Speaker: words` as WebVTT, a cue each."""
    cues = [f"{n + 1}\n00:00:{5 * n:02}.000 --> 00:00:{5 * n + 4:02}.000\n{t}\n" for n, t in enumerate(turns)]
    return "WEBVTT\n\n" + "\n".join(cues)


def invitation(uid: str, summary: str, organizer: str, *attendees: str, sequence: int = 0) -> str:
    """A REQUEST; organizer and attendees as `Name <address>`."""

    def person(kind: str, text: str) -> str:
        name, _, address = text.partition(" <")
        return f"{kind};CN={name}:mailto:{address.rstrip('>')}"

    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        "DTSTAMP:20260301T080000Z",
        "DTSTART:20260302T090000Z",
        "DTEND:20260302T093000Z",
        f"SUMMARY:{summary}",
        person("ORGANIZER", organizer),
        *(person("ATTENDEE", one) for one in attendees),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines) + "\r\n"


def eml(sender: str, subject: str, body: str, *, files=(), message_id: str | None = None, **headers) -> bytes:
    """One mail; `files` are (name, type, subtype, text)."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = headers.pop("to", MEETINGS)
    message["Subject"] = subject
    message["Message-ID"] = message_id or f"<{uuid.uuid4().hex}@mail.example>"
    message["Date"] = "Tue, 03 Mar 2026 10:00:00 +0000"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    for name, kind, subtype, text in files:
        message.add_attachment(text.encode(), maintype=kind, subtype=subtype, filename=name)
    return message.as_bytes()


@dataclass
class World:
    api: Api
    stores: object
    runs_table: str
    table: DynamoRunTable
    pipeline: Pipeline
    eraser: EmailEraser
    clock: FakeClock
    sender: FakeSender
    deliveries: list[str] = field(default_factory=list)

    async def deliver(
        self, raw: bytes, *to: str, sender: str = "bounce@mail.example", delivery: str = "", verdicts=None
    ):
        """One delivery through the pipeline; the reports of its runs."""
        delivery = delivery or f"d-{uuid.uuid4().hex[:12]}"
        if delivery not in self.deliveries:
            self.deliveries.append(delivery)
            key = f"raw/{delivery}"
            await self.stores.s3.put_object(Bucket=self.stores.bucket, Key=key, Body=raw)
        return await self.again(delivery, *to, sender=sender, verdicts=verdicts)

    async def again(self, delivery: str, *to: str, sender: str = "bounce@mail.example", verdicts=None):
        """The same delivery once more."""
        event = EmailEvent(
            message_id=DeliveryId(delivery),
            thread_id=ThreadId("t"),
            sender=sender,
            recipient=(to or (MEETINGS,))[0],
            subject="as SES told it",
            key=f"raw/{delivery}",
            bucket=self.stores.bucket,
            recipients=to or (MEETINGS,),
            verdicts=verdicts,
        )
        return await self.pipeline.deliver(event, deadline=Deadline(self.clock() + 100, self.clock))

    async def erase(self, *, by="admin", status=200, headers=None, **body):
        answered, certificate, _ = await self.api.call("POST", "/erasures", by=by, json=body, headers=headers)
        assert answered == status, certificate
        return certificate

    async def dump(self) -> dict[str, str]:
        """Everything that is stored anywhere, as text, by where it stands."""
        found: dict[str, str] = {}
        for table in (self.stores.table, self.runs_table):
            pages = self.stores.dynamodb.get_paginator("scan").paginate(TableName=table)
            async for page in pages:
                for row in page["Items"]:
                    where = f"{table}: {row['pk']['S']} {row['sk']['S']}"
                    # Without the escapes of JSON in JSON, which would hide a text.
                    plain = {k: sorted(v) if isinstance(v, set) else v for k, v in from_wire(row).items()}
                    found[where] = json.dumps(plain, ensure_ascii=False, default=str).replace('\\"', '"')
        versions = await self.stores.s3.list_object_versions(Bucket=self.stores.bucket)
        for entry in versions.get("Versions", ()):
            answer = await self.stores.s3.get_object(
                Bucket=self.stores.bucket, Key=entry["Key"], VersionId=entry["VersionId"]
            )
            found[f"s3: {entry['Key']}"] = (await answer["Body"].read()).decode("utf-8", "replace")
        return found

    async def where(self, *texts: str) -> list[str]:
        """Where any of these texts stands, in whatever case; a key counts too."""
        dump = await self.dump()
        return [
            f"{text!r} in {where}"
            for text in texts
            for where, held in dump.items()
            if text.lower() in (where + held).lower()
        ]


@asynccontextmanager
async def erasing_world(stores):
    """The demo tenant, and a rival with a mailbox of its own."""
    await seed(stores)
    tokens = await make_tokens(stores.store)
    name = f"runs-{uuid.uuid4().hex[:12]}"
    await stores.dynamodb.create_table(**load_template().table("RunsTable").create_arguments(name))
    clock, sender, table = FakeClock(NOW), FakeSender(), DynamoRunTable(stores.dynamodb, name)
    eraser = EmailEraser(table, S3RawStore(stores.s3, stores.bucket), clock=clock)
    app = create_app(store=stores.store, blobs=stores.blobs, runs=eraser, ledger_key=b"secret")
    async with AsyncExitStack() as resources:
        base_url = await resources.enter_async_context(serving_warm(app))
        session = await resources.enter_async_context(aiohttp.ClientSession())
        api = Api(base_url, tokens, session)
        # Whoever writes here is one of the tenant's own: what strangers may do is told elsewhere.
        own = ["*", "@client.example", "@partner.example"]
        status, _, _ = await api.call("PATCH", f"/mailboxes/{MEETINGS}", by="admin", json={"members": own})
        assert status == 200
        box = {
            "address": RIVALS,
            "purpose": "meetings",
            "members": own,
            "require_auth": False,
            "answer_unauthenticated": True,
        }
        status, _, _ = await api.call("POST", "/mailboxes", by="other", json=box)
        assert status == 201
        pipeline = Pipeline(
            runs=EmailLedger(table, clock=clock, key=b"ledger"),
            mail=S3MailStore(stores.s3, stores.bucket, limit=10_000_000, in_flight=10_000_000),
            backend=APIClient(session, base_url=base_url, token=tokens["pipeline"]),
            sender=sender,
            machine=TranscriptMachine(None),
            preparer=lambda: Preparer(None),
            clock=clock,
            reply_from="assistant@parley.local",
        )
        yield World(api, stores, name, table, pipeline, eraser, clock, sender)
