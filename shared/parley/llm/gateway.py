"""Asking a model, within limits: attempts, seconds, tokens and money.

complete ── money left? ── provider up? ── call ──┬── usable JSON ──────────────▶ answer
                  │              │                ├── LLMAPIError ── wait ── again (≤ attempts)
                  ▼              ▼                ├── LLMResponseError ───── again (≤ attempts)
           BudgetExceeded   CircuitOpen           └── ProviderConfigError ────▶ at once: retrying is useless

The mail path and the API ask through it alike: one policy, one breaker a provider.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from parley.errors import LLMAPIError, LLMResponseError, ParleyError, ProviderConfigError
from parley.llm.breaker import Breaker, CircuitOpen
from parley.llm.usage import Usage

CHARACTERS_PER_TOKEN = 4
"""Near enough to hold a budget; what is billed is what the provider reports."""


class BudgetExceeded(ParleyError):
    """The email's cost ceiling is reached."""


@dataclass(frozen=True, slots=True)
class LLMRequest:
    """One question. `schema` is the JSON schema that the answer must fit; `name` is the extractor's."""

    name: str
    system: str
    user: str
    schema: dict[str, Any]
    max_output_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class LLMReply:
    """The model's JSON, decoded and not yet trusted, and the tokens it took."""

    data: Any
    input_tokens: int
    output_tokens: int


class Provider(Protocol):
    """One model behind one wire."""

    # The provider turns `timeout` into its wire's own limit.
    async def complete(self, request: LLMRequest, *, timeout: float) -> LLMReply:  # noqa: ASYNC109
        """One call, at most `timeout` seconds.

        Raises LLMAPIError (a retry can help), LLMResponseError (no JSON),
        ProviderConfigError (a retry cannot help).
        """


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars a million tokens."""

    into: float = 0.0
    out: float = 0.0

    def micro_usd(self, input_tokens: int, output_tokens: int) -> int:
        """Dollars a million tokens are micro-dollars a token."""
        return round(input_tokens * self.into + output_tokens * self.out)


@dataclass(slots=True)
class Budget:
    """What one email may still cost and what it has. `seconds()` is the time left for one answer."""

    seconds: Callable[[], float]
    ceiling_micro_usd: int | None = None
    used: Usage = field(default_factory=Usage)
    whole: Budget | None = None
    _reserved: int = 0

    def part(self) -> Budget:
        """The same budget, seen by one question: its `used` is what that question took."""
        return Budget(self.seconds, whole=self)

    def reserve(self, micro_usd: int) -> None:
        """Set an estimate aside before a call, so that parallel calls cannot overspend together."""
        if self.whole is not None:
            self.whole.reserve(micro_usd)
        if self.ceiling_micro_usd is None:
            return
        if self.used.cost_micro_usd + self._reserved + micro_usd > self.ceiling_micro_usd:
            raise BudgetExceeded(
                f"the cost ceiling of {self.ceiling_micro_usd / 1e6:.4f} USD an email is reached"
            )
        self._reserved += micro_usd

    def settle(self, reserved: int, usage: Usage) -> None:
        """Replace the estimate by what the call took."""
        if self.whole is not None:
            self.whole.settle(reserved, usage)
        if self.ceiling_micro_usd is not None:
            self._reserved -= reserved
        self.used += usage


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


class Gateway:
    """Every question to a model goes through here; `model` is the name of the one that answers."""

    def __init__(
        self,
        provider: Provider,
        *,
        price: Price | None = None,
        policy: RetryPolicy | None = None,
        breaker: Breaker | None = None,
        model: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.model = model
        self._provider = provider
        self._price = price or Price()
        self._policy = policy or RetryPolicy()
        self._breaker = breaker or Breaker(monotonic=time.monotonic)
        self._sleep = sleep

    def rests(self) -> float:
        """Seconds for which the provider is left to rest; 0 while it is asked."""
        return self._breaker.rests()

    async def complete(
        self,
        request: LLMRequest,
        *,
        budget: Budget,
        accept: Callable[[Any], Any] = lambda data: data,
        attempts: int | None = None,
    ) -> Any:
        """What `accept` makes of the model's JSON.

        `accept` raises LLMResponseError for JSON that does not fit; that costs an
        attempt like any failure. `attempts` in all, else the policy's. Raises
        LLMAPIError when all attempts fail, CircuitOpen (which is one),
        ProviderConfigError and BudgetExceeded at once.
        """
        retrying = AsyncRetrying(
            stop=self._stop(budget, attempts or self._policy.attempts),
            wait=self._wait,
            retry=retry_if_exception(_may_help),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._once, request, budget, accept)
        except CircuitOpen:
            raise
        except (LLMAPIError, LLMResponseError) as error:
            made = retrying.statistics["attempt_number"]
            after = error.retry_after if isinstance(error, LLMAPIError) else None
            when = "at its only attempt" if made == 1 else f"after {made} retries"
            raise LLMAPIError(f"LLM call failed {when}", retry_after=after) from error

    def _stop(self, budget: Budget, attempts: int) -> Callable[[RetryCallState], bool]:
        by_count = stop_after_attempt(attempts)

        def stop(state: RetryCallState) -> bool:
            return by_count(state) or budget.seconds() <= state.upcoming_sleep

        return stop

    def _wait(self, state: RetryCallState) -> float:
        policy = self._policy
        backoff = wait_exponential_jitter(
            multiplier=policy.first_wait, max=policy.longest_wait, jitter=policy.first_wait
        )
        error = state.outcome.exception() if state.outcome else None
        told = error.retry_after if isinstance(error, LLMAPIError) else None
        return max(told or 0.0, backoff(state))

    async def _once(self, request: LLMRequest, budget: Budget, accept: Callable[[Any], Any]) -> Any:
        estimate = self._price.micro_usd(
            (len(request.system) + len(request.user)) // CHARACTERS_PER_TOKEN, request.max_output_tokens // 4
        )
        timeout = min(self._policy.call_timeout, budget.seconds())
        if timeout <= 0:
            raise LLMAPIError("no time is left for a model")
        self._breaker.before()
        try:
            budget.reserve(estimate)
        except BudgetExceeded:
            self._breaker.given_up()
            raise
        usage = Usage(llm_calls=1)
        try:
            reply = await self._asked(request, timeout)
            cost = self._price.micro_usd(reply.input_tokens, reply.output_tokens)
            usage = Usage(1, reply.input_tokens, reply.output_tokens, cost)
            return accept(reply.data)
        finally:
            budget.settle(estimate, usage)

    async def _asked(self, request: LLMRequest, timeout: float) -> LLMReply:  # noqa: ASYNC109  # the wire's own limit
        """One call, and the breaker told how it ended."""
        ended = self._breaker.given_up
        try:
            async with asyncio.timeout(timeout):
                reply = await self._provider.complete(request, timeout=timeout)
            ended = self._breaker.succeeded
        except TimeoutError as error:
            # A call that was given little time says nothing of the provider.
            ended = self._breaker.stalled if timeout >= self._policy.patience else ended
            raise LLMAPIError(f"the model took longer than {timeout:.0f} s") from error
        except LLMAPIError:
            ended = self._breaker.failed
            raise
        except (LLMResponseError, ProviderConfigError):
            ended = self._breaker.succeeded
            raise
        finally:
            ended()
        return reply


def _may_help(error: BaseException) -> bool:
    """Whether a retry can help: it cannot where the provider was not even asked."""
    return isinstance(error, LLMAPIError | LLMResponseError) and not isinstance(error, CircuitOpen)
