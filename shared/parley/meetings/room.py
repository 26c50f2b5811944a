"""The room of meetings, and of the action items that were promised in them."""

from parley.api.room import Room
from parley.meetings import routes, routes_action_items
from parley.meetings.erasure import MeetingsErasure
from parley.meetings.kinds import MEETING
from parley.meetings.reference import FIELDS

MEETINGS = Room(
    name="meetings",
    routers=(routes.router, routes_action_items.router),
    kinds=(MEETING,),
    tags={
        "meetings": "Meetings, what was found in them, and what to know before them.",
        "action items": "What was promised in meetings, by whom and by when, and what became of it.",
    },
    fields=FIELDS,
    erasure=MeetingsErasure(),
)
