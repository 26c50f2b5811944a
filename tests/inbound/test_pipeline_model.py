"""The pipeline with a model on a real wire; what it loses where many calls fail: tests/faults."""

from __future__ import annotations

from contextlib import asynccontextmanager

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.core.outcome import Outcome
from parley.errors import RetryableError
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from tests.inbound.test_pipeline import World, eml
from tests.llm_stub import Behaviour, llm_stub

INSIGHT_NAMES = {"summary", "action_items", "key_topics", "decisions", "sentiment", "follow_ups", "risks"}


async def no_nap(seconds: float) -> None:
    del seconds


@asynccontextmanager
async def world(stub, *, fallback):
    async with aiohttp.ClientSession() as http:
        made = World()
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        made.pipeline.machine = TranscriptMachine(
            Gateway(provider, sleep=no_nap, price=Price(1.0, 1.0)), fallback=fallback
        )
        yield made


async def test_a_model_that_is_down_leaves_an_answer_that_says_so():
    async with (
        llm_stub(behave=lambda n, name: Behaviour(status=500)) as stub,
        world(stub, fallback=False) as made,
    ):
        (report,) = await made.deliver(eml())
    assert report.outcome is Outcome.PROCESSED
    record = made.record()
    assert set(record["errors"]) == INSIGHT_NAMES
    assert all(value is None for value in record["insights"].values())
    assert not record["partial_success"]
    assert "could not analyse" in made.message().get_body(("plain",)).get_content()


async def test_the_answer_names_what_is_missing_and_shows_no_unproven_quote():
    script = {
        "summary": {"text": "A call."},
        "action_items": {
            "items": [
                {
                    "text": "Pay a million",
                    "owner": None,
                    "due_date": None,
                    "quote": "pay us a million",
                    "segment": 0,
                }
            ]
        },
        "key_topics": {"items": []},
        "decisions": {"items": []},
        "sentiment": {},
        "follow_ups": {"items": []},
        "risks": {"items": []},
    }
    async with llm_stub(script=script) as stub, world(stub, fallback=False) as made:
        await made.deliver(eml())
    for kind in ("plain", "html"):
        shown = made.message().get_body((kind,)).get_content()
        assert "Pay a million" in shown
        assert "pay us a million" not in shown
        assert "Missing this time" in shown
        assert "sentiment" in shown
        assert "by rules" not in shown


async def test_a_redelivery_reads_the_answers_back_and_pays_for_what_is_missing_only():
    async with llm_stub() as stub, world(stub, fallback=True) as made:
        made.backend.refuse = {"meeting"}
        with pytest.raises(RetryableError):
            await made.deliver(eml())
        assert len(stub.calls) == len(INSIGHT_NAMES)
        made.backend.refuse = set()
        await made.deliver(eml(), fresh=False)
        assert len(stub.calls) == len(INSIGHT_NAMES)
    record = made.record()
    assert record["insights"]["summary"] == {"text": "The pilot was agreed."}
    assert record["outcome"] == "processed"


async def test_markup_and_links_of_a_model_reach_no_browser():
    hostile = {"text": "<script>alert(1)</script> <img src=http://x.test/p.gif> [x](javascript:alert(1))"}
    async with llm_stub() as stub, world(stub, fallback=True) as made:
        stub.script["summary"] = hostile
        injected = b"Subject: =?utf-8?q?<b>bold</b>=0D=0ABcc:_x@evil.test?="
        await made.deliver(eml().replace(b"Subject: Pilot call", injected))
    answer = made.message()
    html = answer.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert answer["Bcc"] is None
    assert answer["To"] == "sarah@acme.test"
