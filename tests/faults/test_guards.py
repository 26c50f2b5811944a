"""The table of guards says what is so; and what only the table needs to be noticed by."""

from __future__ import annotations

import ast
import asyncio

import aioboto3
import pytest
from aiohttp import web

from parley.adapters.ses import SesSender
from parley.bootstrap.clients import ONE_SHOT
from parley.core.clock import Deadline
from parley.core.outcome import Outcome
from parley.errors import BusyError, RetryableError
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.ledger.claims import Claim, Finished
from parley.ledger.keys import CLAIM
from parley.ledger.outbox import OutboxState
from parley.mail.email import DeliveryId, Reason
from parley.mail.gates import GATES
from tests.adapters.test_api_client import ok, scripted
from tests.faults.guards import GUARDS, ROOT, Guard, main, mutated
from tests.inbound.test_pipeline import BOX, World, eml
from tests.support import DEMO, FakeClock, FakeSender, MemoryRunTable
from tests.test_gate_removal import FIXTURES

KEY = email_run(DEMO, BOX, DeliveryId("d1"))


def names_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_every_row_of_the_table_is_there_once_and_its_tests_exist(guard):
    without = mutated(guard, (ROOT / guard.file).read_text(encoding="utf-8"))
    ast.parse(without)
    assert guard.old != guard.new
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert name in names_of(file)


def test_names_are_said_once_and_every_gate_has_its_own_table():
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert {gate.__name__ for gate in GATES} == set(FIXTURES)


@pytest.mark.processes
def test_a_guard_that_nobody_misses_is_told_and_one_that_is_missed_too(capfd):
    margin = next(guard for guard in GUARDS if guard.name == "attempts end")
    idle = Guard("idle", margin.file, "MAX_ATTEMPTS = 5", "MAX_ATTEMPTS = 5 + 0", margin.tests)
    assert main([], [margin, idle]) == 1
    told = capfd.readouterr().out
    assert "test_attempts_end" in told.splitlines()[0]
    assert "NO TEST" in told.splitlines()[1]


# -- what no other test would miss -----------------------------------------------------------


async def test_of_two_that_take_over_at_once_one_is_busy():
    clock, table = FakeClock(), MemoryRunTable()

    class Both(MemoryRunTable):
        """Both read the dead claim before either writes."""

        async def create(self, item):
            answer = await table.create(item)
            await asyncio.sleep(0)
            return answer

        async def replace(self, item, *, version):
            return await table.replace(item, version=version)

        async def items(self, pk):
            return await table.items(pk)

    runs = EmailLedger(Both(), clock=clock)
    await runs.claim(KEY, lease_until=clock() + 60)
    clock.forward(100)
    takers = (runs.claim(KEY, lease_until=clock() + 60) for _ in range(2))
    ends = await asyncio.gather(*takers, return_exceptions=True)
    assert sorted(isinstance(end, BusyError) for end in ends) == [False, True]


class Slow(World):
    """Once, time passes at the backend's `insights`: as much as `seconds` says."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        put = self.backend.put_insights

        async def slow(tenant, meeting_id, body):
            await put(tenant, meeting_id, body)
            self.clock.forward(seconds)
            self.backend.put_insights = put

        self.backend.put_insights = slow


async def test_without_time_to_send_the_reply_is_left_as_an_intent():
    world = Slow(53.0)
    with pytest.raises(RetryableError, match="send the reply"):
        await world.deliver(eml())
    assert world.sender.sent == []
    (state,) = [row["state"] for (_, sk), row in world.table.rows.items() if sk.startswith("outbox#")]
    assert state == OutboxState.INTENT
    (report,) = await world.deliver(None, fresh=False)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1


class Hanging(FakeSender):
    """Takes the mail and never says so."""

    async def send(self, raw, *, recipient, tag):
        await super().send(raw, recipient=recipient, tag=tag)
        await asyncio.Event().wait()


async def test_a_send_that_hangs_is_recorded_as_ambiguous_before_time_is_up():
    world = World()
    world.pipeline.sender = world.sender = Hanging()
    # Of 8.2 seconds 3 are the margin, and 2 of the others are kept for recording the end.
    (report,) = await world.deliver(eml(), deadline=Deadline(world.clock() + 8.2, world.clock))
    assert report.outcome is Outcome.PROCESSED
    assert world.record()["reply"]["status"] == "ambiguous"


async def test_work_that_hangs_is_given_back_before_time_is_up():
    world = World()
    check = world.backend.check_email_blacklisted

    async def hangs(tenant, address):
        await asyncio.Event().wait()

    world.backend.check_email_blacklisted = hangs
    deadline = Deadline(world.clock() + 3.3, world.clock)
    with pytest.raises(RetryableError, match="work the email"):
        await asyncio.wait_for(world.deliver(eml(), deadline=deadline), 10)
    world.backend.check_email_blacklisted = check
    # Given back, so that the next copy is not told to wait for the lease.
    (report,) = await world.deliver(None, fresh=False)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1


async def test_a_post_on_a_stale_connection_is_made_again_at_once():
    """What aiohttp does by itself for a PUT it must not do for a POST: ours carries a key, so we do."""
    async with scripted("drop", ok(id="m-1")) as (script, client):
        await client._make_request("POST", "/meetings", tenant="demo", body={})
    first, second = (headers["Idempotency-Key"] for _, _, headers in script.requests)
    assert first == second
    assert script.waits == []


async def test_ses_is_asked_on_a_fresh_connection_each_time():
    """A kept connection that was closed meanwhile would make a send unknown that never left."""
    connections = set()

    async def handle(request):
        connections.add(request.transport)
        body = "<SendRawEmailResponse><SendRawEmailResult><MessageId>m</MessageId></SendRawEmailResult></SendRawEmailResponse>"
        return web.Response(text=body, content_type="text/xml")

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    options = {"aws_access_key_id": "t", "aws_secret_access_key": "t", "region_name": "eu-west-1"}
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aioboto3.Session().client("ses", endpoint_url=url, config=ONE_SHOT, **options) as client:
        sender = SesSender(client, sender="a@b.test", region="eu-west-1", configuration_set="")
        for _ in range(3):
            await sender.send(eml(), recipient="c@d.test", tag="t")
    await runner.cleanup()
    assert len(connections) == 3


async def test_a_redrive_of_what_was_erased_finds_it_ended():
    clock, table = FakeClock(), MemoryRunTable()
    runs = EmailLedger(table, clock=clock)
    claim = await runs.claim(KEY, lease_until=clock() + 60)
    assert isinstance(claim, Claim)
    await runs.mark_email_processed(claim, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
    table.rows[KEY.pk, CLAIM]["erased_at"] = "2026-03-03T10:00:00.000Z"
    end = await runs.claim(KEY, lease_until=clock() + 60, fresh=True)
    assert end == Finished(Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED, erased=True)
