"""The interface for sending mail, and the three errors that a send can end in."""

from __future__ import annotations

from typing import Protocol

from parley.errors import OutOfService, ParleyError

TAG = "parley-reply"
"""The name of the message tag that a reply is sent under; its value names the outbox entry."""
US_EAST_1 = "us-east-1"


class SendRefused(OutOfService):
    """Definitely not sent, and later it may be: throttled, no connection, or an unfinished set-up."""


class SendRejected(ParleyError):
    """Definitely not sent, and never will be: the message or the recipient is refused."""


class SendUnknown(ParleyError):
    """Nobody knows whether it was sent: never tried again, settled by an event or a person."""


class Sender(Protocol):
    """Hands one message over, in one attempt."""

    async def send(self, raw: bytes, *, recipient: str, tag: str) -> str:
        """The Message-ID it will carry on the wire. Raises the three errors above."""


def message_id_on_wire(ident: str, region: str) -> str:
    """`<id@region.amazonses.com>`, in us-east-1 `<id@email.amazonses.com>`: what SES puts there."""
    return f"<{ident}@{'email' if region == US_EAST_1 else region}.amazonses.com>"
