"""The service layer, phase 5: a preparation from a model that cannot be relied on."""

from __future__ import annotations

import pytest

from parley.errors import LLMAPIError, NotFound
from tests.acceptance.world import DOWN, FAILED, PREPARATION, Services, a_model
from tests.llm_stub import FINE, Behaviour


@pytest.fixture
def here(records):
    return Services(records)


async def test_one_attempt_is_one_attempt(here):
    meeting = await here.meeting()
    async with a_model(behave=lambda *_: DOWN) as (stub, gateway, naps):
        with pytest.raises(LLMAPIError):
            await here.preparation(gateway).generate_pre_meeting_prep(meeting)
        assert (len(stub.calls), naps.told) == (1, [])


@pytest.mark.parametrize("bad", [DOWN, Behaviour(drop=True), Behaviour(content="{"), Behaviour(status=429)])
async def test_a_failure_is_made_good_by_the_next_attempt(here, bad):
    meeting = await here.meeting()
    async with a_model(behave=lambda n, _: bad if n < 2 else FINE) as (stub, gateway, naps):
        made = await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting)
        assert made.contact_summary == PREPARATION["contact_summary"]
        assert (len(stub.calls), len(naps.told)) == (3, 2)


async def test_three_attempts_are_made_unless_it_is_said_otherwise(here):
    meeting = await here.meeting()
    async with a_model(behave=lambda *_: DOWN) as (stub, gateway, _):
        with pytest.raises(LLMAPIError, match=FAILED):
            await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting)
        assert len(stub.calls) == 3


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_no_more_attempts_are_made_than_were_allowed(here, most):
    meeting = await here.meeting()
    async with a_model(behave=lambda *_: DOWN) as (stub, gateway, naps):
        with pytest.raises(LLMAPIError):
            await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting, max_retries=most)
        assert (len(stub.calls), len(naps.told)) == (most, most - 1)


async def test_no_attempt_at_all_is_an_error(here):
    meeting = await here.meeting()
    async with a_model() as (stub, gateway, _):
        with pytest.raises(ValueError, match="max_retries"):
            await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting, max_retries=0)
        assert stub.calls == []


async def test_the_waits_begin_at_a_tenth_of_a_second_and_double_but_for_chance(here):
    meeting = await here.meeting()
    rounds = []
    # Four attempts of five fail: a provider that is down would be left in peace.
    async with a_model(behave=lambda n, _: DOWN if n % 5 < 4 else FINE) as (_, gateway, naps):
        for _ in range(25):
            naps.told.clear()
            await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting, max_retries=5)
            rounds.append(list(naps.told))
    for waits in rounds:
        assert len(waits) == 4
        assert all(0.1 * 2**n <= wait <= 0.1 * 2**n + 0.1 + 1e-9 for n, wait in enumerate(waits))
    # Chance spreads them.
    assert len({wait for waits in rounds for wait in waits}) > 50


async def test_a_value_that_is_wrong_is_never_tried_again(here):
    async with a_model(behave=lambda *_: DOWN) as (stub, gateway, naps):
        with pytest.raises(NotFound) as error:
            await here.preparation(gateway).generate_pre_meeting_prep_with_retry("meeting_99")
        assert isinstance(error.value, ValueError)
        assert (stub.calls, naps.told) == ([], [])


async def test_a_model_that_fails_three_in_ten_is_good_enough(here):
    meeting = await here.meeting()
    # Never three in a row: each round must succeed.
    async with a_model(behave=lambda n, _: DOWN if n % 10 in {1, 4, 7} else FINE) as (stub, gateway, _):
        for _ in range(10):
            made = await here.preparation(gateway).generate_pre_meeting_prep_with_retry(meeting)
            assert made.source == "model"
        assert len(stub.calls) > 10
