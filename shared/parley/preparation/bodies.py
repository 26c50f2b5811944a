"""The bodies of /meetings/{id}/prepare and /meetings/{id}/brief."""

from typing import Any

from parley.core.fields import Ident, Strict


class PrepareRequest(Strict):
    """`user_id` is who is to be prepared; None where a mailbox asks."""

    user_id: Ident | None = None


class BriefBody(Strict):
    """See `brief.Brief`."""

    name: str
    role: str
    company: str
    title: str
    when: str
    past: list[dict[str, Any]]
    pending: list[dict[str, Any]]
    held: int


class PreparationContext(Strict):
    """Seed 001's keys. `pending_action_items` name the meeting in which each was promised."""

    contact_summary: str
    recent_interactions: str
    suggested_topics: list[str]
    pending_action_items: list[str]


class PrepareAnswer(Strict):
    meeting_id: Ident
    context: PreparationContext
