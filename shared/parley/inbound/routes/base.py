"""What a route gets, and what it gives back. Routes decide; the pipeline acts."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from parley.analysis.machine import Analysis, Recorder, TranscriptMachine
from parley.core.ids import RunId, digest
from parley.llm.budget import Budget
from parley.mail.calendar.invite import Invite
from parley.mail.email import InboundEmail, ThreadId
from parley.mail.mailbox import Mailbox

if TYPE_CHECKING:
    from parley.preparation.brief import Brief
    from parley.preparation.preparer import Preparer
    from parley.transcripts.meeting_day import MeetingDay


@dataclass(frozen=True, slots=True)
class Job:
    """One email for one mailbox, past the gates.

    `received` is when it was sent, as its sender says, and `now` when it is
    worked (UTC). `reader` finds the user who is answered, None for anybody else.
    `record` keeps what must not be repeated; `once` says whether this run may
    do something that is done once, and `done_before` whether another run did
    it; `ours` are the addresses that we answer from; `from_person` is False
    where a machine sent it, which is never answered.
    `meetings` lists the tenant's meetings by the API's filters. `preparer`
    makes who writes preparations. `brief` stores what it is given and says
    what is on record for a preparation (None for an internal meeting, and for
    a stranger); it is None itself where nobody would be answered.
    """

    run_id: RunId
    generation: int
    email: InboundEmail
    mailbox: Mailbox
    thread_id: ThreadId
    received: datetime.datetime
    now: datetime.datetime
    machine: TranscriptMachine
    budget: Budget
    record: Recorder
    once: Callable[..., Coroutine[Any, Any, bool]]
    done_before: Callable[..., Coroutine[Any, Any, bool]]
    meetings: Callable[..., Coroutine[Any, Any, list[dict[str, Any]]]]
    preparer: Callable[[], Preparer]
    reader: dict[str, Any] | None
    ours: frozenset[str] = frozenset()
    from_person: bool = True
    brief: Callable[[Sequence[Write], str], Awaitable[Brief | None]] | None = None

    def derived_id(self, kind: str) -> str:
        """An id that this run gives again on every attempt, so that repeating a write changes nothing."""
        return f"{kind}_{digest(self.run_id, kind)[:24]}"

    @property
    def source(self) -> str:
        """The name under which this run's insights are written, once; a replay writes newer ones."""
        return self.run_id if self.generation == 1 else f"{self.run_id}.{self.generation}"

    def tenant_id(self, kind: str, *parts: str) -> str:
        """An id that any run of this tenant gives for the same parts: a UID, an address."""
        return f"{kind}_{digest(self.mailbox.tenant, kind, *parts)[:24]}"


@dataclass(frozen=True, slots=True)
class Write:
    """One PUT to the backend: `kind` is the resource."""

    kind: str
    id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reply says: a template's name and its values. The sender is who gets it."""

    template: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """One of several meetings whose transcripts came in one email."""

    meeting_id: str
    title: str
    analysis: Analysis

    def as_json(self) -> dict[str, Any]:
        return {
            "meeting_id": self.meeting_id,
            "title": self.title,
            "insights": self.analysis.insights_json(),
            "errors": self.analysis.errors,
            "partial_success": self.analysis.partial_success,
        }


@dataclass(frozen=True, slots=True)
class Handled:
    """What a route made of a job. `answer` None is silence; `day` is the one that due dates count from.

    `analysis`, `day` and `meeting_id` are the first meeting's; `meetings` are all
    of them, where an email holds the transcripts of several. `kind` is the first
    source's, `transcript` or `notes`.
    """

    route: str
    writes: tuple[Write, ...] = ()
    analysis: Analysis | None = None
    meeting_id: str | None = None
    day: MeetingDay | None = None
    kind: str | None = None
    meetings: tuple[HeldMeeting, ...] = ()
    invites: tuple[Invite, ...] = ()
    answer: Answer | None = None
    notes: dict[str, str] = field(default_factory=dict)


class Route(Protocol):
    """One module and one row in `ROUTES`."""

    name: str

    def takes(self, job: Job) -> Any | None:
        """What this route will work on; None leaves the email to the next row."""

    async def handle(self, job: Job, found: Any) -> Handled:
        """Do it. What may not be repeated goes through `job.record`."""
