"""A calendar invitation, as one VEVENT of an iTIP message says it."""

from __future__ import annotations

from dataclasses import dataclass

from parley.mail.email import Address


@dataclass(frozen=True, slots=True)
class Invite:
    """`start` and `end` are ISO 8601: UTC with Z, a date when `all_day`, without Z when `floating`.

    `method` is REQUEST, CANCEL, REPLY, ...; `time_zone` is the IANA name that
    was applied, or None. `problems` names what could not be read (an unknown
    zone is reported, never guessed; its times are then None). `dtstamp` is
    when the organizer wrote this (UTC with Z): it orders what SEQUENCE does
    not. `partstat` is what a REPLY answers: ACCEPTED, DECLINED, TENTATIVE, ...
    `exdates` are occurrences that there are not, as `start` is written;
    `responses` what the calendar says that attendees answered, (address, PARTSTAT)
    in lower case; a `transparent` event takes nobody's time.
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

    @property
    def cancelled(self) -> bool:
        """Much software cancels by STATUS alone."""
        return self.method == "CANCEL" or self.status == "CANCELLED"
