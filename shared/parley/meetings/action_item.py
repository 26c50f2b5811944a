"""An action item as a thing with a life: promised in a meeting, then done or dropped.

OPEN ──▶ DONE        either may be opened again;
  └────▶ DROPPED     what is done was not dropped, and the other way round
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from parley.core.fields import Day, Ident, Instant, Line, Name, Strict
from parley.core.trust import Trust

ACTION_IDENT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+=~-]{0,255}$"
ActionIdent = Annotated[str, StringConstraints(pattern=ACTION_IDENT_PATTERN)]


class ActionStatus(StrEnum):
    """What became of an action item."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


ACTION_TRANSITIONS: dict[ActionStatus, frozenset[ActionStatus]] = {
    ActionStatus.OPEN: frozenset({ActionStatus.DONE, ActionStatus.DROPPED}),
    ActionStatus.DONE: frozenset({ActionStatus.OPEN}),
    ActionStatus.DROPPED: frozenset({ActionStatus.OPEN}),
}


class ActionItemChanges(Strict):
    """PATCH /action-items/{id}: only the fields that are given change; an owner or a due date may be null."""

    text: Name | None = None
    owner: Line | None = None
    due_date: Day | None = None
    status: ActionStatus | None = None


class Promised(Strict):
    """The meeting in which it was promised; `scheduled_time` is naive, None where the meeting has none.

    `trust` is the meeting's: what a stranger sent is nobody's promise yet.
    """

    meeting_id: Ident
    title: str
    scheduled_time: str | None
    trust: Trust = Trust.OWN


class ActionItem(Strict):
    """`owner` is None where the meeting did not settle it, `due_date` where it named no day.

    evidence    the sentence that proves it: see `analysis.insight.Evidence`; None of what a person wrote
    source      who found it: model, rules, or person
    run_id      the analysis that found it; None of what a person wrote
    edited_by   who changed it last by hand; None while nobody has
    closed_at   since when it is done or dropped; None while it is open
    promised    where it was promised
    """

    id: ActionIdent
    meeting_id: Ident
    text: str
    owner: str | None = None
    due_date: str | None = None
    status: ActionStatus = ActionStatus.OPEN
    evidence: Annotated[dict[str, Any] | None, Field(default=None)]
    source: str | None = None
    run_id: str | None = None
    edited_by: str | None = None
    closed_at: Instant | None = None
    promised: Promised
