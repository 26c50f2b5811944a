"""One e-mail run in memory: the states it goes through, and what has been found so far."""

from __future__ import annotations

import datetime
import logging
from dataclasses import dataclass, field
from typing import Any

from parley.core.clock import Clock
from parley.core.ids import TenantId
from parley.core.outcome import Outcome
from parley.core.state_machine import Machine
from parley.core.trust import Trust
from parley.inbound.routes.base import Handled
from parley.inbound.trust import Outsider
from parley.ledger.claims import Claim
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.llm.budget import Budget
from parley.mail.email import EmailEvent, InboundEmail, Reason, RunState, ThreadId
from parley.mail.mailbox import Mailbox

log = logging.getLogger("parley.inbound.run")

A_DAY = datetime.timedelta(days=1)


TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.RECEIVED: frozenset({RunState.CLAIMED}),
    RunState.CLAIMED: frozenset({RunState.PARSED, RunState.DONE}),
    RunState.PARSED: frozenset({RunState.GATED, RunState.DONE}),
    RunState.GATED: frozenset({RunState.ROUTED}),
    # A machine's mail is refused once it is known to hold nothing.
    RunState.ROUTED: frozenset({RunState.ANALYSED, RunState.STORED, RunState.DONE}),
    RunState.ANALYSED: frozenset({RunState.STORED}),
    RunState.STORED: frozenset({RunState.REPLIED, RunState.DONE}),
    RunState.REPLIED: frozenset({RunState.DONE}),
    RunState.DONE: frozenset(),
}


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
    user: dict[str, Any] | None = None
    outsider: Outsider | None = None
    threads: str = ""
    from_person: bool = True
    answer_to: str | None = None
    handled: Handled | None = None
    reply: OutboxEntry | None = None
    end_of_send: EndOfSend | None = None
    detail: str | None = None
    _began: float = 0.0
    _moved: float = 0.0

    def __post_init__(self) -> None:
        self.threads = self.mailbox.address
        self._began = self._moved = self.clock()

    def to(self, state: RunState) -> None:
        """Move to this state and log it: one line with ids and times, and no word of the email."""
        self.machine.to(state)
        now = self.clock()
        log.info("step", extra={"step": str(state), "ms": _ms(now - self._moved), **self.named()})
        self._moved = now

    def named(self) -> dict[str, Any]:
        """The fields of every log line of this run."""
        return {
            "run_id": self.claim.key.run_id,
            "tenant": self.tenant,
            "thread_id": self.thread_id,
            "attempt": self.claim.attempt,
        }

    def told(self, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
        """The fields of the last log line, by which template.yaml counts outcomes, retries and fallbacks."""
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
    def trust(self) -> Trust:
        """Whose word the email is."""
        return self.outsider.trust if self.outsider else Trust.OWN

    @property
    def received(self) -> datetime.datetime:
        """When the email was sent, as its sender's clock and zone say it; a date in the future is none."""
        now = datetime.datetime.fromtimestamp(self.clock(), datetime.UTC)
        date = self.email.date if self.email else None
        if date and date.tzinfo and date <= now + A_DAY:
            return date
        return self.event.timestamp or now

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


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
