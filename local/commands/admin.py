"""`parley admin init`: the first tokens of a deployment, or of a new tenant."""

from __future__ import annotations

import asyncio
import json
import os

import aioboto3
from botocore.exceptions import BotoCoreError, ClientError

from parley.adapters.data_table import DynamoDataStore
from parley.adapters.secrets import resolve_secret
from parley.api.tokens import Role, create_token
from parley.errors import ConfigError, RequestError

SHORTEST_NAME, LONGEST_NAME = 1, 60


def init(tenant: str, *, as_json: bool) -> int:
    """Make the pipeline's token known, and an administrator's of this tenant; exit code 0."""
    if not (SHORTEST_NAME <= len(tenant) <= LONGEST_NAME and tenant.replace("-", "").isalnum()):
        raise RequestError(
            f"{tenant!r} is no tenant's name: use letters, digits and -, at most {LONGEST_NAME}"
        )
    table = os.environ.get("DATA_TABLE", "")
    if not table:
        raise ConfigError(
            "missing environment variable DATA_TABLE: the table of the deployment (see its Outputs)"
        )
    try:
        tokens = asyncio.run(_tokens(table, tenant))
    except (ClientError, BotoCoreError) as error:
        raise ConfigError(f"the table {table} cannot be written: {error}") from error
    _show(tenant, tokens, as_json=as_json)
    return 0


async def _tokens(table: str, tenant: str) -> dict[str, str]:
    session = aioboto3.Session()
    given = await resolve_secret(session, "API_AUTH_TOKEN", os.environ.get("API_AUTH_TOKEN", ""))
    async with session.client("dynamodb") as client:
        store = DynamoDataStore(client, table)
        return {
            "pipeline": await create_token(store, role=Role.PIPELINE, token=given or None),
            "admin": await create_token(store, role=Role.ADMIN, tenant=tenant),
        }


def _show(tenant: str, tokens: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"tenant": tenant, **tokens}))
        return
    print(
        f"The pipeline's token, to be kept as the secret that API_AUTH_TOKEN names:\n  {tokens['pipeline']}"
    )
    print(f"The administrator's token of tenant {tenant}, for the API:\n  {tokens['admin']}")
    print("Neither can be read again. The next step is a mailbox: POST /mailboxes.")
