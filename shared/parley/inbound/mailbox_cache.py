"""Our mailboxes by address, remembered for a minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from parley.core.clock import Clock
from parley.core.tasks import together
from parley.mail.email import EmailEvent
from parley.mail.mailbox import Mailbox, nobodys

MAILBOX_SECONDS = 60.0
MOST_MAILBOXES = 1_000
"""How long, and how many, mailboxes are remembered."""


class MailboxStore(Protocol):
    """Who knows the mailboxes."""

    async def find_mailbox(self, address: str) -> Mailbox | None: ...


@dataclass(frozen=True, slots=True)
class MailboxCache:
    """What is not there is asked for each time; a mailbox that is there is up to `MAILBOX_SECONDS` old."""

    _kept: dict[str, tuple[Mailbox, float]] = field(default_factory=dict)

    async def find(self, address: str, store: MailboxStore, clock: Clock) -> Mailbox | None:
        """The mailbox of this address, None where it is none of ours."""
        kept, until = self._kept.get(address, (None, 0.0))
        if kept is None or until <= clock():
            kept = await store.find_mailbox(address)
            if kept is not None:
                if len(self._kept) >= MOST_MAILBOXES:
                    self._kept.clear()
                self._kept[address] = (kept, clock() + MAILBOX_SECONDS)
        return kept

    async def recipients(self, event: EmailEvent, store: MailboxStore, clock: Clock) -> list[Mailbox]:
        """Our mailboxes among the recipients; mail to none of them is one run of nobody's."""
        addresses = event.recipients or ((event.recipient,) if event.recipient else ())
        found = await together(*(self.find(address, store, clock) for address in addresses))
        ours = {m.address: m for m in found if m is not None}
        return list(ours.values()) or [nobodys(addresses[0] if addresses else "")]

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()
