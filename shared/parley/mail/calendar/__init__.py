"""Calendar attachments to invites: `read_invites`, the fuller `read_calendar`, `is_calendar`, `newer`."""

from __future__ import annotations

from parley.mail.calendar.read import Calendar, is_calendar, read_calendar, read_invites
from parley.mail.calendar.revision import newer

__all__ = ["Calendar", "is_calendar", "newer", "read_calendar", "read_invites"]
