"""Several benches side by side, each in a process of its own: a case takes whichever is free.

python -m tests.faults.lanes    one lane: a case (JSON) a line in, a verdict a line out
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.bench import open_bench
from tests.faults.cases import Case, Judge, Target, Verdict

ROOT = Path(__file__).resolve().parents[2]
LONGEST_LINE = 16 * 1024 * 1024
LANES = 3
"""Two cores are kept busy by three: each waits a good part of its time."""


@dataclass(slots=True)
class Lane:
    """One process with a bench."""

    process: asyncio.subprocess.Process

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        await self.process.stdin.drain()
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a lane has ended while it was asked {question}")
        found: dict[str, Any] = json.loads(line)
        return found


@dataclass(slots=True)
class Lanes:
    """All of them."""

    lanes: tuple[Lane, ...]

    async def targets(self, path: str) -> list[Target]:
        """The requests of the mail's clean run."""
        answer = await self.lanes[0].ask({"targets": path})
        return [(label, nth) for label, nth in answer["targets"]]

    async def judge(
        self, cases: Iterable[Case], *, told: Callable[[int, Verdict], None] = lambda _n, _v: None
    ) -> list[Verdict]:
        """Every case, in order; `told` hears of each as it ends, with its place."""
        waiting = list(enumerate(cases))[::-1]
        found: dict[int, Verdict] = {}

        async def drain(lane: Lane) -> None:
            while waiting:
                place, case = waiting.pop()
                found[place] = Verdict.from_json(await lane.ask({"case": case.as_json()}))
                told(place, found[place])

        await asyncio.gather(*(drain(lane) for lane in self.lanes))
        return [found[place] for place in sorted(found)]


@asynccontextmanager
async def open_lanes(count: int = LANES) -> AsyncIterator[Lanes]:
    """Start them; they end with the block, and with this process."""
    async with AsyncExitStack() as resources:
        lanes = []
        for _ in range(count):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.lanes",
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
            )
            resources.push_async_callback(_ended, process)
            lanes.append(Lane(process))
        yield Lanes(tuple(lanes))


async def _ended(process: asyncio.subprocess.Process) -> None:
    """A lane whose input ends leaves by itself, with all that it has started."""
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def serve() -> None:
    """One lane, until its input ends."""
    loop = asyncio.get_running_loop()
    async with open_bench() as bench:
        judge = Judge(bench)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(await _answered(judge, json.loads(line))), flush=True)  # noqa: T201  # the protocol


async def _answered(judge: Judge, question: dict[str, Any]) -> dict[str, Any]:
    if "targets" in question:
        return {"targets": await judge.targets(question["targets"])}
    verdict = await judge.judge(Case.from_json(question["case"]))
    return verdict.as_json()


if __name__ == "__main__":
    asyncio.run(serve())
