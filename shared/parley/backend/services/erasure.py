"""Erasing a person or a mail of one tenant, with a certificate of what went and what stays.

    mail    ledger (claim, reply, steps, raw) ──▶ mark ──▶ insights, meeting ──▶ messages ──▶ the record
    person  own mails, each as above ──▶ other people's mails and meetings, redacted ──▶ contact, user

Everything is found by lists (see `beside.mentions`), never by a scan, and in
such an order that a death in between is made good by repeating the request:
what leads to the rest goes last. The mark refuses what a run that was erased
may still write.

Of mail that other people sent and that names the person, the raw email, the
steps and the reply's text go too, for nobody can be taken out of them; the
records stay, with the person taken out (`redaction`). Insights of the person's
own mails go; other insights lose what they say of the person. A meeting goes
when the person's mail alone made it. Nobody is found by name alone: where no
record has the address, a name that was merely spoken stays.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from parley.backend.problems import not_found
from parley.backend.services.beside import mention_part, person_group
from parley.backend.services.bodies import unpack
from parley.backend.services.insights import InsightsService
from parley.backend.services.kinds import (
    BLACKLIST,
    CONTACT,
    EMAIL,
    ERASURE,
    MAILBOX,
    MEETING,
    MESSAGE,
    SUPPRESSION,
    USER,
)
from parley.backend.services.marks import erased_mark
from parley.backend.services.named import contact_name
from parley.backend.services.records import ERASED, key_of
from parley.backend.services.redaction import Person, clean_names, names_in, without
from parley.erasure import Erased
from parley.errors import BusyError
from parley.models.email import Outcome, RunId, TenantId
from parley.models.record import Action, Change, Guard, ListQuery, Record, RecordKey
from parley.outbound import message_key
from parley.runs import digest

if TYPE_CHECKING:
    from parley.backend.services.kinds import Kind
    from parley.backend.services.records import Answered, Body, Idempotency, Records, Stored

log = logging.getLogger("parley.backend.erasure")

SECONDS = 7.0
"""Of one request, whose caller waits for 10; what is not done then is `left`, and a repetition goes on."""
MOST_FOUND = 1000
PAGE = 100
RECOVERY = timedelta(days=35)
"""How far back DynamoDB's point-in-time recovery reaches."""
QUEUED = timedelta(days=14)
"""How long the queues and their dead letters keep a notification (template.yaml)."""
ANSWERED = timedelta(days=3)
"""An Idempotency-Key's answer: it expires after 24 hours, and DynamoDB takes some days to delete it."""
RETRIED = timedelta(minutes=5)

Note = dict[str, Any]


class RunEraser(Protocol):
    """`parley.erasure.Eraser`: the ledger and the raw mail."""

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased: ...

    async def runs_of(self, tenant: TenantId, delivery: str) -> list[RunId]: ...

    async def unreported(self, tenant: TenantId, sender: str) -> tuple[list[RunId], bool]: ...


class NoLedger:
    """A backend without a pipeline: no run is known."""

    async def erase_run(
        self, tenant: TenantId, run_id: RunId, *, only_ended: bool = False, copy: bool = False
    ) -> Erased:
        del tenant, run_id, only_ended, copy
        return Erased(known=False)

    async def runs_of(self, tenant: TenantId, delivery: str) -> list[RunId]:
        del tenant, delivery
        return []

    async def unreported(self, tenant: TenantId, sender: str) -> tuple[list[RunId], bool]:
        del tenant, sender
        return [], True


@dataclass(slots=True)
class _Work:
    """One request: whose, until when, and what came of it so far."""

    tenant: str
    until: float
    removed: Counter[str] = field(default_factory=Counter)
    kept: list[Note] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)

    def keep(self, what: str, why: str) -> None:
        note = {"what": what, "why": why}
        if note not in self.kept:
            self.kept.append(note)

    def leave(self, what: str, why: str) -> None:
        self.left.append({"what": what, "why": why})

    def waits_for(self, link: Record, body: Body) -> bool:
        """Whether the run of a record could not be erased now: then it must be found again."""
        run_id = _ident(link) if _kind_of(link) == EMAIL.name else body.get("run_id")
        return any(note["what"] == f"run {run_id}" for note in self.left)

    def in_time(self) -> bool:
        if asyncio.get_running_loop().time() < self.until:
            return True
        note = {"what": "what could not be done in one request", "why": "repeat the request: it goes on"}
        if note not in self.left:
            self.left.append(note)
        return False


class ErasureService:
    """`key` makes the hash of an address in a certificate useless to whoever has not the key."""

    def __init__(
        self, records: Records, runs: RunEraser, *, key: bytes = b"", seconds: float = SECONDS
    ) -> None:
        self._records = records
        self._insights = InsightsService(records)
        self._runs = runs
        self._key = key
        self._seconds = seconds

    async def certificate(self, tenant: str, ident: str) -> Stored:
        return await self._records.fetch(tenant, ERASURE, ident)

    async def erase_person(
        self, tenant: str, address: str, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Everything of whoever has this address (lower case); nothing found is an answer too."""
        if answered := await self._records.recall(tenant, idempotency):
            return answered
        began, work = self._records.now(), self._work(tenant)
        await self._person(work, address)
        return await self._certified(work, self._hashed("person", tenant, address), began, idempotency)

    async def erase_mail(
        self, tenant: str, ident: str, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Everything that came of one mail: a run's id, or a delivery's for all runs of it.

        A 404 Problem for one that this tenant never had.
        """
        if answered := await self._records.recall(tenant, idempotency):
            return answered
        began, work = self._records.now(), self._work(tenant)
        runs = await self._runs.runs_of(TenantId(tenant), ident) or [RunId(ident)]
        known = [await self._whole(work, run_id) for run_id in runs]
        if not any(known):
            raise not_found("email", ident)
        return await self._certified(work, ident, began, idempotency)

    async def drop_copy(self, tenant: str, run_id: str, body: Body) -> bool:
        """Whether this report is of one more copy of an erased mail, which goes as it came."""
        email = body.get("email")
        message_id = email.get("message_id") if isinstance(email, dict) else None
        if body.get("outcome") != Outcome.DUPLICATE or not isinstance(message_id, str):
            return False
        if await self._records.store.get(self._copies_of(tenant, message_id)) is None:
            return False
        await self._runs.erase_run(TenantId(tenant), RunId(run_id), copy=True)
        await self._records.erase(tenant, EMAIL, run_id)
        log.info("copy of an erased email dropped", extra={"tenant": tenant, "run_id": run_id})
        return True

    def _work(self, tenant: str) -> _Work:
        return _Work(tenant, asyncio.get_running_loop().time() + self._seconds)

    def _hashed(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    # -- the certificate

    async def _certified(
        self, work: _Work, subject: str, began: str, idempotency: Idempotency | None
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
            "kept": [*work.kept, _LEDGER],
            "backups": self._backups(),
            "left": work.left,
        }
        counts = {"certificate": ident, "tenant": work.tenant, "complete": not work.left}
        log.info("erasure", extra={**counts, "removed": body["removed"], "left": len(work.left)})
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

    # -- one mail

    async def _whole(self, work: _Work, run_id: RunId) -> bool:
        """Everything that came of a mail; False when nobody knows it."""
        report = await self._records.find(work.tenant, EMAIL, run_id)
        body = report.body if report else {}
        known = await self._from_ledger(work, run_id)
        if known is None:
            return True
        if not known and not report:
            return await self._records.store.get(erased_mark(work.tenant, run_id)) is not None
        await self._mark(work.tenant, run_id, body)
        for meeting_id in _meetings_of(work.tenant, run_id, body):
            await self._meeting_of(work, meeting_id, run_id)
        for direction in ("inbound", "outbound"):
            await self._count(work, "messages", MESSAGE, message_key(run_id, direction))
        await self._count(work, "emails", EMAIL, run_id)
        return True

    async def _from_ledger(self, work: _Work, run_id: RunId, *, only_ended: bool = False) -> bool | None:
        """Whether the ledger knows the run; None where it is to be worked still, and so is left."""
        try:
            erased = await self._runs.erase_run(TenantId(work.tenant), run_id, only_ended=only_ended)
        except BusyError as busy:
            again = round(busy.retry_after or 1)
            work.leave(f"run {run_id}", f"{busy}: repeat the request in {again} seconds")
            return None
        work.removed.update(raw=erased.raw, steps=erased.steps, replies=erased.replies)
        for kept in erased.kept:
            work.keep(kept.what, kept.why)
        return erased.known

    async def _mark(self, tenant: str, run_id: str, body: Body) -> None:
        """Refuse what this run may still write, and take any more copies of its mail for what they are."""
        message_id = _text(body.get("email"), "message_id")
        keys = [erased_mark(tenant, run_id)]
        if message_id:
            keys.append(self._copies_of(tenant, message_id))
        for key in keys:
            record = Record(key=key, created_at=self._records.now())
            await self._records.write([_put(record)])

    def _copies_of(self, tenant: str, message_id: str) -> RecordKey:
        return erased_mark(tenant, self._hashed("message", tenant, message_id))

    async def _meeting_of(self, work: _Work, meeting_id: str, run_id: str) -> None:
        """What a run wrote of a meeting: its insights, and the meeting where nobody else spoke of it."""
        work.removed["insights"] += await self._insights.remove_run(work.tenant, meeting_id, run_id)
        if meeting_id == _own_meeting(run_id):
            await self._count(work, "meetings", MEETING, meeting_id)
            return
        meeting = await self._records.store.get(key_of(work.tenant, MEETING, meeting_id))
        if meeting is None or meeting.deleted:
            return
        body = await unpack(self._records.blobs, meeting)
        if body.get("run_id") == run_id and meeting.version == 1:
            await self._records.delete(work.tenant, MEETING, meeting_id)
            work.removed["meetings"] += 1
        else:
            work.keep(f"meeting {meeting_id}", "other mails, or somebody by hand, made it what it is")

    async def _count(self, work: _Work, name: str, kind: Kind, ident: str) -> None:
        work.removed[name] += int(await self._records.erase(work.tenant, kind, ident))

    # -- one person

    async def _person(self, work: _Work, address: str) -> None:
        people = {kind: await self._people(work.tenant, kind, address) for kind in (CONTACT, USER)}
        contacts = [body["id"] for body in people[CONTACT]]
        links = await self._links(work.tenant, [address, *map(contact_name, contacts)])
        bodies = [(link, await self._body_of(link)) for link in links]
        known = [*people[CONTACT], *people[USER], *(body for _, body in bodies)]
        names = clean_names((name for body in known for name in names_in(body, address)), address)
        person = Person(address, names, tuple(contacts))
        await self._mails(work, person, bodies)
        for link, body in bodies:
            if work.in_time() and not work.waits_for(link, body):
                await self._redact_found(work, link, person)
        if len(links) >= MOST_FOUND:
            work.leave(f"more than {MOST_FOUND} records", "repeat the request: it goes on")
        if not work.left:
            await self._finally(work, person, people)

    async def _people(self, tenant: str, kind: Kind, address: str) -> list[Body]:
        query = ListQuery(group=f"{tenant}#{kind.name}", limit=PAGE, low=f"{address}#", high=f"{address}#~")
        return (await self._records.page(query)).items

    async def _links(self, tenant: str, named: Iterable[str]) -> list[Record]:
        found: list[Record] = []
        for one in named:
            query = ListQuery(group=person_group(tenant, one), limit=PAGE)
            while len(found) < MOST_FOUND:
                page = await self._records.store.query(query)
                found += page.records
                if page.end is None:
                    break
                query = replace(query, after=page.end)
        return found

    async def _body_of(self, link: Record) -> Body:
        record = await self._records.store.get(RecordKey(link.key.partition))
        stored = await self._records.stored(record)
        return stored.body if stored else {}

    async def _mails(self, work: _Work, person: Person, bodies: list[tuple[Record, Body]]) -> None:
        """Every run that the person sent goes whole; every other that names them, as far as it must."""
        found = {run: body for link, body in bodies if _kind_of(link) == EMAIL.name and (run := _ident(link))}
        for link, body in bodies:
            run_id = body.get("run_id")
            if _kind_of(link) == MEETING.name and isinstance(run_id, str) and run_id not in found:
                report = await self._records.find(work.tenant, EMAIL, run_id)
                found[run_id] = report.body if report else {}
        sent, all_seen = await self._runs.unreported(TenantId(work.tenant), person.address)
        if not all_seen:
            work.leave("runs that have not ended", "there are too many to look through: repeat the request")
        own = {run for run, body in found.items() if _is_from(body, person)} | set(sent)
        for run in own:
            if work.in_time():
                await self._whole(work, RunId(run))
        for run, body in found.items():
            if run not in own and work.in_time():
                await self._partly(work, RunId(run), body, person)

    async def _partly(self, work: _Work, run_id: RunId, body: Body, person: Person) -> None:
        """A mail of somebody else's that names the person."""
        if await self._from_ledger(work, run_id, only_ended=True) is None:
            return
        await self._mark(work.tenant, run_id, body)
        for direction in ("inbound", "outbound"):
            await self._redact(work, MESSAGE, message_key(run_id, direction), person, rank=ERASED)
        for meeting_id in _meetings_of(work.tenant, run_id, body):
            await self._redact_meeting(work, meeting_id, person)
        await self._redact(work, EMAIL, run_id, person, rank=ERASED)

    async def _redact_found(self, work: _Work, link: Record, person: Person) -> None:
        """What names the person still, once the mails are done; then it is found by them no more."""
        kind, ident = _kind_of(link), _ident(link)
        if kind == MESSAGE.name:
            body = await self._body_of(link)
            if person.address == str(body.get("from") or "").strip().lower():
                await self._count(work, "messages", MESSAGE, ident)
            else:
                await self._redact(work, MESSAGE, ident, person)
        elif kind == MEETING.name:
            await self._redact_meeting(work, ident, person)
        await self._records.write([_remove(link.key)])

    async def _redact_meeting(self, work: _Work, meeting_id: str, person: Person) -> None:
        insights = await self._insights.redact(work.tenant, meeting_id, partial(without, person=person))
        work.removed["redacted_insights"] += insights
        await self._redact(work, MEETING, meeting_id, person)

    async def _redact(
        self, work: _Work, kind: Kind, ident: str, person: Person, *, rank: int | None = None
    ) -> None:
        standing = await self._records.find(work.tenant, kind, ident)
        if standing is None:
            return
        edit = partial(without, person=person)
        if edit(standing.body) != standing.body or rank is not None:
            await self._records.change(work.tenant, kind, ident, edit=edit, rank=rank)
        key = RecordKey(key_of(work.tenant, kind, ident).partition, mention_part(person.address))
        await self._records.write([_remove(key)])
        work.removed[f"redacted_{kind.name}s"] += 1
        work.keep(f"{kind.name}s of other people", "they are theirs too; the person was taken out of them")

    async def _finally(self, work: _Work, person: Person, people: dict[Kind, list[Body]]) -> None:
        """What leads to the rest goes last."""
        await self._settings(work, person)
        for body in people[USER]:
            await self._count(work, "users", USER, body["id"])
            work.keep(f"tokens of user {body['id']}", "they name nobody, and are revoked by an administrator")
        for body in people[CONTACT]:
            await self._count(work, "contacts", CONTACT, body["id"])
        # The id that mail would make a contact of: from now on it makes none.
        await self._count(work, "contacts", CONTACT, _contact_id(work.tenant, person.address))
        work.keep("digest of the address", "in its place no email makes the contact again; a person can")
        for kind, why in _BLOCKS:
            if await self._records.find(work.tenant, kind, person.address):
                work.keep(f"{kind.name} entry", why)

    async def _settings(self, work: _Work, person: Person) -> None:
        """The mailboxes that the person may write to, or that are the person's own address."""
        query = ListQuery(group=f"{work.tenant}#{MAILBOX.name}", limit=PAGE)
        cursor: str | None = None
        while True:
            page = await self._records.page(query, cursor=cursor)
            for body in page.items:
                await self._mailbox(work, body, person)
            cursor = page.next_cursor
            if cursor is None:
                return

    async def _mailbox(self, work: _Work, body: Body, person: Person) -> None:
        if person.address in (body["address"], *body["aliases"]):
            work.keep("mailbox", "it is the tenant's own address: DELETE /mailboxes/{address} removes it")
        if person.address in body["members"]:
            await self._records.change(
                work.tenant, MAILBOX, body["address"], edit=partial(_without_member, address=person.address)
            )
            work.removed["mailbox_members"] += 1


def _without_member(body: Body, address: str) -> Body:
    return {**body, "members": [member for member in body["members"] if member != address]}


_LEDGER = {
    "what": "ledger: ids, outcomes and times of runs, states of replies, keyed hashes",
    "why": "by them a redelivery is known and sends nothing; they name nobody",
}
_BLOCKS = (
    (SUPPRESSION, "it keeps us from ever writing to this address"),
    (BLACKLIST, "it keeps mail from this address out"),
)
_BACKUPS: tuple[tuple[str, timedelta | None], ...] = (
    ("point-in-time recovery of both tables", RECOVERY),
    ("notifications of mail in queues and dead letters (sender, recipients, subject)", QUEUED),
    ("answers kept for Idempotency-Keys", ANSWERED),
    ("outside of this deployment: what a model provider and SES keep of what was sent to them", None),
    ("outside of this deployment: replies in the mailboxes of those who got them", None),
)


def _text(value: object, name: str) -> str | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None


def _is_from(body: Body, person: Person) -> bool:
    return (_text(body.get("email"), "from") or "").strip().lower() == person.address


def _kind_of(link: Record) -> str:
    return link.key.partition.split("#", 2)[1]


def _ident(link: Record) -> str:
    return link.key.partition.split("#", 2)[2]


def _own_meeting(run_id: str) -> str:
    """The meeting that no other run can make (`Job.derived_id`)."""
    return f"meeting_{digest(run_id, 'meeting')[:24]}"


def _contact_id(tenant: str, address: str) -> str:
    """The contact that mail makes of an address (`Job.tenant_id`)."""
    return f"contact_{digest(tenant, 'contact', address)[:24]}"


def _meetings_of(tenant: str, run_id: str, body: Body) -> list[str]:
    """The meetings that a run can have written: its own, the one it says, and those of its invites."""
    said = body.get("meeting_id")
    invites = body.get("invites")
    calendars = [
        f"meeting_{digest(tenant, 'meeting', 'ical', uid, _text(invite, 'recurrence_id') or '')[:24]}"
        for invite in (invites if isinstance(invites, list) else [])
        if (uid := _text(invite, "uid"))
    ]
    found = [_own_meeting(run_id), *([said] if isinstance(said, str) else []), *calendars]
    return list(dict.fromkeys(found))


def _put(record: Record) -> Change:
    return Change(action=Action.PUT, key=record.key, guard=Guard.ANY, record=record)


def _remove(key: RecordKey) -> Change:
    return Change(action=Action.DELETE, key=key, guard=Guard.ANY)
