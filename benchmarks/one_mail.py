"""What one mail costs: time against its model calls, round trips, CPU and memory.

The pipeline alone runs in this process. The AWS services (moto), the backend
and the model (a stub that takes a second a call) are other processes on the
same two cores: their slowness counts against us, not for us.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aioboto3
import aiohttp

from benchmarks.wire import Wire, recorded
from parley.adapters.llm_openai import OpenAIProvider
from parley.analysis.machine import TranscriptMachine
from parley.bootstrap.inbound_email import open_intake
from parley.core.clock import Deadline
from parley.inbound.intake import Intake
from parley.llm.gateway import Gateway
from parley.llm.provider import Provider
from parley.mail.inbound_events import parse_ses_event
from parley.settings import PipelineSettings
from tests.llm_stub import Behaviour, llm_stub

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "events" / "emails" / "zoom-vtt.eml"
MODEL_SECONDS = 1.0
RUNS = 5
BATCH = 10
SECOND = Behaviour(delay=MODEL_SECONDS)


@dataclass
class Bench:
    """One open intake, and mail for it."""

    intake: Intake
    s3: Any
    bucket: str
    count: int = 0

    async def event(self) -> dict[str, Any]:
        """The event for a fresh variant of the sample, already stored."""
        self.count += 1
        key = f"bench{os.getpid()}x{id(self)}x{self.count}"
        raw = SAMPLE.read_bytes().replace(b"\nSubject: ", b"\nSubject: %s " % key.encode(), 1)
        raw = raw.replace(b"\nMessage-ID: <", b"\nMessage-ID: <%s." % key.encode(), 1)
        await self.s3.put_object(Bucket=self.bucket, Key=f"raw/{key}", Body=raw)
        mail = {"messageId": key, "source": "sarah@company.com", "destination": ["meetings@parley.local"]}
        return {"eventSource": "aws:ses", "ses": {"mail": mail, "receipt": {}}}

    async def work(self, *events: dict[str, Any]) -> float:
        """Seconds for these mails, side by side."""
        deadline = Deadline(time.time() + 200, time.time)
        begun = time.perf_counter()
        ends = await asyncio.gather(
            *(self.intake.pipeline.deliver(parse_ses_event(e), deadline=deadline) for e in events)
        )
        seconds = time.perf_counter() - begun
        assert all(report.outcome == "processed" for reports in ends for report in reports), ends
        return seconds


class OneAtATime(Gateway):
    """The straight form: each question waits for the answer to the one before."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self._turn = asyncio.Lock()

    async def complete(self, *args: Any, **options: Any) -> Any:
        async with self._turn:
            return await super().complete(*args, **options)


def start_stack() -> tuple[subprocess.Popen[str], dict[str, str]]:
    """`parley dev` in a process of its own, and the environment for handlers against it."""
    command = [sys.executable, "-m", "local.cli", "dev", "--json"]
    stack = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert stack.stdout is not None
    return stack, json.loads(stack.stdout.readline())["env"]


@asynccontextmanager
async def bench(**model: str) -> AsyncIterator[Bench]:
    """An intake on the running stack; `model` are LLM_ variables."""
    settings = PipelineSettings.from_env({**os.environ, **model})
    async with open_intake(settings) as intake, aioboto3.Session().client("s3") as s3:
        made = Bench(intake, s3, settings.s3_bucket)
        await made.work(await made.event())
        yield made


async def timed(runs: int, work: Callable[[], Awaitable[float]]) -> float:
    return statistics.median([await work() for _ in range(runs)])


async def with_rules() -> None:
    async with bench() as made:

        async def one() -> float:
            return await made.work(await made.event())

        cpu = time.process_time()
        seconds = await timed(4 * RUNS, one)
        cpu = (time.process_time() - cpu) / (4 * RUNS)
        event = await made.event()
        with recorded() as wire:
            await made.work(event)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"one mail with the rules analyser, median of {4 * RUNS}")
    print(f"  wall                          {seconds * 1000:7.0f} ms")
    print(f"  CPU; peak of this process     {cpu * 1000:7.0f} ms   {peak:.0f} MB")
    show_wire(wire)


async def with_model() -> None:
    async with llm_stub(behave=lambda number, name: SECOND) as stub:
        model = {"LLM_PROVIDER": "openai", "LLM_BASE_URL": stub.url, "LLM_MODEL": "stub"}
        async with bench(**model) as made:

            async def one() -> float:
                return await made.work(await made.event())

            seconds = await timed(RUNS, one)
            event = await made.event()
            with recorded() as wire:
                await made.work(event)
            call = max(r.ended - r.begun for r in wire.requests if "chat/completions" in r.target)
            events = [await made.event() for _ in range(BATCH)]
            with recorded() as batch_wire:
                batch = await made.work(*events)
            async with aiohttp.ClientSession() as http:
                provider = OpenAIProvider(http, base_url=stub.url, model="stub", api_key="k")
                made.intake.pipeline.machine = TranscriptMachine(OneAtATime(provider))
                straight = await made.work(await made.event())
    print(f"one mail with a model of {MODEL_SECONDS:.0f} s a call, median of {RUNS}")
    print(f"  ours                          {seconds:7.2f} s")
    print(f"  the slowest single call       {call:7.2f} s    ratio {seconds / call:.2f} (goal <= 1.15)")
    print(f"  straight, one call at a time  {straight:7.2f} s    ratio {seconds / straight:.2f}")
    show_wire(wire)
    other = Wire([r for r in batch_wire.requests if "chat/completions" not in r.target])
    allowed = call + 1.5 * other.busy()
    print(f"a batch of {BATCH} with that model")
    print(f"  ours                          {batch:7.2f} s")
    print(f"  model + 1.5 x wire            {allowed:7.2f} s    ratio {batch / allowed:.2f} (goal <= 1)")


def show_wire(wire: Wire) -> None:
    sends = [r.ended for r in wire.requests if "/v1/" not in r.target and "DynamoDB" not in r.target]
    path, to_reply = wire.chain(), wire.chain(until=max(sends))
    print(
        f"  round trips                   {len(wire.requests):7d}      on the critical path: "
        f"{len(to_reply)} to the answer (goal <= 8), {len(path)} to the end"
    )


def main() -> None:
    stack, env = start_stack()
    os.environ.update(env)
    try:
        asyncio.run(with_rules())
        asyncio.run(with_model())
    finally:
        stack.terminate()
        stack.wait(10)


if __name__ == "__main__":
    main()
