"""What waits for a person: found by the index, shown only while it still waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.outcome import Outcome
from parley.errors import RequestError, RetryableError
from parley.inbound.email_ledger import email_of, email_run
from parley.ledger.claims import MAX_ATTEMPTS, OPEN, run_waits_as
from parley.ledger.keys import CLAIM
from parley.ledger.outbox import OutboxEntry, OutboxState, waits_as
from parley.ledger.table import Index
from parley.ledger.waiting import SENDING, RunInspector
from parley.mail.email import DeliveryId, Verdicts
from parley.mail.mailbox import Mode
from parley.mail.outgoing import SendRejected, SendUnknown
from tests.inbound.test_pipeline import BOX, MAILBOX, World, eml
from tests.support import DEMO

QUARANTINED, FAILED = run_waits_as(Outcome.QUARANTINED), run_waits_as(Outcome.FAILED)
AMBIGUOUS = waits_as(OutboxState.AMBIGUOUS)
KEY = email_run(DEMO, BOX, DeliveryId("d1"))


def oversight(world):
    return RunInspector(world.table, clock=world.clock)


async def runs(world, what, limit=10):
    return (await oversight(world).runs_waiting(what, limit=limit)).rows


async def replies(world, what, limit=10):
    return (await oversight(world).replies_waiting(what, limit=limit)).rows


async def refuse(world, **options):
    """A delivery that fails until its attempts are used."""
    world.backend.broken = {"meeting"}
    message_id = f"<{options.get('delivery', 'd1')}@acme.test>"
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.deliver(eml(Message_ID=message_id), fresh=False, **options)
    world.backend.broken = set()


async def test_a_quarantined_run_is_listed_with_its_reason():
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml(), verdicts=Verdicts("PASS", "PASS", "FAIL", "FAIL", "FAIL"))
    (row,) = await runs(world, QUARANTINED)
    assert row.as_json() == {
        "tenant": "demo",
        "run_id": KEY.run_id,
        "delivery": "d1",
        "outcome": "quarantined",
        "reason": "unauthenticated",
        "attempts": 1,
        "generation": 1,
        "since": "2026-03-03T10:00:00.000Z",
    }
    assert await runs(world, FAILED) == ()


async def test_failed_runs_come_oldest_first_and_the_limit_says_that_there_is_more():
    world = World()
    for n in range(3):
        await refuse(world, delivery=f"d{n}")
        world.clock.forward(60)
    found = await oversight(world).runs_waiting(FAILED, limit=2)
    assert [row.delivery for row in found.rows] == ["d0", "d1"]
    assert found.more
    assert not (await oversight(world).runs_waiting(FAILED, limit=3)).more


async def test_a_processed_run_waits_for_nobody():
    world = World()
    await world.deliver(eml())
    for what in (QUARANTINED, FAILED, OPEN):
        assert await runs(world, what) == ()
    for what in (AMBIGUOUS, SENDING, waits_as(OutboxState.DRAFT), waits_as(OutboxState.FAILED)):
        assert await replies(world, what) == ()


async def test_an_open_run_is_listed_once_its_owner_is_dead():
    world = World()
    await world.pipeline.runs.claim(KEY, lease_until=world.clock() + 60, about={"delivery": "d1"})
    assert await runs(world, OPEN) == ()
    world.clock.forward(120)
    (row,) = await runs(world, OPEN)
    assert (row.run_id, row.outcome) == (KEY.run_id, None)


async def test_what_the_index_still_says_and_the_row_does_not_is_not_shown():
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml())

    class Lagging(type(world.table)):
        async def find(self, index, value, *, limit):
            return [(KEY.pk, CLAIM)] if index is Index.WAITING else []

    lagging = Lagging()
    lagging.rows = world.table.rows
    behind = RunInspector(lagging, clock=world.clock)
    assert len((await behind.runs_waiting(QUARANTINED, limit=10)).rows) == 1
    assert (await behind.runs_waiting(FAILED, limit=10)).rows == ()


async def test_an_erased_run_waits_for_nobody():
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml())
    world.table.rows[KEY.pk, CLAIM]["erased_at"] = "2026-03-04T00:00:00.000Z"
    assert await runs(world, QUARANTINED) == ()


@pytest.mark.parametrize(
    ("end", "mode", "state"),
    [
        (SendUnknown("dropped"), Mode.AUTO, OutboxState.AMBIGUOUS),
        (SendRejected("no"), Mode.AUTO, OutboxState.FAILED),
        (None, Mode.DRAFT, OutboxState.DRAFT),
    ],
)
async def test_a_reply_that_is_not_out_is_listed_without_its_words(end, mode, state):
    world = World(replace(MAILBOX, mode=mode))
    world.sender.ends = [end] if end else []
    await world.deliver(eml())
    (row,) = await replies(world, waits_as(state))
    shown = row.as_json()
    assert (shown["run_id"], shown["delivery"], shown["state"]) == (KEY.run_id, "d1", str(state))
    assert (shown["to"], shown["subject"]) == ("sarah@acme.test", "Re: Pilot call")
    assert shown["tag"] == row.entry.tag
    assert "pricing sheet" in row.entry.message["text"]
    assert "pricing sheet" not in str(shown)


async def sending(world):
    """A reply whose sender died after it had taken `sending`."""
    journal = world.pipeline.runs
    claim = await journal.claim(KEY, lease_until=world.clock() + 60, about={"delivery": "d1"})
    entry = await journal.intend(claim, "reply", {"to": "a@b.test", "subject": "Re: x", "text": "t"})
    ours, entry = await journal.begin_sending(entry)
    assert ours
    return entry


async def test_a_reply_in_sending_is_uncertain_only_when_nobody_works_on_its_run():
    world = World()
    entry = await sending(world)
    assert await replies(world, SENDING) == ()
    row = await oversight(world).reply(entry.tag)
    assert not oversight(world).uncertain(row)
    world.clock.forward(120)
    (row,) = await replies(world, SENDING)
    assert row.entry.tag == entry.tag
    assert oversight(world).uncertain(row)


async def test_a_reply_is_found_by_its_tag_and_a_run_is_no_reply():
    world = World()
    entry = await sending(world)
    row = await oversight(world).reply(entry.tag)
    assert (row.entry.item, row.run.run_id) == (entry.item, KEY.run_id)
    assert await oversight(world).reply("nobody") is None
    assert await oversight(world).reply(KEY.run_id) is None


async def test_a_sent_reply_is_not_uncertain():
    world = World()
    await world.deliver(eml())
    (item,) = [i for i in world.table.rows.values() if i["sk"].startswith("outbox#")]
    row = await oversight(world).reply(OutboxEntry(item).tag)
    assert not oversight(world).uncertain(row)


async def test_a_run_is_found_by_its_id_its_delivery_and_its_replys_tag():
    second = replace(MAILBOX, address="board@acme.test")
    world = World(MAILBOX, second)
    await world.deliver(eml(), to=(BOX, second.address))
    look = oversight(world)
    (one,) = await look.find(KEY.run_id)
    assert one.run_id == KEY.run_id
    assert len(await look.find("d1")) == 2
    tag = next(i["name"] for i in await world.table.items(KEY.pk) if i["sk"].startswith("outbox#"))
    assert [row.run_id for row in await look.find(tag)] == [KEY.run_id]
    assert await look.find("nobody") == ()


async def test_a_run_brings_its_event_back_or_says_why_not():
    world = World()
    await world.deliver(eml())
    (row,) = await oversight(world).find("d1")
    assert (email_of(row).message_id, email_of(row).key, email_of(row).recipients) == ("d1", "raw/d1", (BOX,))
    with pytest.raises(RequestError, match="erased on 2026"):
        email_of(replace(row, item={**row.item, "erased_at": "2026-03-04"}))
    with pytest.raises(RequestError, match="keeps no event"):
        email_of(replace(row, item={k: v for k, v in row.item.items() if k != "event"}))
    with pytest.raises(RequestError, match="of 0 emails"):
        email_of(replace(row, item={**row.item, "event": {"Event": "s3:TestEvent"}}))


async def test_a_run_is_read_again_as_it_stands_now():
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml())
    (row,) = await oversight(world).find("d1")
    world.table.rows[KEY.pk, CLAIM]["outcome"] = "processed"
    assert (row.outcome, (await oversight(world).again(row)).outcome) == ("quarantined", "processed")
