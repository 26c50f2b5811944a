"""One email, start to finish. Read this first.

    deliver ── for each of our mailboxes on the delivery ──▶ a run

    RECEIVED ─▶ CLAIMED ─▶ PARSED ─▶ GATED ─▶ ROUTED ─▶ ANALYSED ─▶ STORED ─▶ REPLIED ─▶ DONE
                   │         │         │         └────────────────────▲ └────────────────▲
                   └─────────┴─────────┴── refused, quarantined, duplicate ──────────────┘

The claim comes before fetching and parsing, so that a mail that kills the
parser is counted. What cannot be repeated is a recorded step. The reply is
intended, taken once, sent in one attempt, and settled. Every way out of here
is an outcome or a RetryableError, and nothing is acknowledged before it.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from parley.errors import ParleyError, QuarantineError, RetryableError, SenderError
from parley.llm.gateway import Budget
from parley.mail.gates import Facts, Stop, stopped_by
from parley.mail.mime import parse_email
from parley.mail.outgoing import Sender, SendRefused, SendRejected, SendUnknown
from parley.mail.reply import Reply, build_message, reply_to
from parley.mail.ses_headers import read_ses_headers
from parley.mail.threads import reference_ids, thread_identity
from parley.mailboxes import ROUTES
from parley.mailboxes.base import Handled, Job, Route, Write
from parley.models.clock import Clock, Deadline, iso
from parley.models.email import (
    EmailEvent,
    InboundEmail,
    Outcome,
    Reason,
    RunId,
    RunState,
    TenantId,
    ThreadId,
    Verdicts,
)
from parley.models.machine import Machine
from parley.models.mailbox import Mailbox, Mode
from parley.models.tasks import all_of, together
from parley.runs import Claim, Finished, OutboxEntry, OutboxState, Runs, digest, email_run

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from parley.analysis.machine import TranscriptMachine

log = logging.getLogger("parley.pipeline")

UNROUTED = TenantId("unrouted")
"""Who owns the record of mail that reached none of our mailboxes."""

REPLY = "reply"
MOST_REFERENCES = 10
"""Message-IDs that are looked up to find an email's thread."""
MAILBOX_SECONDS = 60.0
SECONDS_TO_SEND = 5.0
SECONDS_TO_STORE = 8.0
"""What must be left of the invocation after the analysis."""

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


class MailStore(Protocol):
    """Where the raw email lies."""

    def open(self, bucket: str | None, key: str) -> AbstractAsyncContextManager[bytes]:
        """Its bytes, while they are held. Raises NotYetThere, SenderError("too_big"), RetryableError."""


class BackendAPI(Protocol):
    """What the pipeline asks of the backend; every write repeats without harm."""

    async def find_mailbox(self, address: str) -> Mailbox | None: ...
    async def check_email_blacklisted(self, tenant: str, address: str) -> bool: ...
    async def put_meeting(self, tenant: str, meeting_id: str, body: dict[str, Any]) -> Any: ...
    async def put_insights(self, tenant: str, meeting_id: str, body: dict[str, Any]) -> Any: ...
    async def put_message(self, tenant: str, message_id: str, body: dict[str, Any]) -> Any: ...
    async def put_email(self, tenant: str, run_id: str, body: dict[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class RunReport:
    """How one run of a delivery ended: what the handler answers."""

    run_id: RunId
    outcome: Outcome
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class EndOfSend:
    """What this worker saw of its one attempt; `ses_id` when it was accepted."""

    state: OutboxState
    ses_id: str | None = None


@dataclass(slots=True)
class Run:
    """One run in the making: everything its record in the backend will say."""

    claim: Claim
    event: EmailEvent
    address: str
    mailbox: Mailbox | None
    budget: Budget
    machine: Machine[RunState]
    email: InboundEmail | None = None
    thread_id: ThreadId | None = None
    handled: Handled | None = None
    reply: OutboxEntry | None = None
    end_of_send: EndOfSend | None = None
    detail: str | None = None

    @property
    def tenant(self) -> TenantId:
        return self.claim.key.tenant

    @property
    def reply_state(self) -> OutboxState:
        """How the reply stands: what this worker has just seen, else what is recorded."""
        assert self.reply is not None
        return self.end_of_send.state if self.end_of_send else self.reply.state

    @property
    def sent_id(self) -> str | None:
        """The Message-ID that the sent reply carries."""
        if self.end_of_send:
            return self.end_of_send.ses_id
        return self.reply.sent_id if self.reply else None

    def record(self, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
        """The projection that `/emails/{run_id}` serves: the shape of `parley process --json`."""
        handled, analysis = self.handled, self.handled and self.handled.analysis
        return {
            "run_id": self.claim.key.run_id,
            "email": self._email(),
            "mailbox": self.address,
            "route": handled.route if handled else None,
            "outcome": str(outcome),
            "reason": reason and str(reason),
            "detail": self.detail,
            "states": [str(state) for state in self.machine.path],
            "meeting_id": handled.meeting_id if handled else None,
            "insights": analysis.insights_json() if analysis else None,
            "errors": analysis.errors if analysis else {},
            "partial_success": bool(analysis and analysis.partial_success),
            "invites": [asdict(invite) for invite in handled.invites] if handled else [],
            "deal": None,
            "reply": self._reply(),
            "notes": handled.notes if handled else {},
            "usage": self.budget.used.as_json(),
        }

    def _email(self) -> dict[str, Any]:
        email, event = self.email, self.event
        if email is None:
            to = [event.recipient] if event.recipient else []
            found = {
                "message_id": None,
                "from": event.sender or None,
                "to": to,
                "subject": event.subject,
                "text": "",
            }
        else:
            found = {
                "message_id": email.message_id,
                "from": email.from_.address if email.from_ else None,
                "to": [a.address for a in email.to],
                "subject": email.subject,
                "text": email.text,
            }
        return {**found, "thread_id": self.thread_id or event.thread_id}

    def _reply(self) -> dict[str, Any] | None:
        if self.reply is None:
            return None
        message = self.reply.message
        return {
            "status": _STATUS[self.reply_state],
            **{k: message[k] for k in ("to", "subject", "text", "html")},
        }


_STATUS: dict[OutboxState, str] = {
    # An intent that a finished run still holds was never sent: it is no more than a draft.
    OutboxState.INTENT: "draft",
    OutboxState.SENDING: "ambiguous",
    OutboxState.SENT: "sent",
    OutboxState.AMBIGUOUS: "ambiguous",
    OutboxState.FAILED: "failed",
    OutboxState.DRAFT: "draft",
    OutboxState.SUPPRESSED: "suppressed",
}


@dataclass(slots=True)
class _Raw:
    """The raw bytes of one delivery: fetched once, after the first claim, and shared by its runs."""

    fetch: Callable[[], Awaitable[bytes]]
    _content: bytes | None = None

    async def __call__(self) -> bytes:
        if self._content is None:
            self._content = await self.fetch()
        return self._content


@dataclass(kw_only=True, slots=True)
class Pipeline:
    """The core and what it needs; `bootstrap` joins them."""

    runs: Runs
    mail: MailStore
    backend: BackendAPI
    sender: Sender
    machine: TranscriptMachine
    clock: Clock
    reply_from: str
    routes: Sequence[Route] = field(default=ROUTES)
    _mailbox_book: dict[str, tuple[Mailbox, float]] = field(default_factory=dict)

    async def deliver(
        self, event: EmailEvent, *, deadline: Deadline, fresh: bool = True
    ) -> tuple[RunReport, ...]:
        """Work one delivery to its end, one run for each mailbox of ours on it.

        `fresh` says that this copy of the event was never received before.
        Raises RetryableError when it should come back; runs that have ended
        stay ended, and the copy that comes back finds them so.
        """
        async with self._raw(event) as raw:
            if not event.recipients and not event.recipient:
                event = _with_envelope(event, await raw())
            reports = []
            # One after the other: they share the raw email, and most mail has one.
            for address, mailbox in await self._mailboxes(event):
                reports.append(await self._run(event, raw, address, mailbox, deadline, fresh=fresh))
            return tuple(reports)

    @asynccontextmanager
    async def _raw(self, event: EmailEvent) -> AsyncIterator[_Raw]:
        async with AsyncExitStack() as held:
            yield _Raw(lambda: held.enter_async_context(self.mail.open(event.bucket, event.key)))

    async def _mailboxes(self, event: EmailEvent) -> list[tuple[str, Mailbox | None]]:
        """Our mailboxes among the recipients; mail to none of them is one run of nobody's."""
        addresses = event.recipients or ((event.recipient,) if event.recipient else ())
        found = await together(*(self._mailbox(address) for address in addresses))
        ours = {m.address: m for m in found if m is not None}
        if ours:
            return list(ours.items())
        return [(addresses[0] if addresses else "", None)]

    async def _mailbox(self, address: str) -> Mailbox | None:
        """The mailbox, as it was at most `MAILBOX_SECONDS` ago; what is not there is asked for each time."""
        kept, until = self._mailbox_book.get(address, (None, 0.0))
        if kept is None or until <= self.clock():
            kept = await self.backend.find_mailbox(address)
            if kept is not None:
                self._mailbox_book[address] = (kept, self.clock() + MAILBOX_SECONDS)
        return kept

    async def _run(
        self,
        event: EmailEvent,
        raw: _Raw,
        address: str,
        mailbox: Mailbox | None,
        deadline: Deadline,
        *,
        fresh: bool,
    ) -> RunReport:
        key = email_run(mailbox.tenant if mailbox else UNROUTED, address, event.message_id)
        claim = await self.runs.claim(key, lease_until=deadline.at, fresh=fresh)
        if isinstance(claim, Finished):
            return _already(key.run_id, claim)
        run = Run(
            claim=claim,
            event=event,
            address=address,
            mailbox=mailbox,
            budget=Budget(
                seconds=lambda: deadline.remaining() - SECONDS_TO_STORE,
                ceiling_micro_usd=mailbox.cost_ceiling_micro_usd if mailbox else None,
            ),
            machine=Machine(TRANSITIONS, RunState.RECEIVED),
        )
        run.machine.to(RunState.CLAIMED)
        try:
            outcome, reason = await self._ending(run, raw, deadline)
            return await self._finish(run, outcome, reason)
        except Exception as error:
            # Whatever it was, the lease goes back and the attempt is counted; then it is raised.
            await self._give_back(run, error)
            raise

    async def _ending(self, run: Run, raw: _Raw, deadline: Deadline) -> tuple[Outcome, Reason | None]:
        """How the run ends; the sender's faults and what a person must see are endings too."""
        try:
            return await self._work(run, raw, deadline)
        except SenderError as error:
            run.detail = str(error)
            return Outcome.REFUSED, Reason(error.reason)
        except QuarantineError as error:
            run.detail = str(error)
            return Outcome.QUARANTINED, Reason(error.reason)

    async def _work(self, run: Run, raw: _Raw, deadline: Deadline) -> tuple[Outcome, Reason | None]:
        run.email = email = parse_email(await raw())
        run.machine.to(RunState.PARSED)
        if not run.address:
            raise QuarantineError(
                Reason.UNREADABLE, "nothing that SES itself wrote says whom the email was for"
            )
        if run.mailbox is None:
            run.detail = f"{run.address or 'the envelope'} is none of our mailboxes"
            return Outcome.REFUSED, Reason.UNKNOWN_MAILBOX
        earlier, blacklisted, known = await together(
            self.runs.claim_content(run.claim, *_content(run.address, email)),
            self._blacklisted(run.tenant, email),
            self.runs.thread_of(run.tenant, run.address, reference_ids(email)[:MOST_REFERENCES]),
        )
        run.thread_id = known or thread_identity(email, run.address)
        if earlier:
            run.detail = f"the same email was handled as {earlier}"
            return Outcome.DUPLICATE, None
        if stop := self._stop(run.mailbox, email, run.event.verdicts, blacklisted=blacklisted):
            run.detail = stop.detail
            return stop.outcome, stop.reason
        run.machine.to(RunState.GATED)
        await self._handle(run, run.mailbox, email)
        deadline.require(SECONDS_TO_SEND, "store the results and answer")
        await self._store(run, email)
        await self._answer(run, deadline)
        return Outcome.PROCESSED, None

    async def _blacklisted(self, tenant: TenantId, email: InboundEmail) -> bool:
        sender = email.from_
        return sender is not None and await self.backend.check_email_blacklisted(tenant, sender.address)

    def _stop(
        self, mailbox: Mailbox, email: InboundEmail, verdicts: Verdicts | None, *, blacklisted: bool
    ) -> Stop | None:
        own = frozenset({self.reply_from.lower(), mailbox.address})
        return stopped_by(Facts(email, mailbox, verdicts or Verdicts(), own, blacklisted))

    async def _handle(self, run: Run, mailbox: Mailbox, email: InboundEmail) -> None:
        """The first route that takes the email does its work."""
        assert run.thread_id is not None
        job = Job(
            run_id=run.claim.key.run_id,
            email=email,
            mailbox=mailbox,
            thread_id=run.thread_id,
            received=_received(run.event, email, self.clock),
            machine=self.machine,
            budget=run.budget,
            record=partial(self.runs.step, run.claim),
            once=partial(self.runs.once, run.claim),
        )
        route, found = next((r, f) for r in self.routes if (f := r.takes(job)) is not None)
        run.machine.to(RunState.ROUTED)
        run.handled = await route.handle(job, found)
        if run.handled.analysis:
            run.machine.to(RunState.ANALYSED)

    async def _store(self, run: Run, email: InboundEmail) -> None:
        """All that the run found, and the intent to answer, at once: ids are derived, so it may repeat."""
        handled = run.handled
        assert handled is not None
        writes = [self._put(run.tenant, write) for write in handled.writes]
        _, run.reply, *_ = await together(
            self._put_message(run, email),
            self._intend(run, email),
            self._join_thread(run, email.message_id),
            *writes,
        )
        run.machine.to(RunState.STORED)

    async def _join_thread(self, run: Run, message_id: str | None) -> None:
        if message_id and run.thread_id:
            await self.runs.join_thread(run.claim, run.address, message_id, run.thread_id)

    async def _put(self, tenant: TenantId, write: Write) -> None:
        put = {"meeting": self.backend.put_meeting, "insights": self.backend.put_insights}[write.kind]
        await put(tenant, write.id, write.body)

    async def _put_message(self, run: Run, email: InboundEmail) -> None:
        await self.backend.put_message(
            run.tenant,
            _message_id(run, "inbound"),
            {
                "direction": "inbound",
                "run_id": run.claim.key.run_id,
                "mailbox": run.address,
                "thread_id": run.thread_id,
                "message_id": email.message_id,
                "from": email.from_.address if email.from_ else None,
                "to": [a.address for a in email.to],
                "subject": email.subject,
                "text": email.text,
                "meeting_id": run.handled.meeting_id if run.handled else None,
                "at": iso(_received(run.event, email, self.clock).timestamp()),
            },
        )

    async def _intend(self, run: Run, email: InboundEmail) -> OutboxEntry | None:
        mailbox, answer = run.mailbox, run.handled.answer if run.handled else None
        if answer is None or mailbox is None or mailbox.mode is Mode.SILENT:
            return None
        reply = reply_to(email, answer.template, answer.values, signature=mailbox.signature)
        state = OutboxState.DRAFT if mailbox.mode is Mode.DRAFT else OutboxState.INTENT
        return await self.runs.intend(run.claim, REPLY, reply.as_json(), state=state)

    async def _answer(self, run: Run, deadline: Deadline) -> None:
        """Send the intended reply, in one attempt, if it is ours to send."""
        if run.reply is None:
            return
        deadline.require(SECONDS_TO_SEND, "send the reply")
        ours, run.reply = await self.runs.begin_sending(run.reply)
        if ours:
            run.end_of_send = await self._send(run.reply)
        run.machine.to(RunState.REPLIED)

    async def _send(self, entry: OutboxEntry) -> EndOfSend:
        """One attempt. Raises SendRefused when it was definitely not sent and may be later."""
        reply = Reply.from_json(entry.message)
        raw = build_message(reply, sender=self.reply_from)
        try:
            ses_id = await self.sender.send(raw, recipient=reply.to, tag=entry.tag)
        except SendRefused:
            await self.runs.settle(entry, OutboxState.INTENT)
            raise
        except SendRejected as error:
            log.warning("reply rejected", extra={"tag": entry.tag, "error": str(error)})
            return EndOfSend(OutboxState.FAILED)
        except SendUnknown as error:
            log.warning("reply ambiguous", extra={"tag": entry.tag, "error": str(error)})
            return EndOfSend(OutboxState.AMBIGUOUS)
        return EndOfSend(OutboxState.SENT, ses_id)

    async def _settle(self, run: Run) -> None:
        if run.reply and run.end_of_send:
            await self.runs.settle(run.reply, run.end_of_send.state, ses_id=run.end_of_send.ses_id)

    async def _project(self, run: Run, outcome: Outcome, reason: Reason | None) -> None:
        await self.backend.put_email(run.tenant, run.claim.key.run_id, run.record(outcome, reason))

    async def _put_sent(self, run: Run) -> None:
        """The outbound message is stored only once it is sent."""
        if run.reply is None or run.reply_state is not OutboxState.SENT:
            return
        message = run.reply.message
        await self.backend.put_message(
            run.tenant,
            _message_id(run, "outbound"),
            {
                "direction": "outbound",
                "run_id": run.claim.key.run_id,
                "mailbox": run.address,
                "thread_id": run.thread_id,
                "message_id": run.sent_id,
                "from": self.reply_from,
                "to": [message["to"]],
                "subject": message["subject"],
                "text": message["text"],
                "meeting_id": run.handled.meeting_id if run.handled else None,
                "at": run.reply.item["at"],
            },
        )

    async def _finish(self, run: Run, outcome: Outcome, reason: Reason | None) -> RunReport:
        run.machine.to(RunState.DONE)
        # None of these may cost another: a send that was seen to end is settled though the API is away.
        await all_of(
            self._settle(run),
            self._project(run, outcome, reason),
            self._put_sent(run),
            self._join_thread(run, run.sent_id),
        )
        await self.runs.finish(run.claim, outcome, reason)
        log.info(
            "run finished",
            extra={
                "run_id": run.claim.key.run_id,
                "tenant": run.tenant,
                "thread_id": run.thread_id,
                "outcome": str(outcome),
                "reason": reason and str(reason),
                "attempt": run.claim.attempt,
                "notes": run.handled.notes if run.handled else {},
            },
        )
        return RunReport(run.claim.key.run_id, outcome, reason)

    async def _give_back(self, run: Run, error: Exception) -> None:
        """After a failed attempt: free the run for the next, or record that this was the last."""
        run_id = run.claim.key.run_id
        log.warning(
            "attempt failed", extra={"run_id": run_id, "attempt": run.claim.attempt, "error": _kind(error)}
        )
        try:
            if not self.runs.last_attempt(run.claim):
                await self.runs.release(run.claim)
                return
            run.detail = f"{run.claim.attempt} attempts failed, the last with {_kind(error)}"
            await self.runs.finish(run.claim, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
            await self._project(run, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
        except ParleyError as second:
            # The lease ends by itself; the first error is the one to raise.
            log.warning("could not give the run back", extra={"run_id": run_id, "error": _kind(second)})


def _kind(error: Exception) -> str:
    """An error for a log: ours in words (they name no person), others by their class."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RetryableError) else type(error).__name__


def _already(run_id: RunId, finished: Finished) -> RunReport:
    """A copy of an ended run: early success, or failure once more where all attempts failed."""
    if finished.outcome is Outcome.FAILED:
        raise RetryableError(f"run {run_id} has failed for good: redrive or replay it")
    return RunReport(run_id, Outcome.DUPLICATE)


def _with_envelope(event: EmailEvent, raw: bytes) -> EmailEvent:
    """An S3 event says no more than the key: recipient and verdicts stand in the block SES put on top."""
    headers = read_ses_headers(raw)
    if headers.recipient is None:
        return replace(event, verdicts=headers.verdicts)
    return replace(
        event, recipient=headers.recipient, recipients=(headers.recipient,), verdicts=headers.verdicts
    )


def _content(address: str, email: InboundEmail) -> tuple[str, ...]:
    return (address, email.message_id or "", email.content_hash)


def _message_id(run: Run, direction: str) -> str:
    return f"message_{digest(run.claim.key.run_id, direction)[:24]}"


def _received(event: EmailEvent, email: InboundEmail, clock: Clock) -> datetime.datetime:
    """The sender's date counts days as the sender does; a date in the future is none."""
    now = datetime.datetime.fromtimestamp(clock(), datetime.UTC)
    day = datetime.timedelta(days=1)
    if email.date and email.date.tzinfo and email.date <= now + day:
        return email.date
    return event.timestamp or now
