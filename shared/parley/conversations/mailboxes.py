"""Mailboxes: an address has one owner over all tenants, and the tenant follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.conversations.bodies_mailboxes import MailboxBody
from parley.conversations.kinds import MAILBOX
from parley.store.blobs import unpack
from parley.store.idempotency import Idempotency
from parley.store.kind import key_of
from parley.store.links import HOLDER
from parley.store.record import GLOBAL, ListQuery
from parley.store.results import Answered, Body, Stored

if TYPE_CHECKING:
    from parley.store.record import Record
    from parley.store.records import Records
    from parley.store.results import Page


def lookup_names(address: str) -> list[str]:
    """The names under which a mailbox for this address may stand, the nearest first."""
    local, _, domain = address.rpartition("@")
    untagged = local.partition("+")[0]
    names = [address, f"{untagged}@{domain}" if untagged else address, f"@{domain}"]
    return list(dict.fromkeys(names))


class MailboxService:
    """The mailboxes of all tenants."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def anywhere(self, address: str) -> Body | None:
        """The mailbox that mail to this address is for, whoever's: the one lookup over all tenants.

        The address itself counts first, be it a mailbox's own or an alias;
        then the address without its plus tag; then a mailbox that takes the
        whole domain. One round trip, and one more where an alias was hit.
        """
        keys = [key_of(GLOBAL, MAILBOX, name) for name in lookup_names(address)]
        for record in await self._records.store.get_many(keys):
            if record and not record.deleted:
                return await self._behind(record)
        return None

    async def _behind(self, record: Record) -> Body | None:
        holder = record.fields.get(HOLDER)
        owner = await self._records.store.get(key_of(GLOBAL, MAILBOX, holder)) if holder else record
        if owner is None or owner.deleted:
            return None
        return await unpack(self._records.blobs, owner)

    async def find(self, tenant: str, address: str) -> Body | None:
        """What `anywhere` finds, if it is this tenant's."""
        found = await self.anywhere(address)
        return found if found and found["tenant"] == tenant else None

    async def fetch(self, tenant: str, address: str) -> Stored:
        """The mailbox that stands under exactly this address. Raises NotFound."""
        return await self._records.fetch(tenant, MAILBOX, address)

    async def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's mailboxes, by address."""
        query = ListQuery(group=f"{tenant}#{MAILBOX.name}", limit=limit)
        return await self._records.page(query, cursor=cursor)

    async def any_of(self, tenant: str) -> bool:
        """Whether the tenant has a mailbox: of one that has none, nobody knows whether it is a tenant."""
        return bool((await self.page(tenant, limit=1, cursor=None)).items)

    async def create(self, tenant: str, body: Body, *, idempotency: Idempotency | None = None) -> Answered:
        """Raises Conflict when the address or an alias is taken, by this tenant or another."""
        mailbox = _itself_left_out(body | {"tenant": tenant})
        return await self._records.create(
            tenant, MAILBOX, body["address"], mailbox, answer=mailbox, idempotency=idempotency
        )

    async def update(self, tenant: str, address: str, updates: Body, *, if_match: str | None) -> Stored:
        """Change the given fields. Raises NotFound, Conflict and PreconditionFailed."""
        return await self._records.change(
            tenant,
            MAILBOX,
            address,
            edit=lambda body: _itself_left_out(
                MailboxBody.model_validate(body | updates).model_dump(mode="json")
            ),
            if_match=if_match,
        )

    async def delete(self, tenant: str, address: str, *, if_match: str | None) -> None:
        """Remove a mailbox and its aliases. Raises NotFound and PreconditionFailed."""
        await self._records.delete(tenant, MAILBOX, address, if_match=if_match)


def _itself_left_out(body: Body) -> Body:
    """A mailbox is no alias of itself."""
    return body | {"aliases": [alias for alias in body["aliases"] if alias != body["address"]]}
