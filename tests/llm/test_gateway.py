"""The gateway and the openai provider, against a model that misbehaves on a real wire."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.errors import LLMAPIError, LLMResponseError, ProviderConfigError
from parley.llm.budget import Budget, BudgetExceeded, Price
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMRequest
from parley.llm.retry import RetryPolicy
from parley.llm.usage import Usage
from tests.llm_stub import FINE, Behaviour, llm_stub

ASK = LLMRequest("summary", "system", "user", {"type": "object"})


def budget(seconds: float = 30.0, ceiling: int | None = None) -> Budget:
    end = time.monotonic() + seconds
    return Budget(seconds=lambda: end - time.monotonic(), ceiling_micro_usd=ceiling)


class Naps:
    """Sleeps no time and remembers how long it was told to."""

    def __init__(self) -> None:
        self.told: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.told.append(seconds)


@asynccontextmanager
async def gateway(stub, *, policy=None, price=None, key="k"):
    naps = Naps()
    async with aiohttp.ClientSession() as http:
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key=key)
        made = Gateway(provider, policy=policy or RetryPolicy(), price=price or Price(), sleep=naps)
        yield made, naps


async def test_an_answer_comes_back_with_what_it_took():
    async with llm_stub() as stub, gateway(stub, price=Price(2.0, 10.0)) as (asked, _):
        spent = budget()
        assert await asked.complete(ASK, budget=spent) == {"text": "The pilot was agreed."}
        assert spent.used == Usage(1, 100, 20, 400)
        sent = stub.requests[0]
        assert sent["model"] == "m"
        assert sent["response_format"]["json_schema"]["strict"] is True
        assert stub.keys == ["Bearer k"]


@pytest.mark.parametrize(
    "bad",
    [
        Behaviour(status=500),
        Behaviour(status=429),
        Behaviour(status=503, body=b"<html>"),
        Behaviour(drop=True),
        Behaviour(content="no json"),
        Behaviour(content="null"),
        Behaviour(body=b"{}"),
        Behaviour(body=b'{"choices": []}'),
        Behaviour(body=b"\xff\xfe nonsense"),
        Behaviour(body=b"[" * 100_000),
    ],
    ids=lambda b: f"{b.status}-{b.drop}-{(b.content or b.body or b'')[:12]!r}",
)
async def test_one_failure_is_made_good_by_the_next_attempt(bad):
    def accept(data):
        if not isinstance(data, dict):
            raise LLMResponseError("not an object")
        return data

    async with (
        llm_stub(behave=lambda n, _: bad if n == 0 else FINE) as stub,
        gateway(stub) as (asked, naps),
    ):
        assert await asked.complete(ASK, budget=budget(), accept=accept) == {"text": "The pilot was agreed."}
        assert (len(stub.calls), len(naps.told)) == (2, 1)


async def test_three_failures_are_the_end_in_the_words_of_the_contract():
    async with llm_stub(behave=lambda n, _: Behaviour(status=500)) as stub, gateway(stub) as (asked, naps):
        spent = budget()
        with pytest.raises(LLMAPIError, match=r"^LLM call failed after 3 retries$"):
            await asked.complete(ASK, budget=spent)
        assert len(stub.calls) == 3
        assert spent.used.llm_calls == 3
        assert all(0.1 <= nap <= 5.0 for nap in naps.told)


async def test_retry_after_is_obeyed():
    slow = Behaviour(status=429, headers={"Retry-After": "7"})
    async with (
        llm_stub(behave=lambda n, _: slow if n == 0 else FINE) as stub,
        gateway(stub) as (asked, naps),
    ):
        await asked.complete(ASK, budget=budget())
        assert naps.told == [7.0]


async def test_a_wait_longer_than_the_time_left_is_not_begun():
    slow = Behaviour(status=429, headers={"Retry-After": "29"})
    async with llm_stub(behave=lambda n, _: slow) as stub, gateway(stub) as (asked, naps):
        with pytest.raises(LLMAPIError, match="at its only attempt"):
            await asked.complete(ASK, budget=budget(seconds=5))
        assert (len(stub.calls), naps.told) == (1, [])


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "LLM_MODEL"), (400, "LLM_MODEL")],
)
async def test_what_no_retry_can_help_fails_at_once_and_names_the_setting(status, says):
    async with llm_stub(behave=lambda n, _: Behaviour(status=status)) as stub, gateway(stub) as (asked, _):
        with pytest.raises(ProviderConfigError, match=says):
            await asked.complete(ASK, budget=budget())
        assert len(stub.calls) == 1


async def test_a_stalling_model_costs_no_more_than_its_time():
    async with (
        llm_stub(behave=lambda n, _: Behaviour(delay=5)) as stub,
        gateway(stub, policy=RetryPolicy(attempts=2, call_timeout=0.05)) as (asked, _),
    ):
        with pytest.raises(LLMAPIError, match="after 2 retries"):
            await asked.complete(ASK, budget=budget())
        assert len(stub.calls) == 2


async def test_nobody_listening_is_a_failure_like_any_other():
    async with llm_stub() as stub:
        gone = stub
    async with gateway(gone) as (asked, naps):
        with pytest.raises(LLMAPIError):
            await asked.complete(ASK, budget=budget())
        assert len(naps.told) == 2


async def test_the_cost_ceiling_stops_the_next_call_not_the_last():
    async with llm_stub() as stub, gateway(stub, price=Price(2.0, 10.0)) as (asked, _):
        spent = budget(ceiling=10_500)
        await asked.complete(ASK, budget=spent)
        await asked.complete(ASK, budget=spent)
        with pytest.raises(BudgetExceeded):
            await asked.complete(ASK, budget=spent)
        assert spent.used.cost_micro_usd <= 10_500
        assert len(stub.calls) == spent.used.llm_calls


async def test_a_redirect_is_not_followed_with_the_key():
    away = Behaviour(status=307, headers={"Location": "http://127.0.0.1:1/v1"})
    async with llm_stub(behave=lambda n, _: away) as stub, gateway(stub) as (asked, _):
        with pytest.raises(ProviderConfigError):
            await asked.complete(ASK, budget=budget())
        assert len(stub.calls) == 1


async def test_an_answer_that_comes_in_pieces_is_read_whole():
    async with llm_stub(behave=lambda n, _: Behaviour(pieces=True)) as stub, gateway(stub) as (asked, naps):
        assert await asked.complete(ASK, budget=budget()) == {"text": "The pilot was agreed."}
        assert (len(stub.calls), naps.told) == (1, [])


async def test_a_large_answer_is_read_whole_and_an_endless_one_is_not():
    async with llm_stub(script={"summary": {"text": "x" * 1_000_000}}) as stub, gateway(stub) as (asked, _):
        assert len((await asked.complete(ASK, budget=budget()))["text"]) == 1_000_000
        stub.script["summary"] = {"text": "x" * 5_000_000}
        with pytest.raises(LLMAPIError):
            await asked.complete(ASK, budget=budget())


async def test_usage_that_is_null_costs_no_answer():
    body = b'{"choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": null}}'
    async with llm_stub(behave=lambda n, _: Behaviour(body=body)) as stub, gateway(stub) as (asked, _):
        spent = budget()
        assert await asked.complete(ASK, budget=spent) == {}
        assert spent.used == Usage(1, 0, 0, 0)
