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
    try:
        async with session.client(scheme) as client:
            return await _read(client, scheme, reference)
    except (ClientError, BotoCoreError) as error:
        raise ConfigError(f"{name} names the secret {value!r}, which cannot be read: {error}") from error


async def _read(client: Any, scheme: str, reference: str) -> str:
    if scheme == "ssm":
        answer = await client.get_parameter(Name=reference, WithDecryption=True)
        return str(answer["Parameter"]["Value"])
    answer = await client.get_secret_value(SecretId=reference)
    return str(answer["SecretString"])
