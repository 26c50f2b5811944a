"""Days of users: busy, invited, free."""

from __future__ import annotations

from datetime import UTC, date

from parley.availability.service import AvailabilityQuery

DAY = "2025-11-12"
"""A Wednesday."""


async def busy(here, user: str, begins: str, minutes: int | None = 60, *, day: str = DAY, **more) -> str:
    """A meeting of this user's from that time on."""
    return await here.meeting(
        user_id=user, scheduled_time=f"{day}T{begins}:00", duration_minutes=minutes, **more
    )


async def invited(here, ident: str, address: str, response: str | None = None, **more) -> None:
    """A meeting that came by mail and names this address; it is nobody's own."""
    said = {
        "title": "Invited",
        "scheduled_time": f"{DAY}T10:00:00",
        "duration_minutes": 60,
        "time_zone": "UTC",
        "attendees": [{"name": "", "address": address, "response": response}],
        "sequence": 0,
        "ical_uid": ident,
    }
    await here.meetings.put_meeting(ident, said | more)


def shown(slots) -> list[str]:
    """Each slot as `11-12 09:00-10:00`, in UTC."""
    assert all(one.start.utcoffset().total_seconds() == 0 for one in slots)
    return [f"{one.start.astimezone(UTC):%m-%d %H:%M}-{one.end.astimezone(UTC):%H:%M}" for one in slots]


async def free(here, *users: str, minutes: int = 30, day: str = DAY, hours=(9, 17)) -> list[str]:
    """The free slots of one day, without the day."""
    slots = await here.availability.find_available_slots(list(users), day, minutes, hours)
    return [one[6:] for one in shown(slots)]


def days(first: str, last: str, **more) -> AvailabilityQuery:
    return AvailabilityQuery(
        first=date.fromisoformat(first), last=date.fromisoformat(last), **({"duration_minutes": 60} | more)
    )
