"""The mail domains of a tenant: an address belongs to whoever holds its domain.

The operator gives them (`parley admin domain add`): nobody takes an address of
a domain that is another's, or nobody's. A name that begins with a dot stands
for every domain below it.

    ~#domain#acme.com    #    held by one tenant, listed under its name
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parley.errors import RequestError
from parley.store.ports import read_list
from parley.store.record import (
    GLOBAL,
    Action,
    Change,
    Guard,
    IndexKey,
    ListQuery,
    Record,
    create_change,
    record_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.store.ports import DataStore

KIND = "domain"
LIST_PAGE, MOST_DOMAINS = 100, 10_000
_LABELS = re.compile(r"\.?(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")


async def add_domain(store: DataStore, tenant: str, name: str) -> None:
    """Let the tenant have mailboxes in this domain; adding it again changes nothing.

    Raises RequestError for what is no domain, or is another tenant's.
    """
    domain = name.strip().lower().lstrip("@")
    if not _LABELS.fullmatch(domain):
        raise RequestError(f"{name!r} is no domain: give it as in acme.com, or .acme.com for all below it")
    record = Record(
        key=record_key(GLOBAL, KIND, domain),
        body=json.dumps({"tenant": tenant}),
        created_at=datetime.now(UTC).isoformat(),
        index=IndexKey(_group(tenant), domain),
    )
    refusal = await store.write(create_change(record))
    if refusal and _holder(refusal.standing) != tenant:
        raise RequestError(f"the domain {domain} is another tenant's")


async def remove_domain(store: DataStore, tenant: str, domain: str) -> None:
    """Take a domain back; its mailboxes stay. RequestError where it is not the tenant's."""
    key = record_key(GLOBAL, KIND, domain)
    if _holder(await store.get(key)) != tenant:
        raise RequestError(f"the domain {domain} is not one of tenant {tenant}")
    await store.write(Change(action=Action.DELETE, key=key, guard=Guard.LIVE))


async def list_domains(store: DataStore, tenant: str) -> list[str]:
    """The tenant's domains, in order."""
    query = ListQuery(group=_group(tenant), limit=LIST_PAGE)
    records = await read_list(store, query, most=MOST_DOMAINS)
    return [record.key.partition.rpartition("#")[2] for record in records]


async def foreign_domains(store: DataStore, tenant: str, addresses: Iterable[str]) -> list[str]:
    """The domains among these addresses (or `@domain` entries) that are not the tenant's. One round trip."""
    wanted = sorted({address.rpartition("@")[2].lower() for address in addresses})
    names = {domain: _names(domain) for domain in wanted}
    asked = sorted({name for found in names.values() for name in found})
    records = await store.get_many([record_key(GLOBAL, KIND, name) for name in asked])
    holders = {name: _holder(record) for name, record in zip(asked, records, strict=True)}
    # The nearest name decides: a.acme.com can be another's than .acme.com.
    nearest = {
        domain: next((holders[n] for n in below if holders[n]), None) for domain, below in names.items()
    }
    return [domain for domain in wanted if nearest[domain] != tenant]


def _names(domain: str) -> list[str]:
    """The names under which a domain may be held: its own, and each parent with a dot before it."""
    labels = domain.split(".")
    return [domain, *("." + ".".join(labels[n:]) for n in range(1, len(labels)))]


def _group(tenant: str) -> str:
    return f"{tenant}#{KIND}"


def _holder(record: Record | None) -> str | None:
    return json.loads(record.body)["tenant"] if record and record.body else None
