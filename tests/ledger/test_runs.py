"""Claims, steps and outbox: what every copy, crash and zombie may and may not do."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from parley.core.ids import TenantId, digest
from parley.core.outcome import Outcome
from parley.errors import BusyError, RequestError
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.ledger.claims import LEASE_MARGIN, Claim, Finished
from parley.ledger.keys import RunKey
from parley.ledger.outbox import OUTBOX_TRANSITIONS, OutboxState, waits_as
from parley.ledger.table import Index
from parley.mail.email import DeliveryId, Reason, ThreadId
from tests.support import FakeClock, MemoryRunTable

KEY = email_run(TenantId("acme"), "meetings@acme.test", DeliveryId("d1"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table() -> MemoryRunTable:
    return MemoryRunTable()


@pytest.fixture
def runs(table: MemoryRunTable, clock: FakeClock) -> EmailLedger:
    return EmailLedger(table, clock=clock)


async def claimed(runs: EmailLedger, clock: FakeClock, key: RunKey = KEY, *, fresh: bool = True) -> Claim:
    claim = await runs.claim(key, lease_until=clock() + 60, fresh=fresh)
    assert isinstance(claim, Claim)
    return claim


class Lossy(MemoryRunTable):
    """Commits a write, loses the answer, and meets its own record on the SDK's retry."""

    async def create(self, item):
        await super().create(item)
        return await super().create(item)

    async def replace(self, item, *, version):
        await super().replace(item, version=version)
        return await super().replace(item, version=version)


async def test_a_living_owner_makes_every_other_copy_busy(runs, clock):
    await claimed(runs, clock)
    with pytest.raises(BusyError) as busy:
        await runs.claim(KEY, lease_until=clock() + 60)
    assert busy.value.retry_after == pytest.approx(60 + LEASE_MARGIN)


async def test_of_fifty_copies_at_once_one_gets_the_claim(runs, clock):
    tries = await asyncio.gather(
        *(runs.claim(KEY, lease_until=clock() + 60) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(t, Claim) for t in tries) == 1
    assert sum(isinstance(t, BusyError) for t in tries) == 49


async def test_a_finished_run_says_how_it_ended(runs, clock):
    claim = await claimed(runs, clock)
    assert await runs.mark_email_processed(claim, Outcome.REFUSED, Reason.SPAM)
    assert await runs.claim(KEY, lease_until=clock() + 60) == Finished(Outcome.REFUSED, Reason.SPAM)
    assert await runs.was_email_processed(KEY) == Finished(Outcome.REFUSED, Reason.SPAM)


@pytest.mark.parametrize("later", [61 * 60, 13 * 86_400])
async def test_the_ledger_has_no_expiry(runs, clock, later):
    await runs.mark_email_processed(await claimed(runs, clock), Outcome.PROCESSED)
    clock.forward(later)
    assert isinstance(await runs.claim(KEY, lease_until=clock() + 60), Finished)


async def test_a_lost_answer_to_the_claim_is_met_as_our_own(clock):
    claim = await EmailLedger(Lossy(), clock=clock).claim(KEY, lease_until=clock() + 60)
    assert isinstance(claim, Claim)
    assert claim.attempt == 1


async def test_a_lost_answer_to_the_end_still_ends_the_run(clock):
    runs = EmailLedger(Lossy(), clock=clock)
    assert await runs.mark_email_processed(await claimed(runs, clock), Outcome.PROCESSED)


async def test_a_dead_owner_is_replaced_after_its_lease_with_the_steps_read_back(runs, clock):
    dead = await claimed(runs, clock)
    await runs.step(dead, "analysis.summary", lambda: answer({"text": "first"}))
    clock.forward(60 + LEASE_MARGIN + 1)
    second = await claimed(runs, clock)
    assert second.attempt == 2
    assert second.steps == {"analysis.summary": {"text": "first"}}


async def test_a_zombie_cannot_end_a_run_that_was_taken_over(runs, clock):
    zombie = await claimed(runs, clock)
    clock.forward(60 + LEASE_MARGIN + 1)
    owner = await claimed(runs, clock)
    assert not await runs.mark_email_processed(zombie, Outcome.REFUSED, Reason.SPAM)
    assert await runs.mark_email_processed(owner, Outcome.PROCESSED)
    assert await runs.was_email_processed(KEY) == Finished(Outcome.PROCESSED, None)


async def test_a_released_run_is_taken_at_once_and_the_attempt_counts(runs, clock):
    await runs.release(await claimed(runs, clock))
    assert (await claimed(runs, clock)).attempt == 2


async def test_attempts_end(table, clock):
    runs = EmailLedger(table, clock=clock, max_attempts=3)
    for expected in (1, 2, 3):
        claim = await claimed(runs, clock)
        assert claim.attempt == expected
        clock.forward(100)
    assert runs.last_attempt(claim)
    gone = await runs.claim(KEY, lease_until=clock() + 60)
    assert gone == Finished(Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)


async def test_only_a_redriven_copy_reopens_a_failed_run(runs, clock):
    claim = await claimed(runs, clock)
    await runs.step(claim, "s", lambda: answer(1))
    await runs.mark_email_processed(claim, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
    assert isinstance(await runs.claim(KEY, lease_until=clock() + 60, fresh=False), Finished)
    again = await claimed(runs, clock, fresh=True)
    assert (again.attempt, again.steps) == (1, {"s": 1})


async def test_the_same_content_in_another_delivery_is_a_duplicate_once_the_first_has_ended(runs, clock):
    first = await claimed(runs, clock)
    other = await claimed(runs, clock, email_run(TenantId("acme"), "meetings@acme.test", DeliveryId("d2")))
    assert await runs.claim_content(first, "box", "<id>", "hash") is None
    assert await runs.claim_content(first, "box", "<id>", "hash") is None
    with pytest.raises(BusyError):
        await runs.claim_content(other, "box", "<id>", "hash")
    await runs.mark_email_processed(first, Outcome.PROCESSED)
    assert await runs.claim_content(other, "box", "<id>", "hash") == KEY.run_id
    assert await runs.claim_content(other, "box", "<id>", "other hash") is None


async def test_content_of_one_tenant_says_nothing_to_another(runs, clock):
    first = await claimed(runs, clock)
    await runs.claim_content(first, "box", "<id>", "hash")
    stranger = await claimed(runs, clock, email_run(TenantId("other"), "box", DeliveryId("d1")))
    assert await runs.claim_content(stranger, "box", "<id>", "hash") is None


async def answer(value):
    return value


async def test_a_step_is_made_once_and_the_loser_goes_on_with_what_won(runs, clock):
    zombie = await claimed(runs, clock)
    clock.forward(100)
    owner = await claimed(runs, clock)
    assert await runs.step(owner, "s", lambda: answer("won")) == "won"
    assert await runs.step(zombie, "s", lambda: answer("lost")) == "won"

    async def never():
        raise AssertionError("a recorded step was made again")

    assert await runs.step(owner, "s", never) == "won"


async def test_a_step_too_large_for_an_item_is_our_bug_and_loud(runs, clock):
    with pytest.raises(ValueError, match="larger"):
        await runs.step(await claimed(runs, clock), "s", lambda: answer("x" * 400_000))


async def test_once_belongs_to_the_first_run_and_stays_its_own(runs, clock):
    first = await claimed(runs, clock)
    other = await claimed(runs, clock, email_run(TenantId("acme"), "box", DeliveryId("d2")))
    assert await runs.once(first, "howto", "thread")
    assert not await runs.once(other, "howto", "thread")
    assert await runs.once(first, "howto", "thread")


# -- outbox ----------------------------------------------------------------------------------


async def test_a_reply_is_taken_once(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {"to": "a@b.test"})
    ours, sending = await runs.begin_sending(entry)
    assert (ours, sending.state) == (True, OutboxState.SENDING)
    sent = await runs.settle(sending, OutboxState.SENT, sent_id="<1@ses>")
    assert (sent.state, sent.sent_id) == (OutboxState.SENT, "<1@ses>")
    assert await runs.begin_sending(sent) == (False, sent)


async def test_the_first_intent_wins(runs, clock):
    claim = await claimed(runs, clock)
    await runs.intend(claim, "reply", {"text": "first"})
    again = await runs.intend(claim, "reply", {"text": "second"})
    assert again.message == {"text": "first"}


async def test_of_two_workers_with_one_intent_one_sends_and_the_other_parks_it(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {})
    ours, _ = await runs.begin_sending(entry)
    theirs, parked = await runs.begin_sending(entry)
    assert (ours, theirs, parked.state) == (True, False, OutboxState.AMBIGUOUS)


async def test_a_send_that_nobody_saw_end_is_ambiguous_and_never_tried_again(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {})
    await runs.begin_sending(entry)
    left = await runs.outbox(KEY, "reply")
    assert left is not None
    for _ in range(2):
        ours, left = await runs.begin_sending(left)
        assert (ours, left.state) == (False, OutboxState.AMBIGUOUS)


async def test_a_zombie_that_did_send_settles_what_was_parked(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {})
    _, sending = await runs.begin_sending(entry)
    await runs.begin_sending(entry)
    settled = await runs.settle(sending, OutboxState.SENT, sent_id="<1@ses>")
    assert settled.state is OutboxState.SENT


async def test_a_definite_refusal_may_be_tried_again_but_not_after_it_was_parked(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {})
    _, sending = await runs.begin_sending(entry)
    back = await runs.settle(sending, OutboxState.INTENT)
    ours, sending = await runs.begin_sending(back)
    assert ours
    await runs.begin_sending(back)
    assert (await runs.settle(sending, OutboxState.INTENT)).state is OutboxState.AMBIGUOUS


@pytest.mark.parametrize(("old", "new"), list(itertools.product(OutboxState, OutboxState)))
async def test_the_outbox_moves_only_as_its_table_says(runs, table, clock, old, new):
    await runs.intend(await claimed(runs, clock), "reply", {}, state=old)
    entry = await runs.outbox(KEY, "reply")
    assert entry is not None
    after = await runs.settle(entry, new)
    assert after.state is (new if new in OUTBOX_TRANSITIONS[old] else old)


async def test_the_tag_is_one_that_ses_accepts_and_names_nobody(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {"to": "alice@acme.test"})
    assert entry.tag.isalnum()
    assert "alice" not in entry.tag


async def test_the_ledger_names_no_person(runs, table, clock):
    claim = await claimed(runs, clock)
    await runs.claim_content(claim, "meetings@acme.test", "<id@acme.test>", "hash")
    await runs.mark_email_processed(claim, Outcome.PROCESSED)
    assert "@" not in repr(table.rows)


def test_a_digest_keeps_the_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert email_run(TenantId("t"), "Box@X.test", DeliveryId("d")) == email_run(
        TenantId("t"), "box@x.test", DeliveryId("d")
    )


# -- again ---------------------------------------------------------------------------------------


async def test_a_run_that_ended_well_is_worked_again_as_a_new_generation_without_steps(runs, clock):
    first = await claimed(runs, clock)
    await runs.step(first, "analysis.summary", lambda: answer("first"))
    await runs.mark_email_processed(first, Outcome.PROCESSED)
    again = await runs.reopen(KEY, lease_until=clock() + 60)
    assert (again.generation, again.attempt, again.steps) == (2, 1, {})
    await runs.step(again, "analysis.summary", lambda: answer("second"))
    clock.forward(60 + LEASE_MARGIN + 1)
    heir = await claimed(runs, clock)
    assert (heir.generation, heir.steps) == (2, {"analysis.summary": "second"})


async def test_a_run_that_failed_goes_on_with_the_steps_it_has(runs, clock):
    first = await claimed(runs, clock)
    await runs.step(first, "analysis.summary", lambda: answer("first"))
    await runs.mark_email_processed(first, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
    again = await runs.reopen(KEY, lease_until=clock() + 60)
    assert (again.generation, again.attempt, again.steps) == (1, 1, {"analysis.summary": "first"})


async def test_nobody_reopens_what_a_living_owner_holds_what_is_unknown_or_what_is_erased(runs, table, clock):
    with pytest.raises(RequestError, match="no run"):
        await runs.reopen(KEY, lease_until=clock() + 60)
    claim = await claimed(runs, clock)
    with pytest.raises(BusyError):
        await runs.reopen(KEY, lease_until=clock() + 60)
    await runs.mark_email_processed(claim, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
    table.rows[KEY.pk, "claim"]["erased_at"] = "2026-11-20T10:00:00.000Z"
    with pytest.raises(RequestError, match="erased"):
        await runs.reopen(KEY, lease_until=clock() + 60)
    assert await runs.claim(KEY, lease_until=clock() + 60) == Finished(
        Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED, erased=True
    )


async def test_what_was_sent_stays_sent_when_a_run_is_worked_again(runs, clock):
    claim = await claimed(runs, clock)
    _, sending = await runs.begin_sending(await runs.intend(claim, "reply", {"text": "first"}))
    await runs.settle(sending, OutboxState.SENT, sent_id="<1@ses>")
    await runs.mark_email_processed(claim, Outcome.PROCESSED)
    again = await runs.reopen(KEY, lease_until=clock() + 60)
    standing = await runs.intend(again, "reply", {"text": "second"})
    assert (standing.state, standing.message) == (OutboxState.SENT, {"text": "first"})
    assert (await runs.begin_sending(standing))[0] is False


# -- what is found without a scan ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "waits"),
    [
        (Outcome.PROCESSED, "run#ended"),
        (Outcome.REFUSED, "run#ended"),
        (Outcome.QUARANTINED, "run#quarantined"),
        (Outcome.FAILED, "run#failed"),
    ],
)
async def test_a_run_says_what_it_waits_for(runs, table, clock, outcome, waits):
    claim = await claimed(runs, clock)
    assert await table.find(Index.WAITING, "run#open", limit=9) == [(KEY.pk, "claim")]
    await runs.mark_email_processed(claim, outcome)
    assert await table.find(Index.WAITING, "run#open", limit=9) == []
    assert await table.find(Index.WAITING, waits, limit=9) == [(KEY.pk, "claim")]


@pytest.mark.parametrize("state", OutboxState)
async def test_a_reply_that_is_not_out_waits(runs, table, clock, state):
    await runs.intend(await claimed(runs, clock), "reply", {}, state=state)
    found = await table.find(Index.WAITING, waits_as(state), limit=9)
    waits = state in {OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.DRAFT, OutboxState.FAILED}
    assert found == ([(KEY.pk, "outbox#reply")] if waits else [])


async def test_a_reply_is_found_by_its_tag_and_knows_whose_it_is(runs, clock):
    entry = await runs.intend(await claimed(runs, clock), "reply", {"to": "a@b.test"})
    found = await runs.outbox_by_tag(entry.tag)
    assert found == entry
    assert (found.tenant, found.run_id) == ("acme", KEY.run_id)
    assert await runs.outbox_by_tag("f" * 32) is None


async def test_what_was_known_of_a_send_outlives_what_is_learnt_later(runs, clock):
    _, sending = await runs.begin_sending(await runs.intend(await claimed(runs, clock), "reply", {}))
    sent = await runs.settle(sending, OutboxState.SENT, sent_id="<1@ses>")
    bounced = await runs.settle(sent, OutboxState.FAILED, why="bounce")
    assert (bounced.state, bounced.sent_id, bounced.item["why"]) == (OutboxState.FAILED, "<1@ses>", "bounce")
    assert (await runs.settle(sent, OutboxState.SENT, sent_id="<2@ses>")).sent_id == "<1@ses>"


async def test_a_copy_of_what_failed_and_was_erased_is_a_duplicate_and_waits_for_nobody(runs, table, clock):
    first = await claimed(runs, clock)
    await runs.claim_content(first, "box", "<id@x>", "hash")
    await runs.mark_email_processed(first, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
    copy = await claimed(runs, clock, email_run(TenantId("acme"), "meetings@acme.test", DeliveryId("d2")))
    with pytest.raises(BusyError):
        await runs.claim_content(copy, "box", "<id@x>", "hash")
    table.rows[KEY.pk, "claim"]["erased_at"] = "2026-11-20T10:00:00.000Z"
    assert await runs.claim_content(copy, "box", "<id@x>", "hash") == KEY.run_id


async def test_an_erased_reply_waits_for_nobody_however_it_ends(runs, table, clock):
    _, sending = await runs.begin_sending(
        await runs.intend(await claimed(runs, clock), "reply", {"to": "a@b.test"})
    )
    row = table.rows[KEY.pk, "outbox#reply"]
    del row["message"], row["waiting"], row["since"]
    entry = await runs.outbox(KEY, "reply")
    assert (await runs.settle(entry, OutboxState.FAILED, why="bounce")).state is OutboxState.FAILED
    assert await table.find(Index.WAITING, waits_as(OutboxState.FAILED), limit=9) == []
    assert sending.message == {"to": "a@b.test"}


async def test_attempts_are_known_by_delivery_over_all_its_runs(runs, clock):
    assert await runs.attempts_on(DeliveryId("d1")) == 0
    for mailbox, tries in (("one@acme.test", 1), ("two@acme.test", 3)):
        key = email_run(TenantId("acme"), mailbox, DeliveryId("d1"))
        for _ in range(tries):
            claim = await runs.claim(key, lease_until=clock() + 60, about={"delivery": "d1"})
            assert isinstance(claim, Claim)
            await runs.release(claim)
    assert await runs.attempts_on(DeliveryId("d1")) == 3


async def test_the_note_that_somebody_wrote_is_all_that_expires_and_needs_the_key_to_be_read(clock):
    keyed, other = MemoryRunTable(), MemoryRunTable()
    for table, secret in ((keyed, b"secret"), (other, b"")):
        runs = EmailLedger(table, clock=clock, key=secret)
        claim = await claimed(runs, clock)
        await runs.count_run(claim, "meetings@acme.test", "alice@acme.test")
        await runs.join_thread(claim.key.tenant, "meetings@acme.test", "<m1@acme.test>", ThreadId("t"))
        expiring = [row for row in table.rows.values() if "expires_at" in row]
        assert [row["pk"].split("#")[1] for row in expiring] == ["sender"]
        assert expiring[0]["expires_at"] > clock() + 2 * 3600
    hashed = {pk for pk, _ in keyed.rows} - {KEY.pk}
    assert hashed
    assert not hashed & {pk for pk, _ in other.rows}
