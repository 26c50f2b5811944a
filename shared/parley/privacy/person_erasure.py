"""Erasing one person of one tenant.

    own emails, each as a whole ──▶ other people's records, redacted ──▶ what is the person's own

Everything is found by the lists of what names an address (`store.mentions`),
never by a scan. A record leaves these lists when it is done with, and the
names by which the person is looked for in texts are kept until all is done,
so that whatever a request did not come to is found by the next.

Of mail that other people sent and that names the person, the raw email, the
steps and the reply's text go too, for nobody can be taken out of them; the
records stay, with the person taken out (`redaction`). Insights of the person's
own mails go; other insights lose what they say of the person. Nobody is found
by name alone: where no record has the address, a name that was spoken stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from parley.core.ids import RunId, TenantId
from parley.privacy.redaction import Person, clean_names, names_in, without
from parley.privacy.run_erasure import RunErasure, Work
from parley.store.erasure import ErasedRun, Identity, Subject
from parley.store.mentions import person_group
from parley.store.ports import read_list
from parley.store.record import Action, Change, Guard, ListQuery, Record, RecordKey, set_change
from parley.store.tombstones import names_kept

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.results import Body

MOST_FOUND = 300
"""Records that one request works."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class _Found:
    """One record that names the person, as its place in their list says; `body` {} of one that is gone."""

    link: RecordKey
    body: Body

    @property
    def kind(self) -> str:
        return self.link.partition.split("#", 2)[1]

    @property
    def ident(self) -> str:
        return self.link.partition.split("#", 2)[2]

    def run_id(self, reports: Kind | None) -> object:
        """The run that the record belongs to, or is the record of."""
        return self.ident if reports and self.kind == reports.name else self.body.get("run_id")


class PersonErasure:
    """Takes a person out of all rooms, and out of the runs of emails."""

    def __init__(self, runs: RunErasure, kinds: Iterable[Kind]) -> None:
        self._runs = runs
        self._kinds = {kind.name: kind for kind in kinds}

    async def erase(self, work: Work, address: str) -> None:
        """Erase all of whoever has this address; what could not be done now is `left`."""
        known = await self._identity(work, address)
        found = await self._found(work, [address, *known.named])
        kept = names_kept(work.tenant, self._runs.hashed("person", work.tenant, address))
        bodies = [*known.records, *(one.body for one in found)]
        names = await self._names(work, kept, bodies, address)
        person = Person(address, names, known.contacts)
        subject = Subject(address, known.contacts, partial(without, person=person))
        for one in found:
            if work.in_time():
                await self._one(work, one, subject)
        await self._unreported(work, address)
        if not work.left:
            for room in self._runs.rooms:
                await room.erase_person(work, subject)
            await work.records.write([_removal(kept)])

    async def _identity(self, work: Work, address: str) -> Identity:
        """What all rooms know of the person."""
        told = [await room.identify(work.records, work.tenant, address) for room in self._runs.rooms]
        return Identity(
            tuple(body for one in told for body in one.records),
            tuple(ident for one in told for ident in one.contacts),
            tuple(name for one in told for name in one.named),
        )

    async def _names(self, work: Work, kept: RecordKey, known: list[Body], address: str) -> tuple[str, ...]:
        """The person's names, also those that an earlier request has taken out already."""
        standing = await work.records.store.get(kept)
        before = json.loads(standing.body) if standing and standing.body else []
        now = (name for body in known for name in names_in(body, address))
        names = clean_names([*before, *now], address)
        record = Record(key=kept, body=json.dumps(names), created_at=work.records.now())
        await work.records.write([set_change(record)])
        return names

    # -- what names the person

    async def _found(self, work: Work, named: Iterable[str]) -> list[_Found]:
        links: list[RecordKey] = []
        for one in named:
            query = ListQuery(group=person_group(work.tenant, one), limit=PAGE)
            found = await read_list(work.records.store, query, most=MOST_FOUND - len(links))
            links += [record.key for record in found]
        if len(links) >= MOST_FOUND:
            work.leave(f"more than {MOST_FOUND} records", "repeat the request: it goes on")
        pages = [await self._bodies(work, links[n : n + PAGE]) for n in range(0, len(links), PAGE)]
        return [one for page in pages for one in page]

    async def _bodies(self, work: Work, links: list[RecordKey]) -> list[_Found]:
        keys = [RecordKey(link.partition) for link in links]
        standing = [await work.records.stored(one) for one in await work.records.store.get_many(keys)]
        pairs = zip(links, standing, strict=True)
        return [_Found(link, stored.body if stored else {}) for link, stored in pairs]

    # -- one after the other, and done with each before the next

    async def _one(self, work: Work, one: _Found, subject: Subject) -> None:
        """Take the person out of one record and of the run behind it; then it is found by them no more.

        The run first: a meeting that the person's mail alone made goes with it, untouched.
        """
        run_id = one.run_id(self._runs.reports)
        if isinstance(run_id, str):
            await self._run(work, RunId(run_id), await self._report(work, one, run_id), subject)
            if work.waits_for(run_id):
                return
        for room in self._runs.rooms:
            await room.erase_record(work, one.kind, one.ident, one.body, subject)
        await work.records.write([_removal(one.link)])
        kind = self._kinds.get(one.kind)
        if kind and kind.aliases:
            # It may have stood there because a user had the address before: theirs it stays.
            await work.records.list_again(work.tenant, kind, one.ident, left=subject.address)

    async def _report(self, work: Work, one: _Found, run_id: str) -> Body:
        """The record of the run behind it; {} where there is none any more."""
        reports = self._runs.reports
        if reports and one.kind == reports.name:
            return one.body
        return await self._runs.report(work, run_id) or {}

    async def _run(self, work: Work, run_id: RunId, report: Body, subject: Subject) -> None:
        """A run that the person sent goes whole; any other that names them, as far as it must."""
        if _sender(report) == subject.address:
            await self._runs.erase(work, run_id)
        elif run_id not in work.done:
            work.done.add(run_id)
            await self._out_of_run(work, run_id, report, subject)

    async def _out_of_run(self, work: Work, run_id: RunId, report: Body, subject: Subject) -> None:
        if await work.erase_from_ledger(run_id, only_ended=True) is None:
            return
        await self._runs.mark(work, run_id, report)
        for room in self._runs.rooms:
            await room.redact_run(work, ErasedRun(run_id, report), subject)

    async def _unreported(self, work: Work, address: str) -> None:
        """Mail of theirs that has not ended, or not well: no record may tell of it."""
        sent, all_seen = await work.runs.unreported(TenantId(work.tenant), address)
        if not all_seen:
            work.leave("runs that have not ended", "there are too many to look through")
        for run_id in sent:
            if work.in_time():
                await self._runs.erase(work, run_id)


def _sender(report: Body) -> str:
    """Who sent the email of a run, whose record may have any shape."""
    email = report.get("email")
    sender = email.get("from") if isinstance(email, dict) else None
    return sender.strip().lower() if isinstance(sender, str) else ""


def _removal(key: RecordKey) -> Change:
    return Change(action=Action.DELETE, key=key, guard=Guard.ANY)
