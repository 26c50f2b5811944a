"""Every gate is needed: each stops an email that all the others would let pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields

import pytest

from parley.core.outcome import Outcome
from parley.inbound.pipeline import Pipeline
from parley.mail.email import Reason, Verdicts
from parley.mail.gates import GATES, MOST_RUNS, Facts, stopped_by
from parley.mail.mailbox import Mailbox, Purpose
from tests.inbound.test_pipeline import BOX, World, eml
from tests.support import DEMO

PASSED = Verdicts(spam="PASS", virus="PASS", spf="PASS", dkim="PASS", dmarc="PASS")
OPEN = Mailbox(BOX, DEMO, Purpose.MEETINGS, members=("*",), require_auth=False, answer_unauthenticated=True)
STRICT = Mailbox(BOX, DEMO, Purpose.MEETINGS, members=("*",), require_auth=True)
CLOSED = Mailbox(
    BOX, DEMO, Purpose.MEETINGS, members=("@rival.test",), require_auth=False, answer_unauthenticated=True
)
OURS = Mailbox("sales@acme.test", DEMO, Purpose.DEALS, require_auth=False, answer_unauthenticated=True)


async def nothing(world: World) -> None:
    del world


async def much_mail(world: World) -> None:
    """As many emails as one sender may write."""
    for number in range(MOST_RUNS):
        raw = eml("Hello.", vtt=None, Message_ID=f"<{number}@acme.test>", Subject=f"Question {number}")
        await world.deliver(raw, delivery=f"before-{number}", verdicts=PASSED)


@dataclass(frozen=True)
class Fixture:
    """An email that one gate must stop, and no other."""

    outcome: Outcome
    reason: Reason
    raw: bytes = field(default_factory=eml)
    mailboxes: tuple[Mailbox, ...] = (OPEN,)
    verdicts: Verdicts = PASSED
    to: str = BOX
    blacklist: tuple[str, ...] = ()
    before: Callable[[World], Awaitable[None]] = nothing


FIXTURES: dict[str, Fixture] = {
    "unknown_mailbox": Fixture(Outcome.REFUSED, Reason.UNKNOWN_MAILBOX, to="nobody@acme.test"),
    "virus": Fixture(Outcome.QUARANTINED, Reason.VIRUS, verdicts=Verdicts(spam="PASS", virus="FAIL")),
    "spam": Fixture(Outcome.QUARANTINED, Reason.SPAM, verdicts=Verdicts(spam="FAIL", virus="PASS")),
    "own_address": Fixture(
        Outcome.REFUSED, Reason.OWN_ADDRESS, eml(From="Sales <Sales@acme.test>"), mailboxes=(OPEN, OURS)
    ),
    "automated": Fixture(Outcome.REFUSED, Reason.AUTOMATED, eml(Auto_Submitted="auto-replied")),
    "one_sender": Fixture(
        Outcome.QUARANTINED, Reason.UNAUTHENTICATED, eml().replace(b"From: ", b"From: Bo <bo@evil.test>, ")
    ),
    "unauthenticated": Fixture(
        Outcome.QUARANTINED,
        Reason.UNAUTHENTICATED,
        mailboxes=(STRICT,),
        verdicts=Verdicts(spam="PASS", virus="PASS", dmarc="FAIL"),
    ),
    "is_blacklisted": Fixture(Outcome.REFUSED, Reason.BLACKLISTED, blacklist=("sarah@acme.test",)),
    "sender_not_allowed": Fixture(Outcome.REFUSED, Reason.SENDER_NOT_ALLOWED, mailboxes=(CLOSED,)),
    "rate_capped": Fixture(Outcome.REFUSED, Reason.RATE_CAPPED, before=much_mail),
}


class Watching(Pipeline):
    """The pipeline, and what its gates were told last."""

    seen: Facts | None = None

    @property
    def _facts(self):
        return self

    async def find(self, run, email):
        found = await super()._facts.find(run, email)
        self.seen = found[1]
        return found


def watched(world: World) -> Watching:
    parts = {one.name: getattr(world.pipeline, one.name) for one in fields(world.pipeline)}
    world.pipeline = Watching(**parts)
    return world.pipeline


def test_every_gate_has_its_email():
    assert list(FIXTURES) == [gate.__name__ for gate in GATES]


@pytest.mark.parametrize("name", FIXTURES)
async def test_an_email_is_stopped_by_its_gate_and_passes_without_it(name):
    wanted = FIXTURES[name]
    world = World(*wanted.mailboxes, blacklist=wanted.blacklist)
    await wanted.before(world)
    sent = len(world.sender.sent)
    pipeline = watched(world)
    (report,) = await world.deliver(wanted.raw, delivery="stopped", to=(wanted.to,), verdicts=wanted.verdicts)
    assert (report.outcome, report.reason) == (wanted.outcome, wanted.reason)
    assert len(world.sender.sent) == sent
    others = tuple(gate for gate in GATES if gate.__name__ != name)
    assert pipeline.seen is not None
    assert stopped_by(pipeline.seen, others) is None


@pytest.mark.parametrize("mailbox", [OPEN, STRICT])
async def test_the_same_email_without_a_fault_is_worked_and_answered(mailbox):
    world = World(mailbox, OURS)
    (report,) = await world.deliver(eml(), verdicts=PASSED)
    assert report.outcome is Outcome.PROCESSED
    assert len(world.sender.sent) == 1
