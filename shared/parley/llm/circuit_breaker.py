"""A circuit breaker for one model provider: while it is down it is not asked, and nobody waits for it.

    CLOSED ── most of the last calls failed ──▶ OPEN ── rest is over ──▶ HALF_OPEN
       ▲                                         ▲                            │
       │                                         └────── the probe failed ────┤
       └──────────────────── the probe succeeded ─────────────────────────────┘

It looks at a share of the last calls, not at failures in a row: a provider
that fails one call in three is worth retrying, and must never open it. The
libraries for this count failures in a row, or know no event loop.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from parley.core.state_machine import Machine
from parley.errors import LLMAPIError

log = logging.getLogger("parley.llm.circuit_breaker")


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


BREAKER_TRANSITIONS: dict[BreakerState, frozenset[BreakerState]] = {
    BreakerState.CLOSED: frozenset({BreakerState.OPEN}),
    BreakerState.OPEN: frozenset({BreakerState.HALF_OPEN}),
    BreakerState.HALF_OPEN: frozenset({BreakerState.CLOSED, BreakerState.OPEN}),
}


class CircuitOpen(LLMAPIError):
    """The provider was not asked: it has been failing. `retry_after` is when it will be."""


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Opens when at least `share` of the last `calls` failed, all of them within `window` seconds.

    Rests `rest` seconds, then lets one call through. One email alone, with
    seven questions of three attempts each, cannot open it, and neither can a
    provider that fails one call in two: 54 failures of 60 come once in 10^10.
    A call that stalls counts as `stall` failures: nine or ten of them open it.
    """

    calls: int = 60
    share: float = 0.9
    window: float = 300.0
    stall: int = 6
    rest: float = 15.0


class Breaker:
    """One provider's, in one process. `monotonic` is seconds."""

    def __init__(self, *, monotonic: Callable[[], float], policy: BreakerPolicy | None = None) -> None:
        self._monotonic = monotonic
        self._policy = policy or BreakerPolicy()
        self._machine = Machine(BREAKER_TRANSITIONS, BreakerState.CLOSED)
        self._ends: deque[tuple[float, bool]] = deque(maxlen=self._policy.calls)
        self._opened_at = 0.0
        self._probing = False

    @property
    def state(self) -> BreakerState:
        return self._machine.state

    def before_call(self) -> None:
        """Ask for leave to call: whoever gets it tells the end by one of the others. Raises CircuitOpen."""
        if self.state is BreakerState.OPEN and self._rested() >= self._policy.rest:
            self._machine.to(BreakerState.HALF_OPEN)
            self._probing = False
        if self.state is BreakerState.CLOSED:
            return
        if self.state is BreakerState.OPEN or self._probing:
            wait = max(1.0, self._policy.rest - self._rested())
            raise CircuitOpen("the model provider keeps failing, and is left to rest", retry_after=wait)
        self._probing = True

    def record_success(self) -> None:
        """The provider answered, be it nonsense."""
        self._ends.append((self._monotonic(), True))
        if self.state is BreakerState.HALF_OPEN:
            self._ends.clear()
            self._machine.to(BreakerState.CLOSED)
            log.info("model provider answers again")

    def record_failure(self) -> None:
        """The provider failed, stalled or throttled us."""
        self._ends.append((self._monotonic(), False))
        if self.state is BreakerState.HALF_OPEN or (self.state is BreakerState.CLOSED and self._is_down()):
            self._opened_at = self._monotonic()
            self._machine.to(BreakerState.OPEN)
            log.warning("model provider left to rest", extra={"seconds": self._policy.rest})

    def record_timeout(self) -> None:
        """The provider took a call and never answered: whoever waited has lost more than a failure takes."""
        for _ in range(self._policy.stall):
            self.record_failure()
            if self.state is BreakerState.OPEN:
                return

    def retry_after(self) -> float:
        """Seconds until it may be asked again; 0 while it is asked."""
        return max(0.0, self._policy.rest - self._rested()) if self.state is BreakerState.OPEN else 0.0

    def record_cancelled(self) -> None:
        """The call was broken off by us: it says nothing of the provider, and a probe is owed again."""
        self._probing = False

    def _is_down(self) -> bool:
        since = self._monotonic() - self._policy.window
        recent = [good for at, good in self._ends if at >= since]
        failures = recent.count(False)
        return len(recent) >= self._policy.calls and failures >= self._policy.share * len(recent)

    def _rested(self) -> float:
        return self._monotonic() - self._opened_at
