"""Work side by side, with no task left behind."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")


async def together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """All results, in order. The first failure cancels and awaits the others, and is raised plainly.

    A task that outlives its handler would run inside the next invocation.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def all_of(*work: Coroutine[Any, Any, Any]) -> None:
    """Let each come to its end, whatever becomes of the others; then the first failure is raised."""
    ends = await asyncio.gather(*work, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


async def in_turn(*work: Callable[[], Coroutine[Any, Any, Item]]) -> list[Item]:
    """All results, one after the other. Each has its turn, whatever becomes of the others; then the first
    failure is raised.
    """
    results: list[Item] = []
    failed: list[Exception] = []
    for one in work:
        try:
            results.append(await one())
        except Exception as error:  # noqa: BLE001  # raised below, when all had their turn
            failed.append(error)
    if failed:
        raise failed[0]
    return results


def batched(items: Iterable[Item], size: int) -> list[tuple[Item, ...]]:
    """The items in tuples of `size`, the last of what is left (`itertools.batched` of Python 3.12)."""
    rest = iter(items)
    return list(iter(lambda: tuple(itertools.islice(rest, size)), ()))
