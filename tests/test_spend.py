"""What an email costs: counted over all its attempts, and never more than its ceiling."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.errors import RetryableError
from parley.ledger.claims import MAX_ATTEMPTS
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from tests.inbound.test_pipeline import MAILBOX, World, eml
from tests.llm_stub import FINE, Behaviour, llm_stub


async def no_nap(seconds):
    del seconds


@asynccontextmanager
async def world(stub, mailbox=MAILBOX):
    async with aiohttp.ClientSession() as http:
        made = World(mailbox)
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        gateway = Gateway(provider, sleep=no_nap, price=Price(1.0, 1.0))
        made.pipeline.machine = TranscriptMachine(gateway, fallback=True)
        yield made


async def failing(made, times):
    made.backend.broken = {"meeting"}
    for _ in range(times):
        with pytest.raises(RetryableError):
            await made.deliver(eml(), fresh=False)
    made.backend.broken = set()


async def test_the_record_counts_every_call_of_every_attempt():
    dice = random.Random(7)

    def behave(number, name):
        # The summary never comes, so that each attempt pays for it again.
        return Behaviour(status=503) if name == "summary" or dice.random() < 0.3 else FINE

    async with llm_stub(behave=behave) as stub, world(stub) as made:
        await failing(made, MAX_ATTEMPTS - 1)
        await made.deliver(eml(), fresh=False)
        assert made.record()["usage"]["llm_calls"] == len(stub.calls)
        assert stub.calls.count("summary") == 3 * MAX_ATTEMPTS
        answered = made.record()["usage"]["input_tokens"] // 100
        assert answered == made.record()["usage"]["output_tokens"] // 20 == 6


async def test_a_run_brought_back_from_failure_still_knows_what_it_spent():
    async with llm_stub(behave=lambda n, name: Behaviour(status=503)) as stub, world(stub) as made:
        await failing(made, MAX_ATTEMPTS)
        assert made.record()["outcome"] == "failed"
        await made.deliver(eml(), fresh=True)
        assert made.record()["outcome"] == "processed"
        assert made.record()["usage"]["llm_calls"] == len(stub.calls)


async def test_the_ceiling_is_the_emails_however_many_attempts_it_takes():
    # Answers that fit no schema are paid for, and asked for again.
    def nonsense(number, name):
        return Behaviour(content='{"nonsense": 1}')

    # An estimate is a thousand tokens of answer and the question: room for a few questions.
    ceiling = 12_000
    async with (
        llm_stub(behave=nonsense) as stub,
        world(stub, replace(MAILBOX, cost_ceiling_micro_usd=ceiling)) as made,
    ):
        await failing(made, 1)
        once = len(stub.calls)
        await failing(made, MAX_ATTEMPTS - 2)
        await made.deliver(eml(), fresh=False)
        record = made.record()
        assert record["outcome"] == "processed"
        assert record["usage"]["llm_calls"] >= len(stub.calls)
        assert record["usage"]["cost_usd"] * 1_000_000 <= ceiling
        assert once < len(stub.calls)
        assert set(record["notes"]) == set(record["insights"])
