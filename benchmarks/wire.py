"""Who was on the wire, when: every HTTP request of this process, as an interval.

The critical path is read backwards: what a request waited for is the one that
had ended last when it began.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    begun: float
    ended: float


@dataclass
class Wire:
    requests: list[Request] = field(default_factory=list)

    def chain(self, until: float = float("inf")) -> list[Request]:
        """The critical path to the last request that ended by then, from first to last."""
        path: list[Request] = []
        while earlier := [r for r in self.requests if r.ended <= until]:
            path.insert(0, max(earlier, key=lambda r: r.ended))
            until = path[0].begun
        return path

    def busy(self) -> float:
        """Seconds in which at least one request was on the wire."""
        total, reached = 0.0, 0.0
        for request in sorted(self.requests, key=lambda r: r.begun):
            total += max(0.0, request.ended - max(reached, request.begun))
            reached = max(reached, request.ended)
        return total


@contextmanager
def recorded() -> Iterator[Wire]:
    """Record what every aiohttp session of this process sends; aiobotocore's are such sessions too."""
    wire = Wire()
    plain = aiohttp.ClientSession._request

    async def noted(self: Any, method: str, target: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return await plain(self, method, target, **options)
        finally:
            action = (options.get("headers") or {}).get("X-Amz-Target", "")
            shown = action.decode() if isinstance(action, bytes) else action
            wire.requests.append(Request(method, shown or str(target), begun, time.perf_counter()))

    aiohttp.ClientSession._request = noted  # type: ignore[method-assign, assignment]
    try:
        yield wire
    finally:
        aiohttp.ClientSession._request = plain  # type: ignore[method-assign]
