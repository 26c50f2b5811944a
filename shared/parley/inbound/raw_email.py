"""The raw bytes of one delivery, and what SES wrote on top of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from parley.errors import SenderError
from parley.inbound.ports import MailStore
from parley.mail.email import EmailEvent
from parley.mail.ses_headers import read_ses_headers


@dataclass(slots=True)
class RawEmail:
    """The raw bytes of one delivery: fetched once, after the first claim, and shared by its runs."""

    fetch: Callable[[], Awaitable[bytes]]
    _content: bytes | None = None

    async def __call__(self) -> bytes:
        if self._content is None:
            self._content = await self.fetch()
        return self._content


@asynccontextmanager
async def raw_email(mail: MailStore, event: EmailEvent) -> AsyncIterator[RawEmail]:
    """The raw email of this event, to be fetched when it is first asked for and held until the block ends."""
    async with AsyncExitStack() as held:
        yield RawEmail(lambda: held.enter_async_context(mail.open(event.bucket, event.key)))


async def with_envelope(event: EmailEvent, raw: RawEmail) -> EmailEvent:
    """An S3 event says no more than the key: recipient and verdicts stand in the block SES put on top."""
    if event.recipients or event.recipient:
        return event
    try:
        headers = read_ses_headers(await raw())
    except SenderError:
        # Too big to be read: nobody's run will meet it again, and end with it.
        return event
    if headers.recipient is None:
        return replace(event, verdicts=headers.verdicts)
    return replace(
        event, recipient=headers.recipient, recipients=(headers.recipient,), verdicts=headers.verdicts
    )
