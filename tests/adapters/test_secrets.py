"""Settings that name a secret, over a real wire."""

from __future__ import annotations

import aioboto3
import pytest

from parley.adapters.secrets import resolve_secret
from parley.errors import ConfigError


class Session:
    """An aioboto3 session whose clients speak to the embedded services."""

    def __init__(self, options):
        self.options = options

    def client(self, service):
        return aioboto3.Session().client(service, **self.options)


async def test_a_plain_value_is_itself_and_nobody_is_asked():
    assert await resolve_secret(None, "API_AUTH_TOKEN", "token") == "token"


async def test_both_stores_are_read(aws):
    session = Session(aws)
    async with session.client("ssm") as ssm:
        await ssm.put_parameter(Name="/parley/key", Value="from ssm", Type="SecureString", Overwrite=True)
    async with session.client("secretsmanager") as secrets:
        await secrets.create_secret(Name="parley/token", SecretString="from secretsmanager")
    assert await resolve_secret(session, "OPENAI_API_KEY", "ssm:/parley/key") == "from ssm"
    assert (
        await resolve_secret(session, "API_AUTH_TOKEN", "secretsmanager:parley/token")
        == "from secretsmanager"
    )


@pytest.mark.parametrize("reference", ["ssm:/parley/none", "secretsmanager:parley/none"])
async def test_a_secret_that_is_not_there_names_the_variable(aws, reference):
    with pytest.raises(ConfigError, match="API_AUTH_TOKEN"):
        await resolve_secret(Session(aws), "API_AUTH_TOKEN", reference)
