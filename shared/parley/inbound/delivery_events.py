"""What SES says of our replies later: the outbox settled, the record mended, the address suppressed.

    Send, Delivery, DeliveryDelay, a bounce that passes ─▶ sent
    Bounce for good, Reject ────────────────────────────▶ failed
    Complaint ──────────────────────────────────────────▶ stays sent

    whatever proves that SES sent it  ─▶ the outbound message is stored, its Message-ID joins the thread
    a bounce for good, a complaint    ─▶ its recipient is suppressed: never written to again

Every effect may be repeated, and none depends on an earlier event. So events
may come twice, in any order, and while the pipeline itself ends the send.
Whichever of the two settles the reply first, the other completes what is missing:

    settlement   settle ──▶ is there a record? mend it
    pipeline     record ──▶ how does the reply stand? record it again
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from parley.core.clock import Clock, Deadline
from parley.core.logs import of_bug
from parley.core.tasks import all_of
from parley.errors import BackendRefused, RequestError, RetryableError
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.run_record import STATUS
from parley.inbound.sent_messages import keep_sent
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.mail.send_events import Queued, SendEvent, SendKind, queued, read_send_event

log = logging.getLogger("parley.inbound.delivery_events")

SIDE_BY_SIDE = 10
SECONDS_TO_SETTLE = 2.0
"""What must be left of the invocation to begin with an event."""
SETTLED = frozenset({OutboxState.SENT, OutboxState.FAILED})


class ReplyRecords(Protocol):
    """What is asked of the backend; every write repeats without harm."""

    async def get_email(self, tenant: str, run_id: str) -> dict[str, Any] | None: ...
    async def put_email(self, tenant: str, run_id: str, body: dict[str, Any]) -> Any: ...
    async def put_message(self, tenant: str, message_id: str, body: dict[str, Any]) -> Any: ...
    async def check_email_suppressed(self, tenant: str, address: str) -> bool: ...
    async def put_suppression(self, tenant: str, address: str, body: dict[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """`delivery_events`'s core. `reply_from` is the address that replies come from."""

    runs: EmailLedger
    backend: ReplyRecords
    clock: Clock
    reply_from: str

    async def take(self, event: object, *, seconds: float) -> dict[str, Any]:
        """Settle what an SQS batch says, or one event; `seconds` is the invocation's time.

        A message of a batch that has to come back costs the others nothing. A
        single event raises RequestError where it is none of SES's, and
        RetryableError where a retry can help.
        """
        deadline = Deadline(self.clock() + seconds, self.clock)
        batch = queued(event)
        if batch is None:
            settled = await self._hear(event, deadline)
            return {"statusCode": 200, "results": [_result(settled)] if settled else []}
        slots = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(message: Queued) -> str | None:
            async with slots:
                return await self._message(message, deadline)

        failed = await asyncio.gather(*(one(message) for message in batch))
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed if one is not None]}

    async def _message(self, message: Queued, deadline: Deadline) -> str | None:
        """None when the message is done; its id when it must come back."""
        try:
            await self._hear(message.body, deadline)
        except (RequestError, RetryableError) as error:
            extra = {"queue_message": message.message_id, "error": f"{type(error).__name__}: {error}"}
            log.warning("send event comes back", extra=extra)
        except Exception as error:  # noqa: BLE001  # nothing may cost the neighbours: it is logged and comes back
            extra = {"queue_message": message.message_id, **of_bug(error)}
            log.error("send event failed", extra=extra)  # noqa: TRY400  # its own words stay out of the log
        else:
            return None
        return message.message_id

    async def _hear(self, message: object, deadline: Deadline) -> OutboxEntry | None:
        event = read_send_event(message)
        if event is None:
            log.info("send event passed over")
            return None
        deadline.require(SECONDS_TO_SETTLE, "settle a reply")
        async with deadline.limit("settle a reply"):
            return await self.settle(event)

    async def settle(self, event: SendEvent) -> OutboxEntry:
        """Everything that follows from one event; the reply as it stands then.

        Raises RetryableError for a tag that is nobody's: the index may lag
        behind the intent.
        """
        entry = await self.runs.outbox_by_tag(event.tag)
        if entry is None:
            raise RetryableError(f"no reply is known by the tag {event.tag}")
        state = OutboxState.FAILED if event.failed else OutboxState.SENT
        stands = await self.runs.settle(entry, state, sent_id=event.ses_id, why=_why(event))
        suppressed = await self._follow(event, stands)
        _tell(event, entry, stands, suppressed)
        return stands

    async def close(
        self, entry: OutboxEntry, state: OutboxState, *, ses_id: str | None = None, why: str
    ) -> OutboxEntry:
        """Record what a person says of an ambiguous reply, SENT or FAILED; the reply as it stands then.

        `ses_id` is the Message-ID on the wire, where the person knows it. What
        is settled already stays as it is. Saying the same again completes what
        an earlier call could not write.
        """
        stands = await self.runs.settle(entry, state, sent_id=ses_id, why=why)
        if stands.state is state and stands.message:
            sent = state is OutboxState.SENT
            await all_of(self._mend_record(stands), *([self._keep(stands, ses_id)] if sent else []))
        return stands

    async def _follow(self, event: SendEvent, entry: OutboxEntry) -> int:
        """Write all that follows from the event; how many addresses that suppressed."""
        if entry.state not in SETTLED or not entry.message:
            # What was erased stays so: nothing is written of a person whom the ledger has forgotten.
            return 0
        unwelcome = self._unwelcome(event, entry)
        # None of these may cost another.
        await all_of(
            self._mend_record(entry),
            *([self._keep(entry, event.ses_id)] if event.accepted else []),
            *(self._suppress(event, entry, address) for address in unwelcome),
        )
        return len(unwelcome)

    def _unwelcome(self, event: SendEvent, entry: OutboxEntry) -> tuple[str, ...]:
        """The addresses to suppress: the one that the reply was written to, or none."""
        to = entry.message["to"].lower()
        named = not event.recipients or to in event.recipients
        if event.unwelcome and not named:
            log.warning("event names others than the reply's recipient", extra={"run_id": entry.run_id})
        return (to,) if event.unwelcome and named else ()

    async def _keep(self, entry: OutboxEntry, ses_id: str | None) -> None:
        """The outbound message, under the id that was known first."""
        sent_id = entry.sent_id or ses_id
        await keep_sent(entry, sent_id=sent_id, sender=self.reply_from, runs=self.runs, backend=self.backend)

    async def _mend_record(self, entry: OutboxEntry) -> None:
        """Say in the run's record how the reply stands. Where there is none yet, the pipeline will say it."""
        record = await self.backend.get_email(entry.tenant, entry.run_id)
        reply = record.get("reply") if record else None
        status = STATUS[entry.state]
        if record and reply and reply.get("status") != status:
            mended = {**record, "reply": {**reply, "status": status}}
            await self.backend.put_email(entry.tenant, entry.run_id, mended)

    async def _suppress(self, event: SendEvent, entry: OutboxEntry, address: str) -> None:
        """Never write to the address again; what somebody said of it before stays."""
        if await self.backend.check_email_suppressed(entry.tenant, address):
            return
        body = {"reason": _reason(event), "source": f"SES {event.kind} of {event.ses_id or event.tag}"}
        try:
            await self.backend.put_suppression(entry.tenant, address, body)
        except BackendRefused as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            # What the API knows for no address is never an address that we ask it about, either.
            log.warning("address not suppressed", extra={"run_id": entry.run_id, "status": error.status})


def _why(event: SendEvent) -> str:
    """What the outbox keeps of it."""
    return event.kind.lower() if event.failed else "ses"


def _reason(event: SendEvent) -> str:
    said = "complained" if event.kind is SendKind.COMPLAINT else "bounced for good"
    subtype = f" ({event.subtype})" if event.subtype.isprintable() and event.subtype else ""
    moment = f" on {event.at.isoformat(timespec='seconds')}" if event.at else ""
    return f"{said}{subtype}{moment}"


def _tell(event: SendEvent, before: OutboxEntry, after: OutboxEntry, suppressed: int) -> None:
    """One line an event, with ids and nothing of a person."""
    extra = {
        "kind": str(event.kind),
        "tag": event.tag,
        "run_id": after.run_id,
        "tenant": after.tenant,
        "was": str(before.state),
        "reply": str(after.state),
        "suppressed": suppressed,
    }
    log.info("send event", extra=extra)


def _result(entry: OutboxEntry) -> dict[str, Any]:
    return {"run_id": entry.run_id, "reply": STATUS[entry.state]}
