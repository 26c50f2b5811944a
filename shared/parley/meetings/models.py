"""Meetings, as the API takes them in and gives them out (seeds 000 and 001)."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from parley.core.fields import EmailAddress, Ident, Instant, IsoText, Line, Name, Strict, ZoneName
from parley.core.trust import Trust

LONGEST_KEPT = 4000


def naive_time(value: datetime) -> datetime:
    """A time on the user's wall. Raises ValueError when it carries an offset."""
    if value.tzinfo is not None:
        raise ValueError("must be a local time without an offset; time_zone names its zone")
    return value.replace(microsecond=0)


def _storable(text: str) -> str:
    return "".join(c for c in text[:LONGEST_KEPT] if unicodedata.category(c) != "Cc" or c in "\n\t")


# JSON Schema's date-time has an offset, which this has not.
_LOCAL_TIME_SCHEMA = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$",
    "examples": ["2025-11-15T10:00:00"],
}
LocalTime = Annotated[datetime, IsoText, AfterValidator(naive_time), WithJsonSchema(_LOCAL_TIME_SCHEMA)]
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")
_RULE = re.compile(
    r"(RRULE:)?(?=.*FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)(;|$))"
    r"[A-Z]+=[A-Z0-9,+-]+(;([A-Z]+=[A-Z0-9,+-]+))*;?"
)


def _rule(text: str) -> str:
    wrong = ValueError("must be a rule such as FREQ=WEEKLY;BYDAY=MO;COUNT=5 (RFC 5545)")
    if not _RULE.fullmatch(text.upper()):
        raise wrong
    # Only who writes a series needs it.
    from dateutil.rrule import rrulestr

    parts = dict(part.split("=") for part in text.upper().removeprefix("RRULE:").split(";") if part)
    numbers = (parts.get(name, "1") for name in ("COUNT", "INTERVAL"))
    if not all(one.isdecimal() and int(one) > 0 for one in numbers):
        raise wrong
    if not _UNTIL.fullmatch(parts.pop("UNTIL", "20260101")):
        raise wrong
    try:
        rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=datetime(2026, 1, 1))  # noqa: DTZ001  # a wall's time
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        raise wrong from error
    return text


def _occurrence(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("must be a time or a day, ISO 8601, such as 2026-03-02T09:00:00Z") from error
    return text


def _period(text: str) -> str:
    begins, slash, ends = text.partition("/")
    return _occurrence(begins) + slash + (_occurrence(ends) if slash else "")


Occurrence = Annotated[Line, AfterValidator(_occurrence)]
Period = Annotated[Line, AfterValidator(_period)]
Rule = Annotated[Line, AfterValidator(_rule)]
Kept = Annotated[str, AfterValidator(_storable)]


def _at_most_1000(value: object) -> object:
    return value[:1000] if isinstance(value, list) else value


class MeetingStatus(StrEnum):
    """Whether a meeting is to be held, may be, was, or is off."""

    SCHEDULED = "scheduled"
    TENTATIVE = "tentative"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Attendee(Strict):
    """Someone invited or heard: a transcript may know a name without an address.

    `response` is what a calendar says of them: accepted, declined, tentative, needs-action;
    `kind` what they are where they are no person: room, resource, group, or
    mailbox, which is Parley's own.
    """

    name: Line = ""
    address: EmailAddress | None = None
    response: Line | None = None
    kind: Line | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> "Attendee":
        if not self.name and not self.address:
            raise ValueError("needs a name or an address")
        return self


class MeetingDetails(Strict):
    """What a meeting may have beside its title, all of it optional: see `reference.FIELDS`."""

    contact_id: Ident | None = None
    scheduled_time: LocalTime | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=100_000)] | None = None
    time_zone: ZoneName | None = None
    attendees: Annotated[list[Attendee], Field(max_length=1000)] = []
    status: MeetingStatus = MeetingStatus.SCHEDULED
    series: Line | None = None
    ical_uid: Line | None = None
    recurrence_id: Occurrence | None = None
    sequence: Annotated[int, Field(ge=0, le=2**31)] | None = None
    dtstamp: Instant | None = None
    rrule: Rule | None = None
    exdates: Annotated[list[Occurrence], Field(max_length=500)] = []
    rdates: Annotated[list[Period], Field(max_length=500)] = []
    this_and_future: bool = False
    all_day: bool = False
    transparent: bool = False
    thread_id: Ident | None = None
    source: dict[str, Any] | None = None
    summary: str | None = None
    action_items: list[str | dict[str, Any]] | None = None
    sentiment: str | dict[str, Any] | None = None


class MeetingRequest(MeetingDetails):
    """POST /meetings (seed 001): `user_id` is whose meeting it is, and has to exist."""

    title: Name
    user_id: Ident


class DerivedAttendee(BaseModel):
    """Someone as a header or a transcript names them; what is no address of ours is kept all the same."""

    name: Kept = ""
    address: Kept | None = None
    response: Kept | None = None
    kind: Kept | None = None


class Response(BaseModel):
    """What one attendee answered (accepted, declined, tentative, ...), and when they wrote it.

    `uninvited` is the organizer's word, and has the `sequence` of what said it.
    """

    response: Kept
    at: Kept = ""
    sequence: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None


class DerivedMeeting(MeetingDetails):
    """PUT /meetings/{id}: found in an email. `user_id` is None when no user is known for it.

    `run_id` names the run that found it, `trust` says how far its sender is
    believed: a stranger's is in nobody's calendar. Nobody is there to correct an email:
    text is made storable rather than refused. `responses` holds the attendees'
    own answers by address.
    """

    title: Kept = ""
    user_id: Ident | None = None
    run_id: Ident | None = None
    trust: Trust = Trust.OWN
    responses: Annotated[dict[Kept, Response], Field(max_length=1000)] = {}
    attendees: Annotated[list[DerivedAttendee], BeforeValidator(_at_most_1000)] = []  # type: ignore[assignment]  # wider than what a person may send
    ical_uid: Kept | None = None
    recurrence_id: Kept | None = None
    exdates: Annotated[list[Kept], Field(max_length=500)] = []
    rdates: Annotated[list[Kept], Field(max_length=500)] = []
    rrule: Kept | None = None
    series: Kept | None = None
    duration_minutes: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    sequence: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None


class MeetingChanges(MeetingDetails):
    """PATCH /meetings/{id}: only the fields that are given change. `trust: own` adopts a stranger's.

    `title` and `user_id` cannot be null.
    """

    title: Annotated[Name, Field(default_factory=str)]
    user_id: Annotated[Ident, Field(default_factory=str)]
    trust: Literal[Trust.OWN] = Trust.OWN


class Meeting(DerivedMeeting):
    """A meeting as it is stored."""

    id: Ident
