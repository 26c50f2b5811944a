"""Outbox: why no message is sent twice.

    draft ──▶ intent ──▶ sending ──▶ sent         `sending` is taken once, ever
                 ▲          ├─────▶ failed       definitely refused, finally
                 └──────────┤                    definitely refused, may be tried again
                            └─────▶ ambiguous    nobody knows: never tried again

`suppressed` is never sent. What the provider says of a send later (an event),
and what a person says of it, settles it too.

A worker takes `sending` by a conditional write before it calls the provider,
and settles it afterwards. Whoever meets a message in `sending` cannot know
whether it went out, so it parks it as ambiguous. There is at most one attempt
with an unknown end, whatever crashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from parley.core.clock import iso
from parley.core.ids import RunId, TenantId
from parley.ledger.claims import Claim
from parley.ledger.keys import RunKey, outbox_sk, outbox_tag, owner_of
from parley.ledger.table import Index, Item, Json, TableAccess, waiting_for


class OutboxState(StrEnum):
    """Where a message stands; `draft` waits for a person, `suppressed` is never sent."""

    INTENT = "intent"
    SENDING = "sending"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"
    DRAFT = "draft"
    SUPPRESSED = "suppressed"


OUTBOX_TRANSITIONS: dict[OutboxState, frozenset[OutboxState]] = {
    # An event may prove a send that was taken for refused: then it is not tried again.
    OutboxState.INTENT: frozenset(
        {OutboxState.SENDING, OutboxState.SENT, OutboxState.FAILED, OutboxState.SUPPRESSED}
    ),
    OutboxState.SENDING: frozenset(
        {OutboxState.INTENT, OutboxState.SENT, OutboxState.AMBIGUOUS, OutboxState.FAILED}
    ),
    OutboxState.AMBIGUOUS: frozenset({OutboxState.SENT, OutboxState.FAILED}),
    OutboxState.DRAFT: frozenset({OutboxState.INTENT, OutboxState.SUPPRESSED}),
    # Accepted is not delivered: a bounce comes later.
    OutboxState.SENT: frozenset({OutboxState.FAILED}),
    OutboxState.FAILED: frozenset(),
    OutboxState.SUPPRESSED: frozenset(),
}

_WAITS = frozenset({OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.DRAFT, OutboxState.FAILED})


def waits_as(state: OutboxState) -> str:
    """The `waiting` of a message in this state."""
    return f"outbox#{state}"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One message: its state and what it says. `tag` names it in the provider's events."""

    item: Item

    @property
    def state(self) -> OutboxState:
        return OutboxState(self.item["state"])

    @property
    def tenant(self) -> TenantId:
        return owner_of(self.item["pk"])[0]

    @property
    def run_id(self) -> RunId:
        return owner_of(self.item["pk"])[1]

    @property
    def message(self) -> dict[str, Json]:
        """What was recorded with the intent; empty once it is erased."""
        message: dict[str, Json] = self.item.get("message", {})
        return message

    @property
    def tag(self) -> str:
        return str(self.item["name"])

    @property
    def began_at(self) -> str:
        """When it was last begun to be sent: the same for every reader, however the send ended."""
        return str(self.item.get("began_at", self.item["at"]))

    @property
    def sent_id(self) -> str | None:
        """The provider's id of the message, once it is sent."""
        return self.item.get("ses_id")


class Outbox(TableAccess):
    """The messages that runs send."""

    async def intend(
        self, claim: Claim, purpose: str, message: dict[str, Json], *, state: OutboxState = OutboxState.INTENT
    ) -> OutboxEntry:
        """Record what is to be sent; an earlier intent of the same purpose wins over this one."""
        item = {
            "pk": claim.key.pk,
            "sk": outbox_sk(purpose),
            "message": message,
            "name": outbox_tag(claim.key.run_id, purpose),
            **self._stands(state),
        }
        _, standing = await self._create(item)
        return OutboxEntry(standing)

    async def begin_sending(self, entry: OutboxEntry) -> tuple[bool, OutboxEntry]:
        """Take `sending`: (True, the entry), or (False, what stands) when it is not ours to send.

        A `sending` that we meet is another worker's whose end nobody knows:
        it is parked as ambiguous and never tried again.
        """
        if entry.state is OutboxState.SENDING:
            return False, await self.settle(entry, OutboxState.AMBIGUOUS)
        if entry.state is not OutboxState.INTENT:
            return False, entry
        # Why an earlier attempt was refused says nothing of this one.
        began = {"began_at": iso(self._clock()), "why": None}
        won, item = await self._replace(entry.item, **self._stands(OutboxState.SENDING), **began)
        if won:
            return True, OutboxEntry(item)
        return await self.begin_sending(OutboxEntry(item)) if item.get("state") else (False, entry)

    def _stands(self, state: OutboxState) -> dict[str, Json]:
        now = self._clock()
        waiting = waits_as(state) if state in _WAITS else None
        return {"state": str(state), "at": iso(now), **waiting_for(waiting, now)}

    async def settle(
        self, entry: OutboxEntry, state: OutboxState, *, sent_id: str | None = None, why: str | None = None
    ) -> OutboxEntry:
        """Record how a send ended; the entry as it stands then. What is known for certain is not undone.

        `sent_id` is the provider's id. `why` says who said so, or what happened
        to the message; no address.
        """
        # A message that was refused for now is held: it waits for whoever mends what refuses it.
        held = waiting_for(waits_as(state), self._clock()) if state is OutboxState.INTENT else {}
        while state in OUTBOX_TRANSITIONS[entry.state]:
            known = {"ses_id": sent_id or entry.sent_id, "why": why or entry.item.get("why")}
            # An erased message has no words left that anybody could wait for.
            nobody = {} if "message" in entry.item else waiting_for(None, self._clock())
            won, item = await self._replace(entry.item, **{**self._stands(state), **held, **known, **nobody})
            entry = OutboxEntry(item)
            if won:
                break
        return entry

    async def outbox(self, key: RunKey, purpose: str) -> OutboxEntry | None:
        """The message as it stands."""
        item = await self._table.get(key.pk, outbox_sk(purpose))
        return OutboxEntry(item) if item else None

    async def outbox_by_tag(self, tag: str) -> OutboxEntry | None:
        """The message of this tag; None where it is nobody's, or the index does not know it yet."""
        for place in await self._table.find(Index.NAME, tag, limit=1):
            if item := await self._table.get(*place):
                return OutboxEntry(item)
        return None
