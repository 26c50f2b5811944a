"""What an erasure removes of people: the users and contacts who have the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.core.ids import digest
from parley.people.kinds import BLACKLIST, CONTACT, SUPPRESSION, USER, contact_name
from parley.store.erasure import Body, Erasure, Identity, RoomErasure, Subject
from parley.store.record import ListQuery

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.records import Records

PAGE = 100
_ADDRESS_LISTS = (
    (SUPPRESSION, "it keeps us from ever writing to this address"),
    (BLACKLIST, "it keeps mail from this address out"),
)


class PeopleErasure(RoomErasure):
    """Users, contacts, and the lists of addresses."""

    async def identify(self, records: Records, tenant: str, address: str) -> Identity:
        """The users and contacts who have this address."""
        contacts = await _who_have(records, tenant, CONTACT, address)
        users = await _who_have(records, tenant, USER, address)
        idents = tuple(body["id"] for body in contacts)
        return Identity((*contacts, *users), idents, tuple(map(contact_name, idents)))

    async def erase_record(self, work: Erasure, kind: str, ident: str, body: Body, subject: Subject) -> None:
        """Take the address out of a user who had it before."""
        del body
        if kind == USER.name:
            await work.redact(USER, ident, subject)

    async def erase_person(self, work: Erasure, subject: Subject) -> None:
        """Remove users and contacts; entries of the lists of addresses stay, for they protect the person."""
        for body in await _who_have(work.records, work.tenant, USER, subject.address):
            await work.remove("users", USER, body["id"])
            work.keep(f"tokens of user {body['id']}", "they name nobody; an administrator revokes them")
        # The id that mail would make a contact of goes too: from now on it makes none.
        made_by_mail = f"contact_{digest(work.tenant, 'contact', subject.address)[:24]}"
        for ident in {*subject.contacts, made_by_mail}:
            await work.remove("contacts", CONTACT, ident)
        work.keep("digest of the address", "in its place no email makes the contact again; a person can")
        for kind, why in _ADDRESS_LISTS:
            if await work.records.find(work.tenant, kind, subject.address):
                work.keep(f"{kind.name} entry", why)


async def _who_have(records: Records, tenant: str, kind: Kind, address: str) -> list[Body]:
    query = ListQuery(group=f"{tenant}#{kind.name}", limit=PAGE, low=f"{address}#", high=f"{address}#~")
    return (await records.page(query)).items
