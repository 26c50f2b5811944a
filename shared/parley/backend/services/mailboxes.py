"""Mailboxes: an address has one owner over all tenants, and the tenant follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.backend.problems import not_found
from parley.backend.schemas import MailboxBody
from parley.backend.services.bodies import unpack
from parley.backend.services.kinds import MAILBOX
from parley.backend.services.records import Answered, Body, Idempotency, Stored, key_of
from parley.models.record import GLOBAL, ListQuery

if TYPE_CHECKING:
    from parley.backend.services.records import Page, Records


class MailboxService:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def anywhere(self, address: str) -> Body | None:
        """The mailbox of this address, whoever's: the one lookup over all tenants."""
        record = await self._records.store.get(key_of(GLOBAL, MAILBOX, address))
        if record is None or record.deleted:
            return None
        return await unpack(self._records.blobs, record)

    async def find(self, tenant: str, address: str) -> Stored | None:
        return await self._records.find(tenant, MAILBOX, address)

    async def fetch(self, tenant: str, address: str) -> Stored:
        found = await self.find(tenant, address)
        if found is None:
            raise not_found(MAILBOX.name, address)
        return found

    async def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        query = ListQuery(group=f"{tenant}#{MAILBOX.name}", limit=limit)
        return await self._records.page(query, cursor=cursor)

    async def create(self, tenant: str, body: Body, *, idempotency: Idempotency | None = None) -> Answered:
        """A 409 Problem when the address is taken, by this tenant or another."""
        mailbox = body | {"tenant": tenant}
        return await self._records.create(
            tenant, MAILBOX, body["address"], mailbox, answer=mailbox, idempotency=idempotency
        )

    async def update(self, tenant: str, address: str, updates: Body, *, if_match: str | None) -> Stored:
        return await self._records.change(
            tenant,
            MAILBOX,
            address,
            edit=lambda body: MailboxBody.model_validate(body | updates).model_dump(mode="json"),
            if_match=if_match,
        )

    async def delete(self, tenant: str, address: str, *, if_match: str | None) -> None:
        await self._records.delete(tenant, MAILBOX, address, if_match=if_match)
