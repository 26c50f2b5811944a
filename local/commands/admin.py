"""`parley admin`: the tenants of a deployment, their tokens and their mail domains.

Works on the data table itself: whoever holds its AWS credentials needs no token of the API.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aioboto3
from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.data_table import DynamoDataStore
from parley.adapters.secrets import resolve_secret
from parley.api.tokens import Role, TokenEntry, check_tenant_id, create_token, list_tokens, revoke_token
from parley.conversations.domains import add_domain, list_domains, remove_domain
from parley.errors import ConfigError

DAY = 86_400

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to be made; `tenant` None is the pipeline's, `days` None never expires."""

    tenant: str | None
    role: str
    user_id: str | None = None
    name: str = ""
    days: int | None = None


def init(tenant: str, *, pipeline: bool, domains: list[str], as_json: bool) -> int:
    """Make the first administrator's token of a tenant; of one that has any token, none. Exit code 0.

    API_AUTH_TOKEN, where it is set, is made known as the pipeline's token;
    `pipeline` makes one up where it is not.
    """
    check_tenant_id(tenant)

    async def work(store: DynamoDataStore) -> Json:
        given = await resolve_secret(
            aioboto3.Session(), "API_AUTH_TOKEN", os.environ.get("API_AUTH_TOKEN", "")
        )
        known = await list_tokens(store, tenant)
        for domain in domains:
            await add_domain(store, tenant, domain)
        return {
            "tenant": tenant,
            "pipeline": await create_token(store, role=Role.PIPELINE, token=given or None, name="init")
            if given or pipeline
            else None,
            "admin": None
            if known
            else await create_token(store, role=Role.ADMIN, tenant=tenant, name="init"),
            "domains": await list_domains(store, tenant),
        }

    made = _on_the_table(work)
    if as_json:
        print(json.dumps(made))
        return 0
    if made["pipeline"]:
        print(
            f"The pipeline's token, to be kept as the secret that API_AUTH_TOKEN names:\n  {made['pipeline']}"
        )
    if made["admin"]:
        print(f"The administrator's token of tenant {tenant}, for the API:\n  {made['admin']}")
        print("No token can be read again. The next step is a mailbox: POST /mailboxes.")
    else:
        print(f"Tenant {tenant} has tokens: `parley admin token create {tenant}` makes another.")
    return 0


def token_create(wanted: NewToken, *, as_json: bool) -> int:
    """Make one token and print it: it cannot be read again. Exit code 0."""
    role = Role.PIPELINE if wanted.tenant is None else Role(wanted.role)
    expires_at = None if wanted.days is None else int(time.time()) + wanted.days * DAY

    async def work(store: DynamoDataStore) -> str:
        tenant = None if wanted.tenant is None else check_tenant_id(wanted.tenant)
        return await create_token(
            store,
            role=role,
            tenant=tenant,
            user_id=wanted.user_id,
            name=wanted.name,
            expires_at=expires_at,
        )

    made = _on_the_table(work)
    print(json.dumps({"tenant": wanted.tenant, "role": role, "token": made}) if as_json else made)
    return 0


def token_list(tenant: str | None, *, as_json: bool) -> int:
    """List a tenant's tokens (None: the pipeline's) without what opens the API. Exit code 0."""
    return _listed([_row(one) for one in _on_the_table(lambda store: list_tokens(store, tenant))], as_json)


def token_revoke(tenant: str | None, ident: str, *, as_json: bool) -> int:
    """Revoke the token with this id; API processes forget it within half a minute. Exit code 0."""
    gone = _on_the_table(lambda store: revoke_token(store, tenant, ident))
    return _listed([_row(gone)], as_json)


def domain(action: str, tenant: str, name: str | None, *, as_json: bool) -> int:
    """Add, remove or list the mail domains in which a tenant may have mailboxes. Exit code 0."""

    async def work(store: DynamoDataStore) -> list[str]:
        check_tenant_id(tenant)
        if name and action == "add":
            await add_domain(store, tenant, name)
        if name and action == "remove":
            await remove_domain(store, tenant, name)
        return await list_domains(store, tenant)

    return _listed([{"tenant": tenant, "domain": one} for one in _on_the_table(work)], as_json)


def _row(entry: TokenEntry) -> Json:
    expires = entry.grant.expires_at
    return {
        "id": entry.id,
        "name": entry.name,
        "role": entry.grant.role,
        "tenant": entry.grant.tenant,
        "user_id": entry.grant.user_id,
        "created_at": entry.created_at,
        "expires_at": None if expires is None else datetime.fromtimestamp(expires, UTC).isoformat(),
    }


def _listed(rows: list[Json], as_json: bool) -> int:
    for row in rows:
        print(json.dumps(row) if as_json else "  ".join(str(value) for value in row.values() if value))
    return 0


def _on_the_table(work: Callable[[DynamoDataStore], Awaitable[Any]]) -> Any:
    """Do `work` on the deployment's data table. Raises ConfigError where that cannot be reached."""
    table = os.environ.get("DATA_TABLE", "")
    if not table:
        raise ConfigError(
            "missing environment variable DATA_TABLE: the table of the deployment (see its Outputs)"
        )

    async def opened() -> Any:
        async with aioboto3.Session().client("dynamodb") as client:
            return await work(DynamoDataStore(client, table))

    try:
        return asyncio.run(opened())
    except (ClientError, BotoCoreError) as error:
        raise ConfigError(f"the table {table} cannot be used: {error}") from error
