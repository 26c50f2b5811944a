"""What a sender who is not the tenant's own may read and change.

    own        everything that a mail can do
    known      the meetings and the conversation that name them already
    stranger   records of their own, marked so: nothing that stands is read or changed

A stranger's meeting is another one than a meeting with the same UID, and its
conversation another one than that whose Message-IDs it names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from parley.core.ids import TenantId, digest
from parley.core.tasks import together
from parley.core.trust import Trust
from parley.inbound.routes.base import Handled, Write
from parley.mail.calendar.invite import UNINVITED
from parley.mail.gates import FAIL, is_member

if TYPE_CHECKING:
    from parley.mail.email import Verdicts
    from parley.mail.mailbox import Mailbox

Body = dict[str, Any]


class Records(Protocol):
    """What the backend is asked about a sender."""

    async def get_meeting(self, tenant: str, meeting_id: str) -> Body | None: ...
    async def list_meetings(self, tenant: str, **filters: str) -> list[Body]: ...
    async def get_conversation_history(self, tenant: str, thread_id: str) -> list[Body]: ...


def is_own(mailbox: Mailbox, sender: str, verdicts: Verdicts, user: Body | None) -> bool:
    """Whether the sender is a user of the tenant, or a member by name or domain (`*` is anybody).

    Nobody is whose mail DMARC says is forged.
    """
    if not sender or verdicts.dmarc == FAIL:
        return False
    return user is not None or is_member(sender, mailbox.members)


def threads_of(mailbox: str, sender: str) -> str:
    """The name under which a stranger's threads are remembered, apart from the mailbox's own."""
    return f"{mailbox} {sender.lower()}"


@dataclass(slots=True, kw_only=True)
class Outsider:
    """A sender from outside; `trust` is KNOWN once something that stands has named them.

    `answered`: how many answers the mailbox has given to senders outside of late.
    """

    records: Records
    tenant: TenantId
    sender: str
    trust: Trust = Trust.STRANGER
    answered: int = 0
    _theirs: set[str] = field(default_factory=set)

    async def joins(self, thread_id: str) -> bool:
        """Whether an own one has brought them into this conversation, or into a meeting of it."""
        said, meetings = await together(
            self.records.get_conversation_history(self.tenant, thread_id),
            self.meetings(thread_id=thread_id),
        )
        named = any(m.get("trust", Trust.OWN) == Trust.OWN and self._is_in(_people(m)) for m in said)
        if named or meetings:
            self.trust = Trust.KNOWN
        return self.trust is Trust.KNOWN

    async def meetings(self, **filters: str) -> list[Body]:
        """Those that the API finds, as far as they name the sender."""
        found = [m for m in await self.records.list_meetings(self.tenant, **filters) if self._names(m)]
        self._theirs |= {m["id"] for m in found}
        return found

    async def admitted(self, handled: Handled) -> Handled:
        """What a route made of the mail, less all that the sender may not change."""
        ids = [w.id for w in handled.writes if w.kind == "meeting" and w.id not in self._theirs]
        for one in dict.fromkeys(ids):
            standing = await self.records.get_meeting(self.tenant, one)
            if standing and self._names(standing):
                self._theirs.add(one)
        if self._theirs.intersection(w.id for w in handled.writes):
            self.trust = Trust.KNOWN
        writes = tuple(self._admitted(w) for w in handled.writes if w.kind != "contact")
        ident = handled.meeting_id
        return replace(
            handled,
            writes=writes,
            meeting_id=ident and self._place(ident),
            meetings=tuple(replace(one, meeting_id=self._place(one.meeting_id)) for one in handled.meetings),
        )

    def _admitted(self, write: Write) -> Write:
        if write.id in self._theirs:
            return replace(write, body=self._own_answer(write.body))
        if write.kind != "meeting":
            return replace(write, id=self._place(write.id))
        body = {**write.body, "trust": Trust.STRANGER, "user_id": None}
        if body.get("status") == "scheduled":
            body["status"] = "tentative"
        return replace(write, id=self._place(write.id), body=body)

    def _own_answer(self, body: Body) -> Body:
        """Of attendees' answers only the sender's; who is uninvited is the organizer's word."""
        if "responses" not in body:
            return body
        kept = {
            who: answer
            for who, answer in body["responses"].items()
            if who == self.sender or answer["response"] == UNINVITED
        }
        return {**body, "responses": kept}

    def _place(self, ident: str) -> str:
        if ident in self._theirs:
            return ident
        return f"meeting_{digest(self.tenant, 'stranger', self.sender, ident)[:24]}"

    def _names(self, meeting: Mapping[str, Any]) -> bool:
        return meeting.get("trust") != Trust.STRANGER and self._is_in(
            [one.get("address") for one in meeting.get("attendees") or ()]
        )

    def _is_in(self, people: Sequence[str | None]) -> bool:
        return self.sender in {(one or "").lower() for one in people}


def _people(message: Mapping[str, Any]) -> list[str | None]:
    return [message.get("from"), *(message.get("to") or ())]
