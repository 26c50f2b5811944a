"""The ledger of e-mail runs: one run is one delivery for one mailbox.

What e-mail adds to the ledger: the same content in another delivery, the
runs of a delivery, which thread a Message-ID belongs to, and how much a sender
has sent. It is kept in the runs table too, by keyed hashes, which outlive the
person and name nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parley.core.clock import HOUR, iso
from parley.core.ids import RunId, TenantId
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.errors import BusyError, RequestError
from parley.ledger.claims import DEAD_OWNER_WAIT, Claim, Finished, finished
from parley.ledger.keys import CLAIM, RunKey, run_pk
from parley.ledger.ledger import Ledger
from parley.ledger.table import Index, Item, Json
from parley.mail.email import DeliveryId, EmailEvent, Reason, ThreadId
from parley.mail.inbound_events import read_event

if TYPE_CHECKING:
    from parley.ledger.waiting import RunRow

REPLY = "reply"
"""The purpose of the one message that a run sends."""
MOST_RUNS_A_DELIVERY = 100
"""SES takes 50 recipients a mail."""
SHORTEST_WAIT = 5.0
"""Seconds until a copy asks again for a content that another run holds."""
COUNTS_KEPT = 3 * HOUR
"""How long it is remembered that a run was counted: the caps look back two hours."""
_STOPPED = frozenset({Outcome.REFUSED, Outcome.QUARANTINED})


def email_run(tenant: TenantId, mailbox: str, delivery: DeliveryId) -> RunKey:
    """The key of one delivery for one mailbox."""
    return RunKey(tenant, "email", (mailbox.lower(), delivery))


def is_past_gates(claim: Claim) -> bool:
    """Whether a person has let the email pass the gates, now or earlier."""
    return bool(claim.item.get("past_gates"))


def email_of(row: RunRow) -> EmailEvent:
    """The announcement that the run was begun with. Raises RequestError where none is kept."""
    emails = read_event(row.event()).emails
    if len(emails) != 1:
        raise RequestError(f"run {row.run_id} keeps an event of {len(emails)} emails, not of one")
    return emails[0]


class EmailLedger(Ledger):
    """The ledger, and what only e-mail keeps in it."""

    # -- runs ------------------------------------------------------------------------------

    async def reopen(
        self,
        key: RunKey,
        *,
        lease_until: float,
        about: Mapping[str, Json] | None = None,
        past_gates: bool = False,
    ) -> Claim:
        """See `Claims.reopen`. `past_gates` is a person's word on the email, and is kept with the claim."""
        word = {"past_gates": True} if past_gates else {}
        return await super().reopen(key, lease_until=lease_until, about={**(about or {}), **word})

    async def mark_email_processed(
        self, claim: Claim, outcome: Outcome, reason: Reason | None = None
    ) -> bool:
        """End the run (name: seed 003). False when another worker took it meanwhile: its word counts."""
        return await self.finish(claim, outcome, reason)

    async def was_email_processed(self, key: RunKey) -> Finished | None:
        """How a run ended (name: seed 003); None while it has not."""
        return await self.finished(key)

    async def attempts_on(self, delivery: DeliveryId) -> int:
        """How many attempts the most tried run of this delivery has had; 0 where there is none."""
        return max((int(row["attempts"]) for row in await self._claims_on(delivery)), default=0)

    async def ended_on(self, delivery: DeliveryId) -> list[tuple[RunId, Finished]]:
        """How each run of this delivery ended; [] where there is none, or one that has not."""
        rows = await self._claims_on(delivery)
        if any(row["state"] != "finished" for row in rows):
            return []
        return [(RunId(row["name"]), finished(row)) for row in rows]

    async def _claims_on(self, delivery: DeliveryId) -> list[Item]:
        places = await self._table.find(Index.DELIVERY, delivery, limit=MOST_RUNS_A_DELIVERY)
        rows = await together(*(self._table.get(*place) for place in places))
        return [row for row in rows if row]

    # -- the same content in another delivery ------------------------------------------------

    async def claim_content(self, claim: Claim, *parts: str) -> RunId | None:
        """Claim a content (mailbox, Message-ID, hash): None when it is ours, else the run that had it first.

        Raises BusyError while that other run has not ended: it may still fail.
        A run that was stopped at a gate did nothing with the content, and the
        verdicts of a copy may be better: the copy takes the content over.
        """
        pk = f"{claim.key.tenant}#content#{self._keyed(*parts)}"
        item = {"pk": pk, "sk": CLAIM, "owner": claim.key.run_id, "created_at": iso(self._clock())}
        won, standing = await self._create(item)
        if won or standing["owner"] == claim.key.run_id:
            return None
        other = await self._table.get(run_pk(claim.key.tenant, standing["owner"]), CLAIM)
        if other and other.get("erased_at") and other["outcome"] == Outcome.FAILED:
            # It will never be worked again, and neither will its copies.
            return RunId(standing["owner"])
        if other is None or other["state"] != "finished" or other["outcome"] == Outcome.FAILED:
            left = float(other["lease_until"]) - self._clock() if other else 0.0
            wait = max(SHORTEST_WAIT, left) if left > 0 else DEAD_OWNER_WAIT
            detail = f"the same content is open in run {standing['owner']}"
            raise BusyError(detail, retry_after=wait, alive=left > 0)
        if other["outcome"] in _STOPPED:
            won, standing = await self._replace(standing, owner=claim.key.run_id)
            return None if won else await self.claim_content(claim, *parts)
        return RunId(standing["owner"])

    # -- threads ---------------------------------------------------------------------------

    async def thread_of(self, tenant: TenantId, mailbox: str, message_ids: Sequence[str]) -> ThreadId | None:
        """The thread that the first known one of these Message-IDs belongs to."""
        rows = await together(
            *(self._table.get(self._thread_pk(tenant, mailbox, one), CLAIM) for one in message_ids)
        )
        return next((ThreadId(row["thread_id"]) for row in rows if row), None)

    async def join_thread(
        self, tenant: TenantId, mailbox: str, message_id: str, thread_id: ThreadId
    ) -> ThreadId:
        """Remember a message's thread, and answer it: what was remembered first stays."""
        pk = self._thread_pk(tenant, mailbox, message_id)
        _, standing = await self._create({"pk": pk, "sk": CLAIM, "thread_id": thread_id})
        return ThreadId(standing["thread_id"])

    # -- how much one sender sends, and one mailbox answers outside ---------------------------

    async def count_run(self, claim: Claim, *under: str) -> None:
        """Count this run, once: under a mailbox and a sender, or under the mailbox that answers outside."""
        pk = self._count_pk(claim.key.tenant, under, self._clock())
        expires_at = int(self._clock() + COUNTS_KEPT)
        await self._create({"pk": pk, "sk": claim.key.run_id, "expires_at": expires_at})

    async def recent_runs(self, claim: Claim, *under: str) -> int:
        """How many other runs were counted under this in this hour and the one before."""
        now = self._clock()
        hours = (self._count_pk(claim.key.tenant, under, now - back) for back in (0.0, HOUR))
        pages = await together(*(self._table.items(pk) for pk in hours))
        return len({row["sk"] for page in pages for row in page} - {claim.key.run_id})

    def _count_pk(self, tenant: TenantId, under: Sequence[str], at: float) -> str:
        return f"{tenant}#sender#{self._keyed(*under)}#{int(at // HOUR)}"

    def _thread_pk(self, tenant: TenantId, mailbox: str, message_id: str) -> str:
        return f"{tenant}#thread#{self._keyed(mailbox, message_id)}"
