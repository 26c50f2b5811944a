"""One run in the making: the states it goes through, and what its record will say."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from typing import Any

from parley.core.clock import Clock
from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.core.state_machine import Machine
from parley.inbound.routes.base import Handled
from parley.ledger.claims import Claim
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.llm.budget import Budget
from parley.mail.calendar.invite import Invite
from parley.mail.email import EmailEvent, InboundEmail, Reason, RunState, ThreadId
from parley.mail.mailbox import Mailbox

log = logging.getLogger("parley.inbound.run")

MOST_NAMED = 200
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
    clock: Clock
    machine: Machine[RunState] = field(default_factory=lambda: Machine(TRANSITIONS, RunState.RECEIVED))
    email: InboundEmail | None = None
    thread_id: ThreadId | None = None
    suppressed: bool = False
    handled: Handled | None = None
    reply: OutboxEntry | None = None
    end_of_send: EndOfSend | None = None
    detail: str | None = None
    _began: float = 0.0
    _moved: float = 0.0

    def __post_init__(self) -> None:
        self._began = self._moved = self.clock()

    def to(self, state: RunState) -> None:
        """Move on, and say so: one line a step, with ids and times and nothing that anybody wrote."""
        self.machine.to(state)
        now = self.clock()
        log.info("step", extra={"step": str(state), "ms": _ms(now - self._moved), **self.named()})
        self._moved = now

    def named(self) -> dict[str, Any]:
        """What every line of this run's log carries."""
        return {
            "run_id": self.claim.key.run_id,
            "tenant": self.tenant,
            "thread_id": self.thread_id,
            "attempt": self.claim.attempt,
        }

    def told(self, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
        """What the last line of the log says; template.yaml counts outcomes, retries and fallbacks by it."""
        analysis = self.handled.analysis if self.handled else None
        used = self.budget.used
        return {
            **self.named(),
            "outcome": str(outcome),
            "reason": reason and str(reason),
            "route": self.handled.route if self.handled else None,
            "reply": self.reply_state and str(self.reply_state),
            "ms": _ms(self.clock() - self._began),
            "retries": self.claim.attempt - 1,
            "fallbacks": len(analysis.notes) if analysis else 0,
            "extractors_failed": len(analysis.errors) if analysis else 0,
            **{f"llm_{name.removeprefix('llm_')}": value for name, value in used.as_json().items()},
        }

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
            "named": self._named(),
            "reply": self._reply(),
            "notes": handled.notes if handled else {},
            **({"generation": self.claim.generation} if self.claim.generation > 1 else {}),
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

    def _named(self) -> list[str]:
        """Every address that the email's headers name: by them a person is found who is to be erased."""
        if self.email is None:
            return [self.event.sender.lower()] if self.event.sender else []
        email = self.email
        forwarded = email.forwarded.sender if email.forwarded else None
        people = (*email.senders, *email.to, *email.cc, *email.reply_to, *((forwarded,) if forwarded else ()))
        return sorted({person.address.lower() for person in people})[:MOST_NAMED]

    def _reply(self) -> dict[str, Any] | None:
        if self.reply is None or self.reply_state is None:
            return None
        shown = {name: self.reply.message[name] for name in ("to", "subject", "text", "html")}
        return {"status": STATUS[self.reply_state], **shown}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


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
