"""What the API is told of a run: the record that `/emails/{run_id}` serves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from parley.core.outcome import Outcome
from parley.inbound.email_ledger import REPLY, EmailLedger
from parley.inbound.run import Run
from parley.ledger.outbox import OutboxState
from parley.mail.calendar.invite import Invite
from parley.mail.email import Reason

MOST_NAMED = 200
LONGEST_TEXT = 1_000_000
"""Characters, of at most 4 bytes each."""
UNDERWAY = frozenset({OutboxState.SENDING, OutboxState.SENT, OutboxState.AMBIGUOUS})
"""The provider may speak of such a reply at any time."""

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


class RecordStore(Protocol):
    """Where records are kept; repeating a write does no harm."""

    async def put_email(self, tenant: str, run_id: str, body: dict[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class RunRecords:
    """Writes the records of runs."""

    runs: EmailLedger
    backend: RecordStore

    async def put(self, run: Run, outcome: Outcome, reason: Reason | None) -> None:
        """Store the run's record as it is now."""
        await self.backend.put_email(run.tenant, run.claim.key.run_id, record_of(run, outcome, reason))

    async def mend(self, run: Run, outcome: Outcome, reason: Reason | None) -> None:
        """Let the record say what the provider said of the send before there was a record to say it in."""
        if run.reply is None or run.reply_state not in UNDERWAY:
            return
        stands = await self.runs.outbox(run.claim.key, REPLY)
        if stands and stands.message and stands.state is not run.reply_state:
            run.reply, run.end_of_send = stands, None
            await self.put(run, outcome, reason)


def record_of(run: Run, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
    """The projection that `/emails/{run_id}` serves: the shape of `parley process --json`."""
    handled, analysis = run.handled, run.handled.analysis if run.handled else None
    return {
        "run_id": run.claim.key.run_id,
        "email": _email(run),
        "mailbox": run.mailbox.address,
        "route": handled.route if handled else None,
        "outcome": str(outcome),
        "reason": reason and str(reason),
        "detail": run.detail,
        "sent_by": "person" if run.from_person else "machine",
        "states": [str(state) for state in run.machine.path],
        "meeting_id": handled.meeting_id if handled else None,
        "trust": str(run.trust),
        "day": handled.day.as_json() if handled and handled.day else None,
        "insights": analysis.insights_json() if analysis else None,
        "errors": analysis.errors if analysis else {},
        "partial_success": bool(analysis and analysis.partial_success),
        **({"meetings": [one.as_json() for one in handled.meetings]} if handled and handled.meetings else {}),
        **({"kind": handled.kind} if handled and handled.kind == "notes" else {}),
        "invites": [invite_json(invite) for invite in handled.invites] if handled else [],
        "deal": None,
        "named": _named(run),
        "reply": _reply(run),
        "notes": handled.notes if handled else {},
        **({"generation": run.claim.generation} if run.claim.generation > 1 else {}),
        "usage": run.budget.used.as_json(),
    }


def _email(run: Run) -> dict[str, Any]:
    email, event = run.email, run.event
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
    return {**found, "thread_id": run.thread_id or event.thread_id}


def _named(run: Run) -> list[str]:
    """Every address that the email's headers name: by them a person is found who is to be erased."""
    if run.email is None:
        return [run.event.sender.lower()] if run.event.sender else []
    email = run.email
    forwarded = email.forwarded.sender if email.forwarded else None
    people = (*email.senders, *email.to, *email.cc, *email.reply_to, *((forwarded,) if forwarded else ()))
    return sorted({person.address.lower() for person in people})[:MOST_NAMED]


def _reply(run: Run) -> dict[str, Any] | None:
    if run.reply is None or run.reply_state is None:
        return None
    shown = {name: run.reply.message[name] for name in ("to", "subject", "text", "html")}
    return {"status": STATUS[run.reply_state], **shown}


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
