"""One invocation: what is worked when, what goes back, and what the handler answers."""

from __future__ import annotations

import asyncio
import json

import pytest

from parley.core.ids import RunId
from parley.core.outcome import Outcome
from parley.errors import BusyError, NotYetThere, RequestError, RetryableError
from parley.inbound.intake import Intake
from parley.inbound.pipeline import RunReport
from parley.mail.email import Reason
from tests.support import FakeClock


class Work:
    """`Pipeline.deliver` that ends as its script says, and remembers the order."""

    def __init__(self, begun=None, **ends):
        self.ends = ends
        self.begun = begun or {}
        self.began: list[str] = []
        self.running = 0
        self.most = 0

    async def attempts_on(self, event):
        found = self.begun.get(event.message_id, 0)
        if isinstance(found, Exception):
            raise found
        return found

    async def deliver(self, event, *, deadline, fresh=True):
        self.began.append(event.message_id)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.001)
        self.running -= 1
        end = self.ends.get(event.message_id, Outcome.PROCESSED)
        if isinstance(end, Exception):
            raise end
        return (RunReport(RunId(f"run_{event.message_id}"), end, None),)


class Backoffs:
    def __init__(self, *, broken=False):
        self.told: dict[str, int] = {}
        self.broken = broken

    async def hand_back(self, message, *, seconds):
        if self.broken:
            raise RetryableError("SQS is away")
        self.told[message.message_id] = seconds


def intake(work, queue=None):
    return Intake(pipeline=work, queue=queue or Backoffs(), clock=FakeClock(), jitter=lambda: 1.0)


def ses(delivery):
    return {
        "notificationType": "Received",
        "mail": {"messageId": delivery, "commonHeaders": {"from": ["a@b.test"], "to": ["c@d.test"]}},
        "receipt": {"recipients": ["c@d.test"]},
    }


def sqs(*deliveries, receives=None):
    return {
        "Records": [
            {
                "messageId": f"q-{d}",
                "receiptHandle": f"h-{d}",
                "body": d if isinstance(d, str) and d.startswith("not ") else json.dumps(ses(d)),
                "attributes": {"ApproximateReceiveCount": str((receives or {}).get(d, 1))},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:inbound",
            }
            for d in deliveries
        ]
    }


async def test_a_good_batch_answers_an_empty_list():
    work = Work()
    assert await intake(work).take(sqs("a", "b"), seconds=60) == {"batchItemFailures": []}
    assert sorted(work.began) == ["a", "b"]


async def test_one_poison_costs_the_other_nine_nothing():
    names = [f"m{n}" for n in range(10)]
    work = Work(m3=ValueError("our bug"))
    answer = await intake(work).take(sqs(*names), seconds=60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "q-m3"}]}
    assert sorted(work.began) == sorted(names)


async def test_fresh_messages_go_side_by_side_and_the_others_alone_after_them():
    work = Work()
    await intake(work).take(sqs("old1", "a", "old2", "b", "c", receives={"old1": 2, "old2": 3}), seconds=60)
    assert sorted(work.began[:3]) == ["a", "b", "c"]
    assert work.began[3:] == ["old1", "old2"]
    assert work.most == 3


async def test_of_suspects_what_was_begun_most_often_goes_last():
    work = Work(
        begun={"killer": 3, "victim": 1, "another": 1, "unknown": RetryableError("the table is away")}
    )
    receives = dict.fromkeys(("killer", "victim", "untouched", "another", "unknown"), 2)
    await intake(work).take(sqs(*receives, receives=receives), seconds=60)
    assert work.began == ["untouched", "unknown", "victim", "another", "killer"]
    assert work.most == 1


@pytest.mark.parametrize(
    ("error", "receives", "seconds"),
    [
        (NotYetThere("x"), 1, 5),
        (NotYetThere("x"), 3, 20),
        (NotYetThere("x"), 50, 900),
        (BusyError("x", retry_after=185), 1, 5),
        (BusyError("x", retry_after=185), 2, 30),
        (BusyError("x", retry_after=150), 3, 150),
        (BusyError("x", retry_after=42.4), 8, 42),
        (BusyError("x", retry_after=300, alive=False), 1, 300),
        (BusyError("x", retry_after=0.0), 1, 1),
        (RetryableError("x", retry_after=9999), 1, 900),
    ],
)
async def test_what_comes_back_comes_back_after_its_backoff(error, receives, seconds):
    queue = Backoffs()
    answer = await intake(Work(a=error), queue).take(sqs("a", receives={"a": receives}), seconds=60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "q-a"}]}
    assert queue.told == {"q-a": seconds}


async def test_a_queue_that_does_not_answer_changes_nothing_about_the_verdict():
    answer = await intake(Work(a=NotYetThere("x")), Backoffs(broken=True)).take(sqs("a"), seconds=60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "q-a"}]}


async def test_a_body_that_nobody_understands_goes_to_the_dead_letters_not_away():
    answer = await intake(Work()).take(sqs("not json", "a"), seconds=60)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "q-not json"}]}


async def test_nothing_is_begun_without_time():
    work = Work()
    answer = await intake(work).take(sqs("a", "b"), seconds=2)
    assert len(answer["batchItemFailures"]) == 2
    assert work.began == []


async def test_a_direct_event_answers_with_its_results():
    event = {"Records": [{"eventSource": "aws:ses", "ses": {"mail": ses("a")["mail"], "receipt": {}}}]}
    work = Work(a=Outcome.DUPLICATE)
    assert await intake(work).take(event, seconds=60) == {
        "statusCode": 200,
        "results": [{"run_id": "run_a", "outcome": "duplicate", "reason": None}],
    }


async def test_a_direct_event_raises_where_a_retry_can_help():
    event = {"Records": [{"eventSource": "aws:ses", "ses": ses("a")}]}
    with pytest.raises(NotYetThere):
        await intake(Work(a=NotYetThere("x"))).take(event, seconds=60)


@pytest.mark.parametrize("event", [{}, {"hello": 1}, [], None, "text", {"Records": "x"}, {"Records": [{}]}])
async def test_an_event_of_unknown_shape_is_one_clear_sentence(event):
    with pytest.raises(RequestError) as refused:
        await intake(Work()).take(event, seconds=60)
    assert "\n" not in str(refused.value)
    assert "SQS" in str(refused.value) or "sqs" in str(refused.value)


async def test_reasons_travel():
    class Refuses(Work):
        async def deliver(self, event, *, deadline, fresh=True):
            return (RunReport(RunId("r"), Outcome.REFUSED, Reason.SPAM),)

    event = {"Records": [{"eventSource": "aws:ses", "ses": ses("a")}]}
    answer = await intake(Refuses()).take(event, seconds=60)
    assert answer["results"][0]["reason"] == "spam"
