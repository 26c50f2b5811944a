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
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from parley.analysis.machine import TranscriptMachine, recorded_usage
from parley.core.clock import Clock, Deadline
from parley.core.ids import RunId
from parley.core.logs import kind_of
from parley.core.outcome import Outcome
from parley.core.tasks import all_of, in_turn, together
from parley.errors import NotYetThere, QuarantineError, RequestError, RetryableError, SenderError
from parley.inbound.email_ledger import EmailLedger, email_run, is_past_gates
from parley.inbound.facts import FactFinder
from parley.inbound.mailbox_cache import MailboxCache
from parley.inbound.ports import BackendAPI, MailStore
from parley.inbound.raw_email import RawEmail, raw_email, with_envelope
from parley.inbound.replies import SECONDS_TO_SEND, Replies, would_answer
from parley.inbound.results import Results
from parley.inbound.routes import ROUTES
from parley.inbound.routes.base import Job, Route
from parley.inbound.run import Run
from parley.inbound.run_record import RunRecords
from parley.ledger.claims import Claim, Finished
from parley.ledger.keys import RunKey
from parley.llm.budget import Budget
from parley.llm.usage import Usage
from parley.mail.email import EmailEvent, InboundEmail, Reason, RunState
from parley.mail.gates import GATES, SEEN_BY_A_PERSON, stopped_by
from parley.mail.inbound_events import to_notification
from parley.mail.mailbox import Mailbox
from parley.mail.mime import parse_email
from parley.mail.outgoing import Sender
from parley.mail.threads import root_id

if TYPE_CHECKING:
    from parley.preparation.preparer import Preparer

log = logging.getLogger("parley.inbound.pipeline")

SECONDS_TO_STORE = 8.0
"""What must be left of the invocation after the analysis."""


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

    def names(self, run_id: RunId) -> bool:
        """Whether this run is wanted."""
        return self.run_id in {None, run_id}


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
    mailboxes: MailboxCache = field(default_factory=MailboxCache)

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
        async with raw_email(self.mail, event) as raw:
            async with deadline.limit("find out whom the email is for"):
                try:
                    event = await with_envelope(event, raw)
                except NotYetThere:
                    # Or there no more: a late copy of what was worked and has expired since.
                    if ended := await self.runs.ended_on(event.message_id):
                        return tuple(_already(run_id, finished) for run_id, finished in ended)
                    raise
                mailboxes = await self.mailboxes.recipients(event, self.backend, self.clock)
            keys = [(email_run(m.tenant, m.address, event.message_id), m) for m in mailboxes]
            wanted = [(key, m) for key, m in keys if replay is None or replay.names(key.run_id)]
            if not wanted and replay:
                raise RequestError(f"no mailbox of this delivery has a run {replay.run_id} any more")

            async def work(key: RunKey, mailbox: Mailbox) -> RunReport:
                async with deadline.limit("claim the email"):
                    claim = await self._claim(key, event, mailbox, deadline, fresh=fresh, replay=replay)
                if isinstance(claim, RunReport):
                    return claim
                return await self._run(claim, event, raw, mailbox, deadline)

            # They share the raw email, and most mail has one. A run that fails costs the others
            # nothing; what is raised brings them all back.
            return tuple(await in_turn(*(partial(work, key, mailbox) for key, mailbox in wanted)))

    async def attempts_on(self, event: EmailEvent) -> int:
        """How often a worker began on this delivery: what kills its workers has the most."""
        return await self.runs.attempts_on(event.message_id)

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
        """Write a record where the worker of the last attempt died before it could."""
        claim = Claim(key, {"attempts": 0, "generation": end.generation})
        run = Run(claim, event, mailbox, Budget(seconds=lambda: 0.0), self.clock)
        run.detail = "every attempt ended without a word"
        await self._records.put(run, end.outcome, Reason(end.reason) if end.reason else None)

    async def _run(
        self, claim: Claim, event: EmailEvent, raw: RawEmail, mailbox: Mailbox, deadline: Deadline
    ) -> RunReport:
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

    async def _ending(self, run: Run, raw: RawEmail, deadline: Deadline) -> tuple[Outcome, Reason | None]:
        """How the run ends; the sender's faults and what a person must see are endings too."""
        try:
            return await self._work(run, raw, deadline)
        except SenderError as error:
            run.detail = str(error)
            return Outcome.REFUSED, Reason(error.reason)
        except QuarantineError as error:
            run.detail = str(error)
            return Outcome.QUARANTINED, Reason(error.reason)

    async def _work(self, run: Run, raw: RawEmail, deadline: Deadline) -> tuple[Outcome, Reason | None]:
        # In a thread: a large email takes seconds, and its neighbours' time-outs run on.
        run.email = email = await asyncio.to_thread(parse_email, await raw())
        run.to(RunState.PARSED)
        if not run.mailbox.address:
            raise QuarantineError(
                Reason.UNREADABLE, "nothing that SES itself wrote says whom the email was for"
            )
        earlier, facts = await self._facts.find(run, email)
        if earlier:
            run.detail = f"the same email was handled as {earlier}"
            return Outcome.DUPLICATE, None
        if stop := stopped_by(facts, SEEN_BY_A_PERSON if is_past_gates(run.claim) else GATES):
            run.detail = stop.detail
            return stop.outcome, stop.reason
        run.to(RunState.GATED)
        await self._facts.settle_recipient(run, email)
        await self._handle(run, email)
        deadline.require(SECONDS_TO_SEND, "store the results and answer")
        await self._store(run, email)
        await self._replies.send(run, deadline)
        return Outcome.PROCESSED, None

    async def _handle(self, run: Run, email: InboundEmail) -> None:
        """The first route that takes the email does its work."""
        assert run.thread_id is not None
        job = Job(
            run_id=run.claim.key.run_id,
            generation=run.claim.generation,
            email=email,
            mailbox=run.mailbox,
            thread_id=run.thread_id,
            received=run.received,
            now=datetime.fromtimestamp(self.clock(), UTC),
            machine=self.machine,
            budget=run.budget,
            record=partial(self.runs.step, run.claim),
            once=partial(self.runs.once, run.claim),
            done_before=partial(self.runs.done_before, run.claim),
            ours=self._facts.own_addresses(run.mailbox),
            from_person=run.from_person,
            meetings=run.outsider.meetings
            if run.outsider
            else partial(self.backend.list_meetings, run.tenant),
            preparer=self.preparer,
            reader=run.user,
            # What is on record is for the tenant's own.
            brief=None if run.outsider or not would_answer(run) else partial(self._results.brief, run),
        )
        route, found = next((r, f) for r in self.routes if (f := r.takes(job)) is not None)
        run.to(RunState.ROUTED)
        handled = await route.handle(job, found)
        run.handled = await run.outsider.admitted(handled) if run.outsider else handled
        if run.handled.analysis:
            run.to(RunState.ANALYSED)

    # -- effects ---------------------------------------------------------------------------

    async def _store(self, run: Run, email: InboundEmail) -> None:
        """All that the run found, and the intent to answer, at once: ids are derived, so it may repeat."""
        assert run.handled is not None
        sender = email.from_.address.lower() if email.from_ else ""
        counted = [(sender,), ()] if run.outsider and run.answer_to else [(sender,)]
        run.reply, *_ = await together(
            self._replies.intend(run, email),
            self._results.store_message(run, email),
            *([] if email.message_id == root_id(email) else [self._join_thread(run, email.message_id)]),
            *(self.runs.count_run(run.claim, run.mailbox.address, *of) for of in counted),
            self._results.put(run.tenant, run.handled.writes),
        )
        run.to(RunState.STORED)

    async def _join_thread(self, run: Run, message_id: str | None) -> None:
        if message_id and run.thread_id:
            await self.runs.join_thread(run.tenant, run.threads, message_id, run.thread_id)

    # -- the end ---------------------------------------------------------------------------

    async def _finish(self, run: Run, outcome: Outcome, reason: Reason | None) -> RunReport:
        run.to(RunState.DONE)
        # None of these may cost another: a send that was seen to end is settled though the API is away.
        await all_of(
            self._replies.settle(run),
            self._records.put(run, outcome, reason),
            self._replies.keep(run),
        )
        await self._records.mend(run, outcome, reason)
        await self.runs.mark_email_processed(run.claim, outcome, reason)
        log.info("run finished", extra=run.told(outcome, reason))
        return RunReport(run.claim.key.run_id, outcome, reason)

    def _attempt_failed(self, run: Run, error: BaseException) -> None:
        log.warning("attempt failed", extra={"error": kind_of(error), **run.named()})
        # What was paid for is owed whatever becomes of it: the next attempt begins with it.
        run.claim.spent = asdict(run.budget.used)

    async def _attempts_exhausted(self, run: Run, error: BaseException) -> None:
        run.detail = f"{run.claim.attempt} attempts failed, the last with {kind_of(error)}"
        log.error("run finished", extra=run.told(Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED))
        await self._records.put(run, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)
        await self._records.mend(run, Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED)

    # -- what is not told here -----------------------------------------------------------------

    @property
    def _facts(self) -> FactFinder:
        return FactFinder(
            runs=self.runs,
            backend=self.backend,
            mailboxes=self.mailboxes,
            clock=self.clock,
            reply_from=self.reply_from,
        )

    @property
    def _replies(self) -> Replies:
        return Replies(runs=self.runs, backend=self.backend, sender=self.sender, reply_from=self.reply_from)

    @property
    def _results(self) -> Results:
        return Results(self.backend)

    @property
    def _records(self) -> RunRecords:
        return RunRecords(self.runs, self.backend)


def _already(run_id: RunId, finished: Finished) -> RunReport:
    """A copy of an ended run: early success, or failure once more where all attempts failed."""
    if finished.outcome is Outcome.FAILED and not finished.erased:
        raise RetryableError(f"run {run_id} has failed for good: redrive or replay it")
    return RunReport(run_id, Outcome.DUPLICATE)
