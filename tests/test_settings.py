"""The environment: read once, complete or refused with the variable's name."""

from __future__ import annotations

import dataclasses

import pytest

from parley.errors import ConfigError
from parley.settings import (
    BackendSettings,
    LLMSettings,
    PipelineSettings,
    ScheduledSettings,
    is_secret_reference,
)

PIPELINE = {
    "S3_BUCKET": "b",
    "RUNS_TABLE": "r",
    "API_BASE_URL": "http://127.0.0.1:1/v1",
    "API_AUTH_TOKEN": "t",
    "SES_REGION": "eu-west-1",
    "REPLY_FROM": "assistant@parley.test",
}
OPENAI = {"LLM_PROVIDER": "openai", "LLM_MODEL": "m"}


def test_what_may_be_left_out_has_a_default():
    settings = PipelineSettings.from_env(PIPELINE)
    assert (settings.llm_provider, settings.llm_fallback, settings.s3_bucket) == ("rules", "rules", "b")


@pytest.mark.parametrize("name", PIPELINE)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_missing_variable_is_named(name, how):
    environ = {k: v for k, v in PIPELINE.items() if k != name} | ({name: " "} if how == "empty" else {})
    with pytest.raises(ConfigError, match=name):
        PipelineSettings.from_env(environ)


def test_all_missing_variables_are_named_at_once():
    with pytest.raises(ConfigError, match="DATA_TABLE, S3_BUCKET"):
        BackendSettings.from_env({})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"LLM_PROVIDER": "gpt"}, "rules, openai"),
        ({"LLM_PROVIDER": "bedrock"}, "not there yet"),
        ({"LLM_FALLBACK": "maybe"}, "LLM_FALLBACK"),
        ({"LLM_PROVIDER": "openai"}, "LLM_MODEL"),
        ({**OPENAI, "LLM_BASE_URL": "localhost:1"}, "LLM_BASE_URL"),
        ({**OPENAI, "LLM_PRICES": "m=free"}, "LLM_PRICES"),
        ({"API_BASE_URL": "nowhere"}, "API_BASE_URL"),
        ({"REPLY_FROM": "nobody"}, "REPLY_FROM"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(changes, says):
    with pytest.raises(ConfigError, match=says):
        PipelineSettings.from_env(PIPELINE | changes)


@pytest.mark.parametrize(
    ("prices", "price"),
    [("", (0.0, 0.0)), ("m=0.15/0.60", (0.15, 0.6)), ("x=1/2, m=3/4", (3.0, 4.0)), ("other=1/2", (0.0, 0.0))],
)
def test_the_price_is_the_models_own(prices, price):
    assert LLMSettings.from_env(OPENAI | {"LLM_PRICES": prices}).price() == price


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        LLMSettings.from_env({}).llm_model = "x"  # type: ignore[misc]


def test_a_secret_may_be_named_instead_of_held():
    assert is_secret_reference("secretsmanager:parley/token")
    assert is_secret_reference("ssm:/parley/token")
    assert not is_secret_reference("sk-123")


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "a month", "²"])
def test_retention_is_a_whole_number_of_days(days):
    environ = {"S3_BUCKET": "b", "RUNS_TABLE": "r", "EMAILS_QUEUE_URL": "u", "RETENTION_DAYS": days}
    with pytest.raises(ConfigError, match="RETENTION_DAYS"):
        ScheduledSettings.from_env(environ)
    assert ScheduledSettings.from_env({**environ, "RETENTION_DAYS": "28"}).retention() == 28 * 86_400
