"""The SMTP listener: mail sent here arrives as SES would deliver it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

from local.ses_inbound import Envelope

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiosmtpd.smtp import Envelope as SmtpEnvelope
    from aiosmtpd.smtp import Session

    Receive = Callable[[bytes, Envelope], Awaitable[str]]

LARGEST_MAIL = 40 * 1024 * 1024
"""Bytes: what SES takes in."""
MOST_RECIPIENTS = 100

log = logging.getLogger("local.smtp")


class _Listener(SMTP):
    # RFC 5321 allows 1000 octets a line, and real senders break it: SES takes such mail too.
    line_length_limit = LARGEST_MAIL


class Handler:
    """aiosmtpd's hooks. A mail is acknowledged once it is stored and announced, never before."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: SmtpEnvelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:  # noqa: N802  # aiosmtpd's name
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        try:
            delivery = await self._receive(raw, _envelope(session, envelope))
        except Exception:
            # Whatever it was: the sender still has the mail, and sends it again.
            log.exception("mail not stored")
            return "451 4.3.0 The mail could not be stored: send it again later"
        return f"250 2.0.0 OK {delivery}"


def _envelope(session: Session, envelope: SmtpEnvelope) -> Envelope:
    return Envelope(
        sender="" if envelope.mail_from in (None, "<>") else str(envelope.mail_from),
        recipients=tuple(dict.fromkeys(envelope.rcpt_tos)),
        client=str(session.host_name or "localhost"),
    )


@asynccontextmanager
async def smtp_server(receive: Receive, listener: socket.socket) -> AsyncIterator[None]:
    """Listen for as long as the block lasts."""
    handler = Handler(receive)

    def connection() -> Any:
        return _Listener(
            handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            ident="Parley",
            hostname="parley.local",
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(connection, sock=listener)
    try:
        yield
    finally:
        server.close()
