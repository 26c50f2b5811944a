"""Our own mail that comes back is answered under none of our addresses."""

from __future__ import annotations

import pytest

from parley.core.outcome import Outcome
from parley.mail.email import Reason, Verdicts
from parley.mail.gates import Facts, own_address
from parley.mail.mailbox import Mailbox, Mode, Purpose
from parley.mail.mime import parse_email


def facts(sender: str) -> Facts:
    raw = f"From: {sender}\r\nTo: notes@acme.test\r\nSubject: Hi\r\n\r\nHello\r\n".encode()
    box = Mailbox(address="notes@acme.test", tenant="acme", purpose=Purpose.MEETINGS, mode=Mode.AUTO)
    return Facts(parse_email(raw), box, Verdicts(), frozenset({"notes@acme.test"}))


@pytest.mark.parametrize(
    "sender", ["notes@acme.test", "Notes <NOTES@acme.test>", "notes+7f3a@acme.test", "notes+@acme.test"]
)
def test_an_address_of_ours_is_refused_with_any_tag(sender):
    stop = own_address(facts(sender))
    assert stop
    assert (stop.outcome, stop.reason) == (Outcome.REFUSED, Reason.OWN_ADDRESS)


@pytest.mark.parametrize(
    "sender", ["notes@other.test", "footnotes@acme.test", "a+notes@acme.test", "+notes@acme.test"]
)
def test_an_address_of_somebody_else_is_not(sender):
    assert own_address(facts(sender)) is None
