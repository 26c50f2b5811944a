"""A calendar invitation, as one VEVENT of an iTIP message says it."""

from __future__ import annotations

from dataclasses import dataclass

from parley.mail.email import Address

UNINVITED = "uninvited"
"""The response of whoever a CANCEL takes out of a meeting: the organizer's word, not an answer."""


@dataclass(frozen=True, slots=True)
class Invite:
    """`start` and `end` are ISO 8601: UTC with Z, a date when `all_day`, without Z when `floating`.

    `method` is REQUEST, CANCEL, REPLY, ...; `time_zone` is the IANA name that
    was applied, or None. `problems` names what could not be read (an unknown
    zone is reported, never guessed; its times are then None). `dtstamp` is
    when the organizer wrote this (UTC with Z): it orders what SEQUENCE does
    not. `partstat` is what a REPLY answers: ACCEPTED, DECLINED, TENTATIVE, ...
    `exdates` are occurrences that there are not, `rdates` further ones, as
    `start` is written (`start/end` for one with an end of its own).
    `this_and_future` says that `recurrence_id` means the later occurrences too.
    `responses` is what the calendar says that attendees answered, (address, PARTSTAT)
    in lower case; `delegations` who sends whom instead, (address, address);
    `kinds` which addresses are no people: (address, room | resource | group).
    A `transparent` event takes nobody's time.
    """

    uid: str
    method: str
    sequence: int
    recurrence_id: str | None
    start: str | None
    end: str | None
    all_day: bool
    floating: bool
    time_zone: str | None
    organizer: Address | None
    attendees: tuple[Address, ...]
    summary: str
    status: str | None = None
    rrule: str | None = None
    problems: tuple[str, ...] = ()
    dtstamp: str | None = None
    partstat: str | None = None
    exdates: tuple[str, ...] = ()
    responses: tuple[tuple[str, str], ...] = ()
    transparent: bool = False
    rdates: tuple[str, ...] = ()
    this_and_future: bool = False
    delegations: tuple[tuple[str, str], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def people(self) -> tuple[Address, ...]:
        """Organizer and attendees, each once, without rooms, resources and groups."""
        found: dict[str, Address] = {}
        for one in (*([self.organizer] if self.organizer else []), *self.attendees):
            found.setdefault(one.address.lower(), one)
        no_people = {address for address, _ in self.kinds}
        return tuple(one for address, one in found.items() if address not in no_people)

    @property
    def recurs(self) -> bool:
        """Whether it takes place more than once."""
        return bool(self.rrule or self.rdates)

    @property
    def cancelled(self) -> bool:
        """Much software cancels by STATUS alone."""
        return self.method == "CANCEL" or self.status == "CANCELLED"
