"""Settings that name a secret instead of holding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parley.errors import ConfigError
from parley.settings import is_secret_reference

if TYPE_CHECKING:
    import aioboto3


async def resolve_secret(session: aioboto3.Session, name: str, value: str) -> str:
    """`value` itself, or what `secretsmanager:NAME` or `ssm:NAME` holds.

    `name` is the variable's, for the error. Raises ConfigError when it cannot be read.
    """
    if not is_secret_reference(value):
        return value
    scheme, _, reference = value.partition(":")
    read = _from_ssm if scheme == "ssm" else _from_secrets_manager
    try:
        return await read(session, reference)
    except (ClientError, BotoCoreError) as error:
        raise ConfigError(f"{name} names the secret {value!r}, which cannot be read: {error}") from error


async def _from_ssm(session: aioboto3.Session, reference: str) -> str:
    # types-aioboto3 holds no SSM and no Secrets Manager here: only this file would use them.
    async with session.client("ssm") as client:
        answer: dict[str, Any] = await client.get_parameter(Name=reference, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


async def _from_secrets_manager(session: aioboto3.Session, reference: str) -> str:
    async with session.client("secretsmanager") as client:
        answer: dict[str, Any] = await client.get_secret_value(SecretId=reference)
    return str(answer["SecretString"])
