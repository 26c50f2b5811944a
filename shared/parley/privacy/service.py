"""Erasing a person or a mail of one tenant, with a certificate of what went and what stays.

`run_erasure` erases the run of an email and `person_erasure` a person. An
erasure that could not be completed says what is left: the same request,
repeated, goes on.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from parley.core.ids import RunId, TenantId
from parley.core.outcome import Outcome
from parley.errors import not_found
from parley.mail.mailbox import UNROUTED
from parley.privacy.kinds import ERASURE
from parley.privacy.person_erasure import PersonErasure
from parley.privacy.run_erasure import LedgerEraser, Note, RunErasure, Work, message_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.api.room import Room
    from parley.store.idempotency import Idempotency
    from parley.store.records import Records
    from parley.store.results import Answered, Body, Stored

log = logging.getLogger("parley.api.erasure")

SECONDS = 7.0
"""Of one request, whose caller waits for 10; what is not done then is `left`."""
RECOVERY = timedelta(days=35)
"""How far back DynamoDB's point-in-time recovery reaches."""
QUEUED = timedelta(days=14)
"""How long the queues and their dead letters keep a notification (template.yaml)."""
ANSWERED = timedelta(days=3)
"""An Idempotency-Key's answer: it expires after 24 hours, and DynamoDB takes some days to delete it."""

_LEDGER: Note = {
    "what": "ledger: ids, outcomes and times of runs, states of replies, hashes",
    "why": "by them a redelivery is known and sends nothing; they name nobody",
}
_NOBODYS: Note = {
    "what": "mail that came to none of your mailboxes",
    "why": "it belongs to no tenant: erase it with `--tenant unrouted`",
}
_BACKUPS: tuple[tuple[str, timedelta | None], ...] = (
    ("point-in-time recovery of both tables", RECOVERY),
    ("notifications of mail in queues and dead letters (sender, recipients, subject)", QUEUED),
    ("answers kept for Idempotency-Keys", ANSWERED),
    ("outside of this deployment: what a model provider and SES keep of what was sent to them", None),
    ("outside of this deployment: replies in the mailboxes of those who got them", None),
)


@dataclass(frozen=True, slots=True)
class ErasureConfig:
    """What erasures need beside the records: the ledger, and the key of hashes that outlive a person."""

    runs: LedgerEraser
    key: bytes = b""


class ErasureService:
    """Erases people and emails from all `rooms`, which are asked in their order."""

    def __init__(
        self, records: Records, rooms: Sequence[Room], config: ErasureConfig, *, seconds: float = SECONDS
    ) -> None:
        self._records = records
        self._ledger = config.runs
        self._rooms = [room.erasure for room in rooms]
        self._runs = RunErasure(self._rooms, key=config.key)
        self._people = PersonErasure(self._runs, (kind for room in rooms for kind in room.kinds))
        self._seconds = seconds

    async def knows_tenant(self, tenant: str) -> bool:
        """Whether any room shows that this tenant exists."""
        return any([await room.knows_tenant(self._records, tenant) for room in self._rooms])

    async def certificate(self, tenant: str, ident: str) -> Stored:
        """The certificate of an earlier erasure. Raises NotFound."""
        return await self._records.fetch(tenant, ERASURE, ident)

    async def erase_person(
        self, tenant: str, address: str, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Everything of whoever has this address (lower case); nothing found is an answer too."""
        if answered := await self._records.recall(tenant, idempotency):
            return answered
        began, work = self._records.now(), self._work(tenant)
        await self._people.erase(work, address)
        return await self._certified(work, self._runs.hashed("person", tenant, address), began, idempotency)

    async def erase_mail(
        self, tenant: str, ident: str, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Everything that came of one mail: a run's id, or a delivery's for all runs of it.

        Raises NotFound for one that this tenant never had.
        """
        if answered := await self._records.recall(tenant, idempotency):
            return answered
        began, work = self._records.now(), self._work(tenant)
        runs = await self._ledger.runs_of(TenantId(tenant), ident) or [RunId(ident)]
        known = [await self._runs.erase(work, run_id) for run_id in runs]
        if not any(known):
            raise not_found("email", ident, field="run_id")
        return await self._certified(work, ident, began, idempotency)

    async def drop_copy(self, tenant: str, run_id: str, body: Body) -> bool:
        """Whether this report is of one more copy of an erased mail, which goes as it came."""
        message_id, reports = message_id_of(body), self._runs.reports
        if body.get("outcome") != Outcome.DUPLICATE or message_id is None:
            return False
        if await self._records.store.get(self._runs.copies(tenant, message_id)) is None:
            return False
        await self._ledger.erase_run(TenantId(tenant), RunId(run_id), copy=True)
        if reports:
            await self._records.erase(tenant, reports, run_id)
        log.info("copy of an erased email dropped", extra={"tenant": tenant, "run_id": run_id})
        return True

    def _work(self, tenant: str) -> Work:
        return Work(self._records, self._ledger, tenant, asyncio.get_running_loop().time() + self._seconds)

    async def _certified(
        self, work: Work, subject: str, began: str, idempotency: Idempotency | None
    ) -> Answered:
        ident = f"erasure_{uuid.uuid4().hex}"
        body = {
            "id": ident,
            "tenant": work.tenant,
            "subject": subject,
            "complete": not work.left,
            "requested_at": began,
            "completed_at": None if work.left else self._records.now(),
            "removed": dict(sorted(work.removed.items())),
            "kept": [*work.kept, *([] if work.tenant == UNROUTED else [_NOBODYS]), _LEDGER],
            "backups": self._backups(),
            "left": work.left,
        }
        told = {name: body[name] for name in ("tenant", "complete", "removed")}
        log.info("erasure", extra={**told, "certificate": ident, "left": len(work.left)})
        # What is not complete is not remembered: the same request, repeated, goes on.
        key = None if work.left else idempotency
        return await self._records.create(
            work.tenant, ERASURE, ident, body, answer=body, idempotency=key, status=200
        )

    def _backups(self) -> list[Note]:
        now = self._records.clock()
        return [
            {"what": what, "until": after and (now + after).isoformat(timespec="seconds")}
            for what, after in _BACKUPS
        ]
