"""Who was on the wire, when: every HTTP request of this process, as an interval.

The longest chain of requests of which each began after the one before it had
ended is the critical path: what no concurrency can take away.
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
        """The longest chain of requests one after another; greedy by end is optimal for intervals."""
        path: list[Request] = []
        for request in sorted(self.requests, key=lambda r: r.ended):
            if request.ended <= until and (not path or request.begun >= path[-1].ended):
                path.append(request)
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
