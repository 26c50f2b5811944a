"""What one Lambda execution environment keeps between invocations."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Environment(Generic[Made]):
    """One event loop, and one set of clients opened on it, for all invocations.

    Lambda freezes the process between invocations and kills it without a word,
    so nothing is ever closed there; `close` is for those who run it elsewhere.
    """

    def __init__(self, open_resource: Callable[[], AbstractAsyncContextManager[Made]]) -> None:
        self._open = open_resource
        self._runner = asyncio.Runner()
        self._resources: AsyncExitStack | None = None
        self._made: list[Made] = []

    def run(self, work: Callable[[Made], Coroutine[Any, Any, Any]]) -> Any:
        """Run `work` on the kept loop, with what was opened on it."""
        return self._runner.run(self._with(work))

    async def _with(self, work: Callable[[Made], Coroutine[Any, Any, Any]]) -> Any:
        if self._resources is None:
            resources = AsyncExitStack()
            self._made = [await resources.enter_async_context(self._open())]
            self._resources = resources
            # The imports and clients are for good: no later collection needs to look at them.
            gc.freeze()
            gc.enable()
        return await work(self._made[0])

    def close(self) -> None:
        """Close the clients and the loop."""
        if self._resources is not None:
            self._runner.run(self._resources.aclose())
        self._resources = None
        self._runner.close()
