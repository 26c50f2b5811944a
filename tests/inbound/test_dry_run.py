"""A replay that changes nothing, and what it shows."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from parley.analysis.machine import TranscriptMachine
from parley.core.clock import Deadline
from parley.errors import BusyError, RetryableError
from parley.inbound.dry_run import OverlayTable, dry_run
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.ledger.claims import MAX_ATTEMPTS
from parley.ledger.keys import CLAIM
from parley.ledger.waiting import RunInspector
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from parley.mail.email import DeliveryId, Verdicts
from parley.mail.mailbox import Mode
from tests.contract.test_run_table import row as item
from tests.inbound.test_pipeline import BOX, MAILBOX, TRANSCRIPT, World, eml
from tests.support import DEMO, MemoryRunTable

KEY = email_run(DEMO, BOX, DeliveryId("d1"))
UNPROVEN = Verdicts("PASS", "PASS", "FAIL", "FAIL", "FAIL")


async def run_row(world):
    (row,) = await RunInspector(world.table, clock=world.clock).find(KEY.run_id)
    return row


async def rehearsed(world, **options):
    """The rehearsal's record, once it is sure that it touched nothing."""
    before = [copy.deepcopy(one) for one in (world.table.rows, world.backend.puts, world.sender.sent)]
    record = await dry_run(
        world.pipeline,
        world.table,
        await run_row(world),
        runs_over=lambda table: EmailLedger(table, clock=world.clock),
        deadline=Deadline(world.clock() + 60, world.clock),
        **options,
    )
    assert [world.table.rows, world.backend.puts, world.sender.sent] == before
    return record


async def test_the_same_mail_comes_to_the_same_record():
    world = World()
    await world.deliver(eml())
    record = await rehearsed(world)
    kept = world.record()
    assert record["insights"]["action_items"][0]["text"] == kept["insights"]["action_items"][0]["text"]
    assert record["reply"] == kept["reply"]
    assert (record["outcome"], record["route"]) == ("processed", "transcript")


async def test_everything_is_made_anew_and_the_reply_too():
    world = World()
    await world.deliver(eml())
    world.mail.objects["raw/d1"] = eml(vtt=TRANSCRIPT.replace("pricing sheet", "price list"))
    record = await rehearsed(world)
    assert "price list" in record["reply"]["text"]
    assert "price list" not in world.record()["reply"]["text"]


async def test_a_rehearsal_shows_what_a_changed_mailbox_would_do():
    world = World()
    await world.deliver(eml())
    world.backend.mailboxes[BOX] = replace(MAILBOX, mode=Mode.DRAFT)
    world.clock.forward(120)
    assert (await rehearsed(world))["reply"]["status"] == "draft"


async def test_a_gate_stops_a_rehearsal_unless_a_person_lets_it_pass():
    world = World(replace(MAILBOX, require_auth=True))
    await world.deliver(eml(), verdicts=UNPROVEN)
    assert (await rehearsed(world))["outcome"] == "quarantined"
    record = await rehearsed(world, past_gates=True)
    assert (record["outcome"], record["reply"]["status"]) == ("processed", "sent")
    assert (await run_row(world)).outcome == "quarantined"


async def test_a_failed_run_can_be_rehearsed():
    world = World()
    world.backend.broken = {"meeting"}
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RetryableError):
            await world.deliver(eml(), fresh=False)
    assert (await rehearsed(world))["outcome"] == "processed"
    assert (await run_row(world)).outcome == "failed"


async def test_a_run_that_somebody_works_on_is_busy():
    world = World()
    await world.deliver(eml())
    claim = world.table.rows[KEY.pk, CLAIM]
    claim |= {"state": "open", "lease_until": world.clock() + 60}
    with pytest.raises(BusyError):
        await rehearsed(world)


class Model:
    """A provider that counts its answers; none of them fits, but for the summary's."""

    def __init__(self):
        self.asked = 0

    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # the provider's own signature
        from parley.errors import LLMAPIError
        from parley.llm.provider import LLMReply

        if request.name != "summary":
            raise LLMAPIError("not today")
        self.asked += 1
        return LLMReply({"text": f"Answer {self.asked}"}, 1_000, 10)


def with_model():
    world, model = World(), Model()

    async def sleep(seconds):
        world.clock.forward(0)

    gateway = Gateway(model, price=Price(1.0, 1.0), sleep=sleep)
    world.pipeline.machine = TranscriptMachine(gateway)
    return world, model


async def test_a_model_is_asked_again_and_only_what_that_took_is_counted():
    world, model = with_model()
    await world.deliver(eml())
    assert model.asked == 1
    record = await rehearsed(world)
    assert record["insights"]["summary"] == {"text": "Answer 2"}
    assert (model.asked, record["usage"]["input_tokens"]) == (2, 1_000)
    assert record["usage"]["cost_usd"] == pytest.approx(0.00101)


async def test_what_earlier_attempts_lost_is_not_counted_again():
    world, _ = with_model()
    await world.deliver(eml())
    lost = {"llm_calls": 9, "input_tokens": 9_000, "output_tokens": 9, "cost_micro_usd": 9_000}
    world.table.rows[KEY.pk, CLAIM] |= {"spent": lost, "outcome": "failed"}
    assert (await rehearsed(world))["usage"]["input_tokens"] == 1_000


@pytest.mark.parametrize("failed", [False, True])
async def test_recorded_answers_are_kept_when_that_is_wanted(failed):
    world, model = with_model()
    world.backend.broken = {"meeting"} if failed else set()
    for _ in range(MAX_ATTEMPTS if failed else 1):
        try:
            await world.deliver(eml(), fresh=False)
        except RetryableError:
            assert failed
    world.backend.broken = set()
    record = await rehearsed(world, recorded=True)
    assert record["insights"]["summary"] == {"text": "Answer 1"}
    assert (model.asked, record["usage"]["input_tokens"]) == (1, 0)


async def test_an_ended_run_of_a_second_generation_keeps_that_generations_answers():
    from parley.inbound.pipeline import Replay

    world, _ = with_model()
    await world.deliver(eml())
    await world.deliver(None, replay=Replay(KEY.run_id))
    record = await rehearsed(world, recorded=True)
    assert record["insights"]["summary"] == {"text": "Answer 2"}


# -- the overlay keeps the contract of the table below it ------------------------------------


async def overlay():
    world = World()
    await world.deliver(eml())
    table = MemoryRunTable()
    await table.create(item(sk="t"))
    return OverlayTable(table, await run_row(world), recorded=False), table


async def test_what_is_created_over_a_table_stays_above_it():
    over, below = await overlay()
    assert await over.create(item()) is None
    assert await over.create(item(write_id="w2")) == item()
    assert await over.create(item(sk="t", write_id="w2")) == item(sk="t")
    assert await over.get("p", "s") == item()
    assert await over.items("p") == [item(), item(sk="t")]
    assert await below.items("p") == [item(sk="t")]


async def test_a_version_decides_over_a_table_as_in_it():
    over, below = await overlay()
    assert await over.replace(item(sk="t", version=2), version=1) is None
    assert await over.replace(item(sk="t", version=2, write_id="w3"), version=1) == item(sk="t", version=2)
    assert await over.replace(item(sk="nobody", version=2), version=1) == {}
    assert await below.get("p", "t") == item(sk="t")


async def test_what_is_removed_above_is_there_below():
    over, below = await overlay()
    await over.remove("p", "t")
    assert await over.get("p", "t") is None
    assert await over.items("p") == []
    assert await below.get("p", "t") == item(sk="t")
