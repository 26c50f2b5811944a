"""The retry policy for a model: which errors are tried again, how often, and after which wait.

- LLMAPIError (timeout, 429, 5xx, ...): again after the backoff, or after `retry_after` where that is longer
- LLMResponseError (no JSON, or JSON that does not fit): again after the backoff
- CircuitOpen, ProviderConfigError, BudgetExceeded: never, since asking again cannot help
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from parley.errors import LLMAPIError, LLMResponseError
from parley.llm.circuit_breaker import CircuitOpen


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts in all, seconds for one call, and waits of 0.1, 0.2, 0.4 s ..., up to 0.1 more, capped.

    A call that takes longer than `patience` seconds, and is broken off, is the provider's failure.
    """

    attempts: int = 3
    call_timeout: float = 60.0
    patience: float = 15.0
    first_wait: float = 0.1
    longest_wait: float = 5.0

    def retrying(
        self,
        *,
        attempts: int | None,
        seconds_left: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> AsyncRetrying:
        """The loop of attempts. It stops early where the next wait is longer than `seconds_left()`.

        `attempts` in all, else the policy's. The last error is raised as it came.
        """
        by_count = stop_after_attempt(attempts or self.attempts)
        return AsyncRetrying(
            stop=lambda state: by_count(state) or seconds_left() <= state.upcoming_sleep,
            wait=self._wait,
            retry=retry_if_exception(is_retryable),
            sleep=sleep,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        backoff = wait_exponential_jitter(
            multiplier=self.first_wait, max=self.longest_wait, jitter=self.first_wait
        )
        error = state.outcome.exception() if state.outcome else None
        asked_for = error.retry_after if isinstance(error, LLMAPIError) else None
        return max(asked_for or 0.0, backoff(state))


def is_retryable(error: BaseException) -> bool:
    """Whether a retry can help: it cannot where the provider was not even asked."""
    return isinstance(error, LLMAPIError | LLMResponseError) and not isinstance(error, CircuitOpen)
