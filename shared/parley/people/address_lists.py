"""Blocked addresses: those we do not hear (blacklist) and those we do not write to (suppressions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.errors import not_found
from parley.store.record import ListQuery, record_key

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.records import Records
    from parley.store.results import Body, Page


class AddressListService:
    """One list of addresses and whole domains (`@domain`); `kind` says which."""

    def __init__(self, records: Records, kind: Kind) -> None:
        self._records = records
        self._kind = kind

    async def find(self, tenant: str, address: str) -> Body:
        """The entry of the address, else of its domain. Raises NotFound when neither is blocked."""
        domain = "@" + address.rpartition("@")[2]
        keys = [record_key(tenant, self._kind.name, entry) for entry in dict.fromkeys((address, domain))]
        for record in await self._records.store.get_many(keys):
            found = await self._records.stored(record)
            if found:
                return found.body
        raise not_found(f"{self._kind.name} entry for", address, field="address")

    async def put(self, tenant: str, address: str, body: Body) -> Body:
        """Write the entry of an address, whatever stands."""
        entry = body | {"address": address}
        await self._records.set(tenant, self._kind, address, entry)
        return entry

    async def delete(self, tenant: str, address: str) -> None:
        """Remove the entry of an address. Raises NotFound."""
        await self._records.delete(tenant, self._kind, address)

    async def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of the list, by address."""
        query = ListQuery(group=f"{tenant}#{self._kind.name}", limit=limit)
        return await self._records.page(query, cursor=cursor)
