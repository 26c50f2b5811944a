"""Finding free time against the number of busy intervals: ours, bare sorting, and a plain quadratic form.

The intervals come in random order and none touches another: merging then
leaves as many as there were, which is the most work for all three.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from parley.availability.free_time import TimeSlot, free_slots, without

SIZES = (100, 1_000, 10_000, 100_000)
MOST_QUADRATIC = 10_000
"""Ten times more take a hundred times as long: this is half a minute for all runs."""
RUNS = 7
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
LENGTH, STEP, DURATION = timedelta(minutes=30), timedelta(minutes=45), timedelta(minutes=15)


@dataclass(frozen=True)
class Row:
    """Seconds for `size` busy intervals; None where it was not waited for."""

    size: int
    ours: float
    sorting: float
    quadratic: float | None


def calendar(size: int) -> list[TimeSlot]:
    """Half an hour in every three quarters."""
    found = [TimeSlot(MONDAY + n * STEP, MONDAY + n * STEP + LENGTH) for n in range(size)]
    random.Random(size).shuffle(found)
    return found


def quadratic_slots(windows: Sequence[TimeSlot], busy: Sequence[TimeSlot]) -> list[TimeSlot]:
    """The same answer, each busy interval compared with all that were merged before it."""
    merged: list[TimeSlot] = []
    for one in busy:
        apart = []
        for other in merged:
            if other.end < one.start or one.end < other.start:
                apart.append(other)
            else:
                one = TimeSlot(min(one.start, other.start), max(one.end, other.end))  # noqa: PLW2901
        merged = [*apart, one]
    return [gap for gap in without(windows, sorted(merged)) if gap.end - gap.start >= DURATION]


def seconds(work: Callable[[], object]) -> float:
    """Of CPU, the median of several runs: what else this machine does is not counted."""
    taken = []
    for _ in range(RUNS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def measured(size: int) -> Row:
    busy = calendar(size)
    starts = [slot.start for slot in busy]
    windows = [TimeSlot(MONDAY, MONDAY + size * STEP)]
    quadratic = None
    if size <= MOST_QUADRATIC:
        assert quadratic_slots(windows, busy) == free_slots([windows], busy, DURATION)
        quadratic = seconds(lambda: quadratic_slots(windows, busy))
    ours = seconds(lambda: free_slots([windows], busy, DURATION))
    return Row(size, ours, seconds(lambda: sorted(starts)), quadratic)


def show(row: Row, before: Row | None) -> None:
    line = (
        f"  {row.size:7,d}  {row.ours * 1000:9.2f}  {row.sorting * 1000:9.2f}  {row.ours / row.sorting:5.1f}"
    )
    if row.quadratic:
        line += f"  {row.quadratic * 1000:11.1f}  {row.quadratic / row.ours:6.0f}"
    else:
        line += f"  {'-':>11}  {'-':>6}"
    if before:
        line += f"   ours x {row.ours / before.ours:.1f}, sorting x {row.sorting / before.sorting:.1f}"
        if row.quadratic and before.quadratic:
            line += f", quadratic x {row.quadratic / before.quadratic:.0f}"
    print(line)


def main() -> None:
    print(f"free time of n busy intervals, ms of CPU, medians of {RUNS}; growth from a tenth of n")
    print(f"  {'n':>7}  {'ours':>9}  {'sorted()':>9}  {'ratio':>5}  {'quadratic':>11}  {'ratio':>6}   growth")
    before = None
    for size in SIZES:
        row = measured(size)
        show(row, before)
        before = row


if __name__ == "__main__":
    main()
