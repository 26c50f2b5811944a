"""Two machines that face each other stop at once."""

from __future__ import annotations

import pytest

from parley.core.outcome import Outcome
from parley.mail.email import Reason
from parley.mail.mailbox import Mailbox, Purpose
from tests.hostile.build import BOX, SENDER, VTT, mail, with_transcript
from tests.hostile.corpus import PASSED
from tests.inbound.test_pipeline import World
from tests.support import DEMO

OPEN = Mailbox(BOX, DEMO, Purpose.MEETINGS, members=("*",), require_auth=False, answer_unauthenticated=True)


async def replied(raw: bytes) -> bytes:
    """What Parley answers to it."""
    world = World(OPEN)
    await world.deliver(raw, verdicts=PASSED)
    ((_, sent),) = world.sender.sent
    return sent


@pytest.mark.parametrize("raw", [with_transcript(VTT), mail(b"Just a word.")], ids=["insights", "how-to"])
@pytest.mark.parametrize("ours", [True, False], ids=["itself", "another Parley"])
async def test_parleys_own_reply_is_never_answered(raw, ours):
    answer = await replied(raw)
    if not ours:
        answer = answer.replace(b"From: assistant@parley.test", b"From: helper@parley.example")
        assert b"helper@" in answer
    world = World(OPEN)
    (report,) = await world.deliver(answer.replace(SENDER.encode(), BOX.encode()), verdicts=PASSED)
    assert report.outcome is Outcome.REFUSED
    assert report.reason is (Reason.OWN_ADDRESS if ours else Reason.AUTOMATED)
    assert not world.sender.sent


VACATION = {
    "RFC 3834": {"Auto_Submitted": "auto-replied", "Subject": "Re: Pilot call"},
    "Exchange": {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: Pilot call"},
    "precedence": {"Precedence": "auto_reply", "Subject": "Away"},
    "X-Autoreply": {"X_Autoreply": "yes", "Subject": "Away"},
}


@pytest.mark.parametrize("kind", VACATION)
async def test_a_responder_gets_one_reply_and_no_second(kind):
    world = World(OPEN)
    await world.deliver(with_transcript(VTT), verdicts=PASSED)
    back = mail(
        b"I am away until Monday.",
        Message_ID="<away@acme.test>",
        In_Reply_To="<m1@acme.test>",
        **VACATION[kind],
    )
    for turn in range(3):
        (report,) = await world.deliver(back, delivery=f"away{turn}", verdicts=PASSED)
        assert report.outcome is Outcome.REFUSED or report.outcome is Outcome.DUPLICATE
    assert len(world.sender.sent) == 1


async def test_a_responder_that_hides_gets_one_how_to_in_a_thread():
    """No header gives it away: the how-to is said once, so that the two still stop."""
    world = World(OPEN)
    references = "<m0@acme.test>"
    for turn in range(5):
        raw = mail(
            b"Your message has reached us. A colleague of ours will write to you.",
            Subject="Re: Pilot call",
            Message_ID=f"<h{turn}@acme.test>",
            References=references,
        )
        await world.deliver(raw, delivery=f"h{turn}", verdicts=PASSED)
        references += f" <h{turn}@acme.test>"
    assert len(world.sender.sent) == 1
