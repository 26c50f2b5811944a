"""Meetings: their records, how what mail says of one is merged into it, and their routes."""
