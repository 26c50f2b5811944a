"""What is stored of a sent reply: the outbound message, and the thread that its Message-ID belongs to.

The pipeline stores it when it saw the send, and the settlement when SES reports
it later. Both derive it from the outbox entry alone, so that it is one message,
whoever comes first and however often.
"""

from __future__ import annotations

from typing import Any, Protocol

from parley.conversations.message_ids import message_key
from parley.core.tasks import all_of
from parley.core.trust import Trust
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.trust import threads_of
from parley.ledger.outbox import OutboxEntry
from parley.mail.email import ThreadId

PLACE = "place"
"""Beside the reply's words in the outbox, and erased with them: its mailbox, thread_id and meeting_id."""


class MessageStore(Protocol):
    """The one thing that is asked of the backend here; repeating it does no harm."""

    async def put_message(self, tenant: str, message_id: str, body: dict[str, Any]) -> Any: ...


def outbound_message(entry: OutboxEntry, *, sender: str, sent_id: str | None) -> dict[str, Any]:
    """The body of the message that this reply is; the entry is not erased."""
    message = entry.message
    return {
        "direction": "outbound",
        "run_id": entry.run_id,
        **message[PLACE],
        "message_id": sent_id,
        "from": sender,
        "to": [message["to"]],
        "subject": message["subject"],
        "text": message["text"],
        "at": entry.began_at,
    }


async def keep_sent(
    entry: OutboxEntry, *, sent_id: str | None, sender: str, runs: EmailLedger, backend: MessageStore
) -> None:
    """Store the outbound message and let mail that answers it find its thread; nothing once it is erased."""
    if PLACE not in entry.message:
        return
    body = outbound_message(entry, sender=sender, sent_id=sent_id)
    # Neither may cost the other.
    await all_of(
        backend.put_message(entry.tenant, message_key(entry.run_id, "outbound"), body),
        _join_thread(entry, sent_id, runs),
    )


async def _join_thread(entry: OutboxEntry, sent_id: str | None, runs: EmailLedger) -> None:
    where = entry.message[PLACE]
    if sent_id and where["thread_id"]:
        threads = where["mailbox"]
        if where.get("trust") == Trust.STRANGER:
            threads = threads_of(threads, entry.message["to"])
        await runs.join_thread(entry.tenant, threads, sent_id, ThreadId(where["thread_id"]))
