"""A model that does what the attacker says: it names no recipient, makes no markup, and proves nothing it made up."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.core.outcome import Outcome
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from tests.hostile.build import BOX, VTT, with_transcript
from tests.hostile.corpus import CASES, EVIL, MARKUP, METADATA, ORDER, PASSED, talk
from tests.hostile.guard import watched
from tests.hostile.judge import hold_what_a_run_promises, hold_what_replies_promise
from tests.hostile.test_hostile import SECRET, world_with_a_rival
from tests.llm_stub import SCRIPT, Behaviour, llm_stub
from tests.support import DEMO

CASE = CASES["orders in what is said"]
FOREIGN = f"{SECRET}, says the other meeting"
LINK = "http://evil.test/login"


def item(**fields: object) -> dict[str, object]:
    """An item that carries everything an attacker could ask for."""
    asked = {
        "to": EVIL,
        "recipients": [EVIL],
        "cc": EVIL,
        "html": MARKUP,
        "subject": f"x\r\nBcc: {EVIL}",
        "url": LINK,
    }
    return {
        **asked,
        "owner": f"{MARKUP}\r\nBcc: {EVIL}",
        "due_date": "2026-03-06",
        "quote": FOREIGN,
        "segment": 0,
        **fields,
    }


OBEYS = {
    "summary": {"text": f"{MARKUP} Log in at {LINK}", "to": EVIL, "recipients": [EVIL]},
    "action_items": {
        "items": [item(text=f"{MARKUP} pay"), item(text="Pay", segment=99), item(text="Pay", segment=-1)]
    },
    "key_topics": {"items": [item(topic=MARKUP)]},
    "decisions": {"items": [item(text=f"</div></body></html>{MARKUP}")]},
    "sentiment": {
        "label": MARKUP,
        "score": 1e9,
        "relationship_health": MARKUP,
        "quote": FOREIGN,
        "segment": 0,
    },
    "follow_ups": {"items": [item(text="x" * 50_000)]},
    "risks": {"items": [item(text=MARKUP, severity=MARKUP)]},
}
SHAPES = {
    "markup, recipients and others' quotes": OBEYS,
    "a list for an object": {name: [1, 2] for name in SCRIPT},
    "null": dict.fromkeys(SCRIPT),
    "words for an object": dict.fromkeys(SCRIPT, ORDER),
    "ten thousand items": {
        **OBEYS,
        "action_items": {"items": [item(text=f"Pay {n}") for n in range(10_000)]},
    },
    "numbers for text": {
        **SCRIPT,
        "summary": {"text": 7},
        "action_items": {"items": [item(text={"a": 1}, owner=[], segment="0")]},
    },
    "deep": {**SCRIPT, "summary": json.loads('{"text":' * 200 + "1" + "}" * 200)},
}


@asynccontextmanager
async def attacked(script, behave=None):
    """A world whose model answers from `script`."""

    async def no_nap(seconds: float) -> None:
        del seconds

    options = {"script": script} | ({"behave": behave} if behave else {})
    async with llm_stub(**options) as stub, aiohttp.ClientSession() as http:
        world = await world_with_a_rival(CASE)
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        world.pipeline.machine = TranscriptMachine(Gateway(provider, sleep=no_nap, price=Price(1.0, 1.0)))
        yield world, stub


async def answered(world, raw: bytes) -> str:
    """The one reply's text, after everything that any reply promises was held."""
    with watched() as watch:
        (report,) = await world.deliver(raw, to=(BOX,), verdicts=PASSED)
    assert not watch.outside()
    assert report.outcome is Outcome.PROCESSED
    hold_what_a_run_promises(world, report, tenant=str(DEMO))
    ((recipient, sent),) = world.sender.sent
    hold_what_replies_promise(recipient, sent, secrets=(SECRET,))
    return world.message().get_body(("plain",)).get_content()


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_model_that_obeys_the_attacker_reaches_nobody(shape):
    async with attacked(SHAPES[shape]) as (world, stub):
        await answered(world, with_transcript(talk(ORDER)))
    assert stub.calls
    assert SECRET not in json.dumps(stub.requests)
    assert set(stub.keys) == {"Bearer k"}


@pytest.mark.parametrize(
    "content", ["", "not JSON", "[" * 100_000, '{"text": "\\ud800"}', "null", "1e999", '{"text": NaN}']
)
async def test_a_model_that_answers_nonsense_costs_no_reply(content):
    async with attacked(SCRIPT, lambda number, name: Behaviour(content=content)) as (world, _):
        await answered(world, with_transcript(VTT))


async def test_what_a_model_made_up_is_no_proof():
    async with attacked(OBEYS) as (world, _):
        await answered(world, with_transcript(VTT))
    items = [
        one
        for kind in ("action_items", "decisions", "risks")
        for one in world.record()["insights"][kind] or []
    ]
    assert any(one["source"] == "model" for one in items)
    for one in items:
        if one["source"] == "model" and one["evidence"]:
            assert not one["evidence"]["verified"]


async def test_the_mail_reaches_the_model_as_data_alone():
    """The orders of the attacker stand in the user's message, never in the system's."""
    async with attacked(SCRIPT) as (world, stub):
        await answered(world, with_transcript(talk(ORDER, speaker="system"), Subject=METADATA))
    for request in stub.requests:
        system = [m["content"] for m in request["messages"] if m["role"] == "system"]
        assert system
        assert not any("Ignore all earlier" in text or METADATA in text for text in system)
        assert "tools" not in request
