"""The kinds of thing the backend keeps: one row a kind says how it is listed and guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parley.core.outcome import Outcome
from parley.insights.job import JobStage, JobStatus
from parley.store.mentions import in_email, in_meeting, in_message

Body = Mapping[str, Any]

ASSUMED_LENGTH = timedelta(hours=1)
ASSUMED_DAY = timedelta(days=1)
MOST_MINUTES = 2**31
UNSCHEDULED = "~"
"""Sorts after every date, so that what has no time stands last and outside every range."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when something is, as the wall shows it (ISO 8601); "" where that is not known."""

    begins: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`group` names the list a body belongs to, `sort` its place there; `fields` are filterable.

    `sort` may be "": then it is the time of the write. `rank` orders derived
    writes of one record: a lower one never replaces a higher one; None has no
    place in that order. `everywhere` is true of what has one name over all
    tenants: its body says whose it is. `claimed` is the field whose value, or
    whose every entry, only one record may have. `links` are the fields that
    have a list of their own for each value. A `remembered` one leaves a mark
    when it is removed, so that no email brings it back. `people` are those whom
    a body names, by address or as `contact/ID` and `user/ID`: it is found by each
    of them, in the order in which its `spans` end. The first of these is when it
    is; another when it first was, or would have been.
    """

    name: str
    sort: Callable[[Body], str]
    fields: tuple[str, ...] = ()
    group: Callable[[Body], str] | None = None
    rank: Callable[[Body], int | None] = lambda _: None
    everywhere: bool = False
    claimed: str | None = None
    links: tuple[str, ...] = ()
    remembered: bool = False
    people: Callable[[Body], Iterable[str]] = lambda _: ()
    spans: Callable[[Body], tuple[Span, ...]] = lambda _: (Span(),)

    def group_of(self, body: Body) -> str:
        return self.group(body) if self.group else self.name


def thread_group(thread_id: str) -> str:
    """The list of one conversation's messages."""
    return f"thread#{thread_id}"


_CERTAINTY = {"ambiguous": 1, "sent": 2, "failed": 3}
"""How much is known of a reply: SES may say of one that was sent that it came back, and never the reverse."""
_MOST_STATES, _MOST_GENERATIONS = 99, 1_000_000


def _progress(body: Body) -> int:
    """How far a run has come: generation, ending, states, and how surely its reply has ended, in this order.

    A run that failed may be worked again, so any other ending outranks that one.
    """
    outcome = body.get("outcome")
    ending = 0 if not outcome else 1 if outcome == Outcome.FAILED else 2
    states = min(len(body.get("states") or ()), _MOST_STATES)
    return ((_generation(body) * 3 + ending) * (_MOST_STATES + 1) + states) * 10 + _certainty(body)


def _generation(body: Body) -> int:
    """1, and one more with each replay. The field is one that the API takes as it comes."""
    generation = body.get("generation")
    return max(1, min(generation, _MOST_GENERATIONS)) if isinstance(generation, int) else 1


def _certainty(body: Body) -> int:
    reply = body.get("reply")
    status = reply.get("status") if isinstance(reply, Mapping) else None
    return _CERTAINTY.get(status, 0) if isinstance(status, str) else 0


_STAGES = tuple(JobStage)


def _job_progress(body: Body) -> int:
    """How far a job has come: the round, then the stage, then how many extractors have ended."""
    ended = min(int(body["ended"]), _MOST_STATES)
    done = body["status"] in (JobStatus.DONE, JobStatus.FAILED)
    stage = len(_STAGES) if done else _STAGES.index(JobStage(body["stage"]))
    return (int(body["round"]) * (len(_STAGES) + 1) + stage) * (_MOST_STATES + 1) + ended


def length_of(meeting: Body) -> timedelta:
    """How long a meeting is, or is taken to be where nobody has said."""
    minutes = meeting.get("duration_minutes")
    if minutes is None:
        return ASSUMED_DAY if meeting.get("all_day") else ASSUMED_LENGTH
    return timedelta(minutes=min(minutes, MOST_MINUTES))


def _span(meeting: Body) -> Span:
    """A series is never over. One without a time was when its transcript came in."""
    time = meeting.get("scheduled_time")
    if time is None:
        came = (meeting.get("source") or {}).get("at")
        return Span(until=came if isinstance(came, str) else "")
    try:
        until = (datetime.fromisoformat(time) + length_of(meeting)).isoformat()
    except OverflowError:
        until = UNSCHEDULED
    return Span(time, UNSCHEDULED if meeting.get("rrule") else until)


def _spans(meeting: Body) -> tuple[Span, ...]:
    """When it is; for a series also its first, for a moved occurrence of one when that would have been."""
    now, was = _span(meeting), _recurrence(meeting)
    if now.until == UNSCHEDULED and meeting.get("rrule"):
        return (now, _span({**meeting, "rrule": None}))
    if was is None or was == now.begins:
        return (now,)
    until = datetime.fromisoformat(was) + max(length_of(meeting), ASSUMED_DAY)
    return (now, Span(was, until.isoformat()))


def _recurrence(meeting: Body) -> str | None:
    """The wall's time that RECURRENCE-ID names; in UTC where the meeting has no zone."""
    try:
        moment = datetime.fromisoformat(meeting.get("recurrence_id") or "")
        if moment.tzinfo is not None:
            zone = ZoneInfo(meeting["time_zone"]) if meeting.get("time_zone") else UTC
            moment = moment.astimezone(zone).replace(tzinfo=None)
        moment + max(length_of(meeting), ASSUMED_DAY)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat()


MEETING = Kind(
    name="meeting",
    sort=lambda body: body.get("scheduled_time") or UNSCHEDULED,
    fields=("user_id", "contact_id", "status", "thread_id", "ical_uid"),
    links=("ical_uid", "thread_id", "contact_id", "user_id"),
    people=in_meeting,
    spans=_spans,
)
MESSAGE = Kind(
    name="message",
    sort=lambda body: body.get("at") or "",
    group=lambda body: thread_group(body["thread_id"]),
    # All rank alike, but below what was erased.
    rank=lambda _: 0,
    people=in_message,
)
EMAIL = Kind(
    name="email",
    sort=lambda body: body.get("received_at") or "",
    fields=("outcome", "route", "mailbox"),
    rank=_progress,
    people=in_email,
)
USER = Kind(
    name="user",
    sort=lambda body: body["email"],
    claimed="email",
    people=lambda body: body.get("former_emails", ()),
)
CONTACT = Kind(name="contact", sort=lambda body: body["email"], claimed="email", remembered=True)
MAILBOX = Kind(
    name="mailbox",
    sort=lambda body: body["address"],
    fields=("tenant",),
    everywhere=True,
    claimed="aliases",
)
BLACKLIST = Kind(name="blacklist", sort=lambda body: body["address"])
SUPPRESSION = Kind(name="suppression", sort=lambda body: body["address"])
JOB = Kind(name="job", sort=lambda body: body["created_at"], fields=("status",), rank=_job_progress)
ERASURE = Kind(name="erasure", sort=lambda body: body["requested_at"])
