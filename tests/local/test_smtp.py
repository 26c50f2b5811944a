import asyncio
import smtplib
from contextlib import asynccontextmanager

import pytest

from local.ports import listen, port_of
from local.smtp import smtp_server


class Inbox:
    def __init__(self, *, broken=False):
        self.received = []
        self.broken = broken

    async def receive(self, raw, envelope):
        if self.broken:
            raise RuntimeError("no storage")
        self.received.append((raw, envelope))
        return "delivery-1"


@asynccontextmanager
async def client(inbox):
    with listen(None, what="tests") as listener:
        port = port_of(listener)
        async with smtp_server(inbox.receive, listener):
            server = await asyncio.to_thread(smtplib.SMTP, "127.0.0.1", port, timeout=20)
            try:
                yield server
            finally:
                await asyncio.to_thread(server.close)


def send(server, raw, *recipients, sender="a@example.org"):
    server.ehlo("laptop.example")
    server.mail(sender)
    for recipient in recipients:
        server.rcpt(recipient)
    return server.data(raw)


async def test_the_envelope_counts_and_not_the_headers():
    inbox = Inbox()
    async with client(inbox) as server:
        code, answer = await asyncio.to_thread(
            send, server, b"To: x@y.z\r\n\r\nhi\r\n", "m@parley.local", "d@parley.local"
        )
    assert (code, answer) == (250, b"2.0.0 OK delivery-1")
    [(raw, envelope)] = inbox.received
    assert raw == b"To: x@y.z\r\n\r\nhi\r\n"
    assert envelope.recipients == ("m@parley.local", "d@parley.local")
    assert (envelope.sender, envelope.client) == ("a@example.org", "laptop.example")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"A: b\r\n\r\n\xff\xfe\x80 raw\r\n", id="8-bit"),
        pytest.param(b"A: b\r\n\r\n..dots\r\n.\r\n", id="dots"),
        pytest.param(b"A: b\r\n\r\n" + b"x" * 300_000 + b"\r\n", id="a long line"),
        pytest.param(b"--broken\r\nContent-Type: multipart/mixed\r\n\r\n", id="broken MIME"),
    ],
)
async def test_the_bytes_arrive_as_they_were_sent(raw):
    inbox = Inbox()
    async with client(inbox) as server:
        await asyncio.to_thread(send, server, raw, "m@parley.local")
    assert inbox.received[0][0] == raw


async def test_the_null_return_path_arrives_as_empty():
    inbox = Inbox()
    async with client(inbox) as server:
        await asyncio.to_thread(send, server, b"A: b\r\n\r\n", "m@parley.local", sender="")
    assert inbox.received[0][1].sender == ""


async def test_what_cannot_be_stored_stays_with_the_sender():
    inbox = Inbox(broken=True)
    async with client(inbox) as server:
        code, answer = await asyncio.to_thread(send, server, b"A: b\r\n\r\n", "m@parley.local")
    assert code == 451
    assert b"again later" in answer


async def test_more_than_ses_takes_is_refused():
    inbox = Inbox()
    async with client(inbox) as server:
        code, _ = await asyncio.to_thread(server.docmd, "EHLO x")
        refused, _ = await asyncio.to_thread(server.docmd, f"MAIL FROM:<a@b.c> SIZE={41 * 1024 * 1024}")
    assert (code, refused) == (250, 552)
    assert inbox.received == []
