"""A third user of the ledger, beside e-mail and analyses: it keeps a calendar in sync and sends a receipt.

Whoever writes another kind of run writes no more than `sync`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from parley.core.clock import Deadline
from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.errors import BusyError, RetryableError
from parley.ledger.claims import LEASE_MARGIN, MAX_ATTEMPTS, Claim, Finished
from parley.ledger.keys import RunKey
from parley.ledger.ledger import Ledger
from parley.ledger.outbox import OutboxState
from tests.support import FakeClock, MemoryRunTable

KEY = RunKey(TenantId("acme"), "sync", ("calendar-7", "2026-03-02"))


class Killed(BaseException):
    """The worker's process is gone: nothing in it runs any more."""


@dataclass
class Provider:
    """What the sync asks, and sends to; `ends` are raised first, in order."""

    asked: int = 0
    sent: list[str] = field(default_factory=list)
    ends: list[BaseException] = field(default_factory=list)

    async def page(self) -> dict:
        self.asked += 1
        return {"events": self.asked}

    async def send(self, text: str) -> str:
        if self.ends:
            raise self.ends.pop(0)
        self.sent.append(text)
        return f"receipt-{len(self.sent)}"


async def sync(ledger: Ledger, provider: Provider, deadline: Deadline, claim: Claim | None = None) -> str:
    """One copy of the work: claim, record, send once, end."""
    claim = claim or await ledger.claim(KEY, lease_until=deadline.at)
    if isinstance(claim, Finished):
        return f"was {claim.outcome}"
    async with ledger.attempt(claim, deadline=deadline, what="sync the calendar"):
        page = await ledger.step(claim, "page", provider.page)
        text = f"{page['events']} events of generation {claim.generation}"
        ours, entry = await ledger.begin_sending(await ledger.intend(claim, "receipt", {"text": text}))
        if ours:
            try:
                sent_id = await provider.send(entry.message["text"])
            except RetryableError:
                await ledger.settle(entry, OutboxState.INTENT)
                raise
            await ledger.settle(entry, OutboxState.SENT, sent_id=sent_id)
        await ledger.finish(claim, Outcome.PROCESSED)
    return "done"


@dataclass
class World:
    clock: FakeClock
    ledger: Ledger
    provider: Provider = field(default_factory=Provider)

    def deadline(self) -> Deadline:
        return Deadline(self.clock() + 60, self.clock)

    async def copy(self) -> str:
        return await sync(self.ledger, self.provider, self.deadline())

    async def receipt(self) -> OutboxState:
        entry = await self.ledger.outbox(KEY, "receipt")
        assert entry is not None
        return entry.state


@pytest.fixture
def world() -> World:
    clock = FakeClock()
    return World(clock, Ledger(MemoryRunTable(), clock=clock))


async def test_it_is_done_once_however_many_copies_come(world):
    assert [await world.copy(), await world.copy()] == ["done", "was processed"]
    assert (world.provider.asked, world.provider.sent) == (1, ["1 events of generation 1"])


async def test_a_copy_is_busy_while_the_first_is_at_work(world):
    await world.ledger.claim(KEY, lease_until=world.clock() + 60)
    with pytest.raises(BusyError):
        await world.copy()


async def test_after_a_crash_the_next_copy_takes_over_and_asks_nothing_again(world):
    world.provider.ends = [Killed()]
    with pytest.raises(Killed):
        await world.copy()
    with pytest.raises(BusyError):
        await world.copy()
    world.clock.forward(60 + LEASE_MARGIN + 1)
    assert await world.copy() == "done"
    # Nobody knows whether the dead worker's receipt went out: it is not sent again.
    assert (world.provider.asked, world.provider.sent) == (1, [])
    assert await world.receipt() is OutboxState.AMBIGUOUS


async def test_a_clean_failure_gives_the_lease_back_and_sends_once(world):
    world.provider.ends = [RetryableError("throttled")]
    with pytest.raises(RetryableError):
        await world.copy()
    assert await world.copy() == "done"
    assert (world.provider.asked, len(world.provider.sent)) == (1, 1)


async def test_when_its_attempts_are_used_up_it_has_failed(world):
    world.provider.ends = [RetryableError("throttled") for _ in range(MAX_ATTEMPTS)]
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.copy()
    assert await world.ledger.finished(KEY) == Finished(Outcome.FAILED, "attempts_exhausted")


async def test_a_replay_works_it_anew_and_sends_nothing_twice(world):
    await world.copy()
    deadline = world.deadline()
    claim = await world.ledger.reopen(KEY, lease_until=deadline.at)
    assert await sync(world.ledger, world.provider, deadline, claim) == "done"
    assert (claim.generation, world.provider.asked, len(world.provider.sent)) == (2, 2, 1)
