"""Mailboxes: an address has one owner over all tenants, and the tenant follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.conversations.bodies_mailboxes import MailboxBody
from parley.conversations.domains import foreign_domains
from parley.conversations.kinds import MAILBOX
from parley.errors import invalid
from parley.store.blobs import unpack
from parley.store.idempotency import Idempotency
from parley.store.kind import key_of
from parley.store.links import HOLDER
from parley.store.record import GLOBAL, Action, Change, Guard, ListQuery, Record, record_key
from parley.store.results import Answered, Body, Stored

if TYPE_CHECKING:
    from parley.store.records import Records
    from parley.store.results import Page

REST_DAYS = 30
"""How long the addresses of a deleted mailbox are kept for its tenant: mail to them is still on its way."""
RESTING = "resting-address"


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
        """Raises Conflict when the address or an alias is taken, InvalidField for one of a foreign domain."""
        mailbox = _itself_left_out(body | {"tenant": tenant})
        await self._check_addresses(tenant, mailbox, field="address")
        return await self._records.create(
            tenant, MAILBOX, body["address"], mailbox, answer=mailbox, idempotency=idempotency
        )

    async def update(self, tenant: str, address: str, updates: Body, *, if_match: str | None) -> Stored:
        """Change the given fields. Raises NotFound, Conflict and PreconditionFailed."""
        if "aliases" in updates:
            wanted = {"address": address, "aliases": updates["aliases"]}
            await self._check_addresses(tenant, wanted, field="aliases")
        return await self._records.change(
            tenant,
            MAILBOX,
            address,
            edit=lambda body: _edited(body, updates) if updates else body,
            if_match=if_match,
        )

    async def delete(self, tenant: str, address: str, *, if_match: str | None) -> None:
        """Remove the mailbox; for REST_DAYS no other tenant can take one of its addresses."""
        body = (await self.fetch(tenant, address)).body
        until = int(self._records.clock().timestamp()) + REST_DAYS * 86_400
        for name in (address, *body["aliases"]):
            await self._records.store.write(_resting(tenant, name, until))
        await self._records.delete(tenant, MAILBOX, address, if_match=if_match)

    async def _check_addresses(self, tenant: str, mailbox: Body, *, field: str) -> None:
        names = [mailbox["address"], *mailbox["aliases"]]
        store = self._records.store
        if foreign := await foreign_domains(store, tenant, names):
            raise invalid(
                field if mailbox["address"].endswith(foreign[0]) else "aliases",
                f"{foreign[0]} is no domain of this tenant: the operator gives it one "
                f"(parley admin domain add {tenant} {foreign[0]})",
            )
        now = int(self._records.clock().timestamp())
        for rest in await store.get_many([record_key(GLOBAL, RESTING, name) for name in names]):
            if rest and rest.fields.get(HOLDER) != tenant and (rest.expires_at or 0) > now:
                name = rest.key.partition.rpartition("#")[2]
                raise invalid(field, f"{name} was another tenant's until lately: it rests {REST_DAYS} days")


def _resting(tenant: str, name: str, until: int) -> Change:
    record = Record(key=record_key(GLOBAL, RESTING, name), fields={HOLDER: tenant}, expires_at=until)
    return Change(action=Action.PUT, key=record.key, guard=Guard.ANY, record=record)


def _edited(body: Body, updates: Body) -> Body:
    return _itself_left_out(MailboxBody.model_validate(body | updates).model_dump(mode="json"))


def _itself_left_out(body: Body) -> Body:
    """A mailbox is no alias of itself."""
    return body | {"aliases": [alias for alias in body["aliases"] if alias != body["address"]]}
