"""An OpenAI-compatible server on loopback that can fail, stall and talk nonsense.

It answers each extractor from a script of its own, writes down every call, and
is as unkind as it is told: `behave` gets each call's number and name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = dict[str, Any]


@dataclass(frozen=True)
class Behaviour:
    """What one call meets. `drop` closes the connection without an answer, `pieces` sends it bit by bit."""

    status: int = 200
    delay: float = 0.0
    content: str | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    pieces: bool = False


FINE = Behaviour()

SCRIPT: dict[str, Answer] = {
    "summary": {"text": "The pilot was agreed."},
    "action_items": {
        "items": [
            {
                "text": "Send the pricing sheet",
                "owner": "Ann Berg",
                "due_date": "2026-03-06",
                "quote": "I will send the pricing sheet by Friday",
                "segment": 0,
            }
        ]
    },
    "key_topics": {"items": [{"topic": "Pricing", "quote": "pricing sheet by Friday", "segment": 0}]},
    "decisions": {
        "items": [{"text": "Start the pilot in May", "quote": "we start the pilot in May", "segment": 1}]
    },
    "sentiment": {
        "label": "positive",
        "score": 0.6,
        "relationship_health": "strong",
        "quote": None,
        "segment": None,
    },
    "follow_ups": {"items": []},
    "risks": {"items": []},
}


@dataclass
class LLMStub:
    """`calls` is the ledger: the extractor's name of every call that arrived, in order."""

    url: str = ""
    script: dict[str, Answer] = field(default_factory=lambda: dict(SCRIPT))
    behave: Callable[[int, str], Behaviour] = lambda number, name: FINE
    calls: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        name = body["response_format"]["json_schema"]["name"]
        self.calls.append(name)
        self.requests.append(body)
        self.keys.append(request.headers.get("Authorization"))
        how = self.behave(len(self.calls) - 1, name)
        await asyncio.sleep(how.delay)
        if how.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if how.body is not None or how.status != 200:
            return web.Response(status=how.status, body=how.body or b"{}", headers=how.headers)
        content = how.content if how.content is not None else json.dumps(self.script[name])
        answer = {
            "choices": [{"message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20},
        }
        return await in_pieces(request, answer) if how.pieces else web.json_response(answer)


async def in_pieces(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The answer in many small writes, as a network may bring any answer."""
    response = web.StreamResponse()
    await response.prepare(request)
    body = json.dumps(answer).encode()
    for start in range(0, len(body), 40):
        await response.write(body[start : start + 40])
        await asyncio.sleep(0.002)
    await response.write_eof()
    return response


@asynccontextmanager
async def llm_stub(**options: Any) -> AsyncIterator[LLMStub]:
    """A stub that listens on a free loopback port for as long as it is needed."""
    stub = LLMStub(**options)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", stub.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        stub.url = f"http://127.0.0.1:{port}/v1"
        yield stub
    finally:
        await runner.cleanup()
