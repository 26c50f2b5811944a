"""Which of two messages about one meeting says more recent things."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parley.mail.calendar.invite import Invite

_ORGANIZERS = frozenset(("PUBLISH", "REQUEST", "ADD", "CANCEL"))
"""The methods that carry the organizer's word; the others ask or answer."""


def newer(a: Invite, b: Invite) -> bool:
    """Whether `a` replaces `b`: the same meeting or occurrence, and a later word of its organizer.

    Order is by SEQUENCE (RFC 5546, 2.1.5). At one SEQUENCE a cancellation is
    the later one, since much software cancels without counting up; then
    DTSTAMP decides. False both
    ways means that neither replaces the other: another meeting, another
    occurrence, an answer of an attendee, or the same revision.
    """
    same = (a.uid, a.recurrence_id) == (b.uid, b.recurrence_id)
    if not (same and a.uid and a.method in _ORGANIZERS and b.method in _ORGANIZERS):
        return False
    return _revision(a) > _revision(b)


def _revision(invite: Invite) -> tuple[int, bool, str]:
    return invite.sequence, invite.cancelled, invite.dtstamp or ""
