"""What SES says of a reply later, in any order and beside the pipeline's own end of the send."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.conversations.kinds import EMAIL
from parley.core.outcome import Outcome
from parley.errors import BackendRefused, BackendUnavailable, DeadlineExceeded, RequestError, RetryableError
from parley.inbound.delivery_events import Settlement
from parley.inbound.email_ledger import EmailLedger
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.mail.mailbox import Mode
from parley.mail.outgoing import SendRefused, SendRejected, SendUnknown
from tests.inbound.test_pipeline import MAILBOX, World, eml
from tests.support import DEMO, FakeBackend
from tests.test_logs import log_lines

EVENTS = Path(__file__).resolve().parents[2] / "events"
SARAH = "sarah@acme.test"
FROM = "assistant@parley.test"
SECONDS = 60.0


class Backend(FakeBackend):
    """With what the settlement asks for: no record goes backwards, and suppressed addresses are kept."""

    def __init__(self, *mailboxes) -> None:
        super().__init__(*mailboxes)
        self.refused: set[str] = set()

    async def get_email(self, tenant, run_id):
        body = self.puts.get(("email", tenant, run_id))
        return copy.deepcopy(body) and {**copy.deepcopy(body), "run_id": run_id}

    async def put_email(self, tenant, run_id, body):
        standing = self.puts.get(("email", tenant, run_id))
        if standing is None or EMAIL.rank(body) >= EMAIL.rank(standing):
            await self._put("email", tenant, run_id, body)

    async def put_suppression(self, tenant, address, body):
        if address in self.refused:
            raise BackendRefused("must be one bare address", status=422)
        await self._put("suppression", tenant, address, body)
        self.suppressed.add(address)


class Settled(World):
    """The pipeline, and beside it who hears what SES says."""

    def __init__(self, *mailboxes) -> None:
        super().__init__(*mailboxes)
        self.backend = self.pipeline.backend = Backend(*(mailboxes or (MAILBOX,)))
        self.settlement = Settlement(
            runs=self.pipeline.runs, backend=self.backend, clock=self.clock, reply_from=FROM
        )

    def reply(self):
        (entry,) = (OutboxEntry(row) for (_, sk), row in self.table.rows.items() if sk == "outbox#reply")
        return entry

    def event(self, kind, *, tag=None, address=SARAH, **about):
        """As EventBridge hands it over; the fake sender's ids are made of the tag."""
        tag = tag or self.reply().tag
        mail = {
            "messageId": tag,
            "timestamp": "2026-03-03T10:00:02.000Z",
            "destination": [address],
            "tags": {"parley-reply": [tag]},
        }
        detail = {"eventType": kind, "mail": mail, kind[0].lower() + kind[1:]: about}
        return {"source": "aws.ses", "detail-type": "Email", "region": "eu-west-1", "detail": detail}

    def bounce(self, kind="Permanent", **more):
        return self.event("Bounce", bounceType=kind, bounceSubType="General", **more)

    def complaint(self, feedback="abuse", **more):
        return self.event("Complaint", complaintFeedbackType=feedback, **more)

    async def hear(self, *events):
        for event in events:
            await self.settlement.take(event, seconds=SECONDS)

    async def batch(self, *bodies):
        """The indexes of the messages that come back."""
        records = [
            {"messageId": str(n), "body": body if isinstance(body, str) else json.dumps(body)}
            for n, body in enumerate(bodies)
        ]
        answer = await self.settlement.take({"Records": records}, seconds=SECONDS)
        return [int(one["itemIdentifier"]) for one in answer["batchItemFailures"]]

    def outbound(self):
        return [m for m in self.backend.of("message") if m["direction"] == "outbound"]

    @property
    def suppressions(self):
        return {ident: body for (kind, _, ident), body in self.backend.puts.items() if kind == "suppression"}


THEIRS = "sarah.chen@company.com"
"""Whom the samples were written to."""


async def ambiguous():
    world = Settled()
    world.sender.ends = [SendUnknown("no answer")]
    await world.deliver(eml())
    assert world.record()["reply"]["status"] == "ambiguous"
    assert world.outbound() == []
    return world


async def sent(**more):
    world = Settled()
    await world.deliver(eml(**more))
    assert world.record()["reply"]["status"] == "sent"
    return world


# ---- what each event does ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint"])
async def test_whatever_proves_that_it_went_out_settles_an_ambiguous_send(kind):
    world = await ambiguous()
    await world.hear(world.event(kind))
    assert world.reply().state is OutboxState.SENT
    assert world.reply().sent_id == f"<{world.reply().tag}@eu-west-1.amazonses.com>"
    assert world.record()["reply"]["status"] == "sent"


async def test_the_message_is_stored_as_the_pipeline_would_have_stored_it():
    seen, told = await sent(), await ambiguous()
    await told.hear(told.event("Send"))
    assert told.outbound() == seen.outbound() != []
    ids = [[i for (k, _, i) in world.backend.puts if k == "message"] for world in (seen, told)]
    assert sorted(ids[0]) == sorted(ids[1])


async def test_the_record_changes_in_nothing_but_the_status():
    world = await ambiguous()
    before = world.record()
    await world.hear(world.event("Delivery"))
    after = world.record()
    assert after["reply"].pop("status") == "sent"
    before["reply"].pop("status")
    assert {k: v for k, v in after.items() if k != "run_id"} == {
        k: v for k, v in before.items() if k != "run_id"
    }


async def test_mail_that_answers_an_ambiguous_reply_is_in_its_thread():
    world = await ambiguous()
    await world.hear(world.event("Send"))
    thread = world.record()["email"]["thread_id"]
    answer = eml(
        "And who tells Bo?",
        vtt=None,
        Subject="Something else",
        Message_ID="<m2@acme.test>",
        In_Reply_To=world.reply().sent_id,
    )
    await world.deliver(answer, delivery="d2")
    second = next(e for e in world.backend.of("email") if e["email"]["message_id"] == "<m2@acme.test>")
    assert second["email"]["thread_id"] == thread


async def test_a_bounce_for_good_fails_the_reply_and_suppresses_its_recipient_alone():
    world = await sent()
    await world.hear(world.bounce())
    assert (world.reply().state, world.reply().item["why"]) == (OutboxState.FAILED, "bounce")
    assert world.record()["reply"]["status"] == "failed"
    ((address, body),) = world.suppressions.items()
    assert address == SARAH
    assert body["reason"] == "bounced for good (General) on 2026-03-03T10:00:02+00:00"
    assert world.reply().sent_id in body["source"]
    assert world.backend.blacklist == ()
    assert len(world.outbound()) == 1


async def test_nobody_is_suppressed_whom_the_reply_was_not_written_to():
    world = await sent()
    event = json.dumps(world.bounce()).replace(SARAH, "victim@other.test")
    await world.hear(json.loads(event))
    assert world.suppressions == {}


async def test_the_next_mail_of_whom_we_suppressed_is_worked_and_not_answered():
    world = await sent()
    await world.hear(world.bounce())
    await world.deliver(eml("Again, with another call.", Message_ID="<m2@acme.test>"), delivery="d2")
    second = next(e for e in world.backend.of("email") if e["email"]["message_id"] == "<m2@acme.test>")
    assert (second["outcome"], second["reply"]["status"]) == ("processed", "suppressed")
    assert len(world.sender.sent) == 1


async def test_a_bounce_that_passes_is_a_send():
    world = await ambiguous()
    await world.hear(world.bounce("Transient"), world.bounce("Undetermined"))
    assert world.record()["reply"]["status"] == "sent"
    assert world.suppressions == {}


async def test_a_complaint_leaves_the_reply_sent_and_suppresses():
    world = await sent()
    await world.hear(world.complaint())
    assert world.record()["reply"]["status"] == "sent"
    assert list(world.suppressions) == [SARAH]
    assert world.suppressions[SARAH]["reason"].startswith("complained (abuse)")


async def test_a_word_that_it_is_no_spam_suppresses_nobody():
    world = await sent()
    await world.hear(world.complaint("not-spam"))
    assert world.suppressions == {}


async def test_a_rejected_reply_never_went_out():
    world = await ambiguous()
    await world.hear(world.event("Reject", reason="Bad content"))
    assert (world.reply().state, world.reply().item["why"]) == (OutboxState.FAILED, "reject")
    assert world.record()["reply"]["status"] == "failed"
    assert (world.outbound(), world.suppressions) == ([], {})


async def test_a_forged_report_suppresses_only_whom_we_wrote_to():
    world = await sent()
    victims = [{"emailAddress": "boss@acme.test"}, {"emailAddress": "bo@acme.test"}]
    await world.hear(world.bounce(bouncedRecipients=victims))
    assert list(world.suppressions) == [SARAH]


async def test_what_a_person_said_of_an_address_stays():
    world = await sent()
    await world.backend.put_suppression(DEMO, SARAH, {"reason": "asked us to stop", "source": "Ann"})
    await world.hear(world.bounce())
    assert world.suppressions == {SARAH: {"reason": "asked us to stop", "source": "Ann"}}


async def test_an_address_that_the_api_knows_for_none_costs_nothing_else():
    world = await sent()
    world.backend.refused = {SARAH}
    await world.hear(world.bounce())
    assert world.record()["reply"]["status"] == "failed"
    assert world.suppressions == {}


async def test_a_send_that_was_taken_for_refused_is_proven_and_not_repeated():
    world = Settled()
    world.sender.ends = [SendRefused("throttled")]
    with pytest.raises(SendRefused):
        await world.deliver(eml())
    assert world.reply().state is OutboxState.INTENT
    await world.hear(world.event("Send"))
    await world.deliver(eml(), fresh=False)
    assert world.record()["reply"]["status"] == "sent"
    assert world.sender.sent == []
    assert len(world.outbound()) == 1


async def test_what_ses_rejected_on_the_spot_stays_failed_whatever_comes():
    world = Settled()
    world.sender.ends = [SendRejected("no such identity")]
    await world.deliver(eml())
    await world.hear(world.event("Send"))
    assert world.record()["reply"]["status"] == "failed"


async def test_a_reply_that_was_never_to_be_sent_is_not_sent_by_an_event():
    world = Settled(replace(MAILBOX, mode=Mode.DRAFT))
    await world.deliver(eml())
    before = copy.deepcopy((world.table.rows, world.backend.puts))
    await world.hear(world.event("Send"), world.bounce())
    assert (world.table.rows, world.backend.puts) == before


# ---- a person's word -----------------------------------------------------------------------


async def test_a_persons_word_that_it_came_is_as_good_as_an_event():
    told, heard = await ambiguous(), await ambiguous()
    wire = f"<{told.reply().tag}@eu-west-1.amazonses.com>"
    for _ in range(2):
        stands = await told.settlement.close(
            told.reply(), OutboxState.SENT, ses_id=wire, why="closed by hand"
        )
    await heard.hear(heard.event("Send"))
    assert (stands.state, stands.item["why"]) == (OutboxState.SENT, "closed by hand")
    assert final(told) == final(heard)


async def test_a_persons_word_that_it_did_not_come_stores_no_message():
    world = await ambiguous()
    await world.settlement.close(world.reply(), OutboxState.FAILED, why="closed by hand")
    assert (world.record()["reply"]["status"], world.outbound()) == ("failed", [])


@pytest.mark.parametrize("kind", ["hard", "Reject"])
async def test_what_ses_has_said_meanwhile_stands_against_a_person(kind):
    world = await ambiguous()
    seen = world.reply()
    await world.hear(made(world, kind))
    before = copy.deepcopy((world.table.rows, world.backend.puts))
    stands = await world.settlement.close(seen, OutboxState.SENT, why="closed by hand")
    assert stands.state is OutboxState.FAILED
    assert (world.table.rows, world.backend.puts) == before


# ---- events that come early, late, for nobody, or broken ------------------------------------


async def test_an_event_for_no_reply_that_we_know_comes_back():
    world = Settled()
    with pytest.raises(RetryableError, match="5a5a"):
        await world.hear(world.event("Send", tag="5a" * 16))
    assert await world.batch(world.event("Send", tag="5a" * 16)) == [0]


async def test_what_was_erased_stays_erased_and_the_ledger_is_settled():
    world = await ambiguous()
    key = next(k for k in world.table.rows if k[1] == "outbox#reply")
    world.table.rows[key]["message"] = {}
    before = copy.deepcopy(world.backend.puts)
    await world.hear(world.event("Send"), world.bounce(), world.complaint())
    assert (world.reply().state, world.reply().sent_id is not None) == (OutboxState.FAILED, True)
    assert world.backend.puts == before
    assert "sarah" not in json.dumps(world.table.rows[key])


async def test_what_is_known_of_a_send_outlasts_an_event_that_knows_less():
    world = await sent()
    before = world.outbound()
    event = world.event("Delivery")
    del event["region"]
    await world.hear(event)
    assert world.outbound() == before
    assert before[0]["message_id"] == world.reply().sent_id


@pytest.mark.parametrize(("kind", "status"), [("Send", "sent"), ("Reject", "failed")])
@pytest.mark.parametrize("end", ["unknown", "sent"])
async def test_what_ses_said_before_there_was_a_record_is_in_the_record(end, kind, status):
    """The whole event is heard while the pipeline's report is on its way."""
    world = Settled()
    world.sender.ends = [SendUnknown("?")] if end == "unknown" else []
    put = world.backend.put_email

    async def late(*report):
        if not world.backend.of("email"):
            await world.hear(world.event(kind))
        await put(*report)

    world.pipeline.backend = Turns(world.backend, itertools.cycle([0]), put_email=late)
    await world.deliver(eml())
    assert world.record()["reply"]["status"] == status
    assert world.reply().state == status


async def test_a_record_that_is_not_there_yet_is_no_reason_to_wait():
    world = await ambiguous()
    world.backend.puts = {k: v for k, v in world.backend.puts.items() if k[0] != "email"}
    await world.hear(world.event("Send"))
    assert world.backend.of("email") == []
    assert len(world.outbound()) == 1


@pytest.mark.parametrize("refused", ["message", "email", "suppression"])
async def test_an_event_is_repeated_until_all_its_effects_stand(refused):
    world = await ambiguous()
    world.backend.refuse = {refused}
    slow = Turns(world.backend, itertools.cycle([1, 2, 3]))
    world.settlement = replace(world.settlement, backend=slow)
    with pytest.raises(BackendUnavailable):
        await world.hear(world.bounce())
    # What went wrong with one effect cost no other.
    stood = [
        len(world.outbound()) == 1,
        world.record()["reply"]["status"] == "failed",
        SARAH in world.suppressions,
    ]
    assert stood == [refused != kind for kind in ("message", "email", "suppression")]
    assert await world.batch(world.bounce()) == [0]
    world.backend.refuse = set()
    assert await world.batch(world.bounce()) == []
    assert (world.record()["reply"]["status"], len(world.outbound())) == ("failed", 1)
    assert list(world.suppressions) == [SARAH]


async def test_one_bad_message_of_a_batch_costs_the_others_nothing():
    world = await ambiguous()
    bodies = [
        "{not json",
        world.event("Open"),
        {"hello": 1},
        world.event("Send"),
        world.event("Send", tag="0" * 32),
    ]
    assert await world.batch(*bodies) == [0, 2, 4]
    assert world.record()["reply"]["status"] == "sent"


async def test_a_bug_brings_its_message_back_alone():
    world = await ambiguous()
    del world.backend.puts[next(k for k in world.backend.puts if k[0] == "email")]["reply"]
    world.backend.puts[next(k for k in world.backend.puts if k[0] == "email")]["reply"] = "no object"
    with log_lines() as lines:
        assert await world.batch(world.event("Send"), world.event("Open")) == [0]
    (line,) = (one for one in lines if one["level"] == "ERROR")
    assert (line["queue_message"], line["error"]) == ("0", "AttributeError")
    assert any("_mend_record" in frame for frame in line["where"])


async def test_nothing_is_begun_without_time_to_end_it():
    world = await ambiguous()
    with pytest.raises(RetryableError, match="too little to settle"):
        await world.settlement.take(world.event("Send"), seconds=4.0)
    assert world.reply().state is OutboxState.AMBIGUOUS


async def test_an_api_that_hangs_does_not_outlast_the_invocation():
    world = await ambiguous()

    async def hangs(*args):
        await asyncio.Event().wait()

    backend = Turns(world.backend, itertools.cycle([0]), get_email=hangs)
    # The clock as it is read: when the event comes, before it is begun, and when its limit is set.
    moments = itertools.chain([0.0, 0.0], itertools.repeat(SECONDS - 3.05))
    world.settlement = replace(world.settlement, backend=backend, clock=lambda: next(moments))
    with pytest.raises(DeadlineExceeded, match="settle a reply"):
        await world.hear(world.event("Send"))
    assert world.reply().state is OutboxState.SENT


async def test_a_single_event_is_answered_with_what_stands():
    world = await ambiguous()
    answer = await world.settlement.take(world.bounce(), seconds=SECONDS)
    assert answer == {"statusCode": 200, "results": [{"run_id": world.reply().run_id, "reply": "failed"}]}
    assert await world.settlement.take(world.event("Open"), seconds=SECONDS) == {
        "statusCode": 200,
        "results": [],
    }
    with pytest.raises(RequestError):
        await world.settlement.take({"hello": "world"}, seconds=SECONDS)


async def test_the_samples_settle_a_reply_of_ours():
    world = await ambiguous()
    batches = [
        json.loads((EVENTS / f"delivery-{n}.json").read_text()) for n in ("send", "complaint", "bounce")
    ]
    for batch in batches:
        (record,) = batch["Records"]
        record["body"] = record["body"].replace("5a" * 16, world.reply().tag).replace(THEIRS, SARAH)
        assert await world.settlement.take(batch, seconds=SECONDS) == {"batchItemFailures": []}
    assert world.record()["reply"]["status"] == "failed"
    assert list(world.suppressions) == [SARAH]


async def test_one_line_an_event_and_no_word_of_a_person():
    world = await ambiguous()
    with log_lines() as lines:
        await world.hear(world.event("Send"), world.bounce(), world.event("Open"))
        await world.batch("{sarah@acme.test", world.bounce(address="sarah@acme.test", tag="0" * 32))
    told = [line for line in lines if line["message"] == "send event"]
    assert [(line["kind"], line["was"], line["reply"], line["suppressed"]) for line in told] == [
        ("Send", "ambiguous", "sent", 0),
        ("Bounce", "sent", "failed", 1),
    ]
    entry = world.reply()
    assert {(line["tag"], line["run_id"], line["tenant"]) for line in told} == {
        (entry.tag, entry.run_id, DEMO)
    }
    assert len(lines) == 5
    for word in ("@", "sarah", "pilot", "acme"):
        assert word not in json.dumps(lines, default=str).lower()


# ---- every order --------------------------------------------------------------------------


def made(world, name):
    match name:
        case "soft":
            return world.bounce("Transient")
        case "hard":
            return world.bounce()
        case "complaint":
            return world.complaint()
        case "Reject":
            return world.event("Reject", reason="Bad content")
    return world.event(name)


HISTORIES = [
    ("Send",),
    ("Send", "Delivery"),
    ("Send", "DeliveryDelay", "Delivery"),
    ("Send", "hard"),
    ("Send", "DeliveryDelay", "hard"),
    ("Send", "Delivery", "hard"),
    ("Send", "soft"),
    ("Send", "Delivery", "complaint"),
    ("Send", "hard", "complaint"),
    ("Send", "Reject"),
    ("Reject",),
    ("hard",),
]
"""What SES may say of one mail: of each any part may be lost, late, or said twice."""


def final(world):
    """All that must not depend on the order."""
    entry = world.reply()
    puts = {
        key: body if key[0] != "suppression" else None
        for key, body in world.backend.puts.items()
        if key[0] in {"message", "email", "suppression"}
    }
    for (kind, *_), body in puts.items():
        if kind == "email":
            body.pop("run_id", None)
    threads = {pk for pk, _ in world.table.rows if "#thread#" in pk}
    why = entry.item["why"] if entry.state is OutboxState.FAILED else None
    return entry.state, entry.sent_id, why, puts, threads


async def worked(end, *, redelivered=True):
    """The pipeline up to this end of the send; `dies` is a worker that went away in the middle of it."""
    world = Settled()
    world.sender.ends = {"sent": [], "unknown": [SendUnknown("?")], "dies": [Gone()]}[end]
    try:
        await world.deliver(eml())
    except Gone:
        world.clock.forward(300)
        if redelivered:
            await world.deliver(None, fresh=False)
    return world


class Gone(BaseException):
    """The worker's process ended."""


@pytest.mark.parametrize("end", ["sent", "unknown", "dies"])
@pytest.mark.parametrize("history", HISTORIES, ids="-".join)
async def test_every_order_of_the_same_events_ends_alike(history, end):
    world = await worked(end)
    await world.hear(*(made(world, name) for name in history))
    wanted = final(world)
    for order in itertools.permutations((*history, history[0])):
        world = await worked(end)
        for name in order:
            world.clock.forward(1)
            await world.hear(made(world, name))
        assert final(world) == wanted, order


@pytest.mark.parametrize("history", HISTORIES, ids="-".join)
async def test_nor_does_it_matter_when_the_mail_of_a_dead_worker_comes_back(history):
    world = await worked("dies")
    await world.hear(*(made(world, name) for name in history))
    wanted = final(world)
    for order in itertools.permutations((*history, "redelivery")):
        world = await worked("dies", redelivered=False)
        for name in order:
            world.clock.forward(1)
            if name == "redelivery":
                await world.deliver(None, fresh=False)
            else:
                await world.hear(made(world, name))
        assert final(world) == wanted, order


class Mortal:
    """Dies at its n-th request, before it is made or after it stands, and makes no other."""

    def __init__(self, inner, count: Iterator[int], fatal: int, *, after: bool) -> None:
        self._inner, self._count, self._fatal, self._after = inner, count, fatal, after

    def __getattr__(self, name):
        async def mortal(*args, **kwargs):
            number = next(self._count)
            if number > self._fatal or (number == self._fatal and not self._after):
                raise Gone
            answer = await getattr(self._inner, name)(*args, **kwargs)
            if number == self._fatal:
                raise Gone
            return answer

        return mortal


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", ["Send", "hard", "complaint", "Reject"])
async def test_a_settlement_that_dies_at_any_request_is_completed_by_the_copy(kind, after):
    whole = await ambiguous()
    await whole.hear(made(whole, kind))
    for fatal in itertools.count():
        world, count = await ambiguous(), itertools.count()
        mortal = replace(
            world.settlement,
            runs=EmailLedger(Mortal(world.table, count, fatal, after=after), clock=world.clock),
            backend=Mortal(world.backend, count, fatal, after=after),
        )
        event = made(world, kind)
        try:
            await mortal.take(event, seconds=SECONDS)
        except Gone:
            await world.hear(event)
        else:
            break
        assert final(world) == final(whole), fatal
    assert fatal == {"Send": 7, "hard": 9, "complaint": 9, "Reject": 5}[kind]


class Turns:
    """Lets others go first, as often as the test says, at every request."""

    def __init__(self, inner, waits: Iterator[int], **instead) -> None:
        self._inner = inner
        self._waits = waits
        self._instead = instead

    def __getattr__(self, name):
        found = self._instead.get(name) or getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def later(*args, **kwargs):
            for _ in range(next(self._waits)):
                await asyncio.sleep(0)
            answer = await found(*args, **kwargs)
            for _ in range(next(self._waits)):
                await asyncio.sleep(0)
            return answer

        return later


async def beside(history, end, ours, theirs):
    """The pipeline's own end of the send, and every event at once with it; each side waits in its own way."""
    world = Settled()

    def side(waits):
        turns = itertools.cycle(waits)
        return EmailLedger(Turns(world.table, turns), clock=world.clock), Turns(world.backend, turns)

    world.pipeline.runs, world.pipeline.backend = side(ours)
    runs, backend = side(theirs)
    world.settlement = replace(world.settlement, runs=runs, backend=backend)
    left = asyncio.Event()

    async def send(raw, *, recipient, tag):
        left.set()
        await asyncio.sleep(0)
        if end == "unknown":
            raise SendUnknown("?")
        return f"<{tag}@eu-west-1.amazonses.com>"

    world.sender.send = send

    async def heard(name):
        await left.wait()
        await world.hear(made(world, name))

    await asyncio.gather(world.deliver(eml()), *(heard(name) for name in history))
    return world


WAITS = st.lists(st.sampled_from([0, 1, 2, 5, 20, 60]), min_size=1, max_size=20)


@given(st.sampled_from(HISTORIES), st.sampled_from(["sent", "unknown"]), WAITS, WAITS)
@settings(max_examples=150, deadline=None)
def test_beside_the_pipeline_every_interleaving_ends_alike(history, end, ours, theirs):
    async def ends():
        world = await worked(end)
        await world.hear(*(made(world, name) for name in history))
        other = await beside(history, end, ours, theirs)
        assert final(other) == final(world)
        assert other.record()["outcome"] == Outcome.PROCESSED

    asyncio.run(ends())
