"""One run in the making: the states it goes through, and what its record will say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from parley.llm.gateway import Budget
from parley.mailboxes.base import Handled
from parley.models.email import EmailEvent, InboundEmail, Outcome, Reason, RunState, TenantId, ThreadId
from parley.models.invite import Invite
from parley.models.machine import Machine
from parley.models.mailbox import Mailbox
from parley.runs import Claim, OutboxEntry, OutboxState

LONGEST_TEXT = 1_000_000
"""Characters, of at most 4 bytes each."""

TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.RECEIVED: frozenset({RunState.CLAIMED}),
    RunState.CLAIMED: frozenset({RunState.PARSED, RunState.DONE}),
    RunState.PARSED: frozenset({RunState.GATED, RunState.DONE}),
    RunState.GATED: frozenset({RunState.ROUTED}),
    RunState.ROUTED: frozenset({RunState.ANALYSED, RunState.STORED}),
    RunState.ANALYSED: frozenset({RunState.STORED}),
    RunState.STORED: frozenset({RunState.REPLIED, RunState.DONE}),
    RunState.REPLIED: frozenset({RunState.DONE}),
    RunState.DONE: frozenset(),
}

STATUS: dict[OutboxState, str] = {
    # An intent that a finished run still holds was never sent: it is no more than a draft.
    OutboxState.INTENT: "draft",
    OutboxState.SENDING: "ambiguous",
    OutboxState.SENT: "sent",
    OutboxState.AMBIGUOUS: "ambiguous",
    OutboxState.FAILED: "failed",
    OutboxState.DRAFT: "draft",
    OutboxState.SUPPRESSED: "suppressed",
}
"""What a reader of the record is told of the outbox."""


@dataclass(frozen=True, slots=True)
class EndOfSend:
    """What this worker saw of its one attempt; `ses_id` when it was accepted."""

    state: OutboxState
    ses_id: str | None = None


@dataclass(slots=True)
class Run:
    """One email for one mailbox, as far as it has come."""

    claim: Claim
    event: EmailEvent
    mailbox: Mailbox
    budget: Budget
    machine: Machine[RunState]
    email: InboundEmail | None = None
    thread_id: ThreadId | None = None
    suppressed: bool = False
    handled: Handled | None = None
    reply: OutboxEntry | None = None
    end_of_send: EndOfSend | None = None
    detail: str | None = None

    @property
    def tenant(self) -> TenantId:
        return self.claim.key.tenant

    @property
    def reply_state(self) -> OutboxState | None:
        """How the reply stands: what this worker has just seen, else what is recorded."""
        if self.end_of_send:
            return self.end_of_send.state
        return self.reply.state if self.reply else None

    @property
    def sent_id(self) -> str | None:
        """The Message-ID that the sent reply carries."""
        if self.end_of_send:
            return self.end_of_send.ses_id
        return self.reply.sent_id if self.reply else None

    def record(self, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
        """The projection that `/emails/{run_id}` serves: the shape of `parley process --json`."""
        handled, analysis = self.handled, self.handled.analysis if self.handled else None
        return {
            "run_id": self.claim.key.run_id,
            "email": self._email(),
            "mailbox": self.mailbox.address,
            "route": handled.route if handled else None,
            "outcome": str(outcome),
            "reason": reason and str(reason),
            "detail": self.detail,
            "states": [str(state) for state in self.machine.path],
            "meeting_id": handled.meeting_id if handled else None,
            "insights": analysis.insights_json() if analysis else None,
            "errors": analysis.errors if analysis else {},
            "partial_success": bool(analysis and analysis.partial_success),
            "invites": [invite_json(invite) for invite in handled.invites] if handled else [],
            "deal": None,
            "reply": self._reply(),
            "notes": handled.notes if handled else {},
            "usage": self.budget.used.as_json(),
        }

    def _email(self) -> dict[str, Any]:
        email, event = self.email, self.event
        if email is None:
            found = {
                "message_id": None,
                "from": event.sender or None,
                "to": [event.recipient] if event.recipient else [],
                "subject": event.subject,
                "text": "",
            }
        else:
            found = {
                "message_id": email.message_id,
                "from": email.from_.address if email.from_ else None,
                "to": [a.address for a in email.to],
                "subject": email.subject,
                "text": shown_text(email.text),
            }
        return {**found, "thread_id": self.thread_id or event.thread_id}

    def _reply(self) -> dict[str, Any] | None:
        if self.reply is None or self.reply_state is None:
            return None
        shown = {name: self.reply.message[name] for name in ("to", "subject", "text", "html")}
        return {"status": STATUS[self.reply_state], **shown}


def shown_text(text: str) -> str:
    """The text as records keep it: the API takes 6 MB a request, and the whole stays in the raw email."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}\n[{len(text) - LONGEST_TEXT:,} more characters are in the raw email]"


def invite_json(invite: Invite) -> dict[str, Any]:
    """An invite with its people as bare addresses."""
    return {
        **asdict(invite),
        "organizer": invite.organizer.address if invite.organizer else None,
        "attendees": [person.address for person in invite.attendees],
    }
