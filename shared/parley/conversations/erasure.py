"""What an erasure removes of conversations: messages, the records of emails, and entries of mailboxes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from parley.conversations.kinds import EMAIL, MAILBOX, MESSAGE
from parley.conversations.mailboxes import MailboxService
from parley.conversations.message_ids import DIRECTIONS, message_key
from parley.store.erasure import Body, ErasedRun, Erasure, RoomErasure, Subject
from parley.store.record import ListQuery
from parley.store.removal import ERASED

if TYPE_CHECKING:
    from parley.store.records import Records

PAGE = 100


class ConversationsErasure(RoomErasure):
    """Messages, emails and mailboxes."""

    run_reports = EMAIL

    async def knows_tenant(self, records: Records, tenant: str) -> bool:
        """Whether the tenant has a mailbox."""
        return await MailboxService(records).any_of(tenant)

    async def erase_run(self, work: Erasure, run: ErasedRun) -> None:
        """Remove the run's two messages, and its record last: that leads to the rest."""
        for direction in DIRECTIONS:
            await work.remove("messages", MESSAGE, message_key(run.run_id, direction))
        await work.remove("emails", EMAIL, run.run_id)

    async def redact_run(self, work: Erasure, run: ErasedRun, subject: Subject) -> None:
        """Take the person out of both, and let no later report of the run bring them back."""
        for direction in DIRECTIONS:
            await work.redact(MESSAGE, message_key(run.run_id, direction), subject, rank=ERASED)
        await work.redact(EMAIL, run.run_id, subject, rank=ERASED)

    async def erase_record(self, work: Erasure, kind: str, ident: str, body: Body, subject: Subject) -> None:
        """Remove a message that the person wrote; take the person out of any other."""
        if kind != MESSAGE.name:
            return
        if is_from(body, subject.address):
            await work.remove("messages", MESSAGE, ident)
        else:
            await work.redact(MESSAGE, ident, subject)

    async def erase_person(self, work: Erasure, subject: Subject) -> None:
        """Take the person out of the members of all mailboxes."""
        query, cursor = ListQuery(group=f"{work.tenant}#{MAILBOX.name}", limit=PAGE), None
        while True:
            page = await work.records.page(query, cursor=cursor)
            for body in page.items:
                await _erase_member(work, body, subject.address)
            cursor = page.next_cursor
            if cursor is None:
                return


async def _erase_member(work: Erasure, body: Body, address: str) -> None:
    if address in (body["address"], *body["aliases"]):
        work.keep("mailbox", "it is the tenant's own address: DELETE /mailboxes/{address} removes it")
    if address in body["members"]:
        edit = partial(_without_member, address=address)
        await work.records.change(work.tenant, MAILBOX, body["address"], edit=edit)
        work.removed["mailbox_members"] += 1


def _without_member(body: Body, address: str) -> Body:
    return {**body, "members": [member for member in body["members"] if member != address]}


def is_from(body: Body, address: str) -> bool:
    """Whether a body that may have any shape says that this address sent it."""
    sender = body.get("from")
    return isinstance(sender, str) and sender.strip().lower() == address
