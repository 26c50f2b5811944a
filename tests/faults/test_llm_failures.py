"""A model that fails three calls in ten, in every way it can: nothing lost, and every call on record."""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import INSIGHT_NAMES, TranscriptMachine
from parley.core.outcome import Outcome
from parley.errors import RetryableError
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from tests.faults.sim import no_nap
from tests.inbound.test_pipeline import World, eml
from tests.llm_stub import FINE, Behaviour, LLMStub, llm_stub

SEED = 20261121
EMAILS = 500
SOME = 60
AT_ONCE = 10
IN_TEN = 3
ATTEMPTS = 3
FAILURES = (
    Behaviour(status=503),
    Behaviour(status=500),
    Behaviour(status=429),
    Behaviour(drop=True),
    Behaviour(content="I would rather not say."),
    Behaviour(content='{"items": 7}'),
    Behaviour(body=b"<html>Bad gateway</html>"),
)
TALK = """WEBVTT

1
00:00:05.000 --> 00:00:09.000
Ann Berg: I will send the pricing sheet by Friday, codeword-{number}.

2
00:00:09.500 --> 00:00:14.000
Bo Lind: Great, we decided that we start the pilot in May.
"""
Call = tuple[int, str]
"""Of which email, and by which extractor."""


@dataclass
class Ledger:
    """Which call of which extractor for which email meets what; only the seed decides, not the order."""

    seed: int
    calls: dict[Call, list[bool]]
    stub: LLMStub | None = None

    def behave(self, number: int, name: str) -> Behaviour:
        assert self.stub is not None
        call = (codeword(self.stub.requests[number]), name)
        dice = random.Random(f"{self.seed} {call} {len(self.calls[call])}")
        how = dice.choice(FAILURES) if dice.randrange(10) < IN_TEN else FINE
        self.calls[call].append(how is FINE)
        return how

    def of(self, email: int) -> dict[str, list[bool]]:
        """For each extractor which of its calls were answered well, in order."""
        return {name: self.calls[email, name] for name in INSIGHT_NAMES}


def codeword(request: dict) -> int:
    found = re.search(r"codeword-(\d+)", request["messages"][-1]["content"])
    assert found
    return int(found[1])


@asynccontextmanager
async def failing_model(*, fallback: bool):
    """A world, and what the model was asked in it."""
    ledger = Ledger(SEED, defaultdict(list))
    async with llm_stub(behave=ledger.behave) as stub, aiohttp.ClientSession() as http:
        ledger.stub = stub
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        gateway = Gateway(provider, sleep=no_nap, price=Price(1.0, 2.0))
        world = World()
        world.pipeline.machine = TranscriptMachine(gateway, fallback=fallback)
        yield world, ledger


def talk(number: int) -> bytes:
    vtt = TALK.format(number=number)
    return eml(vtt=vtt, Message_ID=f"<{number}@acme.test>", Subject=f"Call {number}")


async def work(world: World, count: int) -> dict[int, dict]:
    """Deliver so many emails, some side by side; the record of each by its number."""
    slots, records = asyncio.Semaphore(AT_ONCE), {}

    async def one(number: int) -> None:
        async with slots:
            (report,) = await world.deliver(talk(number), delivery=f"d{number}")
        assert report.outcome is Outcome.PROCESSED
        records[number] = world.backend.puts["email", "demo", report.run_id]

    await asyncio.gather(*(one(number) for number in range(count)))
    return records


def check_calls(record: dict, ledger: dict[str, list[bool]], told: dict[str, str]) -> None:
    """The record's usage and words, against the calls that arrived for this email."""
    used = record["usage"]
    assert used["llm_calls"] == sum(map(len, ledger.values()))
    readable = sum(map(sum, ledger.values()))
    assert used["input_tokens"] >= 100 * readable
    assert used["cost_usd"] == pytest.approx((used["input_tokens"] + 2 * used["output_tokens"]) / 1e6)
    for name, calls in ledger.items():
        if name in told:
            assert calls == [False] * ATTEMPTS
            assert told[name] == f"LLM call failed after {ATTEMPTS} retries"
        else:
            assert calls == [False] * (len(calls) - 1) + [True]


def sources(insight: object) -> set[str]:
    items = insight if isinstance(insight, list | tuple) else [insight]
    return {item["source"] for item in items if "source" in item}


async def test_of_500_emails_each_is_analysed_in_full_and_each_call_is_on_record():
    async with failing_model(fallback=True) as (world, ledger):
        records = await work(world, EMAILS)
        by_rules = 0
        for number, record in records.items():
            assert set(record["insights"]) == set(INSIGHT_NAMES)
            assert all(insight is not None for insight in record["insights"].values())
            assert (record["errors"], record["partial_success"]) == ({}, False)
            check_calls(record, ledger.of(number), record["notes"])
            for name, insight in record["insights"].items():
                assert sources(insight) <= {"rules" if name in record["notes"] else "model"}
            by_rules += len(record["notes"])
    assert len(records) == len(world.backend.of("insights")) == len(world.sender.sent) == EMAILS
    assert ledger.stub is not None
    assert sum(r["usage"]["llm_calls"] for r in records.values()) == len(ledger.stub.calls)
    # Three failures in a row are one extractor in 37: this run has met what it is about.
    assert by_rules > EMAILS * len(INSIGHT_NAMES) / 100


async def test_without_the_rules_what_failed_is_null_and_named_and_all_else_is_there():
    async with failing_model(fallback=False) as (world, ledger):
        records = await work(world, SOME)
        missing = 0
        for number, record in records.items():
            nulls = {name for name, insight in record["insights"].items() if insight is None}
            assert nulls == set(record["errors"])
            assert record["partial_success"] is bool(nulls)
            assert record["notes"] == {}
            check_calls(record, ledger.of(number), record["errors"])
            missing += len(nulls)
    assert missing
    assert len(world.sender.sent) == SOME


async def test_a_second_attempt_asks_only_what_failed_and_pays_for_nothing_twice():
    async with failing_model(fallback=True) as (world, ledger):
        for number in range(SOME):
            world.backend.refuse = {"meeting"}
            with pytest.raises(RetryableError):
                await world.deliver(talk(number), delivery=f"d{number}")
            first = {name: len(calls) for name, calls in ledger.of(number).items()}
            answered = {name for name, calls in ledger.of(number).items() if calls[-1]}
            world.backend.refuse = set()
            await world.deliver(None, delivery=f"d{number}", fresh=False)
            again = {name for name, calls in ledger.of(number).items() if len(calls) > first[name]}
            assert again == set(INSIGHT_NAMES) - answered
            (record,) = [
                r for r in world.backend.of("email") if r["email"]["message_id"] == f"<{number}@acme.test>"
            ]
            # What the first attempt asked is on record too, answered or not.
            assert record["usage"]["llm_calls"] == sum(map(len, ledger.of(number).values()))
    assert len(world.sender.sent) == SOME
