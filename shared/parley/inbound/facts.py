"""What is asked about an email before anything is done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from parley.core.clock import Clock
from parley.core.ids import RunId
from parley.core.tasks import together
from parley.inbound.email_ledger import EmailLedger
from parley.inbound.mailbox_cache import MailboxCache
from parley.inbound.ports import BackendAPI
from parley.inbound.run import Run
from parley.mail.email import InboundEmail, ThreadId, Verdicts
from parley.mail.gates import Facts
from parley.mail.mailbox import UNROUTED
from parley.mail.threads import reference_ids, root_id, thread_identity

MOST_REFERENCES = 10
"""Message-IDs that are looked up to find an email's thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFinder:
    """Asks the ledger and the backend; `reply_from` is the address that replies come from."""

    runs: EmailLedger
    backend: BackendAPI
    mailboxes: MailboxCache
    clock: Clock
    reply_from: str

    async def find(self, run: Run, email: InboundEmail) -> tuple[RunId | None, Facts]:
        """In one go: the run that had the same content first (None: this one), and the facts for the gates.

        Sets the run's thread, and whether its sender is suppressed.
        """
        mailbox, sender = run.mailbox, email.from_.address if email.from_ else ""
        earlier, run.thread_id, recent, own, blacklisted, run.suppressed = await together(
            self.runs.claim_content(run.claim, mailbox.address, email.message_id or "", email.content_hash),
            self._thread(run, email),
            self.runs.recent_runs(run.claim, mailbox.address, sender.lower()),
            self._is_ours(sender),
            self._asked(self.backend.check_email_blacklisted, run, sender),
            self._asked(self.backend.check_email_suppressed, run, sender),
        )
        return earlier, Facts(
            email=email,
            mailbox=mailbox,
            verdicts=run.event.verdicts or Verdicts(),
            own_addresses=frozenset({self.reply_from.lower(), mailbox.address, *mailbox.aliases}),
            sender_is_mailbox=own,
            blacklisted=blacklisted,
            recent_runs=recent,
        )

    async def _thread(self, run: Run, email: InboundEmail) -> ThreadId:
        """The email's thread, settled by the first id of its chain before anything is done once a thread.

        So it is the same whichever of its emails comes first, and however often this one is tried.
        """
        mailbox = run.mailbox.address
        references = reference_ids(email)[:MOST_REFERENCES]
        known = await self.runs.thread_of(run.tenant, mailbox, references) if references else None
        found = known or thread_identity(email, mailbox)
        root = root_id(email)
        return await self.runs.join_thread(run.tenant, mailbox, root, found) if root else found

    async def _is_ours(self, sender: str) -> bool:
        return (
            bool(sender) and await self.mailboxes.find(sender.lower(), self.backend, self.clock) is not None
        )

    async def _asked(self, check: Callable[[str, str], Awaitable[bool]], run: Run, sender: str) -> bool:
        """What a tenant's list says of the sender; nobody's mail is on nobody's list."""
        return bool(sender) and run.tenant != UNROUTED and await check(run.tenant, sender)
