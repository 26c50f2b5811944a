"""The only reader of the environment: once, into a frozen model, failing at start.

Every environment variable of template.yaml is one field here and its name is
the field's, in capitals. What the AWS SDK reads for itself
(`AWS_ENDPOINT_URL`, `AWS_REGION`, credentials) is not ours.
"""

from __future__ import annotations

import os
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from parley.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDERS = ("rules", "openai", "bedrock")
FALLBACKS = ("rules", "none")
SECRET_SCHEMES = ("secretsmanager:", "ssm:")


class _FromEnvironment:
    """Reads each field from the variable of its name; an empty one counts as missing."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment (or `environ`). Raises ConfigError naming every variable at fault."""
        source = os.environ if environ is None else environ
        found: dict[str, Any] = {}
        missing: list[str] = []
        for one in fields(cls):  # type: ignore[arg-type]  # subclasses are dataclasses
            name = one.name.upper()
            if value := source.get(name, "").strip():
                found[one.name] = value
            elif one.default is MISSING:
                missing.append(name)
        if missing:
            names = ", ".join(missing)
            raise ConfigError(f"missing environment variable {names}: set it (see docs/operating.md)")
        return cls(**found)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(f"{name} is {value!r}: use one of {', '.join(known)}")


def _is_url(name: str, value: str) -> None:
    if not value.startswith(("http://", "https://")):
        raise ConfigError(f"{name} is {value!r}: it must begin with http:// or https://")


def _is_address(name: str, value: str) -> None:
    if "@" not in value:
        raise ConfigError(f"{name} is {value!r}: it must be an email address")


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMSettings(_FromEnvironment):
    """Which model, if any, and what happens when it fails.

    `llm_prices` is `MODEL=IN/OUT[,...]`, dollars a million tokens.
    `openai_api_key` may be a reference: `secretsmanager:NAME` or `ssm:NAME`.
    """

    llm_provider: str = "rules"
    llm_base_url: str = "https://api.openai.com/v1"
    llm_model: str = ""
    llm_prices: str = ""
    llm_fallback: str = "rules"
    openai_api_key: str = ""

    def __post_init__(self) -> None:
        _one_of("LLM_PROVIDER", self.llm_provider, PROVIDERS)
        _one_of("LLM_FALLBACK", self.llm_fallback, FALLBACKS)
        if self.llm_provider == "bedrock":
            raise ConfigError("LLM_PROVIDER is 'bedrock', which is not there yet: use rules or openai")
        if self.llm_provider == "openai":
            self._check_openai()

    def _check_openai(self) -> None:
        if not self.llm_model:
            raise ConfigError(
                "missing environment variable LLM_MODEL: LLM_PROVIDER=openai needs a model's name"
            )
        _is_url("LLM_BASE_URL", self.llm_base_url)
        self.price()

    def price(self) -> tuple[float, float]:
        """Dollars a million tokens, (in, out), of `llm_model`; (0, 0) when no price is set."""
        for entry in filter(None, (e.strip() for e in self.llm_prices.split(","))):
            model, _, amounts = entry.rpartition("=")
            into, _, out = amounts.partition("/")
            try:
                price = (float(into), float(out))
            except ValueError as error:
                raise ConfigError(
                    f"LLM_PRICES has {entry!r}: write MODEL=IN/OUT, dollars a million tokens"
                ) from error
            if model.strip() == self.llm_model:
                return price
        return (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings(LLMSettings):
    """What `inbound_email` needs. `api_auth_token` may be a secret reference.

    `ledger_key` keys the hashes of addresses and Message-IDs in the runs table;
    another one forgets which threads and copies are known, and nothing else.
    """

    s3_bucket: str
    runs_table: str
    api_base_url: str
    api_auth_token: str
    ses_region: str
    reply_from: str
    ses_configuration_set: str = ""
    ledger_key: str = ""

    def __post_init__(self) -> None:
        super(
            PipelineSettings, self
        ).__post_init__()  # slots=True makes a new class, which bare super() does not know
        _is_url("API_BASE_URL", self.api_base_url)
        _is_address("REPLY_FROM", self.reply_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings(_FromEnvironment):
    """What `delivery_events` needs; all of it is as `inbound_email` has it."""

    runs_table: str
    api_base_url: str
    api_auth_token: str
    reply_from: str
    ledger_key: str = ""

    def __post_init__(self) -> None:
        _is_url("API_BASE_URL", self.api_base_url)
        _is_address("REPLY_FROM", self.reply_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings(LLMSettings):
    """What `backend_api` needs. `runs_table` keeps analyses, `ledger_key` the hashes that erasure leaves.

    Without `jobs_queue_url` nothing is put off: what could be a job is done at once.
    """

    data_table: str
    s3_bucket: str
    runs_table: str
    jobs_queue_url: str = ""
    ledger_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsSettings(LLMSettings):
    """What `analysis_jobs` needs; all of it is as `inbound_email` has it."""

    runs_table: str
    api_base_url: str
    api_auth_token: str

    def __post_init__(self) -> None:
        super(JobsSettings, self).__post_init__()  # as in PipelineSettings
        _is_url("API_BASE_URL", self.api_base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledSettings(_FromEnvironment):
    """What `scheduled` needs. `retention_days`: how long an ended run keeps what its email brought."""

    s3_bucket: str
    runs_table: str
    emails_queue_url: str
    retention_days: str

    def __post_init__(self) -> None:
        if not (self.retention_days.isascii() and self.retention_days.isdigit() and self.retention()):
            raise ConfigError(f"RETENTION_DAYS is {self.retention_days!r}: it must be a whole number of days")

    def retention(self) -> float:
        """`retention_days` in seconds."""
        return int(self.retention_days) * 86_400.0


def is_secret_reference(value: str) -> bool:
    """Whether a setting names a secret instead of holding it."""
    return value.startswith(SECRET_SCHEMES)
