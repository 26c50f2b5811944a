"""A run worked again from its raw bytes: what is made anew, and what is never done twice."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from parley.analysis.machine import TranscriptMachine
from parley.core.clock import Deadline
from parley.core.outcome import Outcome
from parley.errors import RequestError, RetryableError
from parley.inbound.email_ledger import email_run
from parley.inbound.pipeline import Replay
from parley.ledger.claims import MAX_ATTEMPTS
from parley.llm.usage import Usage
from parley.mail.email import DeliveryId, EmailEvent, Reason, ThreadId, Verdicts
from parley.mail.inbound_events import read_event, to_notification
from parley.mail.outgoing import SendUnknown
from tests.inbound.test_pipeline import BOX, MAILBOX, TRANSCRIPT, World, eml
from tests.support import DEMO

KEY = email_run(DEMO, BOX, DeliveryId("d1"))


DOUBTFUL = Verdicts("PASS", "PASS", "FAIL", "FAIL", "FAIL")


async def again(world, *, verdicts=None, **options):
    return await world.deliver(None, replay=Replay(KEY.run_id, **options), verdicts=verdicts)


async def test_a_processed_run_is_analysed_anew_and_answers_nobody_twice():
    world = World()
    await world.deliver(eml())
    first = world.record()
    world.mail.objects["raw/d1"] = eml(vtt=TRANSCRIPT.replace("pricing sheet", "price list"))
    (report,) = await again(world)
    assert (report.run_id, report.outcome) == (KEY.run_id, Outcome.PROCESSED)
    assert world.record()["generation"] == 2
    assert world.record()["insights"] != first["insights"]
    assert world.record()["reply"] == first["reply"]
    assert len(world.sender.sent) == len(world.backend.of("meeting")) == 1
    (insights,) = world.backend.of("insights")
    assert insights["run_id"] == f"{KEY.run_id}.2"


async def test_an_ambiguous_reply_stays_so_however_often_its_run_is_worked():
    world = World()
    world.sender.ends = [SendUnknown("dropped")]
    await world.deliver(eml())
    await again(world)
    assert len(world.sender.sent) == 1
    assert world.record()["reply"]["status"] == "ambiguous"


async def test_a_failed_run_is_brought_to_its_end_and_answered_once():
    world = World()
    world.backend.broken = {"meeting"}
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    assert world.record()["outcome"] == "failed"
    world.backend.broken = set()
    (report,) = await again(world)
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["outcome"] == "processed"
    assert "generation" not in world.record()
    assert len(world.sender.sent) == 1


async def test_what_a_gate_quarantined_passes_only_when_a_person_says_so():
    world = World(replace(MAILBOX, require_auth=True))
    (report,) = await world.deliver(eml(), verdicts=DOUBTFUL)
    assert report.reason is Reason.UNAUTHENTICATED
    (report,) = await again(world, verdicts=DOUBTFUL)
    assert report.outcome is Outcome.QUARANTINED
    assert world.sender.sent == []
    (report,) = await again(world, past_gates=True, verdicts=DOUBTFUL)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1
    # The person's word stays with the email.
    (report,) = await again(world, verdicts=DOUBTFUL)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1


@pytest.mark.parametrize(
    ("headers", "verdicts", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, DOUBTFUL, Reason.AUTOMATED),
        ({}, replace(DOUBTFUL, virus="FAIL"), Reason.VIRUS),
        ({"From": "a@b.test, c@d.test"}, DOUBTFUL, Reason.UNAUTHENTICATED),
    ],
)
async def test_nobody_lets_pass_what_is_a_machine_s_a_virus_or_nobody_s(headers, verdicts, reason):
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml(**headers), verdicts=verdicts)
    (report,) = await again(world, past_gates=True, verdicts=verdicts)
    assert report.reason is reason
    assert world.sender.sent == []


async def test_only_the_run_that_is_meant_is_worked_again():
    second = replace(MAILBOX, address="board@acme.test")
    world = World(MAILBOX, second)
    both = (BOX, "board@acme.test")
    await world.deliver(eml(), to=both)
    reports = await world.deliver(None, to=both, replay=Replay(KEY.run_id))
    assert [r.run_id for r in reports] == [KEY.run_id]
    assert len(await world.deliver(None, to=both, replay=Replay())) == 2
    assert len(world.sender.sent) == 2


async def test_a_run_whose_mailbox_is_gone_or_that_never_was_is_one_clear_sentence():
    world = World()
    world.mail.objects["raw/d1"] = eml()
    with pytest.raises(RequestError, match="no run"):
        await again(world)
    await world.deliver(eml())
    world.backend.mailboxes.clear()
    world.pipeline.mailboxes.clear()
    with pytest.raises(RequestError, match="any more"):
        await again(world)


async def test_a_claim_keeps_the_event_that_brings_its_run_back():
    world = World()
    world.backend.broken = {"meeting"}
    with pytest.raises(RetryableError):
        await world.deliver(eml(), verdicts=Verdicts("PASS", "PASS", "PASS", "PASS", "PASS"))
    world.backend.broken = set()
    (event,) = read_event(world.table.rows[KEY.pk, "claim"]["event"]).emails
    (report,) = await world.pipeline.deliver(
        event, deadline=Deadline(world.clock() + 60, world.clock), fresh=False
    )
    assert (report.run_id, report.outcome) == (KEY.run_id, Outcome.PROCESSED)


@pytest.mark.parametrize(
    "event",
    [
        EmailEvent(DeliveryId("d1"), ThreadId(""), "", "", "", "raw/d1"),
        EmailEvent(
            DeliveryId("d2"),
            ThreadId(""),
            "sarah@acme.test",
            "a@b.test",
            "Äpfel, “quoted”",
            "raw/d2",
            bucket="mail",
            recipients=("a@b.test", "c@d.test"),
            verdicts=Verdicts(spam="PASS", dmarc="GRAY"),
        ),
    ],
)
def test_a_notification_says_all_that_the_event_said(event):
    (back,) = read_event(to_notification(event)).emails
    assert replace(back, thread_id=ThreadId("")) == event


async def test_a_replay_by_a_model_asks_anew_and_a_failed_run_does_not():
    world = World()
    asked = []

    class Counting(TranscriptMachine):
        async def run(self, transcript, context, *, budget, record):
            async def ask():
                asked.append(1)
                budget.settle(0, Usage(llm_calls=1))
                return {"usage": asdict(Usage(llm_calls=1))}

            await record("analysis.summary", ask)
            return await super().run(transcript, context, budget=budget, record=record)

    world.pipeline.machine = Counting(None)
    world.backend.broken = {"meeting"}
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    world.backend.broken = set()
    await again(world)
    assert len(asked) == 1
    assert world.record()["usage"]["llm_calls"] == 1
    await again(world)
    assert len(asked) == 2
