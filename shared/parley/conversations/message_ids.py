"""The ids of the messages that runs write, so that writing one again changes nothing."""

from parley.core.ids import RunId, digest

DIRECTIONS = ("inbound", "outbound")


def message_key(run_id: RunId, direction: str) -> str:
    """The id of a run's message; `direction` is inbound or outbound."""
    return f"message_{digest(run_id, direction)[:24]}"
