"""The environment variables of the embedded stack, and putting them in place."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What the pseudo parameters are in the embedded stack; the account is moto's.
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "parley",
    "AWS::URLSuffix": "amazonaws.com",
}

REGION = PSEUDO["AWS::Region"]
ACCOUNT = PSEUDO["AWS::AccountId"]
# What the user may choose for the embedded stack; all other AWS settings are the stack's.
PASSED_ON = (
    "LLM_PROVIDER",
    "LLM_BASE_URL",
    "LLM_MODEL",
    "LLM_PRICES",
    "LLM_FALLBACK",
    "OPENAI_API_KEY",
)

USERS_SECRETS = frozenset({"OPENAI_API_KEY"})
"""What the user's own processes have already, and no output of ours repeats."""


def aws_environment(endpoint: str) -> dict[str, str]:
    """What makes the AWS SDK speak to the embedded services and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "parley",
        "AWS_SECRET_ACCESS_KEY": "parley",
        "AWS_EC2_METADATA_DISABLED": "true",
        # A profile in the user's files must not matter either.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def chosen_by_user(environ: Mapping[str, str]) -> dict[str, str]:
    """The model variables that the user has set."""
    return {name: environ[name] for name in PASSED_ON if environ.get(name, "").strip()}


@contextmanager
def in_place(variables: Mapping[str, str]) -> Iterator[None]:
    """Put variables into os.environ, without any other AWS_ one; everything is put back at the end."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
