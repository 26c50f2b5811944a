"""Whatever the bytes: an email or one of the two named errors, and counted work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import QuarantineError, SenderError
from parley.mail.addresses import extract_email_address, parse_addresses
from parley.mail.email import InboundEmail
from parley.mail.html_to_text import html_to_text
from parley.mail.limits import Budget, Limits
from parley.mail.mime import parse_email
from parley.mail.parts import scan_parts
from parley.mail.ses_headers import read_ses_headers
from parley.mail.threads import message_ids, normalize_subject_for_thread
from tests.mail.samples import SAMPLES

TOKENS = (
    b"\r", b"\n", b"\r\n\r\n", b"--b", b"--b--", b"--x-1\r\n", b":", b";", b"=", b"=?utf-8?B?", b"?=", b'"', b"<", b">",
    b"(", b"\\", b"\x00", b"\xff\xfe", b"\x1b$B", b"charset=", b"charset=utf-16", b"charset=utf-7", b"charset=idna",
    b"charset=unicode_escape", b"boundary=", b"boundary=b", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n", b"From: <[..]>\r\n",
    b"Date: 99 Foo 99999 99:99:99 +9999\r\n", b"Message-ID: <[..]>\r\n", b"name*0*=x'y'%zz;", b"<div>" * 50, b"<table><tr>",
    b"\xed\xa0\x80", b"&#x110000;", b"&#55296;", b"xn--a.", b"@", b"From: a@xn--\r\n", b"From: a@\xc3\x9f.\xe3\x80\x82\r\n",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    mail = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(mail)))
        stop = start + draw(st.integers(0, 30))
        mail[start:stop] = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=12)))
    return bytes(mail)


def read(raw: bytes) -> InboundEmail | None:
    try:
        return parse_email(raw)
    except (SenderError, QuarantineError) as error:
        refused = error
    assert refused.reason in ("too_big", "unreadable")
    assert str(refused).endswith(".")
    return None


def hold_what_is_promised(email: InboundEmail) -> None:
    text = "".join(value for _, value in email.headers) + email.subject
    assert "\r" not in text
    assert "\n" not in text
    assert len(email.content_hash) == 64
    assert all(not re.search(r"[/\\\x00-\x1f]", a.filename or "") for a in email.attachments)
    assert all(
        a.address.count("@") >= 1 and not re.search(r"[\s<>]", a.address.split("@")[-1])
        for a in email.senders
    )
    "".join((email.body, email.text, email.html or "", text)).encode("utf-8")


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_mails_are_read_or_refused(raw: bytes) -> None:
    email = read(raw)
    if email:
        hold_what_is_promised(email)
    read_ses_headers(raw)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    email = read(raw)
    if email:
        hold_what_is_promised(email)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([t.decode("latin-1") for t in TOKENS] + ["a@b.c", " ", ",", "Ada"]), max_size=12)
)
def test_any_text_is_no_traceback(pieces: list[str]) -> None:
    text = "".join(pieces)
    for address in parse_addresses([text]):
        assert extract_email_address(str(address.address)) == address.address
    assert all(i.startswith("<") and i.endswith(">") for i in message_ids(text))
    once = normalize_subject_for_thread(text)
    assert normalize_subject_for_thread(once) == once
    html_to_text(text)


@pytest.mark.parametrize("size", [1_000, 4_000])
@pytest.mark.parametrize("unit", [b"--\r\n", b"--bb\r\n", b"--b \r\n\r\n", b"\r--"])
def test_the_scan_stops_at_each_dash_once(unit: bytes, size: int) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + unit * size
    scan = scan_parts(raw, Budget(Limits(parts=10_000)))
    assert scan.delimiters <= raw.count(b"--b") + 1


@pytest.mark.parametrize("levels", [51, 500, 5_000])
def test_a_nesting_bomb_costs_no_more_the_deeper_it_is(levels: int) -> None:
    bomb = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels)
    )
    budget = Budget(Limits())
    with pytest.raises(QuarantineError):
        scan_parts(bomb, budget)
    assert budget.parts <= 52


@pytest.mark.parametrize("lines", [10_001, 100_000])
def test_a_header_bomb_is_dropped_at_the_limit(lines: int) -> None:
    budget = Budget(Limits())
    with pytest.raises(SenderError):
        scan_parts(b"A: b\r\n" * lines, budget)
    assert budget.header_count == Limits().header_count + 1


def test_one_endless_header_is_never_held_whole() -> None:
    budget = Budget(Limits(header_bytes=1_000))
    with pytest.raises(SenderError):
        scan_parts(b"Subject: " + b"x" * 1_000_000, budget)
    assert budget.header_bytes <= 1_001
