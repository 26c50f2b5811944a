"""What is asked about an email before anything is done with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from parley.core.clock import Clock
from parley.core.ids import RunId, digest
from parley.core.tasks import together
from parley.inbound.email_ledger import EmailLedger, is_past_gates
from parley.inbound.mailbox_cache import MailboxCache
from parley.inbound.ports import BackendAPI
from parley.inbound.run import Run
from parley.inbound.trust import Outsider, is_own, threads_of
from parley.mail.automated import automated
from parley.mail.email import InboundEmail, ThreadId, Verdicts
from parley.mail.gates import PASS, Facts
from parley.mail.mailbox import UNROUTED, Digest, Mailbox
from parley.mail.threads import reference_ids, root_id, thread_identity

log = logging.getLogger("parley.inbound.facts")

MOST_ANSWERS_OUTSIDE = 100
"""Answers of one mailbox to senders outside the tenant, in this hour and the one before."""
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

        Sets whose word it is, the run's thread, and whether its sender is suppressed.
        """
        mailbox, sender = run.mailbox, email.from_.address if email.from_ else ""
        earlier, _, recent, own, blacklisted, run.suppressed = await together(
            self.runs.claim_content(run.claim, mailbox.address, email.message_id or "", email.content_hash),
            self._settle_trust(run, email),
            self.runs.recent_runs(run.claim, mailbox.address, sender.lower()),
            self._is_ours(sender),
            self._asked(self.backend.check_email_blacklisted, run, sender),
            self._asked(self.backend.check_email_suppressed, run, sender),
        )
        return earlier, Facts(
            email=email,
            mailbox=mailbox,
            verdicts=run.event.verdicts or Verdicts(),
            own_addresses=self.own_addresses(mailbox),
            sender_is_mailbox=own,
            blacklisted=blacklisted,
            recent_runs=recent,
        )

    def own_addresses(self, mailbox: Mailbox) -> frozenset[str]:
        """What we write from, and what this mailbox is written to by; bare and in lower case."""
        return frozenset({self.reply_from.lower(), mailbox.address, *mailbox.aliases})

    async def _settle_trust(self, run: Run, email: InboundEmail) -> None:
        """Settle whose word the email is, and its thread, by the first id of its chain.

        So the thread is the same whichever of its emails comes first, and however often this one is tried.
        """
        mailbox, references = run.mailbox.address, reference_ids(email)[:MOST_REFERENCES]
        sender = email.from_.address.lower() if email.from_ else ""
        user, known = await together(
            self._user(run, sender), self.runs.thread_of(run.tenant, mailbox, references)
        )
        found = known or thread_identity(email, mailbox)
        if is_own(run.mailbox, sender, run.event.verdicts or Verdicts(), user):
            run.user = user
        else:
            run.outsider = Outsider(records=self.backend, tenant=run.tenant, sender=sender)
            if not (known and await run.outsider.joins(known)):
                # A thread that nobody but the sender meets: not by its subject, nor by an id.
                run.threads = threads_of(mailbox, sender)
                again = await self.runs.thread_of(run.tenant, run.threads, references)
                found = again or ThreadId(digest("stranger", sender, found)[:32])
        root = root_id(email)

        async def join() -> ThreadId:
            return await self.runs.join_thread(run.tenant, run.threads, root, found) if root else found

        async def count() -> None:
            if run.outsider:
                run.outsider.answered = await self.runs.recent_runs(run.claim, mailbox)

        run.thread_id, _ = await together(join(), count())

    async def settle_recipient(self, run: Run, email: InboundEmail) -> None:
        """Who is answered: the person who wrote; of a machine's mail the mailbox's owner, if they wish to.

        A mere link to unsubscribe, as sales tools add it, makes no machine of the tenant's own.
        """
        sent = automated(email)
        run.from_person = sent is None or (sent.bulk_mark and run.outsider is None)
        if run.from_person:
            run.detail = _unanswered(run)
            run.answer_to = email.from_.address if email.from_ and not run.detail else None
        elif run.mailbox.digest is Digest.OWNER and run.mailbox.owner:
            owner = await self.backend.get_user(run.tenant, run.mailbox.owner)
            run.answer_to = owner["email"] if owner else None
            run.suppressed = bool(run.answer_to) and await self.backend.check_email_suppressed(
                run.tenant, str(run.answer_to)
            )

    async def _user(self, run: Run, sender: str) -> dict[str, Any] | None:
        """The tenant's user with this address; nobody's mail is no user's."""
        if not sender or run.tenant == UNROUTED:
            return None
        return await self.backend.find_user(run.tenant, sender)

    async def _is_ours(self, sender: str) -> bool:
        return (
            bool(sender) and await self.mailboxes.find(sender.lower(), self.backend, self.clock) is not None
        )

    async def _asked(self, check: Callable[[str, str], Awaitable[bool]], run: Run, sender: str) -> bool:
        """What a tenant's list says of the sender; nobody's mail is on nobody's list."""
        return bool(sender) and run.tenant != UNROUTED and await check(run.tenant, sender)


def _unanswered(run: Run) -> str | None:
    """Why a person's mail gets no answer, lest forged senders turn it on others; None: it gets one."""
    verdict = (run.event.verdicts or Verdicts()).dmarc
    if not (verdict == PASS or run.mailbox.answer_unauthenticated or is_past_gates(run.claim)):
        return f"not answered: SES's DMARC verdict is {verdict}, and answer_unauthenticated is off"
    if run.outsider is None or run.outsider.answered < MOST_ANSWERS_OUTSIDE:
        return None
    log.warning("answers capped", extra=run.named())
    return f"not answered: {MOST_ANSWERS_OUTSIDE} answers went to senders outside within two hours"
