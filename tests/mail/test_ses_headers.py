from __future__ import annotations

import pytest

from parley.mail.email import Verdicts
from parley.mail.ses_headers import SesHeaders, read_ses_headers

RECEIVED = (
    b"Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n"
    b" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id d6iitobk75ur44p8kdnnp7g2n800\r\n"
    b" for Meetings@parley.local;\r\n Fri, 20 Nov 2026 10:00:00 +0000 (UTC)\r\n"
)
SCANNED = b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
RESULTS = (
    b"Authentication-Results: amazonses.com;\r\n spf=pass (spfCheck: domain of example.com) client-ip=192.0.2.1;\r\n"
    b" dkim=fail header.i=@other.example;\r\n dkim=pass header.i=@example.com;\r\n dmarc=pass header.from=example.com;\r\n"
)
TOP = (
    b"Return-Path: <a@example.com>\r\n"
    + RECEIVED
    + SCANNED
    + b"Received-SPF: pass (x) client-ip=1;\r\n"
    + RESULTS
)
SENT = b"From: a@example.com\r\nTo: meetings@parley.local\r\nSubject: x\r\n\r\nbody\r\n"
ALL_PASS = Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")
NOTHING = SesHeaders()


def test_the_block_on_top_is_read() -> None:
    found = read_ses_headers(TOP + b"X-SES-RECEIPT: abc\r\n" + SENT)
    assert found == SesHeaders("d6iitobk75ur44p8kdnnp7g2n800", "meetings@parley.local", ALL_PASS)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        SENT,
        SCANNED + RESULTS + SENT,
        b"Received: from x by mx.example.com with ESMTP id abcdefghijkl for v@parley.local; today\r\n"
        + SCANNED
        + SENT,
        b"Received: from x by inbound-smtp.eu-west-1.amazonaws.com.evil.example with SMTP id abcdefghijkl for a@b.c; x\r\n"
        + SCANNED
        + SENT,
        SENT.replace(b"\r\n\r\n", b"\r\n" + TOP + b"\r\n"),
        b"Subject: first\r\n" + TOP + SENT,
    ],
)
def test_without_ses_own_line_on_top_nothing_is_believed(raw: bytes) -> None:
    assert read_ses_headers(raw) == NOTHING


@pytest.mark.parametrize(
    "forged",
    [
        b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n",
        b"Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass\r\n",
    ],
)
def test_copies_below_the_senders_headers_are_never_believed(forged: bytes) -> None:
    found = read_ses_headers(RECEIVED + b"From: a@example.com\r\n" + forged + b"Subject: x\r\n\r\n" + forged)
    assert found.verdicts == Verdicts()
    assert found.recipient == "meetings@parley.local"


def test_a_forged_received_below_changes_nothing() -> None:
    forged = RECEIVED.replace(b"Meetings@", b"victim@")
    found = read_ses_headers(TOP + forged + SENT)
    assert (found.recipient, found.verdicts) == ("meetings@parley.local", ALL_PASS)


@pytest.mark.parametrize(
    ("top", "verdicts"),
    [
        (RECEIVED + SCANNED + b"X-SES-Spam-Verdict: FAIL\r\n", Verdicts(virus="PASS")),
        (RECEIVED + b"X-SES-Spam-Verdict: maybe\r\nX-SES-Virus-Verdict: GRAY\r\n", Verdicts(virus="GRAY")),
        (RECEIVED + RESULTS + RESULTS, Verdicts()),
        (RECEIVED + RESULTS.replace(b"amazonses.com", b"evil.example", 1), Verdicts()),
        (
            RECEIVED + b"Authentication-Results: amazonses.com; spf=none; dmarc=fail\r\n",
            Verdicts(spf="GRAY", dmarc="FAIL"),
        ),
    ],
)
def test_what_is_absent_or_said_twice_is_none(top: bytes, verdicts: Verdicts) -> None:
    assert read_ses_headers(top + SENT).verdicts == verdicts


def test_what_follows_the_receipt_header_is_the_senders() -> None:
    """With scanning off SES writes no verdicts: the sender's stand right below its block."""
    found = read_ses_headers(RECEIVED + b"X-SES-RECEIPT: abc\r\n" + SCANNED + RESULTS + SENT)
    assert found == SesHeaders("d6iitobk75ur44p8kdnnp7g2n800", "meetings@parley.local", Verdicts())


def test_no_recipient_where_ses_names_none() -> None:
    top = RECEIVED.replace(b"\r\n for Meetings@parley.local", b"")
    assert read_ses_headers(top + SENT).recipient is None
