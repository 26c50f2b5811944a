"""Asking a model, within limits: attempts, seconds, tokens and money.

complete ── money left? ── provider up? ── call ──┬── usable JSON ──────────────▶ answer
                  │              │                ├── LLMAPIError ── wait ── again (≤ attempts)
                  ▼              ▼                ├── LLMResponseError ───── again (≤ attempts)
           BudgetExceeded   CircuitOpen           └── ProviderConfigError ────▶ at once: retrying is useless

Which errors are tried again, and when, stands in `retry`. The mail path and the API use the same gateway:
one policy, one circuit breaker a provider.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from parley.errors import LLMAPIError, LLMResponseError, ProviderConfigError
from parley.llm.budget import Budget, BudgetExceeded, Price
from parley.llm.circuit_breaker import Breaker, CircuitOpen
from parley.llm.provider import LLMReply, LLMRequest, Provider
from parley.llm.retry import RetryPolicy
from parley.llm.usage import Usage

CHARACTERS_PER_TOKEN = 4
"""Near enough to hold a budget; what is billed is what the provider reports."""


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

    def retry_after(self) -> float:
        """Seconds for which the provider is left to rest; 0 while it is asked."""
        return self._breaker.retry_after()

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
        retrying = self._policy.retrying(attempts=attempts, seconds_left=budget.seconds, sleep=self._sleep)
        try:
            return await retrying(self._once, request, budget, accept)
        except CircuitOpen:
            raise
        except (LLMAPIError, LLMResponseError) as error:
            made = retrying.statistics["attempt_number"]
            after = error.retry_after if isinstance(error, LLMAPIError) else None
            when = "at its only attempt" if made == 1 else f"after {made} retries"
            raise LLMAPIError(f"LLM call failed {when}", retry_after=after) from error

    async def _once(self, request: LLMRequest, budget: Budget, accept: Callable[[Any], Any]) -> Any:
        estimate = self._price.micro_usd(
            (len(request.system) + len(request.user)) // CHARACTERS_PER_TOKEN, request.max_output_tokens // 4
        )
        timeout = min(self._policy.call_timeout, budget.seconds())
        if timeout <= 0:
            raise LLMAPIError("no time is left for a model")
        self._breaker.before_call()
        try:
            budget.reserve(estimate)
        except BudgetExceeded:
            self._breaker.record_cancelled()
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
        ended = self._breaker.record_cancelled
        try:
            async with asyncio.timeout(timeout):
                reply = await self._provider.complete(request, timeout=timeout)
            ended = self._breaker.record_success
        except TimeoutError as error:
            # A call that was given little time says nothing of the provider.
            ended = self._breaker.record_timeout if timeout >= self._policy.patience else ended
            raise LLMAPIError(f"the model took longer than {timeout:.0f} s") from error
        except LLMAPIError:
            ended = self._breaker.record_failure
            raise
        except (LLMResponseError, ProviderConfigError):
            ended = self._breaker.record_success
            raise
        finally:
            ended()
        return reply
