"""The breaker: which ends of calls open it, and what brings it back."""

from __future__ import annotations

import itertools
import random

import pytest

from parley.core.state_machine import Machine
from parley.errors import IllegalTransition, LLMAPIError
from parley.llm.circuit_breaker import BREAKER_TRANSITIONS, Breaker, BreakerPolicy, BreakerState, CircuitOpen
from tests.llm.test_gateway import ASK, budget, gateway
from tests.llm_stub import FINE, Behaviour, llm_stub

FEW = BreakerPolicy(calls=4, share=0.75, window=60.0, rest=10.0)


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ended(breaker: Breaker, *ends: bool) -> None:
    for good in ends:
        breaker.before_call()
        (breaker.record_success if good else breaker.record_failure)()


def opened() -> tuple[Breaker, Seconds]:
    seconds = Seconds()
    breaker = Breaker(monotonic=seconds, policy=FEW)
    ended(breaker, False, False, False, False)
    return breaker, seconds


@pytest.mark.parametrize(("here", "there"), [*itertools.product(BreakerState, repeat=2)])
def test_every_move_is_in_the_table_or_refused(here, there):
    machine = Machine(BREAKER_TRANSITIONS, here)
    if there in BREAKER_TRANSITIONS[here]:
        machine.to(there)
        assert machine.state is there
    else:
        with pytest.raises(IllegalTransition):
            machine.to(there)


def test_it_opens_when_most_of_the_last_calls_failed_and_says_when_to_come_back():
    breaker, _ = opened()
    assert breaker.state is BreakerState.OPEN
    with pytest.raises(CircuitOpen) as refused:
        breaker.before_call()
    assert refused.value.retry_after == 10.0
    assert isinstance(refused.value, LLMAPIError)


def test_too_few_calls_say_nothing():
    breaker = Breaker(monotonic=Seconds(), policy=FEW)
    ended(breaker, False, False, False)
    breaker.before_call()
    assert breaker.state is BreakerState.CLOSED


def test_failures_of_long_ago_say_nothing():
    seconds = Seconds()
    breaker = Breaker(monotonic=seconds, policy=FEW)
    ended(breaker, False, False, False)
    seconds.now += 61
    ended(breaker, False)
    assert breaker.state is BreakerState.CLOSED


def test_after_its_rest_one_call_alone_gets_through_and_its_success_closes_it():
    breaker, seconds = opened()
    seconds.now += 10
    breaker.before_call()
    assert breaker.state is BreakerState.HALF_OPEN
    with pytest.raises(CircuitOpen):
        breaker.before_call()
    breaker.record_success()
    assert breaker.state is BreakerState.CLOSED
    ended(breaker, False, False, False)
    assert breaker.state is BreakerState.CLOSED


def test_a_probe_that_fails_opens_it_again_for_a_whole_rest():
    breaker, seconds = opened()
    seconds.now += 10
    ended(breaker, False)
    assert breaker.state is BreakerState.OPEN
    seconds.now += 9
    with pytest.raises(CircuitOpen):
        breaker.before_call()


def test_a_probe_that_was_broken_off_by_us_leaves_the_turn_to_the_next():
    breaker, seconds = opened()
    seconds.now += 10
    breaker.before_call()
    breaker.record_cancelled()
    breaker.before_call()
    breaker.record_success()
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("rate", [0.2, 0.3, 0.5])
def test_a_provider_that_is_worth_retrying_never_opens_it(rate):
    chance = random.Random(7)
    breaker = Breaker(monotonic=Seconds())
    ended(breaker, *(chance.random() >= rate for _ in range(20_000)))
    assert breaker.state is BreakerState.CLOSED


def test_one_email_alone_cannot_open_it():
    breaker = Breaker(monotonic=Seconds())
    ended(breaker, *[False] * (7 * 3))
    assert breaker.state is BreakerState.CLOSED


async def test_a_provider_that_is_down_is_not_asked_any_more():
    down = Behaviour(status=500)
    async with llm_stub(behave=lambda number, name: down) as stub, gateway(stub) as (asked, naps):
        for _ in range(20):
            with pytest.raises(LLMAPIError, match="after 3 retries"):
                await asked.complete(ASK, budget=budget())
        assert len(stub.calls) == 60
        naps.told.clear()
        with pytest.raises(CircuitOpen):
            await asked.complete(ASK, budget=budget())
        assert len(stub.calls) == 60
        assert naps.told == []


@pytest.mark.parametrize("unusable", [Behaviour(content="no json"), Behaviour(status=401)])
async def test_nonsense_and_a_refused_key_are_answers_all_the_same(unusable):
    def behave(number, name):
        return unusable if number < 66 else FINE

    async with llm_stub(behave=behave) as stub, gateway(stub) as (asked, _):
        while len(stub.calls) < 66:
            with pytest.raises(Exception, match=r"retries|key"):
                await asked.complete(ASK, budget=budget())
        assert await asked.complete(ASK, budget=budget()) == {"text": "The pilot was agreed."}


def test_a_few_calls_that_stall_open_it_and_it_says_how_long_it_rests():
    seconds = Seconds()
    breaker = Breaker(monotonic=seconds)
    for _ in range(9):
        breaker.before_call()
        breaker.record_timeout()
    assert breaker.state is BreakerState.CLOSED
    breaker.before_call()
    breaker.record_timeout()
    assert breaker.state is BreakerState.OPEN
    seconds.now += 5
    assert breaker.retry_after() == 10.0
    seconds.now += 10
    assert breaker.retry_after() == 0.0


async def test_json_in_a_fence_is_json():
    fenced = Behaviour(content='```json\n{"text": "The pilot was agreed."}\n```')
    async with llm_stub(behave=lambda number, name: fenced) as stub, gateway(stub) as (asked, _):
        assert await asked.complete(ASK, budget=budget()) == {"text": "The pilot was agreed."}
