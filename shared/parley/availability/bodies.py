"""The bodies of /availability."""

from typing import Annotated, Literal

from pydantic import Field

from parley.core.fields import Day, Ident, Strict


class TimeSlot(Strict):
    """UTC; `end` is not included."""

    start: str
    end: str


class Availability(Strict):
    slots: list[TimeSlot]


class AvailabilityRequest(Strict):
    """Days and `work_hours` (hours since midnight) are on each user's own wall.

    `end_date` is included; None means one day. `weekdays` are ISO, 1 is
    Monday: by default a range leaves weekends out, and a single day is any.
    `order` best puts first what suits everybody best: see `free_time.ranked`.
    """

    user_ids: Annotated[list[Ident], Field(max_length=1000)]
    date: Day
    duration_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    work_hours: tuple[float, float] = (9, 17)
    end_date: Day | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)] | None = (
        None
    )
    tentative: Literal["busy", "free"] = "busy"
    order: Literal["time", "best"] = "time"
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
