"""The reply to an email: intended beside the storing, sent once after it, settled at the end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from parley.core.clock import Deadline
from parley.inbound.email_ledger import REPLY, EmailLedger
from parley.inbound.run import EndOfSend, Run
from parley.inbound.sent_messages import PLACE, MessageStore, keep_sent
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.mail.email import InboundEmail, RunState
from parley.mail.mailbox import Mode
from parley.mail.outgoing import Sender, SendRefused, SendRejected, SendUnknown
from parley.mail.reply import Reply, build_message, reply_to

log = logging.getLogger("parley.inbound.replies")

UNSETTLED = frozenset({OutboxState.INTENT, OutboxState.SENDING})
SECONDS_TO_SEND = 5.0
SECONDS_TO_SETTLE = 2.0
"""Of these a send may use all but what recording its end takes."""


def would_answer(run: Run) -> bool:
    """Whether somebody would get a reply, should there be anything to say."""
    return run.mailbox.mode is not Mode.SILENT and run.answer_to is not None and not run.suppressed


def place_of(run: Run) -> dict[str, Any]:
    """Where the run's messages belong."""
    return {
        "mailbox": run.mailbox.address,
        "thread_id": run.thread_id,
        "meeting_id": run.handled.meeting_id if run.handled else None,
        "trust": str(run.trust),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Intends, sends and settles the replies of runs; `reply_from` is the address they come from."""

    runs: EmailLedger
    backend: MessageStore
    sender: Sender
    reply_from: str

    async def intend(self, run: Run, email: InboundEmail) -> OutboxEntry | None:
        """Record what the route wants to answer; None where nobody is to be answered."""
        answer = run.handled.answer if run.handled else None
        if answer is None or run.mailbox.mode is Mode.SILENT or run.answer_to is None:
            return None
        signature = run.mailbox.signature
        reply = reply_to(email, answer.template, answer.values, to=run.answer_to, signature=signature)
        state = OutboxState.DRAFT if run.mailbox.mode is Mode.DRAFT else OutboxState.INTENT
        if run.suppressed:
            state = OutboxState.SUPPRESSED
        elif not reply.to.isascii():
            # SES does not write to a local part outside ASCII, whoever asks.
            state = OutboxState.FAILED
        message = {**reply.as_json(), PLACE: place_of(run)}
        return await self.runs.intend(run.claim, REPLY, message, state=state)

    async def send(self, run: Run, deadline: Deadline) -> None:
        """Send the intended reply, in one attempt, if it is ours to send."""
        if run.reply is None:
            return
        deadline.require(SECONDS_TO_SEND, "send the reply")
        if run.reply.state in UNSETTLED:
            # Built before `sending` is taken: what cannot be built was certainly not sent.
            reply = Reply.from_json(run.reply.message)
            raw = build_message(reply, sender=self.reply_from)
            ours, run.reply = await self.runs.begin_sending(run.reply)
            if ours:
                run.end_of_send = await self._attempt(run.reply, raw, reply.to, deadline)
        run.to(RunState.REPLIED)

    async def _attempt(self, entry: OutboxEntry, raw: bytes, recipient: str, deadline: Deadline) -> EndOfSend:
        """One attempt. Raises SendRefused when it was definitely not sent and may be later."""
        try:
            async with asyncio.timeout(deadline.remaining() - SECONDS_TO_SETTLE):
                ses_id = await self.sender.send(raw, recipient=recipient, tag=entry.tag)
        except TimeoutError:
            log.warning("reply ambiguous", extra={"tag": entry.tag, "error": "no answer in time"})
            return EndOfSend(OutboxState.AMBIGUOUS)
        except SendRefused as error:
            log.warning("reply held", extra={"tag": entry.tag, "error": str(error)})
            await self.runs.settle(entry, OutboxState.INTENT, why=str(error)[:200])
            raise
        except SendRejected as error:
            log.warning("reply rejected", extra={"tag": entry.tag, "error": type(error).__name__})
            return EndOfSend(OutboxState.FAILED)
        except SendUnknown as error:
            log.warning("reply ambiguous", extra={"tag": entry.tag, "error": type(error).__name__})
            return EndOfSend(OutboxState.AMBIGUOUS)
        return EndOfSend(OutboxState.SENT, ses_id)

    async def settle(self, run: Run) -> None:
        """Record what this worker saw of the send."""
        if run.reply and run.end_of_send:
            await self.runs.settle(run.reply, run.end_of_send.state, sent_id=run.end_of_send.ses_id)

    async def keep(self, run: Run) -> None:
        """The outbound message is stored only once it is sent."""
        if run.reply and run.reply_state is OutboxState.SENT:
            await keep_sent(
                run.reply, sent_id=run.sent_id, sender=self.reply_from, runs=self.runs, backend=self.backend
            )
