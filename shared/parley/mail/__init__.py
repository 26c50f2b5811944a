"""Bytes to an email, and the answer: MIME, addresses, quoted text, gates, calendars, the reply."""
