"""Every request of every path, in three ways: die before it, die after it, an error in its place.

N is the number of requests of a clean run, counted anew each time; no case may
break a promise of tests/faults/invariants.py.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.cases import Case, Target, Verdict, modes
from tests.faults.lanes import open_lanes
from tests.faults.paths import PATHS

MODES = 3
FEWEST = {"transcript": 30, "invite": 18, "two mailboxes": 35, "refused": 8}
"""Requests of a clean run, at least: fewer mean that the proxy no longer sees them."""

Enumerated = dict[str, tuple[list[Target], list[Verdict]]]


async def enumerate_crashes() -> Enumerated:
    """All paths over all lanes: one long list, so that no lane waits for another."""
    async with open_lanes() as lanes:
        targets = {name: await lanes.targets(name) for name in PATHS}
        cases = [Case(name, (f,)) for name, found in targets.items() for t in found for f in modes(t)]
        verdicts = await lanes.judge(cases)
    return {name: (found, [v for v in verdicts if v.case.path == name]) for name, found in targets.items()}


@pytest.fixture(scope="module")
def enumerated() -> Enumerated:
    return asyncio.run(enumerate_crashes())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PATHS)
def test_no_crash_at_any_request_breaks_a_promise(enumerated, name, capsys):
    targets, verdicts = enumerated[name]
    with capsys.disabled():
        print(f"\n{name}: {len(targets)} requests, {len(verdicts)} cases", end=" ")  # noqa: T201  # the figures are what a reader of the run wants
    broken = [f"{v.case}: {v.violations}\n    {v.log}" for v in verdicts if v.violations]
    assert not broken, "\n".join([f"{len(broken)} of {len(verdicts)} cases", *broken])
    assert len(targets) >= FEWEST[name]
    assert len(verdicts) == MODES * len(targets)
    assert {v.case.faults[0].label for v in verdicts} == {label for label, _ in targets}
