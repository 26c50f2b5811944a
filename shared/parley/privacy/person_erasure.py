"""Erasing one person of one tenant.

    own mails, each as a whole ──▶ other people's mails and meetings, redacted ──▶ contact, user

Everything is found by the lists of what names an address (`beside.mentions`),
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
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from parley.conversations.kinds import EMAIL, MAILBOX, MESSAGE
from parley.core.ids import RunId, TenantId, digest
from parley.inbound.sent_messages import message_key
from parley.meetings.action_items import ActionItemService
from parley.meetings.kinds import MEETING
from parley.people.kinds import BLACKLIST, CONTACT, SUPPRESSION, USER, contact_name
from parley.privacy.run_erasure import DIRECTIONS, MailEraser, Work, meetings_of, text_of
from parley.privacy.redaction import Person, clean_names, names_in, without
from parley.store.mentions import person_group
from parley.store.record import Action, Change, Guard, ListQuery, Record, RecordKey, set_change
from parley.store.removal import ERASED
from parley.store.tombstones import names_kept

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.results import Body

MOST_FOUND = 300
"""Records that one request works."""
PAGE = 100
_BLOCKS = (
    (SUPPRESSION, "it keeps us from ever writing to this address"),
    (BLACKLIST, "it keeps mail from this address out"),
)


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

    @property
    def run_id(self) -> object:
        return self.ident if self.kind == EMAIL.name else self.body.get("run_id")


class PersonEraser:
    """Takes a person out of everything, over a MailEraser."""

    def __init__(self, mails: MailEraser) -> None:
        self._mails = mails
        self._records = mails.records

    async def erase(self, work: Work, address: str) -> None:
        """All of whoever has this address; what could not be done now is `left`."""
        people = {kind: await self._people(work.tenant, kind, address) for kind in (CONTACT, USER)}
        contacts = tuple(body["id"] for body in people[CONTACT])
        found = await self._found(work, [address, *map(contact_name, contacts)])
        known = [*people[CONTACT], *people[USER], *(one.body for one in found)]
        kept = names_kept(work.tenant, self._mails.hashed("person", work.tenant, address))
        person = Person(address, await self._names(kept, known, address), contacts)
        for one in found:
            if work.in_time():
                await self._one(work, one, person)
        await self._unreported(work, address)
        if not work.left:
            await self._finally(work, person, people)
            await self._records.write([_removal(kept)])

    async def _people(self, tenant: str, kind: Kind, address: str) -> list[Body]:
        query = ListQuery(group=f"{tenant}#{kind.name}", limit=PAGE, low=f"{address}#", high=f"{address}#~")
        return (await self._records.page(query)).items

    async def _names(self, kept: RecordKey, known: list[Body], address: str) -> tuple[str, ...]:
        """The person's names, also those that an earlier request has taken out already."""
        standing = await self._records.store.get(kept)
        before = json.loads(standing.body) if standing and standing.body else []
        now = (name for body in known for name in names_in(body, address))
        names = clean_names([*before, *now], address)
        record = Record(key=kept, body=json.dumps(names), created_at=self._records.now())
        await self._records.write([set_change(record)])
        return names

    # -- what names the person

    async def _found(self, work: Work, named: Iterable[str]) -> list[_Found]:
        links: list[RecordKey] = []
        for one in named:
            query = ListQuery(group=person_group(work.tenant, one), limit=PAGE)
            while len(links) < MOST_FOUND:
                page = await self._records.store.query(query)
                links += [record.key for record in page.records]
                if page.end is None:
                    break
                query = replace(query, after=page.end)
        if len(links) >= MOST_FOUND:
            work.leave(f"more than {MOST_FOUND} records", "repeat the request: it goes on")
        pages = [await self._bodies(links[n : n + PAGE]) for n in range(0, len(links), PAGE)]
        return [one for page in pages for one in page]

    async def _bodies(self, links: list[RecordKey]) -> list[_Found]:
        keys = [RecordKey(link.partition) for link in links]
        standing = [await self._records.stored(one) for one in await self._records.store.get_many(keys)]
        pairs = zip(links, standing, strict=True)
        return [_Found(link, stored.body if stored else {}) for link, stored in pairs]

    # -- one after the other, and done with each before the next

    async def _one(self, work: Work, one: _Found, person: Person) -> None:
        """Take the person out of one record and of the run behind it; then it is found by them no more.

        The run first: a meeting that the person's mail alone made goes with it, untouched.
        """
        if isinstance(one.run_id, str):
            await self._run(work, RunId(one.run_id), await self._report(work.tenant, one), person)
            if work.waits_for(one.run_id):
                return
        if one.kind == MESSAGE.name and _is_from(one.body, person):
            await self._mails.remove(work, "messages", MESSAGE, one.ident)
        elif one.kind == MESSAGE.name:
            await self._redact(work, MESSAGE, one.ident, person)
        elif one.kind == USER.name:
            await self._redact(work, USER, one.ident, person)
        elif one.kind == MEETING.name:
            await self._redact_meeting(work, one.ident, person)
        await self._records.write([_removal(one.link)])
        if one.kind == MEETING.name:
            # It may have stood there because a user had the address before: theirs it stays.
            await self._records.list_again(work.tenant, MEETING, one.ident, left=person.address)

    async def _report(self, tenant: str, one: _Found) -> Body:
        """The record of the run behind it; {} where there is none any more."""
        if one.kind == EMAIL.name:
            return one.body
        report = await self._records.find(tenant, EMAIL, str(one.run_id))
        return report.body if report else {}

    async def _run(self, work: Work, run_id: RunId, report: Body, person: Person) -> None:
        """A run that the person sent goes whole; any other that names them, as far as it must."""
        if _is_from(report.get("email"), person):
            await self._mails.erase(work, run_id)
        elif run_id not in work.done:
            work.done.add(run_id)
            await self._out_of_mail(work, run_id, report, person)

    async def _out_of_mail(self, work: Work, run_id: RunId, report: Body, person: Person) -> None:
        if await self._mails.from_ledger(work, run_id, only_ended=True) is None:
            return
        await self._mails.mark(work.tenant, run_id, report)
        for direction in DIRECTIONS:
            await self._redact(work, MESSAGE, message_key(run_id, direction), person, rank=ERASED)
        for meeting_id in meetings_of(work.tenant, run_id, report):
            await self._redact_meeting(work, meeting_id, person)
        await self._redact(work, EMAIL, run_id, person, rank=ERASED)

    async def _unreported(self, work: Work, address: str) -> None:
        """Mail of theirs that has not ended, or not well: no record may tell of it."""
        sent, all_seen = await self._mails.runs.unreported(TenantId(work.tenant), address)
        if not all_seen:
            work.leave("runs that have not ended", "there are too many to look through")
        for run_id in sent:
            if work.in_time():
                await self._mails.erase(work, run_id)

    async def _redact_meeting(self, work: Work, meeting_id: str, person: Person) -> None:
        edit = partial(without, person=person)
        work.removed["redacted_insights"] += await self._mails.insights.redact(work.tenant, meeting_id, edit)
        # Nobody can be taken out of what was said.
        await self._mails.transcripts(work, meeting_id)
        items = ActionItemService(self._records, work.tenant)
        work.removed["redacted_action_items"] += await items.redact(meeting_id, edit)
        await self._redact(work, MEETING, meeting_id, person)

    async def _redact(
        self, work: Work, kind: Kind, ident: str, person: Person, *, rank: int | None = None
    ) -> None:
        standing = await self._records.find(work.tenant, kind, ident)
        if standing is None:
            return
        edit = partial(without, person=person)
        changes = edit(standing.body) != standing.body
        if changes or rank is not None:
            await self._records.change(work.tenant, kind, ident, edit=edit, rank=rank)
        if changes:
            work.removed[f"redacted_{kind.name}s"] += 1
            work.keep(
                f"{kind.name}s of other people", "they are theirs too; the person was taken out of them"
            )

    # -- the person

    async def _finally(self, work: Work, person: Person, people: dict[Kind, list[Body]]) -> None:
        """What leads to the rest goes last."""
        await self._settings(work, person)
        for body in people[USER]:
            await self._mails.remove(work, "users", USER, body["id"])
            work.keep(f"tokens of user {body['id']}", "they name nobody; an administrator revokes them")
        # The id that mail would make a contact of goes too: from now on it makes none.
        made_by_mail = f"contact_{digest(work.tenant, 'contact', person.address)[:24]}"
        for ident in {*person.contacts, made_by_mail}:
            await self._mails.remove(work, "contacts", CONTACT, ident)
        work.keep("digest of the address", "in its place no email makes the contact again; a person can")
        for kind, why in _BLOCKS:
            if await self._records.find(work.tenant, kind, person.address):
                work.keep(f"{kind.name} entry", why)

    async def _settings(self, work: Work, person: Person) -> None:
        """The mailboxes that the person may write to, or that are the person's own address."""
        query, cursor = ListQuery(group=f"{work.tenant}#{MAILBOX.name}", limit=PAGE), None
        while True:
            page = await self._records.page(query, cursor=cursor)
            for body in page.items:
                await self._out_of_mailbox(work, body, person)
            cursor = page.next_cursor
            if cursor is None:
                return

    async def _out_of_mailbox(self, work: Work, body: Body, person: Person) -> None:
        if person.address in (body["address"], *body["aliases"]):
            work.keep("mailbox", "it is the tenant's own address: DELETE /mailboxes/{address} removes it")
        if person.address in body["members"]:
            edit = partial(_without_member, address=person.address)
            await self._records.change(work.tenant, MAILBOX, body["address"], edit=edit)
            work.removed["mailbox_members"] += 1


def _without_member(body: Body, address: str) -> Body:
    return {**body, "members": [member for member in body["members"] if member != address]}


def _is_from(body: object, person: Person) -> bool:
    return (text_of(body, "from") or "").strip().lower() == person.address


def _removal(key: RecordKey) -> Change:
    return Change(action=Action.DELETE, key=key, guard=Guard.ANY)
