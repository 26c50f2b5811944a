"""λ analysis_jobs: a job is done once, whatever comes twice, fails or goes away meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest

from parley.analysis.machine import INSIGHT_NAMES, TranscriptMachine
from parley.core.ids import TenantId
from parley.errors import BackendUnavailable, LLMAPIError, RequestError
from parley.inbound.email_ledger import EmailLedger
from parley.insights.analyst import Analyst, analysis_run, transcript_json
from parley.insights.worker import MOST_RECEIVES, Worker
from parley.llm.circuit_breaker import Breaker, BreakerPolicy
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMReply
from parley.llm.retry import RetryPolicy
from parley.transcripts import parse_transcript
from tests.llm_stub import SCRIPT
from tests.support import FakeClock, MemoryRunTable

TALK = "Ann Berg: I will send the pricing sheet by Friday.\nBo Lind: Then we start the pilot in May.\nAnn Berg: Good."


class Model:
    """Answers from the script; `down` are the extractors that fail, `gate` holds all answers back."""

    def __init__(self):
        self.asked = Counter()
        self.down = set()
        self.gate = None

    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # `Provider` names it so
        self.asked[request.name] += 1
        if self.gate is not None:
            await self.gate.wait()
        if request.name in self.down:
            raise LLMAPIError("down")
        return LLMReply(SCRIPT[request.name], 100, 20)


class Backend:
    """`jobs.BackendAPI` in memory, with one job of one meeting."""

    def __init__(self, **changes):
        self.job = {
            "status": "queued",
            "meeting_id": "m-1",
            "transcript": "d",
            "edition": "e",
            "round": 1,
            "extractors": list(INSIGHT_NAMES),
            "over_edits": False,
        } | changes
        self.told = []
        self.insights = []
        self.meeting = {"title": "Pilot", "scheduled_time": "2026-03-03T10:00:00"}
        self.silent = False

    async def get_job(self, tenant, job_id):
        return dict(self.job) if job_id == "job-1" else None

    async def put_job(self, tenant, job_id, body):
        if self.silent and body["status"] == "running":
            raise BackendUnavailable("no progress is taken")
        self.told.append((str(body["status"]), str(body.get("stage", "")), body.get("ended")))
        self.job |= {name: str(value) if name == "status" else value for name, value in body.items()}

    async def get_meeting(self, tenant, meeting_id):
        return self.meeting

    async def get_transcript(self, tenant, meeting_id, name):
        return transcript_json(parse_transcript(TALK.encode()))

    async def put_insights(self, tenant, meeting_id, body):
        self.insights.append(body)
        return {"version": len(self.insights), "stored": True, "reason": None}


class Queue:
    def __init__(self):
        self.back = []

    async def hand_back(self, message, *, seconds):
        self.back.append((message.message_id, seconds))


class Place:
    def __init__(self, *, fallback=False, **job):
        self.clock, self.table, self.model = FakeClock(), MemoryRunTable(), Model()
        self.backend, self.queue = Backend(**job), Queue()
        self.gateway = Gateway(self.model, policy=RetryPolicy(attempts=3), sleep=self.nap)
        self.fallback = fallback

    async def nap(self, seconds):
        pass

    def worker(self):
        """Another one each time, as another process has."""
        machine = TranscriptMachine(self.gateway, fallback=self.fallback)
        analyst = Analyst(machine=machine, ledger=EmailLedger(self.table, clock=self.clock))
        return Worker(analyst=analyst, backend=self.backend, queue=self.queue, clock=self.clock)

    async def take(self, *, receives=1, job="job-1", body=None):
        record = {
            "messageId": "q-1",
            "body": body or json.dumps({"job_id": job, "tenant": "demo"}),
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "receiptHandle": "r",
            "eventSourceARN": "arn:aws:sqs:us-east-1:1:jobs",
        }
        return await self.worker().take({"Records": [record]}, seconds=300)


async def until(condition):
    while not condition():  # noqa: ASYNC110  # others decide when
        await asyncio.sleep(0)


DONE, BACK = {"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": "q-1"}]}


async def test_a_job_is_done_and_says_how_far_it_has_come():
    place = Place()
    assert await place.take() == DONE
    assert (place.backend.job["status"], place.backend.job["insights_version"]) == ("done", 1)
    assert [told[:2] for told in place.backend.told[:2]] == [
        ("running", "reading"),
        ("running", "extracting"),
    ]
    ended = [n for status, stage, n in place.backend.told if (status, stage) == ("running", "extracting")]
    assert ended == list(range(8))
    assert place.backend.told[-2:] == [("running", "storing", 7), ("done", "finished", 7)]
    [insights] = place.backend.insights
    assert insights["insights"]["action_items"][0]["owner"] == "Ann Berg"


async def test_a_copy_of_a_job_that_is_done_costs_nothing():
    place = Place()
    await place.take()
    assert await place.take(receives=2) == DONE
    assert set(place.model.asked.values()) == {1}
    assert len(place.backend.insights) == 1


async def test_a_copy_that_comes_before_the_job_said_it_was_done_reads_the_answers_back():
    place = Place()
    await place.take()
    place.backend.job["status"] = "running"
    assert await place.take(receives=2) == DONE
    assert set(place.model.asked.values()) == {1}
    # The same results go by the same name, so that the API keeps them once.
    first, second = place.backend.insights
    assert first["run_id"] == second["run_id"]


async def test_a_copy_comes_back_while_the_first_is_at_work():
    place = Place()
    place.model.gate = asyncio.Event()
    first = asyncio.create_task(place.take())
    await until(lambda: place.model.asked)
    assert await asyncio.wait_for(place.take(receives=2), 5) == BACK
    assert place.queue.back
    place.model.gate.set()
    assert await first == DONE
    assert set(place.model.asked.values()) == {1}


async def test_a_worker_that_died_leaves_its_answers_to_the_next():
    place = Place()
    place.model.gate = asyncio.Event()
    dying = asyncio.create_task(place.take())
    await until(lambda: len(place.model.asked) == 7)
    place.model.gate.set()
    await until(lambda: len([sk for _, sk in place.table.rows if sk.startswith("step#")]) >= 3)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert await place.take(receives=2) == DONE
    # Whatever was answered and recorded is not asked for again.
    assert sum(place.model.asked.values()) < 14
    assert place.backend.job["status"] == "done"


async def test_partial_success_is_success_and_names_what_is_missing():
    place = Place()
    place.model.down = {"sentiment"}
    assert await place.take() == DONE
    assert place.backend.job["errors"] == {"sentiment": "LLM call failed after 3 retries"}
    assert place.backend.insights[0]["partial_success"] is True


async def test_where_every_extractor_fails_the_message_comes_back_and_the_last_time_says_so():
    place = Place()
    place.model.down = set(INSIGHT_NAMES)
    for receives in range(1, MOST_RECEIVES):
        assert await place.take(receives=receives) == BACK
        assert place.backend.job["status"] == "running"
    assert await place.take(receives=MOST_RECEIVES) == BACK
    assert place.backend.job["status"] == "failed"
    assert "every extractor failed" in place.backend.job["detail"]
    assert place.backend.insights == []
    # A dead letter that is redriven works it once more, in another process.
    place.model.down = set()
    place.gateway = Gateway(place.model, sleep=place.nap)
    assert await place.take() == DONE
    assert place.backend.job["status"] == "done"


async def test_the_waits_grow_and_have_a_maximum():
    place = Place()
    place.model.down = set(INSIGHT_NAMES)
    for receives in (1, 2, 3, 20):
        await place.take(receives=receives)
    assert [seconds for _, seconds in place.queue.back] == [10, 20, 40, 300]


async def test_some_extractors_alone_are_asked_for_and_spoken_of():
    place = Place(extractors=["action_items", "risks"])
    assert await place.take() == DONE
    assert place.model.asked == {"action_items": 1, "risks": 1}
    assert place.backend.insights[0]["extractors"] == ["action_items", "risks"]


async def test_a_job_whose_meeting_was_removed_has_failed_and_says_why():
    place = Place()
    place.backend.meeting = None
    assert await place.take() == DONE
    assert (place.backend.job["status"], place.model.asked) == ("failed", {})
    assert "removed" in place.backend.job["detail"]


async def test_progress_that_nobody_takes_does_not_stop_the_job():
    place = Place()
    place.backend.silent = True
    assert await place.take() == DONE
    assert place.backend.job["status"] == "done"


async def test_the_rules_make_good_what_the_model_could_not():
    place = Place(fallback=True)
    place.model.down = set(INSIGHT_NAMES)
    assert await place.take() == DONE
    [item] = place.backend.insights[0]["insights"]["action_items"]
    assert (item["source"], item["due_date"]) == ("rules", "2026-03-06")


async def test_a_job_that_nobody_knows_is_passed_over():
    place = Place()
    assert await place.take(job="job-2") == DONE
    assert place.backend.told == []


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"job_id": "job-1"}'])
async def test_a_message_that_is_no_job_comes_back_and_ends_as_a_dead_letter(body):
    place = Place()
    assert await place.take(body=body) == BACK
    assert place.model.asked == {}


@pytest.mark.parametrize("event", [{}, [], None, {"Records": "x"}])
async def test_an_event_that_is_no_batch_says_what_is_taken(event):
    with pytest.raises(RequestError, match="job_id"):
        await Place().worker().take(event, seconds=60)


async def test_the_run_ends_so_that_nothing_takes_it_for_abandoned():
    place = Place()
    await place.take()
    key = analysis_run(TenantId("demo"), "m-1", "d", "e")
    claim = await place.table.get(key.pk, "claim")
    assert (claim["state"], claim["outcome"], claim["kind"]) == ("finished", "processed", "analysis")


async def test_a_job_waits_until_the_provider_has_rested_and_then_asks_for_what_is_missing():
    place = Place()
    breaker = Breaker(monotonic=place.clock, policy=BreakerPolicy(calls=6, share=0.5, rest=40.0))
    place.gateway = Gateway(place.model, sleep=place.nap, breaker=breaker)
    place.model.down = {"sentiment", "risks"}
    assert await place.take() == BACK
    assert place.queue.back == [("q-1", 40)]
    # What was found is there already.
    assert place.backend.insights[0]["insights"]["action_items"]
    assert place.backend.job["status"] == "running"
    missing = set(place.backend.insights[0]["errors"])
    assert {"sentiment", "risks"} <= missing < set(INSIGHT_NAMES)
    place.model.down = set()
    place.clock.forward(41)
    asked = place.model.asked.copy()
    for receives in (2, 3, 4):
        if await place.take(receives=receives) == DONE:
            break
        place.clock.forward(41)
    assert (place.backend.job["status"], place.backend.job["errors"]) == ("done", {})
    assert set(place.model.asked - asked) == missing
