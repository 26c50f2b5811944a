"""The headers of a reply, whatever the mail that is answered has in its own."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.mail.addresses import parse_addresses
from parley.mail.mime import parse_email
from parley.mail.reply import Reply, build_message, reply_subject

BREAK = "=?utf-8?q?=0D=0ABcc:_eve@evil.test?="
PIECES = (
    *"ab.@<>\"\\ ,;:()[]=?'-_é中\u202e\u00ad\u00a0\x7f", BREAK, "=?", "?=", "a@b.c", '"x y"', "[192.0.2.1]", "..", "x" * 70,
)  # fmt: skip


def message(*, to="ann@acme.test", subject="Call", ids=("<m@acme.test>",)):
    reply = Reply(to, reply_subject(subject), "text", "<p>text</p>", ids[0], tuple(ids))
    return email.message_from_bytes(
        build_message(reply, sender="us@parley.test"), policy=email.policy.default
    )


def encoded(text):
    return "=?utf-8?q?" + "".join(f"={byte:02X}" for byte in text.encode()) + "?="


@pytest.mark.parametrize(
    "subject", [BREAK, f"Call {BREAK} more", encoded(BREAK), "a\r\nBcc: eve@evil.test", "a\x85Bcc: e@e.test"]
)
def test_a_subject_is_one_header_however_often_it_was_encoded(subject):
    read = parse_email(b"From: a@b.test\r\nSubject: " + encoded(subject).encode() + b"\r\n\r\nx").subject
    answer = message(subject=read)
    assert answer["Bcc"] is None
    assert len(answer.get_all("Subject")) == 1
    assert answer["Subject"].startswith("Re: ")


@pytest.mark.parametrize(
    "bad", [f"<{BREAK}@acme.test>", "<a@acme.test>\r\nBcc: eve@evil.test", "<a b@c.test>", "<é@c.test>"]
)
def test_an_id_that_is_none_is_left_out(bad):
    answer = message(ids=(bad, "<good@acme.test>"))
    assert answer["Bcc"] is None
    assert answer["In-Reply-To"] is None
    assert answer["References"] == "<good@acme.test>"


@pytest.mark.parametrize(
    "address",
    [
        "ann..b@docomo.test",
        ".ann@acme.test",
        "ann.@acme.test",
        '"ann b"@acme.test',
        '"ann\\"b"@acme.test',
    ],
)
def test_an_address_that_mail_comes_from_can_be_written(address):
    (found,) = parse_addresses([address])
    assert found.address == address
    (to,) = message(to=address)["To"].addresses
    assert to.username == address.rpartition("@")[0].strip('"').replace("\\", "")


def test_an_address_outside_ascii_stands_as_it_is():
    raw = build_message(
        Reply("josé@acme.test", "Re: Call", "text", "<p>text</p>", None, ()), sender="us@parley.test"
    )
    assert "\r\nTo: josé@acme.test\r\n".encode() in raw


@pytest.mark.parametrize(
    "address", [f"{BREAK}@acme.test", f'"{BREAK}"@acme.test', '""@acme.test', "ann\u202e@acme.test"]
)
def test_an_address_that_can_be_read_in_two_ways_is_none(address):
    assert parse_addresses([address]) == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join), st.booleans())
def test_whoever_can_be_read_can_be_written(text, tail):
    for found in parse_addresses([f"{text}@acme.test" if tail else text]):
        answer = message(to=found.address)
        assert len(answer.get_all("To")) == 1
        assert len(answer["To"].addresses) == 1
        assert answer["Bcc"] is None
