"""The bodies of /messages, /conversations and /emails.

What the pipeline writes keeps fields that are not declared here.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from parley.core.fields import Ident, Instant, Open, Strict
from parley.core.outcome import Outcome
from parley.core.trust import Trust
from parley.mail.email import Reason

LONGEST_TEXT = 2_500_000


def _cut(text: str) -> str:
    return text[:LONGEST_TEXT]


LongText = Annotated[str, AfterValidator(_cut)]
"""Kept up to LONGEST_TEXT characters: a page of messages has to be answered."""


class MessageRequest(Open):
    """One email of a conversation. `at`, when it was sent, orders the conversation; without it the
    time of storing does.

    `direction` is inbound or outbound; `text` is what was typed, without quotes.
    """

    thread_id: Ident
    direction: Literal["inbound", "outbound"] = "inbound"
    sender: str | None = Field(default=None, alias="from")
    to: list[str] = []
    subject: str | None = None
    text: LongText | None = None
    html: LongText | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    at: Instant | None = None
    run_id: Ident | None = None
    meeting_id: Ident | None = None
    trust: Trust = Trust.OWN


class Message(MessageRequest):
    """A message as it is stored."""

    id: Ident


class Conversation(Strict):
    """The messages of one thread, oldest first."""

    thread_id: Ident
    messages: list[Message]
    next_cursor: str | None = None


class EmailProgress(Open):
    """What became of one email: the projection of its run."""

    message_id: str | None = None
    mailbox: str | None = None
    route: str | None = None
    states: list[str] = []
    outcome: Outcome | None = None
    reason: Reason | None = None
    sent_by: Literal["person", "machine"] | None = None
    meeting_id: Ident | None = None
    thread_id: Ident | None = None
    trust: Trust = Trust.OWN
    received_at: Instant | None = None


class Email(EmailProgress):
    """An email's run, by its id."""

    run_id: Ident


class MessagePage(Strict):
    """A page of messages."""

    items: list[Message]
    next_cursor: str | None


class EmailPage(Strict):
    """A page of emails."""

    items: list[Email]
    next_cursor: str | None
