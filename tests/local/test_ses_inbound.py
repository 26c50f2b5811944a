import json
from datetime import UTC, datetime

import pytest

from local.ses_inbound import Envelope, Findings, SesInbound, new_delivery_id, on_top
from parley.mail.inbound_events import read_event
from parley.mail.ses_headers import read_ses_headers

AT = datetime(2025, 10, 7, 14, 20, 9, 112000, tzinfo=UTC)
MAIL = b"From: A <a@example.org>\r\nTo: meetings@parley.local\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n\r\nhi\r\n"
TO_US = Envelope(sender="bounce@example.org", recipients=("meetings@parley.local",))


class Recorder:
    """S3 and SNS that remember in which order they were called."""

    def __init__(self, *, fails=False):
        self.calls = []
        self.fails = fails

    async def put_object(self, **arguments):
        if self.fails:
            raise OSError("disk full")
        self.calls.append(("put", arguments))

    async def publish(self, **arguments):
        self.calls.append(("publish", arguments))


def inbound(services, **changes):
    return SesInbound(
        s3=services,
        sns=services,
        bucket="b",
        topic_arn="arn:topic",
        now=lambda: AT,
        new_id=lambda: "d" * 40,
        **changes,
    )


async def test_the_mail_is_stored_before_it_is_announced():
    services = Recorder()
    delivery = await inbound(services).receive(MAIL, TO_US)
    assert [name for name, _ in services.calls] == ["put", "publish"]
    stored = services.calls[0][1]
    assert (stored["Bucket"], stored["Key"]) == ("b", f"raw/{delivery}")
    assert stored["Body"].endswith(MAIL)


async def test_a_mail_that_cannot_be_stored_is_not_announced():
    services = Recorder(fails=True)
    with pytest.raises(OSError, match="disk full"):
        await inbound(services).receive(MAIL, TO_US)
    assert services.calls == []


async def test_the_notification_is_what_the_pipeline_reads():
    services = Recorder()
    findings = Findings(spam="FAIL", dmarc="PASS")
    await inbound(services, findings=findings).receive(MAIL, TO_US)
    message = services.calls[1][1]["Message"]
    record = {"eventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": message}}
    [event] = read_event({"Records": [record]}).emails
    assert event.message_id == "d" * 40
    assert (event.bucket, event.key) == ("b", "raw/" + "d" * 40)
    assert (event.sender, event.recipients) == ("a@example.org", ("meetings@parley.local",))
    assert event.subject == "café"
    assert event.timestamp == AT
    assert (event.verdicts.spam, event.verdicts.virus, event.verdicts.dmarc) == ("FAIL", "PASS", "PASS")


def test_the_block_on_top_is_what_the_pipeline_believes():
    block = on_top(MAIL, TO_US, "d" * 40, Findings(virus="FAIL", spf="PASS"), AT)
    found = read_ses_headers(block + MAIL)
    assert (found.delivery, found.recipient) == ("d" * 40, "meetings@parley.local")
    assert (found.verdicts.spam, found.verdicts.virus) == ("PASS", "FAIL")
    assert (found.verdicts.spf, found.verdicts.dmarc) == ("PASS", "GRAY")
    assert block.startswith(b"Return-Path: <bounce@example.org>\r\n")


def test_with_several_recipients_the_block_names_none():
    several = Envelope(sender="", recipients=("a@parley.local", "b@parley.local"))
    block = on_top(MAIL, several, "d" * 40, Findings(), AT)
    assert b" for " not in block
    assert block.startswith(b"Return-Path: <>\r\n")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_block_ends_its_lines_as_the_mail_does(end):
    mail = MAIL.replace(b"\r\n", end)
    block = on_top(mail, TO_US, "d" * 40, Findings(), AT)
    assert block.endswith(end)
    assert block.replace(end, b"").count(b"\n") == 0


def test_a_client_cannot_write_headers_of_ses():
    bad = Envelope(
        sender="a@b.c>\r\nX-SES-Spam-Verdict: PASS", recipients=("x@y.z\r\nX: 1",), client="h\r\nX: 2"
    )
    block = on_top(MAIL, bad, "d" * 40, Findings(spam="FAIL"), AT)
    assert block.count(b"\r\n") == 6
    assert block.count(b"X-SES-Spam-Verdict: FAIL\r\n") == 1


def test_an_address_in_another_script_is_not_shortened_to_somebody_elses():
    envelope = Envelope(sender="j\xf6d@example.org", recipients=("m\xfcnchen@parley.local",))
    block = on_top(MAIL, envelope, "d" * 40, Findings(), AT).decode()
    assert "Return-Path: <j\xf6d@example.org>" in block
    assert " for m\xfcnchen@parley.local;" in block


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff\r", b"no header at all", b"From: a\x80b\nSubject: " + b"x" * 50_000]
)
async def test_any_bytes_can_be_announced(raw):
    services = Recorder()
    await inbound(services).receive(raw, TO_US)
    message = json.loads(services.calls[1][1]["Message"])
    assert message["receipt"]["recipients"] == ["meetings@parley.local"]
    assert len(services.calls[1][1]["Message"]) < 64_000


def test_delivery_ids_look_like_those_of_ses():
    ids = {new_delivery_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(i) == 40 and i.isalnum() and i == i.lower() for i in ids)
