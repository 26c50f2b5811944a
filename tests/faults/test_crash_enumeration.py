"""Every request of every path, in three ways: die before it, die after it, an error in its place.

N is the number of requests of a clean run, counted anew each time; no case may
break a promise of tests/faults/invariants.py.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tests.faults.cases import RECOVERY, Case, Target, Verdict, in_recovery, modes
from tests.faults.lanes import open_lanes
from tests.faults.paths import PATHS

pytestmark = pytest.mark.slow
MODES = 3
FEWEST = {"transcript": 30, "invite": 18, "two mailboxes": 35, "two transcripts": 20, "refused": 8}
"""Requests of a clean run, at least: fewer mean that the proxy no longer sees them."""


@dataclass(frozen=True)
class Enumerated:
    """The requests of each path, and what became of all cases."""

    targets: dict[str, list[Target]]
    verdicts: list[Verdict]
    recovered: list[Verdict]

    def of(self, path: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.case.path == path]


async def enumerate_crashes() -> Enumerated:
    """All paths over all lanes: one long list, so that no lane waits for another."""
    async with open_lanes() as lanes:
        targets = {name: await lanes.targets(name) for name in PATHS}
        cases = [Case(name, (f,)) for name, found in targets.items() for t in found for f in modes(t)]
        verdicts = await lanes.judge([*cases, *in_recovery("transcript")])
    return Enumerated(targets, verdicts[: len(cases)], verdicts[len(cases) :])


@pytest.fixture(scope="module")
def enumerated(processes: None) -> Enumerated:
    return asyncio.run(enumerate_crashes())


def told(verdicts: list[Verdict]) -> list[str]:
    """The broken promises, each with its case and what the workers logged."""
    return [f"{v.case}: {v.violations}\n    {v.log}" for v in verdicts if v.violations]


@pytest.mark.parametrize("name", PATHS)
def test_no_crash_at_any_request_breaks_a_promise(enumerated, name, capsys):
    targets, verdicts = enumerated.targets[name], enumerated.of(name)
    with capsys.disabled():
        print(f"\n{name}: {len(targets)} requests, {len(verdicts)} cases", end=" ")  # noqa: T201  # the figures are what a reader of the run wants
    assert not (broken := told(verdicts)), f"{len(broken)} of {len(verdicts)} cases\n" + "\n".join(broken)
    assert len(targets) >= FEWEST[name]
    assert len(verdicts) == MODES * len(targets)
    assert {v.case.faults[0].label for v in verdicts} == {label for label, _ in targets}


def test_no_crash_while_a_fault_is_mended_breaks_a_promise(enumerated, capsys):
    verdicts = enumerated.recovered
    with capsys.disabled():
        print(f"\nrecovery: {len(verdicts)} cases", end=" ")  # noqa: T201  # as above
    assert not (broken := told(verdicts)), f"{len(broken)} of {len(verdicts)} cases\n" + "\n".join(broken)
    assert len(verdicts) == MODES * sum(map(len, RECOVERY.values()))
