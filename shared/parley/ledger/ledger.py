"""The ledger: how anything runs that must survive crashes, copies and retries.

    claim = await ledger.claim(key, lease_until=deadline.at)     the first effect of all
    async with ledger.attempt(claim, deadline=..., what=...):    under a time limit
        answer = await ledger.step(claim, "fetch", fetch)        recorded once, read back ever after
        entry = await ledger.intend(claim, "receipt", message)   then begin_sending, send, settle
        await ledger.finish(claim, Outcome.PROCESSED)

A run is known by (tenant, kind, subject). Work is done at least once. What is a
recorded step is paid for once, and a message of the outbox has at most one
attempt whose end is unknown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from parley.core.clock import Deadline
from parley.core.logs import kind_of
from parley.core.outcome import Outcome
from parley.errors import BusyError, OutOfService, ParleyError
from parley.ledger.claims import ATTEMPTS_EXHAUSTED, Claim, Claims
from parley.ledger.outbox import Outbox
from parley.ledger.steps import Steps
from parley.ledger.table import NullTable

log = logging.getLogger("parley.ledger")

RELEASES = 3
"""How often a run is given back, should the table not answer: each time a few connections are tried."""


def _unsaid(error: BaseException) -> None:
    del error


async def _untold(error: BaseException) -> None:
    del error


class Ledger(Claims, Steps, Outbox):
    """Claims, steps and outbox over one table."""

    @asynccontextmanager
    async def attempt(
        self,
        claim: Claim,
        *,
        deadline: Deadline,
        what: str,
        failed: Callable[[BaseException], None] = _unsaid,
        exhausted: Callable[[BaseException], Awaitable[None]] = _untold,
    ) -> AsyncIterator[None]:
        """Work a claimed run in the block, within the deadline. An error gives the run back and is raised.

        `failed` hears of the error first; what it puts into the claim is kept.
        `exhausted` hears of it where this was the last attempt: the run has
        ended as failed. A worker that is cancelled while attempts are counted
        leaves its lease to end by itself, as one that dies does.
        """
        try:
            async with deadline.limit(what):
                yield
        except BaseException as error:
            if isinstance(error, Exception) or not claim.counted:
                async with deadline.cleanup():
                    await self._give_back(claim, error, failed, exhausted)
            raise

    async def _give_back(
        self,
        claim: Claim,
        error: BaseException,
        failed: Callable[[BaseException], None],
        exhausted: Callable[[BaseException], Awaitable[None]],
    ) -> None:
        try:
            failed(error)
            # Neither another worker's turn nor an outage is a failure of this work.
            if isinstance(error, BusyError | OutOfService) or not claim.counted:
                await self._surely_release(claim, counted=False)
            elif not self.last_attempt(claim):
                await self._surely_release(claim, counted=True)
            else:
                await self.finish(claim, Outcome.FAILED, ATTEMPTS_EXHAUSTED)
                await exhausted(error)
        except ParleyError as second:
            # The lease ends by itself; the first error is the one to raise.
            extra = {"run_id": claim.key.run_id, "error": kind_of(second)}
            log.warning("could not give the run back", extra=extra)

    async def _surely_release(self, claim: Claim, *, counted: bool) -> None:
        """Release it though the kept connections to the table may all be dead: the bill goes with it."""
        for _ in range(RELEASES - 1):
            with suppress(OutOfService):
                return await self.release(claim, counted=counted)
        return await self.release(claim, counted=counted)


def unrecorded() -> Ledger:
    """A ledger that records nothing: for work that nobody needs to resume."""
    return Ledger(NullTable(), clock=time.time)
