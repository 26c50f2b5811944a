"""The sample emails that events/*.json speak of, stored where those events look for them."""

from __future__ import annotations

import asyncio
import email
import json
from typing import TYPE_CHECKING

from local.ses_inbound import Envelope, Findings, on_top
from local.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from local.ses_inbound import SesInbound


async def store_samples(inbound: SesInbound, folder: Path = ROOT / "events") -> None:
    """Put each email of events/expected.json under its event's key; nothing announces them."""
    events = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["events"]
    wanted = [event for event in events.values() if "key" in event]
    await asyncio.gather(
        *(
            _store(inbound, (folder / "emails" / one["email"]).read_bytes(), one["key"], one["to"])
            for one in wanted
        )
    )


async def _store(inbound: SesInbound, raw: bytes, key: str, recipient: str) -> None:
    sender = str(email.message_from_bytes(raw).get("Return-Path", "")).strip("<>")
    envelope = Envelope(sender=sender, recipients=(recipient,))
    block = on_top(raw, envelope, key.removeprefix("raw/"), Findings(), inbound.now())
    await inbound.s3.put_object(Bucket=inbound.bucket, Key=key, Body=block + raw)
