"""What several emails say of one meeting becomes one body, in whatever order they arrive.

A write with a `sequence` is an invite's, any other one is a find: a transcript
that was sent in. Each field belongs to the write with the highest stamp among
those that give it:

    stamp = sequence, then CANCEL over REQUEST, then dtstamp, then a digest of all it says

- A REQUEST says the whole of SCHEDULE, be it that a field is empty now; of
  other fields, and of a CANCEL, only what is not blank counts.
- The meeting stays in the thread of its lowest stamp, where it began.
- A find gives what no invite and no person has given; the later of two finds counts.
- A find that says `completed` is right about it, and no invite undoes that.
- What a person set stays, but for SCHEDULE: there the next higher invite counts.
- An attendee's answer is kept by address, the one that was written last. `uninvited` is the
  organizer's word on one: who is goes from the attendees, until a later invite names them.
- A removed meeting comes back by a higher REQUEST or a new find, never by an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.mail.calendar.invite import UNINVITED
from parley.meetings.models import DerivedMeeting, MeetingStatus
from parley.store.blobs import canonical, fingerprint
from parley.store.results import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PERSON = "~"
"""Begins the stamp of a field that a person set; the stamp before that follows."""

EMPTY = DerivedMeeting().model_dump(mode="json")
RESPONSES = "responses"
TWO = 2
SCHEDULE = (
    "scheduled_time",
    "duration_minutes",
    "time_zone",
    "all_day",
    "exdates",
    "rdates",
    "this_and_future",
    "transparent",
    "attendees",
    "status",
    "ical_uid",
    "recurrence_id",
    "sequence",
    "dtstamp",
    "rrule",
)
"""What an invite is about."""

_LOWEST_SEQUENCE = -(2**63)


def stamp_of(said: Mapping[str, Any]) -> str:
    """Sorts as the invites do; "" of what is none."""
    if said.get("sequence") is None:
        return ""
    cancel = int(said.get("status") == MeetingStatus.CANCELLED)
    written = (said.get("dtstamp") or "")[: len("YYYY-MM-DDTHH:MM:SS")]
    return f"{said['sequence'] - _LOWEST_SEQUENCE:020d}.{cancel}.{written:<19}.{fingerprint(canonical(said))}"


def held_by_person(stamps: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The stamps after a person set these fields."""
    return {**stamps, **{name: PERSON + stamps.get(name, "").removeprefix(PERSON) for name in names}}


def non_blank_fields(body: Mapping[str, Any]) -> list[str]:
    """The fields that say something."""
    return [name for name, value in body.items() if not _blank(value)]


def _blank(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def merge(standing: Standing, said: Mapping[str, Any]) -> Standing | None:
    """What stands after `said`, the fields that one write gives; None when nothing changes."""
    stamp = stamp_of(said)
    if standing.deleted:
        return None if _stays_removed(standing, said, stamp) else _over(Standing(), said, stamp)
    after = _over(standing, said, stamp)
    return None if (after.body, after.stamps) == (standing.body, standing.stamps) else after


def _stays_removed(standing: Standing, said: Mapping[str, Any], stamp: str) -> bool:
    highest = max((s.removeprefix(PERSON) for s in standing.stamps.values()), default="")
    cancelled = said.get("status") == MeetingStatus.CANCELLED
    return cancelled or bool(said.get(RESPONSES)) or (stamp != "" and stamp <= highest)


def _over(standing: Standing, said: Mapping[str, Any], stamp: str) -> Standing:
    body, stamps = {**EMPTY, **standing.body}, dict(standing.stamps)
    for name, value in _given(said, stamp).items():
        if name == RESPONSES:
            body[name] = _latest(body[name], value)
        elif _counts(name, body, stamps, stamp):
            body[name] = value
            stamps |= {name: stamp} if stamp else {}
    body["status"] = _status(standing, said, body)
    persons = stamps.get("status", "").startswith(PERSON)
    return Standing(_without_uninvited(body, persons=persons), stamps)


def _without_uninvited(body: dict[str, Any], *, persons: bool) -> dict[str, Any]:
    """The body without those whom a later word than its invite uninvites, and without earlier such words.

    Where nobody but whoever invites is left it is cancelled, unless a person set the status.
    """
    invited = body.get("dtstamp") or ""
    said = {address: answer for address, answer in body[RESPONSES].items() if answer["response"] == UNINVITED}
    gone = {address for address, answer in said.items() if answer["at"] >= invited}
    if not said:
        return body
    attendees = [one for one in body["attendees"] if (one.get("address") or "").lower() not in gone]
    back = said.keys() - gone
    kept = {address: answer for address, answer in body[RESPONSES].items() if address not in back}
    # Whoever is left is who invites; of one date of a series, others are known by the series.
    people = [one for one in attendees if one.get("kind") in (None, "group")]
    nobody = bool(gone) and len(people) < TWO and bool(attendees or not body["recurrence_id"])
    after = body | {"attendees": attendees, RESPONSES: kept}
    if not nobody or persons:
        return after
    sequences = [answer["sequence"] for answer in said.values() if answer.get("sequence") is not None]
    latest = max([*sequences, *([body["sequence"]] if body["sequence"] is not None else [])], default=None)
    return after | {"status": MeetingStatus.CANCELLED.value, "sequence": latest}


def _given(said: Mapping[str, Any], stamp: str) -> dict[str, Any]:
    given = {name: said[name] for name in non_blank_fields(said)}
    if not stamp or said.get("status") == MeetingStatus.CANCELLED:
        return given
    return {name: EMPTY[name] for name in SCHEDULE} | given


def _counts(name: str, body: Mapping[str, Any], stamps: Mapping[str, str], stamp: str) -> bool:
    standing = stamps.get(name, "")
    persons, highest = standing.startswith(PERSON), standing.removeprefix(PERSON)
    if persons and (name not in SCHEDULE or not stamp):
        return False
    if name == "thread_id":
        return (not highest or stamp < highest) if stamp else not body.get(name)
    return stamp > highest if stamp else not highest


def _latest(standing: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Each attendee's later answer; at one moment the greater text: the order of arrival says nothing."""
    both = dict(standing)
    for address, answer in said.items():
        earlier = both.get(address)
        if earlier is None or (answer["at"], answer["response"]) > (earlier["at"], earlier["response"]):
            both[address] = answer
    return dict(sorted(both.items()))


def _status(standing: Standing, said: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    completed = MeetingStatus.COMPLETED.value
    if completed in (said.get("status"), standing.body.get("status")):
        return completed
    return str(body["status"])
