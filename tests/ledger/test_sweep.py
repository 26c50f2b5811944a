"""Lost mail and abandoned runs are found and brought back, a bounded number of times; what waits is counted."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from datetime import UTC, datetime

import pytest

from local.ses_inbound import Envelope, Findings, on_top
from parley.core.clock import Deadline, iso
from parley.core.outcome import Outcome
from parley.errors import DeadlineExceeded, RetryableError
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.inbound.scheduled import ScheduledTasks
from parley.inbound.sweep import FIRST_LOOK, MARK, OVERLAP, SETTLED, EmailSweeper, Stored
from parley.ledger.claims import MAX_ATTEMPTS
from parley.ledger.gauges import ABANDONED, MOST_READ, WATCHED
from parley.ledger.outbox import OutboxState
from parley.ledger.sweep import MOST_TIMES
from parley.ledger.table import Index
from parley.mail.email import DeliveryId
from parley.mail.inbound_events import read_event
from tests.inbound.test_pipeline import BOX, DEMO, World, eml
from tests.support import FakeClock, MemoryRunTable

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class FakeRaw:
    """`sweep.RawMail` in memory, in pages of `size`; `broken` are the pages that S3 does not answer."""

    bucket = "mail"

    def __init__(self, clock, size=2):
        self.clock = clock
        self.size = size
        self.stored = {}
        self.asked = []
        self.broken = set()

    def put(self, key, *, age=0.0):
        self.stored[key] = Stored(key, self.clock() - age, 1_000)

    async def page(self, *, after):
        self.asked.append(after)
        if len(self.asked) in self.broken:
            raise RetryableError("cannot list")
        found = [one for key, one in sorted(self.stored.items()) if key > after and key.startswith("raw/")]
        return found[: self.size]


class FakeQueue:
    """`sweep.Queue` in memory: as JSON, for that is how it travels."""

    def __init__(self):
        self.bodies = []
        self.refuses = 0

    async def send(self, bodies):
        if self.refuses:
            self.refuses -= 1
            raise RetryableError("the queue does not answer")
        self.bodies += [json.loads(json.dumps(body)) for body in bodies]

    def deliveries(self):
        events = [email for body in self.bodies for email in read_event(body).emails]
        return [event.message_id for event in events]


class FakeEraser:
    """`sweep.Forgets`: remembers what it was asked, and how much time it was given."""

    def __init__(self):
        self.asked = []

    async def forget(self, *, before, deadline):
        self.asked.append((before, deadline.remaining()))
        return 2


class Place:
    """A sweeper and all it touches."""

    def __init__(self, table=None, clock=None):
        self.clock = clock or FakeClock()
        self.table = table or MemoryRunTable()
        self.runs = EmailLedger(self.table, clock=self.clock)
        self.raw = FakeRaw(self.clock)
        self.queue = FakeQueue()
        self.sweeper = EmailSweeper(table=self.table, raw=self.raw, queue=self.queue, clock=self.clock)
        self.eraser = FakeEraser()
        self.rounds = ScheduledTasks(
            sweeper=self.sweeper, eraser=self.eraser, retention=28 * DAY, clock=self.clock
        )

    def deadline(self, seconds=300):
        return Deadline(self.clock() + seconds, self.clock)

    async def mail(self, seconds=300):
        return await self.sweeper.sweep_mail(self.deadline(seconds))

    async def abandoned(self):
        return await self.sweeper.sweep_runs(self.deadline())

    async def claim(self, delivery="d1", *, lease=60.0, event=True):
        about = {"delivery": delivery} | ({"event": notification(delivery)} if event else {})
        return await self.runs.claim(
            email_run(DEMO, BOX, DeliveryId(delivery)), lease_until=self.clock() + lease, about=about
        )


def notification(delivery):
    return {
        "notificationType": "Received",
        "mail": {"messageId": delivery},
        "receipt": {"recipients": [BOX]},
    }


# ---- raw mail that no run knows ------------------------------------------------


async def test_mail_that_no_run_knows_goes_back_to_the_queue_as_s3_would_announce_it():
    place = Place()
    place.raw.put("raw/lost one+ü", age=HOUR)
    swept = await place.mail()
    assert (swept.requeued, swept.complete) == (1, True)
    [body] = place.queue.bodies
    [event] = read_event(body).emails
    assert (event.message_id, event.key, event.bucket) == ("lost one+ü", "raw/lost one+ü", "mail")
    assert event.size == 1_000


async def test_mail_that_a_run_knows_stays_where_it_is():
    place = Place()
    place.raw.put("raw/known", age=HOUR)
    await place.claim("known")
    swept = await place.mail()
    assert (swept.looked_at, swept.requeued, place.queue.bodies) == (1, 0, [])


@pytest.mark.parametrize("key", ["raw/AMAZON_SES_SETUP_NOTIFICATION", "data/meeting", "raw/"])
async def test_what_is_no_mail_is_left_alone(key):
    place = Place()
    place.raw.put(key, age=HOUR)
    await place.mail()
    assert place.queue.bodies == []


async def test_young_mail_is_given_time_and_then_found():
    place = Place()
    place.raw.put("raw/young", age=SETTLED - MINUTE)
    assert (await place.mail()).requeued == 0
    place.clock.forward(15 * MINUTE)
    assert (await place.mail()).requeued == 1


async def test_an_outage_of_the_schedule_misses_nothing():
    place = Place()
    await place.mail()
    place.raw.put("raw/in-the-outage")
    place.clock.forward(9 * DAY)
    assert (await place.mail()).requeued == 1


async def test_the_first_sweep_answers_no_ancient_mail():
    place = Place()
    place.raw.put("raw/ancient", age=FIRST_LOOK + 2 * HOUR)
    assert (await place.mail()).looked_at == 0


async def test_each_mail_is_asked_about_in_a_bounded_number_of_sweeps():
    place = Place()
    await place.claim("d1")
    place.raw.put("raw/d1")
    looked_at = 0
    for _ in range(40):
        place.clock.forward(15 * MINUTE)
        looked_at += (await place.mail()).looked_at
    assert 1 < looked_at <= OVERLAP / (15 * MINUTE) + 1


async def test_a_backlog_gets_one_copy_of_each_and_no_more():
    """Nobody works for hours: each sweep meets the same unknown mail."""
    place = Place()
    place.raw.put("raw/waiting")
    for _ in range(12):
        place.clock.forward(15 * MINUTE)
        await place.mail()
    assert place.queue.deliveries() == ["waiting"]


async def test_the_queue_is_given_a_mail_before_that_is_noted():
    """A death in between makes a copy too many, never one too few."""
    place = Place()
    place.raw.put("raw/lost", age=HOUR)
    place.queue.refuses = 1
    with pytest.raises(RetryableError):
        await place.mail()
    assert (await place.mail()).requeued == 1
    assert place.queue.deliveries() == ["lost"]


async def test_a_sweep_goes_on_where_it_ran_out_of_time():
    place = Place()
    for number in range(5):
        place.raw.put(f"raw/{number}", age=HOUR)
    place.raw.page, plain = _slow(place, seconds=8), place.raw.page
    first = await place.mail(seconds=20)
    assert not first.complete
    assert 0 < first.looked_at < 5
    place.raw.page = plain
    second = await place.mail()
    assert second.complete
    assert sorted(place.queue.deliveries()) == ["0", "1", "2", "3", "4"]
    assert first.looked_at + second.looked_at == 5


def _slow(place, *, seconds):
    plain = place.raw.page

    async def page(*, after):
        place.clock.forward(seconds)
        return await plain(after=after)

    return page


async def test_a_page_that_s3_does_not_answer_is_asked_for_again():
    place = Place()
    for number in range(4):
        place.raw.put(f"raw/{number}", age=HOUR)
    place.raw.broken = {2}
    with pytest.raises(RetryableError):
        await place.mail()
    await place.mail()
    assert sorted(place.queue.deliveries()) == ["0", "1", "2", "3"]
    assert place.raw.asked == ["", "raw/1", "raw/1", "raw/3"]


async def test_mail_that_comes_behind_a_running_pass_is_the_next_ones():
    place = Place()
    for number in range(1, 5):
        place.raw.put(f"raw/{number}", age=HOUR)
    place.raw.broken = {2}
    with pytest.raises(RetryableError):
        await place.mail()
    place.raw.put("raw/0")
    place.clock.forward(3 * HOUR)
    assert (await place.mail()).requeued == 2
    assert (await place.mail()).requeued == 1
    assert place.queue.deliveries()[-1] == "0"


async def test_a_sweep_that_lost_its_place_to_another_stops():
    place = Place()
    for number in range(4):
        place.raw.put(f"raw/{number}", age=HOUR)
    plain = place.raw.page

    async def overtaken(*, after):
        mark = await place.table.get(*MARK)
        await place.table.replace({**mark, "version": mark["version"] + 1}, version=mark["version"])
        return await plain(after=after)

    place.raw.page = overtaken
    assert (await place.mail()).complete is False
    assert place.raw.asked == [""]


async def test_swept_mail_is_worked_once_however_many_copies_there_are():
    """The whole way: no notification, a sweep, two copies of its message, one answer."""
    world, delivery = World(), "0123456789abcdef"
    place = Place(world.table, world.clock)
    envelope = Envelope(sender="sarah@acme.test", recipients=(BOX,))
    world.mail.objects[f"raw/{delivery}"] = (
        on_top(eml(), envelope, delivery, Findings(), datetime.now(UTC)) + eml()
    )
    place.raw.put(f"raw/{delivery}", age=HOUR)
    await place.mail()
    [body] = place.queue.bodies
    for copy in (body, body):
        [event] = read_event(copy).emails
        await world.pipeline.deliver(event, deadline=Deadline(world.clock() + 60, world.clock))
    world.clock.forward(HOUR)
    assert (await place.mail()).requeued == 0
    assert [recipient for recipient, _ in world.sender.sent] == ["sarah@acme.test"]
    assert len(await world.table.find(Index.DELIVERY, delivery, limit=9)) == 1


# ---- runs that nobody works ----------------------------------------------------


async def test_a_run_whose_worker_and_message_are_gone_is_brought_back_with_all_that_was_known():
    place = Place()
    await place.claim()
    place.clock.forward(ABANDONED + 2 * MINUTE)
    assert (await place.abandoned()).requeued == 1
    assert place.queue.bodies == [notification("d1")]
    [event] = read_event(place.queue.bodies[0]).emails
    assert (event.message_id, event.recipients) == ("d1", (BOX,))


@pytest.mark.parametrize("after", [0.0, 5 * HOUR])
async def test_a_run_that_may_yet_come_back_by_itself_is_left_alone(after):
    place = Place()
    await place.claim()
    place.clock.forward(after)
    assert (await place.abandoned()).requeued == 0


async def test_a_run_whose_owner_lives_is_left_alone_however_long_it_takes():
    place = Place()
    await place.claim(lease=ABANDONED + HOUR)
    place.clock.forward(ABANDONED + 2 * MINUTE)
    assert (await place.abandoned()).looked_at == 0


async def test_a_run_that_was_given_back_is_as_abandoned_when_its_message_is_gone():
    place = Place()
    claim = await place.claim()
    await place.runs.release(claim)
    assert (await place.abandoned()).requeued == 0
    place.clock.forward(ABANDONED + MINUTE)
    assert (await place.abandoned()).requeued == 1


async def test_a_run_that_ended_is_not_brought_back():
    place = Place()
    await place.runs.mark_email_processed(await place.claim(), Outcome.PROCESSED)
    place.clock.forward(DAY)
    assert (await place.abandoned()).requeued == 0


async def test_a_run_that_nothing_starts_again_ends_as_failed_and_can_be_asked_for_again():
    place = Place()
    await place.claim(event=False)
    place.clock.forward(DAY)
    swept = await place.abandoned()
    assert (swept.looked_at, swept.requeued) == (1, 0)
    (row,) = [row for (_, sk), row in place.table.rows.items() if sk == "claim"]
    assert (row["state"], row["outcome"], row["reason"]) == ("finished", "failed", "abandoned")
    assert (await place.abandoned()).looked_at == 0


async def test_killed_analyses_do_not_hide_a_lost_mail():
    place = Place()
    for number in range(MOST_READ + 20):
        await place.claim(f"analysis-{number}", event=False)
        place.clock.forward(1)
    await place.claim("lost")
    place.clock.forward(DAY)
    swept = [await place.abandoned() for _ in range(2)]
    assert sum(one.requeued for one in swept) == 1
    assert place.queue.deliveries() == ["lost"]


async def test_a_run_is_brought_back_a_few_times_and_ever_more_rarely():
    place = Place()
    await place.claim()
    moments = []
    start = place.clock()
    for _ in range(60 * 24):
        place.clock.forward(HOUR)
        if (await place.abandoned()).requeued:
            moments.append((place.clock() - start) / HOUR)
    assert len(moments) == MOST_TIMES
    waits = [b - a for a, b in itertools.pairwise(moments)]
    assert waits == sorted(waits)
    assert waits[-1] >= 8 * waits[0]


async def test_the_claim_counts_what_the_sweeper_brings_back():
    """A mail that kills its worker without a word ends as failed, also by the sweeper's copies."""
    place = Place()
    await place.claim()
    for _ in range(MAX_ATTEMPTS):
        place.clock.forward(100 * HOUR)
        await place.abandoned()
        end = await place.claim()
    assert end.outcome is Outcome.FAILED


# ---- what waits ----------------------------------------------------------------


async def test_every_kind_of_waiting_is_told_in_a_line_also_where_there_is_none(caplog):
    place = Place()
    with caplog.at_level(logging.INFO, "parley"):
        found = await place.sweeper.gauge(place.deadline())
    lines = [r for r in caplog.records if r.message == "what waits"]
    assert {r.what for r in lines} == set(found)
    assert set(found) == {"abandoned", *WATCHED}
    assert all((r.count, r.age) == (0, 0) for r in lines)


async def test_what_waits_is_counted_with_the_age_of_the_oldest():
    place = Place()
    for delivery, outcome in (("q", Outcome.QUARANTINED), ("f", Outcome.FAILED), ("f2", Outcome.FAILED)):
        await place.runs.mark_email_processed(await place.claim(delivery), outcome)
        place.clock.forward(HOUR)
    found = await place.sweeper.gauge(place.deadline())
    assert (found["quarantined"].count, found["quarantined"].age) == (1, 3 * HOUR)
    assert (found["failed"].count, found["failed"].age) == (2, 2 * HOUR)


async def test_a_send_without_a_known_end_is_counted_at_once_and_one_under_way_after_an_hour():
    place = Place()
    claim = await place.claim()
    entry = await place.runs.intend(claim, "reply", {"to": "a@example.org"})
    _, entry = await place.runs.begin_sending(entry)
    assert (await place.sweeper.gauge(place.deadline()))["sending"].count == 0
    place.clock.forward(2 * HOUR)
    assert (await place.sweeper.gauge(place.deadline()))["sending"].count == 1
    await place.runs.settle(entry, OutboxState.AMBIGUOUS)
    place.clock.forward(MINUTE)
    found = await place.sweeper.gauge(place.deadline())
    assert (found["sending"].count, found["ambiguous"].count) == (0, 1)
    assert found["ambiguous"].age == MINUTE


async def test_an_index_that_lags_does_not_count_what_waits_no_more():
    place = Place()
    claim = await place.claim()
    await place.runs.mark_email_processed(claim, Outcome.PROCESSED)
    lagging = Lagging(place.table, [(claim.key.pk, "claim")])
    place.clock.forward(DAY)
    sweeper = EmailSweeper(table=lagging, raw=place.raw, queue=place.queue, clock=place.clock)
    assert (await sweeper.sweep_runs(place.deadline())).looked_at == 0
    assert place.queue.bodies == []


class Lagging:
    """The table, with an index that still says what was."""

    def __init__(self, table, places):
        self.table = table
        self.places = places

    def __getattr__(self, name):
        return getattr(self.table, name)

    async def find(self, index, value, *, limit):
        return self.places if value == "run#open" else []


# ---- the rounds ----------------------------------------------------------------


async def test_the_rounds_say_what_each_came_to():
    place = Place()
    place.raw.put("raw/lost", age=HOUR)
    answer = await place.rounds.run(seconds=300)
    assert json.loads(json.dumps(answer)) == answer
    assert answer["mail"] == {"looked_at": 1, "requeued": 1, "complete": True}
    assert answer["runs"]["requeued"] == 0
    assert answer["waiting"]["ambiguous"] == {"count": 0, "age": 0}


async def test_what_is_old_is_forgotten_in_the_time_that_the_sweep_leaves():
    place = Place()
    place.raw.put("raw/lost", age=HOUR)
    place.raw.page = _slow(place, seconds=140)
    answer = await place.rounds.run(seconds=300)
    assert answer["forgotten"] == 2
    [(before, left)] = place.eraser.asked
    assert before == iso(place.clock() - 28 * DAY)
    assert left > 100


async def test_a_round_that_fails_costs_the_others_nothing_and_is_raised_at_last(caplog):
    place = Place()
    await place.claim()
    place.clock.forward(DAY)
    place.queue.refuses = 1
    place.raw.put("raw/lost", age=HOUR)
    with (
        caplog.at_level(logging.INFO, "parley"),
        pytest.raises(RetryableError, match="the queue does not answer"),
    ):
        await place.rounds.run(seconds=300)
    assert place.queue.deliveries() == ["lost"]
    assert next(r.what for r in caplog.records if r.message == "what waits") == "abandoned"


async def test_nothing_is_begun_when_no_time_is_left():
    place = Place()
    place.raw.put("raw/lost", age=HOUR)
    answer = await place.rounds.run(seconds=5)
    assert (answer["mail"]["complete"], place.queue.bodies, place.raw.asked) == (False, [], [])


class Hanging(MemoryRunTable):
    """A table that never answers."""

    async def find(self, index, value, *, limit):
        await asyncio.Event().wait()


@pytest.mark.parametrize("part", ["sweep_runs", "gauge"])
async def test_a_table_that_never_answers_is_not_waited_for_beyond_the_time(part):
    place = Place(table=Hanging())
    with pytest.raises(DeadlineExceeded):
        await getattr(place.sweeper, part)(Deadline(place.clock() + 0.1, place.clock, margin=0))


async def test_the_log_names_deliveries_and_runs_and_nobody(caplog):
    place = Place()
    await place.claim()
    place.clock.forward(DAY)
    place.raw.put("raw/lost", age=HOUR)
    with caplog.at_level(logging.DEBUG, "parley"):
        await place.rounds.run(seconds=300)
    lines = [vars(record) for record in caplog.records]
    assert [line["delivery"] for line in lines if line["msg"] == "mail requeued"] == ["lost"]
    assert [line["tenant"] for line in lines if line["msg"] == "run requeued"] == ["demo"]
    assert not [line for line in lines if "@" in str(line)]
