"""Pairs of faults, drawn by a seed, and the model of the promise; `make soak`.

    python -m tests.faults.soak [--cases 1000] [--seed 1]
    python -m tests.faults.soak --seed 1 --only 17          one pair again, alone

Half of the cases are pairs: one of the four mails, a fault at one request of
its first delivery, and a second one at another request of the same delivery or
of the next. The other half are the state machine of tests/faults/test_model.py.
Ends with 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
import traceback
from dataclasses import replace

from tests.faults import test_model
from tests.faults.cases import RECOVERY, Case, Target, Verdict
from tests.faults.lanes import LANES, Lanes, open_lanes
from tests.faults.paths import PATHS
from tests.faults.proxy import CRASHES, Action, Fault
from tests.faults.refusals import KNOWN, Refusal

FINAL = frozenset({Refusal.REJECTED})
"""What SES never takes back: another end than that of a clean run."""
PASSING = {service: sorted(refusals - FINAL) for service, refusals in KNOWN.items()}
NEVER_PASSES = {"api": {Refusal.DENIED}, "llm": {Refusal.DENIED}, "ses": {Refusal.DENIED}}
"""What a client takes as final: no fault of the wire, a wrong setup."""
ACTIONS = (
    Action.DIE_BEFORE,
    Action.DIE_AFTER,
    Action.DROP_BEFORE,
    Action.DROP_AFTER,
    Action.ANSWER,
    Action.ANSWER,
    Action.DELAY,
)
AFTER_A_FAULT = [target for found in RECOVERY.values() for target, _ in found]
"""What only a delivery after a fault asks for."""
DELAY_SECONDS = 0.05
Targets = dict[str, list[Target]]


def case(seed: int, number: int, targets: Targets) -> Case:
    """The `number`th pair of a seed, whatever other pairs are run."""
    draw = random.Random(f"{seed}:{number}")
    path = draw.choice(list(PATHS))
    first = _fault(draw, draw.choice(targets[path]))
    second = _fault(draw, draw.choice([*targets[path], *AFTER_A_FAULT]))
    later = first.action in CRASHES or draw.random() < 0.5
    return Case(path, (first, replace(second, turn=int(later))))


def _fault(draw: random.Random, target: Target) -> Fault:
    label, nth = target
    service = label.partition(":")[0]
    refusals = [r for r in PASSING[service] if r not in NEVER_PASSES.get(service, ())]
    return Fault(
        draw.choice(ACTIONS),
        label,
        nth,
        refusal=draw.choice(refusals),
        seconds=DELAY_SECONDS,
    )


def _broken(seed: int, number: int, verdict: Verdict) -> str:
    lines = [f"case {number} of seed {seed}: {verdict.case}", *verdict.violations, *verdict.log]
    return "\n    ".join([*lines, f"again: python -m tests.faults.soak --seed {seed} --only {number}"])


async def pairs(seed: int, numbers: list[int], *, lanes: int = LANES) -> int:
    """Run these pairs; how many broke a promise."""
    began, done, broken, both = time.monotonic(), 0, 0, 0

    def told(place: int, verdict: Verdict) -> None:
        nonlocal done, broken, both
        done += 1
        both += verdict.met > 1
        if verdict.violations:
            broken += 1
            say(_broken(seed, numbers[place], verdict))
        if done % 50 == 0:
            say(f"{done} of {len(numbers)} pairs, {time.monotonic() - began:.0f} s")

    async with open_lanes(min(lanes, len(numbers))) as opened:
        targets = await _targets(opened)
        await opened.judge([case(seed, number, targets) for number in numbers], told=told)
    say(f"{done} pairs, in {both} both faults met their request, {broken} violations")
    return broken


async def _targets(lanes: Lanes) -> Targets:
    """Sorted: requests go side by side, and a seed must mean the same each time."""
    return {name: sorted(await lanes.targets(name)) for name in PATHS}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def model(cases: int, seed: int) -> int:
    """The state machine, so many times; how many of its runs broke a promise: it stops at the first."""
    try:
        test_model.run(cases, seed)
    except Exception:  # noqa: BLE001  # whatever it found is told, and counted
        say(traceback.format_exc())
        return 1
    return 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--cases", type=int, default=1000, help="pairs and model cases, half of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one pair, to run it alone")
    parser.add_argument("--lanes", type=int, default=LANES, help="processes side by side")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = _arguments(arguments)
    logging.disable()  # the model works in this process, and a failed attempt is nothing to tell here
    if asked.only is not None:
        broken = asyncio.run(pairs(asked.seed, [asked.only]))
        say(f"seed {asked.seed}, pair {asked.only}: {broken} violations")
        return int(broken > 0)
    half = asked.cases // 2
    broken = asyncio.run(pairs(asked.seed, list(range(half)), lanes=asked.lanes))
    say(f"{half} pairs done; the model now")
    broken += model(asked.cases - half, asked.seed)
    say(f"seed {asked.seed}: {asked.cases} cases, {broken} violations")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
