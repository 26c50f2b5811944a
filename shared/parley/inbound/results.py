"""What a run writes to the backend, and what it reads back for a preparation.

Ids are derived from the run, so writing again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.conversations.message_ids import message_key
from parley.core.clock import iso
from parley.core.ids import TenantId
from parley.core.tasks import batched, together
from parley.errors import BackendRefused
from parley.inbound.ports import BackendAPI
from parley.inbound.replies import place_of
from parley.inbound.routes.base import Write
from parley.inbound.run import Run
from parley.inbound.run_record import shown_text
from parley.mail.email import InboundEmail

if TYPE_CHECKING:
    from parley.preparation.brief import Brief

log = logging.getLogger("parley.inbound.results")

UNPROCESSABLE = 422
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Results:
    """Writes what routes found, and the inbound message."""

    backend: BackendAPI

    async def put(self, tenant: TenantId, writes: Sequence[Write]) -> None:
        """Make the writes of a route, a few at a time: one email with many does not crowd out the others."""
        for some in batched(writes, AT_ONCE):
            await together(*(self._put(tenant, write) for write in some))

    async def _put(self, tenant: TenantId, write: Write) -> None:
        put = {
            "meeting": self.backend.put_meeting,
            "contact": self.backend.put_contact,
            "insights": self.backend.put_insights,
        }[write.kind]
        try:
            await put(tenant, write.id, write.body)
        except BackendRefused as error:
            # A calendar may name people by what is no address; that costs the contact, not the meeting.
            if write.kind != "contact" or error.status != UNPROCESSABLE:
                raise
            log.info("contact left out", extra={"contact_id": write.id})

    async def store_message(self, run: Run, email: InboundEmail) -> None:
        """The inbound message, in its conversation (name: seed 003)."""
        body = {
            "direction": "inbound",
            "run_id": run.claim.key.run_id,
            **place_of(run),
            "message_id": email.message_id,
            "from": email.from_.address if email.from_ else None,
            "to": [a.address for a in email.to],
            "subject": email.subject,
            "text": shown_text(email.text),
            "at": iso(run.received.timestamp()),
        }
        await self.backend.put_message(run.tenant, message_key(run.claim.key.run_id, "inbound"), body)

    async def brief(self, run: Run, writes: Sequence[Write], meeting_id: str) -> Brief | None:
        """What is on record for a preparation, once what the email says of the meeting is stored."""
        # Only an invite pays for loading it.
        from parley.preparation.brief import Brief

        await self.put(run.tenant, writes)
        found = await self.backend.get_brief(run.tenant, meeting_id)
        return Brief.from_json(found) if found else None
