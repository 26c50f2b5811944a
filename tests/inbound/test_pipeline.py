"""One email, start to finish, on fakes that keep the real contracts."""

from __future__ import annotations

import asyncio
import email
import email.policy
import itertools
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from parley.analysis.machine import TranscriptMachine
from parley.core.clock import Deadline
from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.core.state_machine import Machine
from parley.errors import (
    BusyError,
    IllegalTransition,
    NotYetThere,
    RetryableError,
    SenderError,
)
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.inbound.pipeline import Pipeline
from parley.inbound.run import TRANSITIONS
from parley.ledger.claims import MAX_ATTEMPTS
from parley.mail.email import DeliveryId, EmailEvent, Reason, RunState, ThreadId, Verdicts
from parley.mail.gates import MOST_RUNS
from parley.mail.mailbox import UNROUTED, Mailbox, Mode, Purpose
from parley.mail.mime import parse_email
from parley.mail.outgoing import SendRefused, SendRejected, SendUnknown
from parley.preparation.preparer import Preparer
from tests.support import DEMO, FakeBackend, FakeClock, FakeMail, FakeSender, MemoryRunTable

BOX = "meetings@acme.test"
MAILBOX = Mailbox(
    BOX,
    DEMO,
    Purpose.MEETINGS,
    members=("*",),
    require_auth=False,
    answer_unauthenticated=True,
    signature="The Acme team",
)
TRANSCRIPT = """WEBVTT

1
00:00:05.000 --> 00:00:09.000
Ann Berg: I will send the pricing sheet to Bo by Friday.

2
00:00:09.500 --> 00:00:14.000
Bo Lind: Great, and we decided to start the pilot in May.
"""


def eml(
    body: str = "Please see the attached transcript.", *, vtt: str | None = TRANSCRIPT, **headers: str
) -> bytes:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    wanted = {
        "From": "Sarah Chen <sarah@acme.test>",
        "To": BOX,
        "Subject": "Pilot call",
        "Message-ID": "<m1@acme.test>",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0000",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    for name, value in wanted.items():
        if value:
            message[name] = value
    message.set_content(body)
    if vtt:
        message.add_attachment(vtt.encode(), maintype="text", subtype="vtt", filename="call.vtt")
    return message.as_bytes()


class World:
    """A pipeline and all it touches."""

    def __init__(self, *mailboxes: Mailbox, blacklist: tuple[str, ...] = ()) -> None:
        self.clock = FakeClock(1_772_532_000.0)
        self.table = MemoryRunTable()
        self.backend = FakeBackend(*(mailboxes or (MAILBOX,)), blacklist=blacklist)
        self.mail = FakeMail()
        self.sender = FakeSender()
        self.pipeline = Pipeline(
            runs=EmailLedger(self.table, clock=self.clock),
            mail=self.mail,
            backend=self.backend,
            sender=self.sender,
            machine=TranscriptMachine(None),
            preparer=lambda: Preparer(None),
            clock=self.clock,
            reply_from="assistant@parley.test",
        )

    async def deliver(
        self,
        raw: bytes | None,
        *,
        delivery="d1",
        to=(BOX,),
        fresh=True,
        verdicts=None,
        deadline=None,
        replay=None,
    ):
        if raw is not None:
            self.mail.objects[f"raw/{delivery}"] = raw
        event = EmailEvent(
            message_id=DeliveryId(delivery),
            thread_id=ThreadId("t"),
            sender="sarah@acme.test",
            recipient=to[0] if to else "",
            subject="Pilot call",
            key=f"raw/{delivery}",
            recipients=tuple(to),
            verdicts=verdicts,
        )
        return await self.pipeline.deliver(
            event,
            deadline=deadline or Deadline(self.clock() + 60, self.clock),
            fresh=fresh,
            replay=replay,
        )

    def record(self):
        (one,) = self.backend.of("email")
        return one

    def message(self, index: int = 0):
        return email.message_from_bytes(self.sender.sent[index][1], policy=email.policy.default)


async def test_a_transcript_becomes_a_meeting_with_insights_and_an_answer_in_the_thread():
    world = World()
    (report,) = await world.deliver(eml())
    assert (report.outcome, report.reason) == (Outcome.PROCESSED, None)
    record = world.record()
    assert record["states"] == [str(s) for s in RunState]
    assert (record["route"], record["mailbox"]) == ("transcript", BOX)
    (item,) = record["insights"]["action_items"]
    assert item["owner"] == "Ann Berg"
    assert item["due_date"] == "2026-03-06"
    assert item["evidence"]["quote"] in TRANSCRIPT
    (insights,) = world.backend.of("insights")
    assert insights["insights"] == record["insights"]
    assert len(world.backend.of("meeting")) == 1
    answer = world.message()
    assert answer["To"] == "sarah@acme.test"
    assert answer["Subject"] == "Re: Pilot call"
    assert answer["In-Reply-To"] == "<m1@acme.test>"
    assert answer["References"] == "<m1@acme.test>"
    assert answer["Auto-Submitted"] == "auto-replied"
    text = answer.get_body(("plain",)).get_content()
    assert "Ann Berg" in text
    assert "by rules" in text
    assert "The Acme team" in text
    assert record["reply"]["status"] == "sent"
    assert record["reply"]["text"].split() == text.split()


async def test_inbound_and_outbound_messages_are_kept_the_outbound_one_after_the_send():
    world = World()
    await world.deliver(eml())
    directions = {m["direction"]: m for m in world.backend.of("message")}
    assert set(directions) == {"inbound", "outbound"}
    assert directions["outbound"]["message_id"].endswith("amazonses.com>")
    assert directions["inbound"]["thread_id"] == directions["outbound"]["thread_id"]


async def test_a_second_copy_changes_nothing():
    world = World()
    await world.deliver(eml())
    before, rows = dict(world.backend.puts), dict(world.table.rows)
    (report,) = await world.deliver(eml(), fresh=False)
    assert report.outcome is Outcome.DUPLICATE
    assert (world.backend.puts, world.table.rows) == (before, rows)
    assert len(world.sender.sent) == 1


async def test_copies_at_once_give_one_answer_and_the_others_come_back():
    world = World()
    world.mail.objects["raw/d1"] = eml()
    ends = await asyncio.gather(*(world.deliver(None) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(e, tuple) and e[0].outcome is Outcome.PROCESSED for e in ends) == 1
    assert all(isinstance(e, BusyError) or e[0].outcome is not Outcome.FAILED for e in ends)
    assert len(world.sender.sent) == len(world.backend.of("meeting")) == 1


async def test_the_same_mail_in_two_deliveries_is_answered_once():
    world = World()
    await world.deliver(eml())
    again = b"Received: from elsewhere by mx; Tue, 03 Mar 2026 10:00:01 +0000\r\n" + eml()
    (report,) = await world.deliver(again, delivery="d2")
    assert report.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1


async def test_the_same_message_id_on_another_mail_is_another_mail():
    world = World()
    await world.deliver(eml())
    (report,) = await world.deliver(eml("Something else entirely."), delivery="d2")
    assert report.outcome is Outcome.PROCESSED


async def test_one_delivery_to_two_mailboxes_is_two_runs():
    second = replace(MAILBOX, address="board@acme.test")
    world = World(MAILBOX, second)
    reports = await world.deliver(eml(), to=(BOX, "board@acme.test", "nobody@acme.test"))
    assert [r.outcome for r in reports] == [Outcome.PROCESSED] * 2
    assert len({r.run_id for r in reports}) == 2
    assert world.mail.opened == 1


async def test_mail_to_nobody_of_ours_is_refused_and_its_record_is_nobodys():
    world = World()
    (report,) = await world.deliver(eml(), to=("who@acme.test",))
    assert (report.outcome, report.reason) == (Outcome.REFUSED, Reason.UNKNOWN_MAILBOX)
    assert [key[1] for key in world.backend.puts] == [UNROUTED]
    assert world.sender.sent == []


async def test_an_event_that_names_no_recipient_believes_only_the_block_that_ses_put_on_top():
    world = World()
    (report,) = await world.deliver(b"Received: from x by y for <meetings@acme.test>\r\n" + eml(), to=())
    assert report.outcome is Outcome.QUARANTINED
    assert world.sender.sent == []


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, Outcome.REFUSED, Reason.AUTOMATED),
        ({"X_Autoreply": "yes"}, Outcome.REFUSED, Reason.AUTOMATED),
        ({"From": "assistant@parley.test"}, Outcome.REFUSED, Reason.OWN_ADDRESS),
        ({"From": BOX}, Outcome.REFUSED, Reason.OWN_ADDRESS),
        ({"From": "MAILER-DAEMON@mx.test"}, Outcome.REFUSED, Reason.BOUNCE),
        ({"From": ""}, Outcome.QUARANTINED, Reason.UNREADABLE),
        ({"From": "a@x.test, b@x.test"}, Outcome.QUARANTINED, Reason.UNAUTHENTICATED),
        ({"From": "bad@actor.test"}, Outcome.REFUSED, Reason.BLACKLISTED),
    ],
)
async def test_who_is_stopped_is_stored_and_never_answered(changes, outcome, reason):
    world = World(blacklist=("bad@actor.test",))
    (report,) = await world.deliver(eml(**changes))
    assert (report.outcome, report.reason) == (outcome, reason)
    assert world.sender.sent == []
    assert world.backend.of("meeting") == []
    record = world.record()
    assert record["states"] == ["received", "claimed", "parsed", "done"]
    assert record["detail"]


@pytest.mark.parametrize(
    ("member", "outcome"),
    [
        ("*", Outcome.PROCESSED),
        ("sarah@acme.test", Outcome.PROCESSED),
        ("SARAH@acme.test", Outcome.PROCESSED),
        ("@acme.test", Outcome.PROCESSED),
        ("@evil-acme.test", Outcome.REFUSED),
        ("bo@acme.test", Outcome.REFUSED),
    ],
)
async def test_a_meetings_mailbox_serves_its_members(member, outcome):
    world = World(replace(MAILBOX, members=(member,)))
    (report,) = await world.deliver(eml())
    assert report.outcome is outcome


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        (Verdicts("PASS", "PASS", "PASS", "PASS", "PASS"), None),
        (None, Reason.VIRUS),
        (Verdicts("PASS", "FAIL", "PASS", "PASS", "PASS"), Reason.VIRUS),
        (Verdicts("PASS", "PROCESSING_FAILED", "PASS", "PASS", "PASS"), Reason.VIRUS),
        (Verdicts("GRAY", "PASS", "PASS", "PASS", "PASS"), Reason.SPAM),
        (Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS"), Reason.SPAM),
        (Verdicts("PASS", "PASS", "PASS", "PASS", "FAIL"), Reason.UNAUTHENTICATED),
        (Verdicts("PASS", "PASS", "PASS", "PASS", "GRAY"), Reason.UNAUTHENTICATED),
        (Verdicts("PASS", "PASS", "PASS", "PASS", None), Reason.UNAUTHENTICATED),
    ],
)
async def test_where_authentication_is_required_nothing_but_pass_is_pass(verdicts, reason):
    world = World(replace(MAILBOX, require_auth=True))
    (report,) = await world.deliver(eml(), verdicts=verdicts)
    assert report.reason is reason
    assert report.outcome is (Outcome.QUARANTINED if reason else Outcome.PROCESSED)


@pytest.mark.parametrize("verdicts", [Verdicts(virus="FAIL"), Verdicts(spam="FAIL")])
async def test_a_failed_scan_counts_even_where_authentication_is_not_required(verdicts):
    world = World()
    (report,) = await world.deliver(eml(), verdicts=verdicts)
    assert report.outcome is Outcome.QUARANTINED


async def test_an_object_that_is_not_there_yet_is_worked_when_it_comes():
    world = World()
    with pytest.raises(NotYetThere):
        await world.deliver(None)
    (report,) = await world.deliver(eml(), fresh=False)
    assert report.outcome is Outcome.PROCESSED


async def test_without_a_transcript_one_how_to_a_thread():
    world = World()
    (report,) = await world.deliver(eml("How does this work?", vtt=None))
    assert report.outcome is Outcome.PROCESSED
    assert "no transcript" in world.message().get_body(("plain",)).get_content()
    second = eml("And now?", vtt=None, Message_ID="<m2@acme.test>", References="<m1@acme.test>")
    await world.deliver(second, delivery="d2")
    assert len(world.sender.sent) == 1
    routes = [r["route"] for r in world.backend.of("email")]
    assert routes == ["other", "other"]


async def test_a_broken_transcript_is_told_by_name():
    world = World()
    await world.deliver(eml(vtt="WEBVTT\n\nnothing here\n"))
    assert "call.vtt" in world.message().get_body(("plain",)).get_content()


@pytest.mark.parametrize(("mode", "status"), [(Mode.DRAFT, "draft"), (Mode.SILENT, None)])
async def test_drafts_wait_and_silence_is_kept(mode, status):
    world = World(replace(MAILBOX, mode=mode))
    await world.deliver(eml())
    assert world.sender.sent == []
    reply = world.record()["reply"]
    assert (reply and reply["status"]) == status
    assert world.record()["insights"]["action_items"]


async def test_mail_to_a_deals_mailbox_is_stored_in_silence():
    world = World(replace(MAILBOX, purpose=Purpose.DEALS, members=()))
    (report,) = await world.deliver(eml())
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["route"] == "deal"
    assert [m["direction"] for m in world.backend.of("message")] == ["inbound"]
    assert world.sender.sent == []


async def test_mail_from_another_mailbox_of_ours_is_our_own():
    world = World(MAILBOX, replace(MAILBOX, address="board@acme.test", aliases=("b@acme.test",)))
    (report,) = await world.deliver(eml(From="board@acme.test"))
    assert (report.outcome, report.reason) == (Outcome.REFUSED, Reason.OWN_ADDRESS)


async def test_more_mail_than_a_person_sends_is_capped_and_kept():
    world = World()
    (report,) = await world.deliver(eml("First.", vtt=None))
    assert report.outcome is Outcome.PROCESSED
    (counted,) = [key for key in world.table.rows if "#sender#" in key[0]]
    for number in range(MOST_RUNS - 1):
        world.table.rows[(counted[0], f"run_{number}")] = {"pk": counted[0], "sk": f"run_{number}"}
    (report,) = await world.deliver(eml("And again.", Message_ID="<x@acme.test>"), delivery="dx")
    assert (report.outcome, report.reason) == (Outcome.REFUSED, Reason.RATE_CAPPED)
    other = eml(From="bo@acme.test", Message_ID="<y@acme.test>")
    (report,) = await world.deliver(other, delivery="dy")
    assert report.outcome is Outcome.PROCESSED
    world.clock.forward(2 * 3600)
    (report,) = await world.deliver(eml("Later.", Message_ID="<z@acme.test>"), delivery="dz")
    assert report.outcome is Outcome.PROCESSED


async def test_a_suppressed_correspondent_is_worked_for_and_not_written_to():
    world = World()
    world.backend.suppressed = {"sarah@acme.test"}
    (report,) = await world.deliver(eml())
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["reply"]["status"] == "suppressed"
    assert world.backend.of("insights")
    assert world.sender.sent == []


async def test_a_sender_whom_ses_cannot_write_to_is_worked_for_and_the_reply_is_failed():
    world = World()
    raw = eml().replace(b"sarah@acme.test", "j\u00f6d@acme.test".encode())
    (report,) = await world.deliver(raw)
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["email"]["from"] == "j\u00f6d@acme.test"
    assert world.record()["reply"]["status"] == "failed"
    assert world.sender.sent == []


async def test_a_reply_to_our_answer_stays_in_its_thread():
    world = World()
    await world.deliver(eml())
    (sent,) = [m for m in world.backend.of("message") if m["direction"] == "outbound"]
    raw = eml(
        "Thanks!", vtt=None, Subject="other", Message_ID="<m2@acme.test>", In_Reply_To=sent["message_id"]
    )
    await world.deliver(raw, delivery="d2")
    assert len({m["thread_id"] for m in world.backend.of("message")}) == 1


async def test_a_chain_that_began_elsewhere_opens_a_thread_of_its_own():
    world = World()
    await world.deliver(eml())
    raw = eml("Same subject.", Message_ID="<m2@acme.test>", References="<foreign@elsewhere.test>")
    await world.deliver(raw, delivery="d2")
    assert len({m["thread_id"] for m in world.backend.of("message")}) == 2


async def test_a_title_keeps_its_letters():
    world = World()
    await world.deliver(eml(Subject="RE: Fwd: [sales] Acme Corp: Pilot  Review"))
    assert [m["title"] for m in world.backend.of("meeting")] == ["Acme Corp: Pilot Review"]


async def test_days_of_a_forwarded_mail_count_from_when_it_was_first_sent():
    world = World()
    body = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bo Lind <bo@customer.test>\n"
        "Date: Mon, 2 Feb 2026 at 10:00\nSubject: Pilot call\nTo: Sarah Chen <sarah@acme.test>\n\n"
        "Ann Berg: I will send the pricing sheet by Friday.\nBo Lind: Great.\nAnn Berg: Bye now.\nBo Lind: Bye.\n"
    )
    await world.deliver(eml(body, vtt=None, Subject="Fwd: Pilot call"))
    (item,) = world.record()["insights"]["action_items"]
    assert item["due_date"] == "2026-02-06"


async def test_every_broken_file_is_told_once():
    world = World()
    for number, name in enumerate(("WEBVTT\n\nno cue\n", "WEBVTT\n\nno cue\n", "WEBVTT\n\n")):
        raw = eml(
            vtt=name, Message_ID=f"<m{number}@acme.test>", References="<m0@acme.test>" if number else ""
        )
        if number == 2:
            raw = raw.replace(b"call.vtt", b"second.vtt")
        await world.deliver(raw, delivery=f"d{number}")
    told = [world.message(i).get_body(("plain",)).get_content() for i in range(len(world.sender.sent))]
    assert [("call.vtt" in t, "second.vtt" in t) for t in told] == [(True, False), (False, True)]


async def test_a_body_too_long_for_a_record_is_cut_there_and_whole_in_the_raw_email():
    world = World()
    (report,) = await world.deliver(eml("word " * 500_000, vtt=None))
    assert report.outcome is Outcome.PROCESSED
    kept = [world.record()["email"]["text"], *(m["text"] for m in world.backend.of("message"))]
    assert max(map(len, kept)) < 1_000_100
    assert "more characters are in the raw email" in kept[0]


# -- when things fail ------------------------------------------------------------------------


async def test_a_throttled_send_is_tried_again_by_the_next_copy():
    world = World()
    world.sender.ends = [SendRefused("Throttling")]
    with pytest.raises(SendRefused):
        await world.deliver(eml())
    (report,) = await world.deliver(eml(), fresh=False)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1


async def test_a_send_with_an_unknown_end_is_never_tried_again():
    world = World()
    world.sender.ends = [SendUnknown("connection dropped")]
    (report,) = await world.deliver(eml())
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["reply"]["status"] == "ambiguous"
    assert [m["direction"] for m in world.backend.of("message")] == ["inbound"]
    await world.deliver(eml(), fresh=False)
    assert len(world.sender.sent) == 1


async def test_a_rejected_reply_costs_nothing_else():
    world = World()
    world.sender.ends = [SendRejected("MessageRejected")]
    (report,) = await world.deliver(eml())
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["reply"]["status"] == "failed"
    assert world.backend.of("insights")


@pytest.mark.parametrize("kind", ["meeting", "insights", "message", "email"])
async def test_a_backend_that_is_away_loses_nothing_and_repeats_no_send(kind):
    world = World()
    world.backend.refuse = {kind}
    for _ in range(2):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    world.backend.refuse = set()
    (report,) = await world.deliver(eml(), fresh=False)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1
    assert world.record()["reply"]["status"] == "sent"
    assert len(world.backend.of("meeting")) == len(world.backend.of("insights")) == 1


async def test_a_mail_that_killed_every_worker_is_on_record_as_failed():
    world = World()
    key = email_run(DEMO, BOX, DeliveryId("d1"))
    for _ in range(MAX_ATTEMPTS):
        await world.pipeline.runs.claim(key, lease_until=world.clock() + 60)
        world.clock.forward(120)
    with pytest.raises(RetryableError, match="failed for good"):
        await world.deliver(eml(), fresh=False)
    record = world.record()
    assert (record["outcome"], record["reason"]) == ("failed", "attempts_exhausted")
    assert (record["run_id"], record["mailbox"]) == (key.run_id, BOX)
    assert world.sender.sent == []


async def test_what_was_learnt_of_a_failed_run_outranks_that_nothing_was():
    world = World()
    world.backend.broken = {"meeting"}
    for _ in range(MAX_ATTEMPTS + 2):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    assert "attempts failed" in world.record()["detail"]
    assert "analysed" in world.record()["states"]


async def test_the_record_names_everyone_whom_the_headers_name():
    world = World()
    await world.deliver(eml(Cc="Bo <BO@Client.test>, c@client.test", Reply_To="Sarah <private@acme.test>"))
    named = world.record()["named"]
    assert named == ["bo@client.test", "c@client.test", BOX, "private@acme.test", "sarah@acme.test"]


async def test_a_late_copy_that_names_only_the_key_of_mail_long_gone_is_a_duplicate():
    world = World()
    with pytest.raises(NotYetThere):
        await world.deliver(None, to=())
    (first,) = await world.deliver(eml(), to=(BOX,))
    del world.mail.objects["raw/d1"]
    (late,) = await world.deliver(None, to=())
    assert (late.run_id, late.outcome) == (first.run_id, Outcome.DUPLICATE)
    assert len(world.sender.sent) == 1


async def test_a_mailbox_that_fails_costs_the_others_on_the_delivery_nothing():
    second = replace(MAILBOX, address="board@acme.test", tenant=TenantId("other"))

    class OneAway(FakeBackend):
        async def put_meeting(self, tenant, meeting_id, body):
            if tenant == DEMO:
                raise RetryableError("the first tenant's meetings cannot be kept")
            await super().put_meeting(tenant, meeting_id, body)

    world = World(MAILBOX, second)
    world.pipeline.backend = world.backend = OneAway(MAILBOX, second)
    for _ in range(MAX_ATTEMPTS + 2):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), to=(BOX, "board@acme.test"), fresh=False)
    ends = {r["mailbox"]: r["outcome"] for r in world.backend.of("email")}
    assert ends == {BOX: "failed", "board@acme.test": "processed"}
    assert len(world.sender.sent) == 1


async def test_waiting_for_another_copy_is_no_attempt():
    world = World()
    world.mail.objects["raw/d1"] = eml()
    first = email_run(DEMO, BOX, DeliveryId("d1"))
    claim = await world.pipeline.runs.claim(first, lease_until=world.clock() + 60)
    parsed = parse_email(eml())
    await world.pipeline.runs.claim_content(claim, BOX, parsed.message_id, parsed.content_hash)
    for _ in range(2 * MAX_ATTEMPTS):
        with pytest.raises(BusyError) as busy:
            await world.deliver(eml(), delivery="d2", fresh=False)
        assert 5 < busy.value.retry_after < 100
    world.clock.forward(120)
    # The owner is dead: its own copy needs the queue's time-out, and ours must not be used up before.
    with pytest.raises(BusyError) as busy:
        await world.deliver(eml(), delivery="d2", fresh=False)
    assert busy.value.retry_after == 300
    (report,) = await world.deliver(eml(), delivery="d1", fresh=False)
    assert report.outcome is Outcome.PROCESSED
    (report,) = await world.deliver(eml(), delivery="d2", fresh=False)
    assert report.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1


async def test_a_copy_that_was_stopped_does_not_swallow_the_one_that_is_authentic():
    world = World(replace(MAILBOX, require_auth=True))
    fake = Verdicts("PASS", "PASS", "FAIL", "FAIL", "FAIL")
    (report,) = await world.deliver(eml(), delivery="d1", verdicts=fake)
    assert report.outcome is Outcome.QUARANTINED
    good = Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")
    (report,) = await world.deliver(eml(), delivery="d2", verdicts=good)
    assert report.outcome is Outcome.PROCESSED
    (report,) = await world.deliver(eml(), delivery="d3", verdicts=good)
    assert report.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1


async def test_a_mail_too_big_to_be_read_is_refused_though_only_s3_announced_it():
    world = World()

    class Full(FakeMail):
        @asynccontextmanager
        async def open(self, bucket, key):
            raise SenderError(Reason.TOO_BIG, "the email has 46,500,000 bytes")
            yield b""

    world.pipeline.mail = Full()
    (report,) = await world.deliver(None, to=())
    assert (report.outcome, report.reason) == (Outcome.REFUSED, Reason.TOO_BIG)
    assert "46,500,000" in world.record()["detail"]


async def test_attempts_that_never_succeed_end_as_failed_and_stay_so_until_redriven():
    world = World()
    world.backend.broken = {"meeting"}
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    record = world.record()
    assert (record["outcome"], record["reason"]) == ("failed", "attempts_exhausted")
    with pytest.raises(RetryableError, match="failed for good"):
        await world.deliver(eml(), fresh=False)
    world.backend.broken = set()
    (report,) = await world.deliver(eml(), fresh=True)
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["outcome"] == "processed"


async def test_a_process_that_died_after_the_send_sends_no_second_time():
    world = World()

    class Killed(BaseException):
        pass

    class DiesAfterSend(FakeSender):
        async def send(self, raw, *, recipient, tag):
            await super().send(raw, recipient=recipient, tag=tag)
            raise Killed

    world.pipeline.sender = world.sender = DiesAfterSend()
    with pytest.raises(BaseException) as death:
        await world.deliver(eml())
    assert not isinstance(death.value, Exception)
    with pytest.raises(BusyError):
        await world.deliver(eml(), fresh=False)
    world.clock.forward(120)
    (report,) = await world.deliver(eml(), fresh=False)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1
    assert world.record()["reply"]["status"] == "ambiguous"


async def test_no_effect_begins_inside_the_margin():
    world = World()
    world.mail.objects["raw/d1"] = eml()
    event_time = world.clock() + 60

    class SlowMachine(TranscriptMachine):
        async def run(self, *args, **kwargs):
            world.clock.now = event_time - 4
            return await super().run(*args, **kwargs)

    world.pipeline.machine = SlowMachine(None)
    with pytest.raises(RetryableError, match="are left"):
        await world.deliver(None)
    assert world.backend.of("meeting") == []
    world.pipeline.machine = TranscriptMachine(None)
    (report,) = await world.deliver(None, fresh=False)
    assert report.outcome is Outcome.PROCESSED


async def test_our_own_bug_is_raised_and_recorded_when_its_attempts_are_used_up():
    world = World()

    class Buggy:
        name = "buggy"

        def takes(self, job):
            raise ZeroDivisionError

    world.pipeline.routes = (Buggy(),)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            await world.deliver(eml(), fresh=False)
    assert world.record()["outcome"] == "failed"
    assert "ZeroDivisionError" in world.record()["detail"]


@pytest.mark.parametrize(("old", "new"), list(itertools.product(RunState, RunState)))
def test_a_run_moves_only_as_its_table_says(old, new):
    walker = Machine(TRANSITIONS, old)
    if new in TRANSITIONS[old]:
        walker.to(new)
    else:
        with pytest.raises(IllegalTransition):
            walker.to(new)
