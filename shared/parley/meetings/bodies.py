"""The other bodies of /meetings and /action-items; see `models` and `action_item`."""

from typing import Literal

from parley.core.fields import Ident, Strict
from parley.meetings.action_item import ActionItem
from parley.meetings.models import Meeting


class MeetingCreated(Strict):
    """Seed 001's answer, word for word."""

    meeting_id: Ident
    message: Literal["Meeting created successfully"] = "Meeting created successfully"


class MeetingPage(Strict):
    """A page of meetings."""

    items: list[Meeting]
    next_cursor: str | None


class ActionItemPage(Strict):
    """A page of action items."""

    items: list[ActionItem]
    next_cursor: str | None
