"""Every attack of the corpus through the whole pipeline: an outcome, at most one reply, and nothing else."""

from __future__ import annotations

import socket
import tempfile

import pytest

from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.mail.email import Reason
from parley.mail.mailbox import Mailbox, Purpose
from tests.hostile import build
from tests.hostile.corpus import CASES, Case
from tests.hostile.guard import watched
from tests.hostile.judge import hold_what_a_run_promises, hold_what_replies_promise
from tests.inbound.test_pipeline import World, eml
from tests.support import DEMO, free_port

SECRET = "Zephyr-7731"
OTHER_BOX = "meetings@rival.test"
OTHER = Mailbox(
    OTHER_BOX,
    TenantId("rival"),
    Purpose.MEETINGS,
    members=("*",),
    require_auth=False,
    answer_unauthenticated=True,
)


def mailbox(case: Case) -> Mailbox:
    return Mailbox(build.BOX, DEMO, Purpose.MEETINGS, members=case.members, require_auth=case.strict)


async def world_with_a_rival(case: Case) -> World:
    """A world in which another tenant's meeting was worked just before."""
    world = World(mailbox(case), OTHER)
    said = f"WEBVTT\n\n00:01.000 --> 00:02.000\nRiva: I will send {SECRET} to Bo by Friday.\n"
    await world.deliver(
        eml(vtt=said, From="riva@rival.test", Message_ID="<r@rival.test>"), delivery="r", to=(OTHER_BOX,)
    )
    world.backend.puts.clear()
    assert SECRET.encode() in world.sender.sent.pop()[1]
    return world


async def attack(world: World, case: Case) -> Outcome:
    to = (build.BOX,) if case.envelope else ()
    (report,) = await world.deliver(case.make(), to=to, verdicts=case.verdicts)
    tenant = str(DEMO) if case.envelope or report.reason is not Reason.UNREADABLE else "unrouted"
    hold_what_a_run_promises(world, report, tenant=tenant)
    assert (report.outcome, report.reason) == (case.outcome, case.reason)
    assert len(world.sender.sent) == case.answered
    for recipient, raw in world.sender.sent:
        hold_what_replies_promise(recipient, raw, secrets=(SECRET, *case.secrets))
    return report.outcome


@pytest.mark.parametrize("name", CASES)
async def test_an_attack_ends_as_it_must(name):
    case = CASES[name]
    world = await world_with_a_rival(case)
    with watched() as watch:
        await attack(world, case)
    assert not watch.outside()
    assert not watch.connected
    if case.route:
        assert world.record()["route"] == case.route


def test_the_guard_sees_what_it_must():
    with watched() as watch, socket.socket() as probe, tempfile.TemporaryFile("w"):
        assert probe.connect_ex(("127.0.0.1", free_port())) != 0
    assert watch.connected == ["127.0.0.1"]
    assert watch.written
    assert watch.outside() == watch.written
