"""What the wire does to one request, and what must come of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.faults.bench import comes_back, open_bench
from tests.faults.cases import Delivery, Judge, observe
from tests.faults.invariants import violations
from tests.faults.paths import INVITE, PATHS, TRANSCRIPT
from tests.faults.proxy import Action, Fault
from tests.faults.refusals import Refusal
from tests.faults.state import rows
from tests.faults.zygote import Ended

pytestmark = pytest.mark.slow
SEND = "ses:SendRawEmail"
STORE_WRITES = tuple(f"store:dynamodb:{name}" for name in ("TransactWriteItems", "UpdateItem", "PutItem"))
CLAIM = "dynamodb:PutItem:run:claim"


class Stage:
    """A bench on a loop of its own, for tests that are not asynchronous."""

    def __init__(self, runner, bench):
        self.run = runner.run
        self.bench = bench
        self._judge = Judge(bench)

    def play(self, name, *faults, deliveries=()):
        """The mail's end under these faults; no promise may be broken."""
        seen = self.run(observe(self.bench, PATHS[name], faults, deliveries=deliveries))
        clean = self.run(self._judge.clean(name))
        assert violations(seen, clean) == [], seen.ends
        for fault in faults:
            assert any(e.fault == fault for e in seen.journal), f"never came: {fault}"
        return seen


def stage_of(**options):
    with asyncio.Runner() as runner:
        resources = AsyncExitStack()
        bench = runner.run(resources.enter_async_context(open_bench(**options)))
        try:
            yield Stage(runner, bench)
        finally:
            runner.run(resources.aclose())


@pytest.fixture(scope="module")
def stage(processes):
    yield from stage_of()


def of_reply(seen):
    (row,) = seen.outbox
    return row["state"]


# -- answers that are lost ---------------------------------------------------------------------


def test_a_lost_answer_to_the_claim_meets_its_own_record(stage):
    seen = stage.play("transcript", Fault(Action.DROP_AFTER, CLAIM))
    first, second = (e for e in seen.journal if e.label == CLAIM)
    assert (first.status, first.carried) == (200, True)
    assert second.status == 400, "the SDK's second put meets the first"
    assert len(seen.ends) == 1, "it is ours: nothing comes back, and nothing is called a duplicate"


def test_a_lost_answer_to_a_step_pays_once(stage):
    seen = stage.play("transcript", Fault(Action.DROP_AFTER, "dynamodb:PutItem:step:*analysis.risks"))
    assert sum(e.label == "llm:risks" for e in seen.journal) == 1


@pytest.mark.parametrize("action", [Action.DROP_AFTER, Action.DROP_BEFORE])
def test_a_lost_answer_to_the_send_is_ambiguous_and_never_sent_again(stage, action):
    again = (Delivery(), Delivery(), Delivery())
    seen = stage.play("transcript", Fault(action, SEND), deliveries=again)
    assert of_reply(seen) == "ambiguous"
    assert len(seen.sent) == (action is Action.DROP_AFTER)
    assert sum(e.service == "ses" for e in seen.journal) == 1


def test_a_reply_that_ses_may_have_taken_and_failed_is_ambiguous(stage):
    seen = stage.play("transcript", Fault(Action.ANSWER, SEND, refusal=Refusal.UNAVAILABLE))
    assert of_reply(seen) == "ambiguous"


@pytest.mark.parametrize("refusals", [1, 3])
def test_a_throttled_send_is_sent_later(stage, refusals):
    faults = [Fault(Action.ANSWER, SEND, turn=turn, refusal=Refusal.THROTTLED) for turn in range(refusals)]
    seen = stage.play("transcript", *faults)
    assert of_reply(seen) == "sent"
    assert len(seen.sent) == 1
    assert len(seen.ends) == 1 + refusals


# -- kept connections --------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["api", "dynamodb"])
def test_connections_that_the_server_has_closed_lose_nothing(stage, service):
    stale = Fault(Action.STALE, f"{service}:*", nth=None, turn=0)
    seen = stage.play("transcript", stale)
    assert of_reply(seen) == "sent"
    assert len([e for e in seen.journal if e.fault == stale]) > 1


def test_an_environment_that_was_frozen_works_on_with_dead_connections(stage):
    async def two_invocations():
        bench = stage.bench
        await bench.reset()
        await bench.post(TRANSCRIPT)
        bench.proxy.begin()
        worker = await bench.worker()
        first = await worker.work(bench.job(TRANSCRIPT, receives=1))
        worker.freeze()
        closed = bench.proxy.close_idle()
        other = "second" + "0" * 34
        await bench.post(INVITE, key=other)
        bench.proxy.turn = 1
        asked = asyncio.create_task(worker.work(bench.job(INVITE, receives=1)))
        await asyncio.sleep(0.1)
        worker.thaw()
        second = await asked
        worker.leave()
        await bench.proxy.quiet()
        return first, closed, second, rows(await bench.new_rows(bench.env["RUNS_TABLE"]))

    first, closed, second, found = stage.run(two_invocations())
    assert closed > 1, "there were connections to lose"
    assert not comes_back(first)
    assert not comes_back(second)
    states = sorted(row["state"] for (_, sk), row in found.items() if sk == "outbox#reply")
    assert states == ["sent", "sent"]
    assert len(stage.bench.proxy.ses.sent) == 2


# -- what is not there, or not allowed ---------------------------------------------------------


@pytest.mark.parametrize("refusal", [Refusal.ABSENT, Refusal.DENIED])
def test_mail_that_is_not_in_the_bucket_yet_is_waited_for(stage, refusal):
    absent = [Fault(Action.ANSWER, "s3:GetObject", nth=None, turn=t, refusal=refusal) for t in (0, 1)]
    seen = stage.play("transcript", *absent)
    assert [comes_back(end) for end in seen.ends] == [True, True, False]
    assert of_reply(seen) == "sent"


def test_mail_whose_object_really_is_not_there_yet_comes_back(stage):
    async def late():
        bench = stage.bench
        await bench.reset()
        key = "late" + "0" * 36
        await bench.post(TRANSCRIPT, key=key, store=False)
        bench.proxy.begin()
        first = await bench.deliver(TRANSCRIPT, receives=1)
        bucket = bench.env["S3_BUCKET"]
        await bench.clients.s3.put_object(Bucket=bucket, Key=f"raw/{key}", Body=TRANSCRIPT.raw)
        return first, await bench.deliver(TRANSCRIPT, receives=2), list(bench.proxy.ses.sent)

    first, second, sent = stage.run(late())
    assert comes_back(first)
    assert not comes_back(second)
    assert len(sent) == 1


@pytest.mark.parametrize("refusal", [Refusal.DENIED, Refusal.THROTTLED, Refusal.UNAVAILABLE])
def test_a_table_that_refuses_brings_the_message_back(stage, refusal):
    seen = stage.play("invite", Fault(Action.ANSWER, "dynamodb:*", nth=None, turn=0, refusal=refusal))
    assert [comes_back(end) for end in seen.ends] == [True, False]
    assert isinstance(seen.ends[0], Ended)
    backs = [e for e in seen.journal if e.label == "sqs:ChangeMessageVisibility"]
    assert [(e.turn, e.status) for e in backs] == [(0, 200)], "the queue is told when to bring it back"


def test_a_backend_that_is_away_brings_the_message_back(stage):
    seen = stage.play(
        "invite", Fault(Action.ANSWER, "api:PUT *", nth=None, turn=0, refusal=Refusal.THROTTLED)
    )
    assert [comes_back(end) for end in seen.ends] == [True, False]


# -- the backend's own table -------------------------------------------------------------------


@pytest.fixture(scope="module")
def deep_stage(processes):
    yield from stage_of(store_through_proxy=True)


@pytest.mark.parametrize("name", ["transcript", "invite"])
def test_a_lost_answer_to_the_backends_write_is_applied_once(deep_stage, name):
    journal = deep_stage.run(observe(deep_stage.bench, PATHS[name], ())).journal
    writes = {(e.label, e.nth) for e in journal if e.label.startswith(STORE_WRITES)}
    assert any("TransactWriteItems" in label for label, _ in writes), sorted({e.label for e in journal})
    for label, nth in sorted(writes):
        deep_stage.play(name, Fault(Action.DROP_AFTER, label, nth))


def test_connections_of_the_backend_that_its_table_has_closed_lose_nothing(deep_stage):
    deep_stage.play("transcript", Fault(Action.STALE, "store:dynamodb:TransactWriteItems", nth=None, turn=0))


def test_a_model_that_never_answers_costs_its_insights_and_not_the_reply(stage):
    stall = Fault(Action.STALL, "llm:*", nth=None, turn=None)
    seen = stage.run(observe(stage.bench, TRANSCRIPT, (stall,), deliveries=(Delivery(seconds=14.0),)))
    assert isinstance(seen.ends[0], Ended), "killed at its deadline"
    assert not comes_back(seen.ends[0])
    assert violations(seen, None) == []
    (insights,) = (body["insights"] for body in seen.of("meeting", "INSIGHTS"))
    assert {item["source"] for item in insights["action_items"]} == {"rules"}
    assert of_reply(seen) == "sent"
