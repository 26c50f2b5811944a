"""Erasing a run: what goes, what stays, and that it comes to the same however often its worker dies."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from parley.core.clock import Deadline, iso
from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.errors import BusyError, RequestError
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.inbound.erasure import EmailEraser
from parley.ledger.claims import Claim, Finished
from parley.ledger.erasure import ALL_CLAIMED, Erased
from parley.ledger.outbox import OutboxState
from parley.mail.email import DeliveryId, Reason
from tests.support import FakeClock, MemoryRunTable

ACME, RIVAL = TenantId("acme"), TenantId("rival")
DELIVERY = DeliveryId("d1")
KEY = email_run(ACME, "meetings@acme.test", DELIVERY)
PERSON = "zofia@client.example"


class FakeRaw:
    """`erasure.RawStore` in memory."""

    def __init__(self) -> None:
        self.objects: set[tuple[str | None, str]] = {("mail", "raw/d1")}

    async def remove(self, bucket, key):
        found = (bucket, key) in self.objects
        self.objects.discard((bucket, key))
        return int(found)


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.table = MemoryRunTable()
        self.raw = FakeRaw()
        self.runs = EmailLedger(self.table, clock=self.clock)
        self.eraser = EmailEraser(self.table, self.raw, clock=self.clock)

    async def claimed(self, key=KEY, *, recipients=("meetings@acme.test",), delivery=DELIVERY) -> Claim:
        action = {"type": "S3", "bucketName": "mail", "objectKey": f"raw/{delivery}"}
        event = {
            "mail": {"messageId": delivery, "source": PERSON, "commonHeaders": {"subject": "Secret"}},
            "receipt": {"recipients": list(recipients), "action": action},
        }
        about = {"delivery": delivery, "event": event}
        claim = await self.runs.claim(key, lease_until=self.clock() + 60, about=about)
        assert isinstance(claim, Claim)
        return claim

    async def worked(self, key=KEY, *, reply=OutboxState.INTENT, outcome=Outcome.PROCESSED, **about) -> Claim:
        """A run as it stands at its end, or with outcome None as a worker that died left it."""
        claim = await self.claimed(key, **about)
        await self.runs.step(claim, "analysis.summary", lambda: _answer({"text": PERSON}))
        await self.runs.step(claim, "analysis.risks", lambda: _answer([PERSON]))
        entry = await self.runs.intend(claim, "reply", {"to": PERSON, "text": "Secret"}, state=reply)
        if reply is OutboxState.INTENT and outcome:
            _, entry = await self.runs.begin_sending(entry)
            await self.runs.settle(entry, OutboxState.SENT, sent_id="<ses-1>")
        if outcome:
            await self.runs.mark_email_processed(claim, outcome)
        return claim

    def left(self) -> str:
        return json.dumps(list(self.table.rows.values()))

    def row(self, sk="claim", key=KEY):
        return self.table.rows[(key.pk, sk)]


async def _answer(value):
    return value


@pytest.fixture
def world() -> World:
    return World()


async def test_what_tells_of_a_person_goes_and_what_was_done_stays(world):
    await world.worked()
    tag = world.row("outbox#reply")["name"]
    assert await world.eraser.erase_run(ACME, KEY.run_id) == Erased(raw=1, steps=2, replies=1)
    assert PERSON not in world.left()
    assert "Secret" not in world.left()
    assert world.raw.objects == set()
    claim, reply = world.row(), world.row("outbox#reply")
    assert (claim["outcome"], claim["erased_at"]) == ("processed", iso(world.clock()))
    assert "waiting" not in claim
    assert (reply["state"], reply["name"], reply["ses_id"]) == ("sent", tag, "<ses-1>")


async def test_a_redelivery_is_a_duplicate_and_a_replay_is_refused(world):
    await world.worked()
    await world.eraser.erase_run(ACME, KEY.run_id)
    again = await world.runs.claim(KEY, lease_until=world.clock() + 60)
    assert again == Finished(Outcome.PROCESSED, None, erased=True)
    with pytest.raises(RequestError, match="was erased on"):
        await world.runs.reopen(KEY, lease_until=world.clock() + 60)


async def test_repeating_it_removes_nothing_more_and_keeps_the_first_date(world):
    await world.worked()
    await world.eraser.erase_run(ACME, KEY.run_id)
    before = world.left()
    world.clock.forward(3600)
    assert await world.eraser.erase_run(ACME, KEY.run_id) == Erased()
    assert world.left() == before


async def test_a_run_that_is_being_worked_is_left_until_its_lease_is_over(world):
    await world.worked(outcome=None)
    with pytest.raises(BusyError, match="is being worked on") as busy:
        await world.eraser.erase_run(ACME, KEY.run_id)
    assert PERSON in world.left()
    world.clock.forward(busy.value.retry_after + 1)
    assert (await world.eraser.erase_run(ACME, KEY.run_id)).replies == 1
    assert world.row()["outcome"] == "failed"
    assert isinstance(await world.runs.claim(KEY, lease_until=world.clock() + 60), Finished)


async def test_a_zombie_of_an_erased_run_can_end_nothing_and_send_nothing(world):
    zombie = await world.claimed()
    world.clock.forward(1000)
    await world.eraser.erase_run(ACME, KEY.run_id)
    entry = await world.runs.intend(zombie, "reply", {"to": PERSON})
    ours, entry = await world.runs.begin_sending(entry)
    assert not ours
    assert entry.state is OutboxState.SUPPRESSED
    assert not await world.runs.mark_email_processed(zombie, Outcome.PROCESSED)
    assert PERSON not in world.left()


async def test_what_a_zombie_still_wrote_goes_with_retention(world):
    zombie = await world.claimed()
    world.clock.forward(1000)
    await world.eraser.erase_run(ACME, KEY.run_id)
    await world.runs.step(zombie, "analysis.summary", lambda: _answer(PERSON))
    world.clock.forward(1000)
    assert await world.eraser.forget(before=iso(world.clock()), deadline=_ample(world)) == 1
    assert PERSON not in world.left()
    assert await world.eraser.forget(before=iso(world.clock()), deadline=_ample(world)) == 0


@pytest.mark.parametrize(
    ("state", "after", "waiting"),
    [
        (OutboxState.INTENT, "suppressed", None),
        (OutboxState.DRAFT, "suppressed", None),
        (OutboxState.SENDING, "ambiguous", "outbox#ambiguous"),
        (OutboxState.AMBIGUOUS, "ambiguous", "outbox#ambiguous"),
        (OutboxState.FAILED, "failed", None),
        (OutboxState.SUPPRESSED, "suppressed", None),
    ],
)
async def test_no_reply_is_sent_after_it_and_none_waits_that_nobody_could_send(world, state, after, waiting):
    await world.worked(reply=state, outcome=None)
    world.clock.forward(1000)
    await world.eraser.erase_run(ACME, KEY.run_id)
    row = world.row("outbox#reply")
    assert (row["state"], row.get("waiting"), "since" in row) == (after, waiting, bool(waiting))


async def test_another_tenants_run_of_the_same_delivery_keeps_the_raw_email_until_it_goes_too(world):
    rival = email_run(RIVAL, "meetings@rival.test", DELIVERY)
    both = ("meetings@acme.test", "meetings@rival.test")
    await world.worked(recipients=both)
    await world.worked(rival, recipients=both)
    theirs = json.dumps(await world.table.items(rival.pk))
    erased = await world.eraser.erase_run(ACME, KEY.run_id)
    assert erased.raw == 0
    assert [kept.what for kept in erased.kept] == ["raw email"]
    assert json.dumps(await world.table.items(rival.pk)) == theirs
    assert world.raw.objects
    assert (await world.eraser.erase_run(RIVAL, rival.run_id)).raw == 1
    assert world.raw.objects == set()


async def test_the_raw_email_waits_for_a_mailbox_that_may_still_begin(world):
    await world.worked(recipients=("meetings@acme.test", "meetings@rival.test"))
    with pytest.raises(BusyError, match="another mailbox"):
        await world.eraser.erase_run(ACME, KEY.run_id)
    world.clock.forward(ALL_CLAIMED + 1)
    assert (await world.eraser.erase_run(ACME, KEY.run_id)).raw == 1


async def test_a_run_that_nobody_knows_is_said_to_be_unknown(world):
    assert await world.eraser.erase_run(ACME, KEY.run_id) == Erased(known=False)
    assert world.table.rows == {}


async def test_a_copy_that_its_owner_reported_ends_as_duplicate_while_it_lives(world):
    claim = await world.claimed()
    assert (await world.eraser.erase_run(ACME, KEY.run_id, copy=True)).raw == 1
    assert world.row()["outcome"] == "duplicate"
    assert not await world.runs.mark_email_processed(claim, Outcome.DUPLICATE)
    assert PERSON not in world.left()


class Death(Exception):
    """The end of a worker, where nothing of ours catches it."""


class Dying:
    """Lets `effects` of the wrapped object's writes happen, then dies: before the next, or after it."""

    def __init__(self, effects: int, *, after: bool) -> None:
        self.effects = effects
        self.after = after

    def wrap(self, inner, *names):
        mortal = {name: self._dying(getattr(inner, name)) for name in names}
        rest = {name: getattr(inner, name) for name in ("get", "items", "find") if hasattr(inner, name)}
        return SimpleNamespace(**rest, **mortal)

    def _dying(self, method):
        async def call(*args, **kwargs):
            if self.effects == 0 and not self.after:
                raise Death
            answer = await method(*args, **kwargs)
            if self.effects == 0:
                raise Death
            self.effects -= 1
            return answer

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("outcome", [Outcome.PROCESSED, None])
async def test_whatever_effect_it_dies_at_a_repetition_comes_to_the_same_end(outcome, after):
    async def erased_after_death(effects):
        world = World()
        await world.worked(outcome=outcome)
        world.clock.forward(1000)
        dying = Dying(effects, after=after)
        table = dying.wrap(world.table, "create", "replace", "remove")
        raw = dying.wrap(world.raw, "remove")
        died = False
        try:
            await EmailEraser(table, raw, clock=world.clock).erase_run(ACME, KEY.run_id)
        except Death:
            died = True
        await world.eraser.erase_run(ACME, KEY.run_id)
        volatile = {"version", "write_id"}
        rows = sorted(
            ({k: v for k, v in row.items() if k not in volatile} for row in world.table.rows.values()),
            key=lambda row: row["sk"],
        )
        return died, (rows, world.raw.objects)

    ends = [await erased_after_death(effects) for effects in range(20)]
    assert [died for died, _ in ends] == sorted((died for died, _ in ends), reverse=True)
    assert sum(died for died, _ in ends) == 6  # claim, reply's place, reply, two steps, raw email
    assert all(end == ends[-1][1] for _, end in ends)


def _ample(world, seconds=600.0):
    return Deadline(world.clock() + seconds, world.clock)


async def test_retention_takes_what_ended_before_and_leaves_the_rest(world):
    ends = {"d1": Outcome.PROCESSED, "d2": Outcome.QUARANTINED, "d3": Outcome.FAILED, "d4": Outcome.REFUSED}
    for delivery, outcome in ends.items():
        world.raw.objects.add(("mail", f"raw/{delivery}"))
        key = email_run(ACME, "meetings@acme.test", DeliveryId(delivery))
        await world.worked(key, outcome=outcome, delivery=delivery)
    world.clock.forward(28 * 86_400)
    before = iso(world.clock())
    young = email_run(ACME, "meetings@acme.test", DeliveryId("young"))
    await world.worked(young, delivery="young")
    opened = email_run(ACME, "meetings@acme.test", DeliveryId("open"))
    await world.worked(opened, delivery="open", outcome=None)
    world.raw.objects |= {("mail", "raw/young"), ("mail", "raw/open")}
    assert await world.eraser.forget(before=before, deadline=_ample(world)) == 4
    assert world.raw.objects == {("mail", "raw/young"), ("mail", "raw/open")}
    assert "erased_at" not in world.row(key=young)
    assert world.row(key=opened)["state"] == "open"
    assert await world.eraser.forget(before=before, deadline=_ample(world)) == 0


async def test_retention_stops_at_its_deadline_and_goes_on_in_the_next_call(world):
    for n in range(5):
        delivery = DeliveryId(f"n{n}")
        await world.worked(email_run(ACME, "meetings@acme.test", delivery), delivery=delivery)
    world.clock.forward(100)
    before = iso(world.clock())

    class Slow(FakeRaw):
        async def remove(self, bucket, key):
            world.clock.forward(10)
            return await super().remove(bucket, key)

    eraser = EmailEraser(world.table, Slow(), clock=world.clock)
    assert await eraser.forget(before=before, deadline=_ample(world, 27)) == 2
    assert await eraser.forget(before=before, deadline=_ample(world)) == 3


async def test_a_lagging_index_makes_retention_neither_loop_nor_count_twice(world):
    await world.worked()
    world.clock.forward(100)
    place = (KEY.pk, "claim")

    class Lagging(MemoryRunTable):
        async def find(self, index, value, *, limit):
            return [place] if index == "waiting" else []

    table = Lagging()
    table.rows = world.table.rows
    eraser = EmailEraser(table, world.raw, clock=world.clock)
    assert await eraser.forget(before=iso(world.clock()), deadline=_ample(world)) == 1


async def test_an_outcome_with_its_reason_stays(world):
    claim = await world.claimed()
    await world.runs.mark_email_processed(claim, Outcome.QUARANTINED, Reason.SPAM)
    await world.eraser.erase_run(ACME, KEY.run_id)
    assert (world.row()["outcome"], world.row()["reason"]) == ("quarantined", "spam")
    assert world.row("outbox#reply")["state"] == "suppressed"
