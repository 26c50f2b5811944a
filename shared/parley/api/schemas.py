"""The other bodies of the API. What the pipeline writes keeps the fields that we do not know yet."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from parley.analysis.insight import RelationshipHealth, SentimentLabel, Severity
from parley.analysis.machine import NAMES
from parley.core.outcome import Outcome
from parley.insights.job import JobStage, JobStatus
from parley.mail.email import Reason
from parley.mail.mailbox import Mode, Purpose
from parley.meetings.action_item import ActionItem
from parley.meetings.models import (
    Contact,
    EmailAddress,
    Ident,
    Instant,
    Line,
    Meeting,
    Strict,
    User,
    bare_address,
)


def member(text: str) -> str:
    """`*`, `@domain` or one bare address, lower-cased."""
    entry = text.strip().lower()
    if entry == "*":
        return entry
    return alias(entry)


def alias(text: str) -> str:
    """`@domain` or one bare address, lower-cased."""
    entry = text.strip().lower()
    return bare_address(f"x{entry}")[1:] if entry.startswith("@") else bare_address(entry)


def _each_once(entries: list[str]) -> list[str]:
    return list(dict.fromkeys(entries))


Member = Annotated[str, StringConstraints(min_length=1, max_length=320), AfterValidator(member)]
Alias = Annotated[str, StringConstraints(min_length=3, max_length=320), AfterValidator(alias)]
Aliases = Annotated[list[Alias], Field(max_length=50), AfterValidator(_each_once)]
Address = Annotated[str, StringConstraints(min_length=3, max_length=320), AfterValidator(member)]


ExtractorName = Literal[
    "summary", "action_items", "key_topics", "decisions", "sentiment", "follow_ups", "risks"
]


class Open(BaseModel):
    """A body that keeps unknown fields as they are."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class MeetingCreated(Strict):
    """Seed 001's answer, word for word."""

    meeting_id: Ident
    message: Literal["Meeting created successfully"] = "Meeting created successfully"


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
    text: str | None = None
    html: str | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    at: Instant | None = None
    run_id: Ident | None = None
    meeting_id: Ident | None = None


class Message(MessageRequest):
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
    meeting_id: Ident | None = None
    thread_id: Ident | None = None
    received_at: Instant | None = None


class Email(EmailProgress):
    run_id: Ident


def _real_day(text: str) -> str:
    if datetime.date.fromisoformat(text).isoformat() != text:
        raise ValueError("must be a day: YYYY-MM-DD")
    return text


Words = Annotated[str, StringConstraints(min_length=1)]
RealDay = Annotated[str, AfterValidator(_real_day)]


class EvidenceShape(Open):
    """See `models.insight.Evidence`. What a person adds need not have been said."""

    quote: str = ""
    speaker: str | None = None
    segment: Annotated[int, Field(ge=0)] | None = None
    start: float | None = None
    verified: bool = False


class _Proven(Open):
    evidence: EvidenceShape | None = None


class SummaryShape(Open):
    text: Words


class ActionItemShape(_Proven):
    text: Words
    owner: str | None = None
    due_date: RealDay | None = None


class KeyTopicShape(_Proven):
    topic: Words


class DecisionShape(_Proven):
    text: Words


class SentimentShape(_Proven):
    label: SentimentLabel
    score: Annotated[float, Field(ge=-1, le=1)] | None = None
    relationship_health: RelationshipHealth | None = None


class FollowUpShape(_Proven):
    text: Words
    due_date: RealDay | None = None


class RiskShape(_Proven):
    text: Words
    severity: Severity | None = None


class InsightsShape(Strict):
    """Each field is None where its extractor failed; `errors` then says why."""

    summary: SummaryShape | None = None
    action_items: list[ActionItemShape] | None = None
    key_topics: list[KeyTopicShape] | None = None
    decisions: list[DecisionShape] | None = None
    sentiment: SentimentShape | None = None
    follow_ups: list[FollowUpShape] | None = None
    risks: list[RiskShape] | None = None

    def as_given(self) -> dict[str, Any]:
        """All seven as JSON values, and in each what was given: nothing is made up beside it."""
        return dict.fromkeys(NAMES) | self.model_dump(mode="json", exclude_unset=True)


class InsightsRequest(Open):
    """`run_id` names the analysis, and is required of the pipeline; `produced_at` orders analyses.

    `extractors`: of which insights this speaks; None: of all. What stands of the others stays.
    `over_edits`: somebody asked for it in the place of a person's edit.
    """

    run_id: Ident | None = None
    insights: InsightsShape
    errors: Annotated[dict[str, str], Field(default_factory=dict)]
    partial_success: bool = False
    extractors: Annotated[list[ExtractorName], Field(max_length=len(NAMES))] | None = None
    over_edits: bool = False
    source: str | dict[str, Any] | None = None
    produced_at: Instant | None = None


class StoredInsights(InsightsRequest):
    """`stored` is false where a PUT changed nothing, and `reason` says why.

    repeated: this run was stored before. edited: a person changed what stands.
    newer: what stands was produced later. deleted: the meeting was removed.
    """

    meeting_id: Ident
    version: int
    edited_by: str | None = None
    stored: bool = True
    reason: Literal["repeated", "edited", "newer", "deleted"] | None = None


class PrepareRequest(Strict):
    """`user_id` is who is to be prepared; None where a mailbox asks."""

    user_id: Ident | None = None


class BriefBody(Strict):
    """See `models.preparation.Brief`."""

    name: str
    role: str
    company: str
    title: str
    when: str
    past: list[dict[str, Any]]
    pending: list[dict[str, Any]]
    held: int


class PreparationContext(Strict):
    """Seed 001's keys. `pending_action_items` name the meeting in which each was promised."""

    contact_summary: str
    recent_interactions: str
    suggested_topics: list[str]
    pending_action_items: list[str]


class PrepareAnswer(Strict):
    meeting_id: Ident
    context: PreparationContext


class AnalyzeRequest(Strict):
    """One of `transcript` (text in any format that is read) and `upload_id`; neither: the one sent last.

    `filename` helps to tell the format. `regenerate` asks for new answers
    where some are on record, `replace_edits` for insights in the place of a
    person's edit, which is kept as an earlier version.
    """

    transcript: Annotated[str, StringConstraints(min_length=1, max_length=6_000_000)] | None = None
    upload_id: Line | None = None
    filename: Line | None = None
    user_id: Ident | None = None
    regenerate: bool = False
    replace_edits: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> "AnalyzeRequest":
        if self.transcript is not None and self.upload_id is not None:
            raise ValueError("give either a transcript or an upload_id")
        return self


class AnalyzeAnswer(Strict):
    """Seed 001's answer: `errors` and `partial_success` only where an extractor failed.

    `stored` and `reason` only where what stands was kept: see `StoredInsights`.
    """

    meeting_id: Ident
    insights: dict[ExtractorName, Any]
    errors: Annotated[dict[ExtractorName, str], Field(default_factory=dict)]
    partial_success: bool = False
    stored: bool = True
    reason: Literal["edited", "newer", "deleted"] | None = None


class TranscriptSegment(Strict):
    """`start` and `end` are seconds, or None; `speaker` None where nobody is named."""

    text: str
    speaker: str | None
    start: float | None
    end: float | None


class Transcript(Strict):
    kind: Literal["transcript"] = "transcript"
    format: str
    segments: list[TranscriptSegment]


class Upload(Strict):
    """PUT the file to `url` within `expires_in` seconds; it may hold `largest` bytes."""

    upload_id: str
    method: Literal["PUT"] = "PUT"
    url: str
    expires_in: int
    largest: int


class JobProgress(Strict):
    """What a worker says. `ended` counts extractors; `round` is the attempt that it works on."""

    status: JobStatus | None = None
    stage: JobStage | None = None
    ended: Annotated[int, Field(ge=0, le=len(NAMES))] | None = None
    round: Annotated[int, Field(ge=1)] | None = None
    insights_version: int | None = None
    errors: dict[str, str] | None = None
    reason: Line | None = None
    detail: Line | None = None


class Job(Strict):
    """`progress` is 0 to 1. `result` is set once it is done, and gone with the insights.

    `detail` says in a sentence why a job failed; asking for the same again queues it again.
    """

    id: Ident
    meeting_id: Ident
    user_id: Ident | None = None
    transcript: str
    edition: str
    extractors: list[ExtractorName]
    over_edits: bool = False
    status: JobStatus
    stage: JobStage
    ended: int
    round: int
    progress: float
    insights_version: int | None
    errors: dict[str, str]
    reason: str | None
    detail: str | None
    created_at: str
    result: AnalyzeAnswer | None


class TimeSlot(Strict):
    """UTC; `end` is not included."""

    start: str
    end: str


class Availability(Strict):
    slots: list[TimeSlot]


class AvailabilityRequest(Strict):
    """Days and `work_hours` (hours since midnight) are on each user's own wall.

    `end_date` is included; None means one day. `weekdays` are ISO: 1 is
    Monday. `order` best puts first what suits everybody best: see
    `free_time.ranked`.
    """

    user_ids: Annotated[list[Ident], Field(max_length=1000)]
    date: datetime.date
    duration_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    work_hours: tuple[float, float] = (9, 17)
    end_date: datetime.date | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)] | None = (
        None
    )
    tentative: Literal["busy", "free"] = "busy"
    order: Literal["time", "best"] = "time"
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class MailboxChanges(Strict):
    purpose: Purpose | None = None
    owner: Ident | None = None
    members: Annotated[list[Member], Field(max_length=1000)] | None = None
    mode: Mode | None = None
    signature: Annotated[str, StringConstraints(max_length=5000)] | None = None
    require_auth: bool | None = None
    aliases: Aliases | None = None
    cost_ceiling_micro_usd: Annotated[int, Field(ge=0, le=10**12)] | None = None


class MailboxRequest(Strict):
    """See `models.mailbox.Mailbox`; the tenant is the caller's, `owner` the id of one of its users.

    `aliases` are more addresses of this mailbox; `@domain` takes every address
    of a domain that has no mailbox or alias of its own. An address has one
    owner over all tenants, be it a mailbox's own or an alias.
    """

    address: EmailAddress
    purpose: Purpose
    owner: Ident | None = None
    members: Annotated[list[Member], Field(max_length=1000, default_factory=list)]
    mode: Mode = Mode.AUTO
    signature: Annotated[str, StringConstraints(max_length=5000)] = ""
    require_auth: bool = True
    aliases: Annotated[Aliases, Field(default_factory=list)]
    cost_ceiling_micro_usd: Annotated[int, Field(ge=0, le=10**12)] | None = None


class MailboxBody(MailboxRequest):
    tenant: str


class BlockRequest(Strict):
    """Why an address is blocked; an SES event id or a person's words."""

    reason: Line = ""
    source: Line = ""


class Block(BlockRequest):
    """`address` is bare, or `@domain` for all of a domain."""

    address: str


class ErasureRequest(Strict):
    """Whom or what to erase, exactly one. `run_id` may be a delivery's SES id, for all its runs."""

    address: EmailAddress | None = None
    run_id: Ident | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "ErasureRequest":
        if (self.address is None) == (self.run_id is None):
            raise ValueError("give either an address or a run_id")
        return self


class Kept(Strict):
    """What stays, and why."""

    what: str
    why: str


class Backup(Strict):
    """What still holds it, and until when; `until` None: that is not ours to say."""

    what: str
    until: str | None


class Certificate(Strict):
    """What an erasure removed. `subject` is a keyed hash of the address, or the id that was given.

    `complete` is false where something is `left` to do: the same request, repeated, goes on.
    """

    id: Ident
    tenant: str
    subject: str
    complete: bool
    requested_at: str
    completed_at: str | None
    removed: dict[str, int]
    kept: list[Kept]
    backups: list[Backup]
    left: list[Kept]


class Health(Strict):
    status: Literal["ok"] = "ok"


class MeetingPage(Strict):
    items: list[Meeting]
    next_cursor: str | None


class ActionItemPage(Strict):
    items: list[ActionItem]
    next_cursor: str | None


class MessagePage(Strict):
    items: list[Message]
    next_cursor: str | None


class EmailPage(Strict):
    items: list[Email]
    next_cursor: str | None


class MailboxPage(Strict):
    items: list[MailboxBody]
    next_cursor: str | None


class UserPage(Strict):
    items: list[User]
    next_cursor: str | None


class ContactPage(Strict):
    items: list[Contact]
    next_cursor: str | None


class BlockPage(Strict):
    items: list[Block]
    next_cursor: str | None


class Removed(Strict):
    """The answer to a derived write of something that a person removed since."""

    deleted: Literal[True] = True
