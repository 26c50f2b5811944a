"""One email, start to finish. Read this first.

    deliver ── for each of our mailboxes on the delivery ──▶ a run

    RECEIVED ─▶ CLAIMED ─▶ PARSED ─▶ GATED ─▶ ROUTED ─▶ ANALYSED ─▶ STORED ─▶ REPLIED ─▶ DONE
                   │         │         │         └────────────────────▲ └────────────────▲
                   └─────────┴─────────┴── refused, quarantined, duplicate ──────────────┘

The claim comes before fetching and parsing, so that a mail that kills the
parser is counted. What cannot be repeated is a recorded step. The reply is
intended, taken once, sent in one attempt, and settled. Every way out of here
is an outcome, or an error that brings the copy back until its attempts are used.
All of it stands under one time limit, so that no await outlives the invocation.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from parley.analysis.machine import TranscriptMachine, recorded_usage
from parley.core.clock import Clock, Deadline, iso
from parley.core.ids import RunId, TenantId
from parley.core.logs import kind_of
from parley.core.outcome import Outcome
from parley.core.tasks import all_of, together
from parley.errors import (
    BackendRefused,
    NotYetThere,
    QuarantineError,
    RequestError,
    RetryableError,
    SenderError,
)
from parley.inbound.email_ledger import REPLY, EmailLedger, email_run, is_past_gates
from parley.inbound.routes import ROUTES
from parley.inbound.routes.base import Job, Route, Write
from parley.inbound.run_record import EndOfSend, Run, shown_text
from parley.inbound.sent_messages import PLACE, keep_sent, message_key
from parley.ledger.claims import Claim, Finished
from parley.ledger.keys import RunKey
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.llm.budget import Budget
from parley.llm.usage import Usage
from parley.mail.email import EmailEvent, InboundEmail, Reason, RunState, ThreadId, Verdicts
from parley.mail.gates import GATES, SEEN_BY_A_PERSON, Facts, is_member, may_be_answered, stopped_by
from parley.mail.inbound_events import to_notification
from parley.mail.mailbox import UNROUTED, Mailbox, Mode, nobodys
from parley.mail.mime import parse_email
from parley.mail.outgoing import Sender, SendRefused, SendRejected, SendUnknown
from parley.mail.reply import Reply, build_message, reply_to
from parley.mail.ses_headers import read_ses_headers
from parley.mail.threads import reference_ids, root_id, thread_identity

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from parley.preparation.brief import Brief
    from parley.preparation.preparer import Preparer

log = logging.getLogger("parley.inbound.pipeline")

MOST_REFERENCES = 10
"""Message-IDs that are looked up to find an email's thread."""
MAILBOX_SECONDS = 60.0
MOST_MAILBOXES = 1_000
"""How long, and how many, mailboxes are remembered."""
UNPROCESSABLE = 422
UNSETTLED = frozenset({OutboxState.INTENT, OutboxState.SENDING})
UNDERWAY = frozenset({OutboxState.SENDING, OutboxState.SENT, OutboxState.AMBIGUOUS})
"""SES may speak of such a reply at any time."""
SECONDS_TO_SEND = 5.0
SECONDS_TO_SETTLE = 2.0
"""Of these a send may use all but what recording its end takes."""
SECONDS_TO_STORE = 8.0
"""What must be left of the invocation after the analysis."""


class MailStore(Protocol):
    """Where the raw email lies."""

    def open(self, bucket: str | None, key: str) -> AbstractAsyncContextManager[bytes]:
        """Its bytes, while they are held. Raises NotYetThere, SenderError("too_big"), RetryableError."""


class BackendAPI(Protocol):
    """What the pipeline asks of the backend; every write repeats without harm."""

    async def find_mailbox(self, address: str) -> Mailbox | None: ...
    async def check_email_blacklisted(self, tenant: str, address: str) -> bool: ...
    async def check_email_suppressed(self, tenant: str, address: str) -> bool: ...
    async def list_meetings(self, tenant: str, **filters: str) -> list[dict[str, Any]]: ...
    async def find_user(self, tenant: str, email: str) -> dict[str, Any] | None: ...
    async def get_brief(self, tenant: str, meeting_id: str) -> dict[str, Any] | None: ...
    async def put_meeting(self, tenant: str, meeting_id: str, body: dict[str, Any]) -> Any: ...
    async def put_contact(self, tenant: str, contact_id: str, body: dict[str, Any]) -> Any: ...
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
class Replay:
    """A person's wish to have ended runs of a delivery worked again, from its raw bytes.

    `run_id` None: all of them. `past_gates` says that a person has looked at
    an email taken for spam or not authentic, and lets it pass.
    """

    run_id: RunId | None = None
    past_gates: bool = False


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

    runs: EmailLedger
    mail: MailStore
    backend: BackendAPI
    sender: Sender
    machine: TranscriptMachine
    preparer: Callable[[], Preparer]
    clock: Clock
    reply_from: str
    routes: Sequence[Route] = field(default=ROUTES)
    _mailbox_book: dict[str, tuple[Mailbox, float]] = field(default_factory=dict)

    # -- one delivery ----------------------------------------------------------------------

    async def deliver(
        self, event: EmailEvent, *, deadline: Deadline, fresh: bool = True, replay: Replay | None = None
    ) -> tuple[RunReport, ...]:
        """Work one delivery to its end, one run for each mailbox of ours on it.

        `fresh` says that this copy of the event was never received before,
        `replay` that a person wants ended runs worked again. Raises
        RetryableError when it should come back; runs that have ended stay
        ended, and the copy that comes back finds them so. For a replay also
        RequestError, where there is no such run.
        """
        async with self._raw(event) as raw:
            async with deadline.limit("find out whom the email is for"):
                try:
                    event = await _with_envelope(event, raw)
                except NotYetThere:
                    # Or there no more: a late copy of what was worked and has expired since.
                    if ended := await self.runs.ended_on(event.message_id):
                        return tuple(_already(run_id, finished) for run_id, finished in ended)
                    raise
                mailboxes = await self._mailboxes(event)
            reports: list[RunReport] = []
            failed: list[Exception] = []
            # One after the other: they share the raw email, and most mail has one. A run
            # that fails costs the others nothing; what is raised brings them all back.
            for mailbox in mailboxes:
                key = email_run(mailbox.tenant, mailbox.address, event.message_id)
                if replay and replay.run_id not in {None, key.run_id}:
                    continue
                try:
                    async with deadline.limit("claim the email"):
                        claim = await self._claim(key, event, mailbox, deadline, fresh=fresh, replay=replay)
                    reports.append(await self._run(claim, event, raw, mailbox, deadline))
                except Exception as error:  # noqa: BLE001  # raised below, when all had their turn
                    failed.append(error)
            if failed:
                raise failed[0]
            if replay and not reports:
                raise RequestError(f"no mailbox of this delivery has a run {replay.run_id} any more")
            return tuple(reports)

    async def attempts_on(self, event: EmailEvent) -> int:
        """How often a worker began on this delivery: what kills its workers has the most."""
        return await self.runs.attempts_on(event.message_id)

    @asynccontextmanager
    async def _raw(self, event: EmailEvent) -> AsyncIterator[_Raw]:
        async with AsyncExitStack() as held:
            yield _Raw(lambda: held.enter_async_context(self.mail.open(event.bucket, event.key)))

    async def _mailboxes(self, event: EmailEvent) -> list[Mailbox]:
        """Our mailboxes among the recipients; mail to none of them is one run of nobody's."""
        addresses = event.recipients or ((event.recipient,) if event.recipient else ())
        found = await together(*(self._mailbox(address) for address in addresses))
        ours = {m.address: m for m in found if m is not None}
        return list(ours.values()) or [nobodys(addresses[0] if addresses else "")]

    async def _mailbox(self, address: str) -> Mailbox | None:
        """The mailbox, as it was at most `MAILBOX_SECONDS` ago; what is not there is asked for each time."""
        kept, until = self._mailbox_book.get(address, (None, 0.0))
        if kept is None or until <= self.clock():
            kept = await self.backend.find_mailbox(address)
            if kept is not None:
                if len(self._mailbox_book) >= MOST_MAILBOXES:
                    self._mailbox_book.clear()
                self._mailbox_book[address] = (kept, self.clock() + MAILBOX_SECONDS)
        return kept

    # -- one run ---------------------------------------------------------------------------

    async def _claim(
        self,
        key: RunKey,
        event: EmailEvent,
        mailbox: Mailbox,
        deadline: Deadline,
        *,
        fresh: bool,
        replay: Replay | None,
    ) -> Claim | RunReport:
        if replay:
            return await self.runs.reopen(key, lease_until=deadline.at, past_gates=replay.past_gates)
        about = {"delivery": event.message_id, "event": to_notification(event)}
        claim = await self.runs.claim(key, lease_until=deadline.at, fresh=fresh, about=about)
        if not isinstance(claim, Finished):
            return claim
        if claim.outcome is Outcome.FAILED and not claim.erased:
            await self._tell_failed(key, claim, event, mailbox)
        return _already(key.run_id, claim)

    async def _tell_failed(self, key: RunKey, end: Finished, event: EmailEvent, mailbox: Mailbox) -> None:
        """Whoever dies on its last attempt leaves no record; one that is there ranks higher, and stays."""
        claim = Claim(key, {"attempts": 0, "generation": end.generation})
        run = Run(claim, event, mailbox, Budget(seconds=lambda: 0.0), self.clock)
        run.detail = "every attempt ended without a word"
        await self._project(run, end.outcome, Reason(end.reason) if end.reason else None)

    async def _run(
        self,
        claim: Claim | RunReport,
        event: EmailEvent,
        raw: _Raw,
        mailbox: Mailbox,
        deadline: Deadline,
    ) -> RunReport:
        if isinstance(claim, RunReport):
            return claim
        budget = Budget(
            seconds=lambda: deadline.remaining() - SECONDS_TO_STORE,
            ceiling_micro_usd=mailbox.cost_ceiling_micro_usd,
            # The ceiling is the email's, however many attempts it takes.
            used=Usage(**claim.spent) + recorded_usage(claim.since_spent),
        )
        run = Run(claim, event, mailbox, budget, self.clock)
        run.to(RunState.CLAIMED)
        async with self.runs.attempt(
            claim,
            deadline=deadline,
            what="work the email",
            failed=partial(self._attempt_failed, run),
            exhausted=partial(self._attempts_exhausted, run),
        ):
            outcome, reason = await self._ending(run, raw, deadline)
            return await self._finish(run, outcome, reason)

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
        # In a thread: a large email takes seconds, and its neighbours' time-outs run on.
        run.email = email = await asyncio.to_thread(parse_email, await raw())
        run.to(RunState.PARSED)
        if not run.mailbox.address:
            raise QuarantineError(
                Reason.UNREADABLE, "nothing that SES itself wrote says whom the email was for"
            )
        earlier, facts = await self._look_around(run, email)
        if earlier:
            run.detail = f"the same email was handled as {earlier}"
            return Outcome.DUPLICATE, None
        if stop := stopped_by(facts, SEEN_BY_A_PERSON if is_past_gates(run.claim) else GATES):
            run.detail = stop.detail
            return stop.outcome, stop.reason
        run.to(RunState.GATED)
        await self._handle(run, email)
        deadline.require(SECONDS_TO_SEND, "store the results and answer")
        await self._store(run, email)
        await self._answer(run, deadline)
        return Outcome.PROCESSED, None

    async def _look_around(self, run: Run, email: InboundEmail) -> tuple[RunId | None, Facts]:
        """All that is asked once the email is read, in one go: the run that had it first, and the facts."""
        mailbox, sender = run.mailbox, email.from_.address if email.from_ else ""
        earlier, run.thread_id, recent, own, blacklisted, run.suppressed = await together(
            self.runs.claim_content(run.claim, mailbox.address, email.message_id or "", email.content_hash),
            self._thread(run, email),
            self.runs.recent_runs(run.claim, mailbox.address, sender.lower()),
            self._is_ours(sender),
            self._asked(self.backend.check_email_blacklisted, run, sender),
            self._asked(self.backend.check_email_suppressed, run, sender),
        )
        return earlier, Facts(
            email=email,
            mailbox=mailbox,
            verdicts=run.event.verdicts or Verdicts(),
            own_addresses=frozenset({self.reply_from.lower(), mailbox.address, *mailbox.aliases}),
            sender_is_mailbox=own,
            blacklisted=blacklisted,
            recent_runs=recent,
        )

    async def _thread(self, run: Run, email: InboundEmail) -> ThreadId:
        """The email's thread, settled by the first id of its chain before anything is done once a thread.

        So it is the same whichever of its emails comes first, and however often this one is tried.
        """
        mailbox = run.mailbox.address
        references = reference_ids(email)[:MOST_REFERENCES]
        known = await self.runs.thread_of(run.tenant, mailbox, references) if references else None
        found = known or thread_identity(email, mailbox)
        root = root_id(email)
        return await self.runs.join_thread(run.tenant, mailbox, root, found) if root else found

    async def _is_ours(self, sender: str) -> bool:
        return bool(sender) and await self._mailbox(sender.lower()) is not None

    async def _asked(self, check: Callable[[str, str], Awaitable[bool]], run: Run, sender: str) -> bool:
        """What a tenant's list says of the sender; nobody's mail is on nobody's list."""
        return bool(sender) and run.tenant != UNROUTED and await check(run.tenant, sender)

    async def _handle(self, run: Run, email: InboundEmail) -> None:
        """The first route that takes the email does its work."""
        assert run.thread_id is not None
        job = Job(
            run_id=run.claim.key.run_id,
            generation=run.claim.generation,
            email=email,
            mailbox=run.mailbox,
            thread_id=run.thread_id,
            received=_received(run.event, email, self.clock),
            machine=self.machine,
            budget=run.budget,
            record=partial(self.runs.step, run.claim),
            once=partial(self.runs.once, run.claim),
            meetings=partial(self.backend.list_meetings, run.tenant),
            preparer=self.preparer,
            brief=partial(self._brief, run) if self._would_answer(run, email) else None,
        )
        route, found = next((r, f) for r in self.routes if (f := r.takes(job)) is not None)
        run.to(RunState.ROUTED)
        run.handled = await route.handle(job, found)
        if run.handled.analysis:
            run.to(RunState.ANALYSED)

    def _would_answer(self, run: Run, email: InboundEmail) -> bool:
        return run.mailbox.mode is not Mode.SILENT and may_be_answered(email) and not run.suppressed

    async def _brief(self, run: Run, writes: Sequence[Write], meeting_id: str) -> Brief | None:
        """What is on record for a preparation, once what the email says of the meeting is stored.

        None where the sender is nobody of the tenant's own: what is on record is not a stranger's.
        """
        # Only an invite pays for loading it.
        from parley.preparation.brief import Brief

        ours, *_ = await together(
            self._is_of_the_tenant(run), *(self._put(run.tenant, write) for write in writes)
        )
        found = await self.backend.get_brief(run.tenant, meeting_id) if ours else None
        return Brief.from_json(found) if found else None

    async def _is_of_the_tenant(self, run: Run) -> bool:
        """Whether the sender is a member by name or domain (`*` is anybody), or a user."""
        assert run.email is not None
        assert run.email.from_ is not None
        sender = run.email.from_.address
        if is_member(sender, run.mailbox.members):
            return True
        return await self.backend.find_user(run.tenant, sender.lower()) is not None

    # -- effects ---------------------------------------------------------------------------

    async def _store(self, run: Run, email: InboundEmail) -> None:
        """All that the run found, and the intent to answer, at once: ids are derived, so it may repeat."""
        assert run.handled is not None
        sender = email.from_.address.lower() if email.from_ else ""
        run.reply, *_ = await together(
            self._intend(run, email),
            self.store_message(run, email),
            *([] if email.message_id == root_id(email) else [self._join_thread(run, email.message_id)]),
            self.runs.note_sender(run.claim, run.mailbox.address, sender),
            *(self._put(run.tenant, write) for write in run.handled.writes),
        )
        run.to(RunState.STORED)

    async def _join_thread(self, run: Run, message_id: str | None) -> None:
        if message_id and run.thread_id:
            await self.runs.join_thread(run.tenant, run.mailbox.address, message_id, run.thread_id)

    async def _put(self, tenant: TenantId, write: Write) -> None:
        put = {
            "meeting": self.backend.put_meeting,
            "contact": self.backend.put_contact,
            "insights": self.backend.put_insights,
        }[write.kind]
        try:
            await put(tenant, write.id, write.body)
        except BackendRefused as error:
            # A calendar may name people by what is no address; that costs the contact, not the meeting.
            if write.kind != "contact" or error.status != UNPROCESSABLE:
                raise
            log.info("contact left out", extra={"contact_id": write.id})

    async def store_message(self, run: Run, email: InboundEmail) -> None:
        """The inbound message, in its conversation (name: seed 003)."""
        body = {
            "direction": "inbound",
            "run_id": run.claim.key.run_id,
            **_place(run),
            "message_id": email.message_id,
            "from": email.from_.address if email.from_ else None,
            "to": [a.address for a in email.to],
            "subject": email.subject,
            "text": shown_text(email.text),
            "at": iso(_received(run.event, email, self.clock).timestamp()),
        }
        await self.backend.put_message(run.tenant, message_key(run.claim.key.run_id, "inbound"), body)

    async def _intend(self, run: Run, email: InboundEmail) -> OutboxEntry | None:
        answer = run.handled.answer if run.handled else None
        if answer is None or run.mailbox.mode is Mode.SILENT or not may_be_answered(email):
            return None
        reply = reply_to(email, answer.template, answer.values, signature=run.mailbox.signature)
        state = OutboxState.DRAFT if run.mailbox.mode is Mode.DRAFT else OutboxState.INTENT
        if run.suppressed:
            state = OutboxState.SUPPRESSED
        elif not reply.to.isascii():
            # SES does not write to a local part outside ASCII, whoever asks.
            state = OutboxState.FAILED
        message = {**reply.as_json(), PLACE: _place(run)}
        return await self.runs.intend(run.claim, REPLY, message, state=state)

    async def _answer(self, run: Run, deadline: Deadline) -> None:
        """Send the intended reply, in one attempt, if it is ours to send."""
        if run.reply is None:
            return
        deadline.require(SECONDS_TO_SEND, "send the reply")
        if run.reply.state in UNSETTLED:
            # Built before `sending` is taken: what cannot be built was certainly not sent.
            reply = Reply.from_json(run.reply.message)
            raw = build_message(reply, sender=self.reply_from)
            ours, run.reply = await self.runs.begin_sending(run.reply)
            if ours:
                run.end_of_send = await self._send(run.reply, raw, reply.to, deadline)
        run.to(RunState.REPLIED)

    async def _send(self, entry: OutboxEntry, raw: bytes, recipient: str, deadline: Deadline) -> EndOfSend:
        """One attempt. Raises SendRefused when it was definitely not sent and may be later."""
        try:
            async with asyncio.timeout(deadline.remaining() - SECONDS_TO_SETTLE):
                ses_id = await self.sender.send(raw, recipient=recipient, tag=entry.tag)
        except TimeoutError:
            log.warning("reply ambiguous", extra={"tag": entry.tag, "error": "no answer in time"})
            return EndOfSend(OutboxState.AMBIGUOUS)
        except SendRefused:
            await self.runs.settle(entry, OutboxState.INTENT)
            raise
        except SendRejected as error:
            log.warning("reply rejected", extra={"tag": entry.tag, "error": type(error).__name__})
            return EndOfSend(OutboxState.FAILED)
        except SendUnknown as error:
            log.warning("reply ambiguous", extra={"tag": entry.tag, "error": type(error).__name__})
            return EndOfSend(OutboxState.AMBIGUOUS)
        return EndOfSend(OutboxState.SENT, ses_id)

    # -- the end ---------------------------------------------------------------------------

    async def _finish(self, run: Run, outcome: Outcome, reason: Reason | None) -> RunReport:
        run.to(RunState.DONE)
        # None of these may cost another: a send that was seen to end is settled though the API is away.
        await all_of(
            self._settle(run),
            self._project(run, outcome, reason),
            self._keep_sent(run),
        )
        await self._mend_record(run, outcome, reason)
        await self.runs.mark_email_processed(run.claim, outcome, reason)
        log.info("run finished", extra=run.told(outcome, reason))
        return RunReport(run.claim.key.run_id, outcome, reason)

    async def _settle(self, run: Run) -> None:
        if run.reply and run.end_of_send:
            await self.runs.settle(run.reply, run.end_of_send.state, sent_id=run.end_of_send.ses_id)

    async def _project(self, run: Run, outcome: Outcome, reason: Reason | None) -> None:
        await self.backend.put_email(run.tenant, run.claim.key.run_id, run.record(outcome, reason))

    async def _mend_record(self, run: Run, outcome: Outcome, reason: Reason | None) -> None:
        """Let the record say what SES said of the send before there was a record to say it in."""
        if run.reply is None or run.reply_state not in UNDERWAY:
            return
        stands = await self.runs.outbox(run.claim.key, REPLY)
        if stands and stands.message and stands.state is not run.reply_state:
            run.reply, run.end_of_send = stands, None
            await self._project(run, outcome, reason)

    async def _keep_sent(self, run: Run) -> None:
        """The outbound message is stored only once it is sent."""
        if run.reply and run.reply_state is OutboxState.SENT:
            await keep_sent(
                run.reply, sent_id=run.sent_id, sender=self.reply_from, runs=self.runs, backend=self.backend
            )

    def _attempt_failed(self, run: Run, error: BaseException) -> None:
        log.warning("attempt failed", extra={"error": kind_of(error), **run.named()})
        # What was paid for is owed whatever becomes of it: the next attempt begins with it.
        run.claim.spent = asdict(run.budget.used)

    async def _attempts_exhausted(self, run: Run, error: BaseException) -> None:
        run.detail = f"{run.claim.attempt} attempts failed, the last with {kind_of(error)}"
        log.error("run finished", extra=run.told(Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED))
        await self._project(run, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
        await self._mend_record(run, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)


def _place(run: Run) -> dict[str, Any]:
    """Where the run's messages belong."""
    return {
        "mailbox": run.mailbox.address,
        "thread_id": run.thread_id,
        "meeting_id": run.handled.meeting_id if run.handled else None,
    }


def _already(run_id: RunId, finished: Finished) -> RunReport:
    """A copy of an ended run: early success, or failure once more where all attempts failed."""
    if finished.outcome is Outcome.FAILED and not finished.erased:
        raise RetryableError(f"run {run_id} has failed for good: redrive or replay it")
    return RunReport(run_id, Outcome.DUPLICATE)


async def _with_envelope(event: EmailEvent, raw: Callable[[], Awaitable[bytes]]) -> EmailEvent:
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


def _received(event: EmailEvent, email: InboundEmail, clock: Clock) -> datetime.datetime:
    """The sender's date counts days as the sender does; a date in the future is none."""
    now = datetime.datetime.fromtimestamp(clock(), datetime.UTC)
    day = datetime.timedelta(days=1)
    if email.date and email.date.tzinfo and email.date <= now + day:
        return email.date
    return event.timestamp or now
