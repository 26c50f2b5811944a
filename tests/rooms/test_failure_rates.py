"""A model that fails one call in five, or three in ten: 1,000 requests, their rates, and none of them lost.

Which call fails is said by who asks, what, and for which time; by no order of arrival.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from local.demo import MEETINGS, TENANT
from parley.analysis.machine import INSIGHT_NAMES
from parley.core.tasks import together
from parley.llm.gateway import Gateway
from parley.meetings.kinds import MEETING
from parley.store.records import Records
from tests.acceptance.world import FAILED, NOW, PREPARATION, a_model, api_with
from tests.faults.test_llm_failures import FAILURES, SEED, codeword
from tests.llm_stub import FINE, Behaviour, LLMStub
from tests.rooms.conftest import Api, open_stores

EACH = 500
A_TABLE = 25
"""Meetings in one: moto copies the whole table for each transaction."""
AT_ONCE = 16
ATTEMPTS = 3
TAIL = Fraction(1, 2000)
"""On either side of the 99.9% that are left."""
Request = Callable[["Api", "Model", int], Awaitable[None]]
TALK = """Ann Berg: I will send the pricing sheet by Friday, codeword-{number}.
Bo Lind: Great, we decided that we start the pilot in May.
"""


def likely(count: int, chance: Fraction) -> range:
    """How many of `count` come about in all but TAIL of the cases on either side, to the last digit."""
    yes, no = chance.numerator, chance.denominator - chance.numerator
    every = chance.denominator**count
    ways, so_far, low = no**count, 0, None
    for hits in range(count + 1):
        so_far += ways
        if low is None and so_far > TAIL * every:
            low = hits
        if low is not None and so_far >= (1 - TAIL) * every:
            return range(low, hits + 1)
        ways = ways * (count - hits) * yes // ((hits + 1) * no)
    raise AssertionError("all the cases together are certain")


@dataclass
class Model:
    """What it was asked: of which meeting, by which question, and whether each call was answered well."""

    p: Fraction
    well: bool = False
    asked: dict[tuple[int, str], list[bool]] = field(default_factory=lambda: defaultdict(list))
    seen: Counter[str] = field(default_factory=Counter)
    stub: LLMStub | None = None

    def behave(self, number: int, name: str) -> Behaviour:
        assert self.stub is not None
        call = (codeword(self.stub.requests[number]), name)
        dice = random.Random(f"{SEED} {self.p} {call} {len(self.asked[call])}")
        how = dice.choice(FAILURES) if not self.well and dice.random() < self.p else FINE
        self.asked[call].append(how is FINE)
        return how

    def of(self, number: int, names: Iterable[str]) -> dict[str, list[bool]]:
        return {name: list(self.asked[number, name]) for name in names}

    def missing(self, number: int, names: Iterable[str]) -> set[str]:
        """What a first request did not get. Nothing is asked a fourth time, or again once it is answered."""
        calls = self.of(number, names)
        for ends in calls.values():
            assert ends in ([False] * ATTEMPTS, [False] * (len(ends) - 1) + [True])
            self.seen.update(f"attempt {place}" for place, _ in enumerate(ends, 1))
        return {name for name, ends in calls.items() if not ends[-1]}


@asynccontextmanager
async def api_of(url: str, gateway: Gateway, numbers: Iterable[int]):
    """The API with a model and no rules behind it, and a meeting to come for each number."""
    async with open_stores(url) as stores, api_with(stores, gateway, fallback=False) as api:
        records = Records(stores.store, stores.blobs, clock=lambda: NOW)
        for number in numbers:
            told = {"id": f"m{number}", "title": f"Review codeword-{number}", "contact_id": "contact_3"}
            body = MEETINGS[0] | told | {"status": "scheduled", "scheduled_time": "2099-03-02T10:00:00"}
            await records.set(TENANT, MEETING, f"m{number}", body)
        yield api


def is_unavailable(status: int, body: dict, headers) -> bool:
    """503, and nobody's fault but the model's, which was asked to the end."""
    return status == 503 and int(headers["Retry-After"]) >= 1 and FAILED in body["detail"]


async def prepare(api: Api, model: Model, number: int) -> None:
    status, body, headers = await api.call("POST", f"/meetings/m{number}/prepare", json={})
    if model.missing(number, ["preparation"]):
        assert is_unavailable(status, body, headers), body
        model.seen["unprepared"] += 1
    else:
        assert (status, body["context"]["contact_summary"]) == (200, PREPARATION["contact_summary"]), body


async def prepare_again(api: Api, model: Model, number: int) -> None:
    status, body, _ = await api.call("POST", f"/meetings/m{number}/prepare", json={})
    assert (status, body["context"]["suggested_topics"]) == (200, PREPARATION["suggested_topics"])
    assert model.asked[number, "preparation"] == [False] * ATTEMPTS + [True]


async def analyze(api: Api, model: Model, number: int) -> None:
    sent = {"transcript": TALK.format(number=number)}
    status, body, headers = await api.call("POST", f"/meetings/m{number}/analyze", json=sent)
    missing = model.missing(number, INSIGHT_NAMES)
    model.seen["extractors failed"] += len(missing)
    model.seen["whole" if not missing else "partial" if len(missing) < len(INSIGHT_NAMES) else "failed"] += 1
    if len(missing) == len(INSIGHT_NAMES):
        assert is_unavailable(status, body, headers), body
        return
    told = {"errors": dict.fromkeys(missing, FAILED), "partial_success": True} if missing else {}
    assert (status, body) == (200, {"meeting_id": f"m{number}", "insights": body.get("insights")} | told)
    assert {name for name in INSIGHT_NAMES if body["insights"][name] is None} == missing
    await is_kept(api, number, body, version=1)


async def is_kept(api: Api, number: int, body: dict, *, version: int) -> None:
    _, kept, _ = await api.call("GET", f"/meetings/m{number}/insights")
    assert (kept["insights"], kept["errors"]) == (body["insights"], body.get("errors", {}))
    assert (kept["partial_success"], kept["version"]) == (body.get("partial_success", False), version)


async def analyze_again(api: Api, model: Model, number: int) -> None:
    """Without the transcript: it is on record, and so is each answer that the first request got."""
    before = model.of(number, INSIGHT_NAMES)
    standing = (await api.call("GET", f"/meetings/m{number}/insights"))[1].get("insights") or {}
    status, body, _ = await api.call("POST", f"/meetings/m{number}/analyze", json={})
    assert (status, set(body)) == (200, {"meeting_id", "insights"})
    assert model.of(number, INSIGHT_NAMES) == {
        name: ends + [True] * (not ends[-1]) for name, ends in before.items()
    }
    assert all(body["insights"][name] is not None for name in INSIGHT_NAMES)
    assert all(body["insights"][name] == found for name, found in standing.items() if found is not None)
    await is_kept(api, number, body, version=2 if standing else 1)


async def side_by_side(api: Api, model: Model, work: Iterable[tuple[Request, int]]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(request: Request, number: int) -> None:
        async with slots:
            await request(api, model, number)

    await together(*(one(request, number) for request, number in work))


@pytest.mark.slow
@pytest.mark.parametrize("p", [Fraction(2, 10), Fraction(3, 10)], ids=["0.2", "0.3"])
async def test_of_1000_requests_as_many_fail_as_must_and_none_is_lost(moto_url, caplog, p):
    model = Model(p)
    async with a_model(behave=model.behave) as (model.stub, gateway, naps):
        for first in range(0, EACH, A_TABLE):
            numbers = range(first, first + A_TABLE)
            async with api_of(moto_url, gateway, numbers) as api:
                model.well = False
                await side_by_side(api, model, [(ask, n) for n in numbers for ask in (analyze, prepare)])
                model.well = True
                unprepared = [n for n in numbers if not model.asked[n, "preparation"][-1]]
                unfinished = [
                    n for n in numbers if not all(e[-1] for e in model.of(n, INSIGHT_NAMES).values())
                ]
                await side_by_side(api, model, [(prepare_again, n) for n in unprepared])
                await side_by_side(api, model, [(analyze_again, n) for n in unfinished])
    seen, questions = model.seen, EACH * len(INSIGHT_NAMES)
    for_good = p**ATTEMPTS
    expected = {
        "unprepared": likely(EACH, for_good),
        "extractors failed": likely(questions, for_good),
        "whole": likely(EACH, (1 - for_good) ** len(INSIGHT_NAMES)),
        "partial": likely(EACH, 1 - (1 - for_good) ** len(INSIGHT_NAMES) - for_good ** len(INSIGHT_NAMES)),
        "failed": likely(EACH, for_good ** len(INSIGHT_NAMES)),
        "attempt 2": likely(questions + EACH, p),
        "attempt 3": likely(questions + EACH, p**2),
    }
    assert {name: seen[name] for name in expected if seen[name] not in expected[name]} == {}
    assert seen["whole"] + seen["partial"] + seen["failed"] == EACH
    # Each attempt that arrived is an answer's: the first ones, those after a wait, and those asked for again.
    assert (seen["attempt 1"], len(naps.told)) == (questions + EACH, seen["attempt 2"] + seen["attempt 3"])
    again = seen["unprepared"] + seen["extractors failed"]
    assert len(model.stub.calls) == seen["attempt 1"] + len(naps.told) + again
    assert not [line for line in caplog.records if line.name == "parley.llm.circuit_breaker"]
