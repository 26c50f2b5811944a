"""What somebody should know before a meeting with a contact (seed 000 phase 4, seed 001 part 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """One meeting that was held with the contact; `day` is YYYY-MM-DD, None where nobody knows it.

    `summary` and `mood` are "" where nothing is known of them.
    """

    title: str
    day: str | None
    summary: str = ""
    mood: str = ""
    topics: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingItem:
    """An action item that is still open, and the meeting in which it was promised."""

    text: str
    owner: str | None
    due_date: str | None
    title: str
    day: str | None

    def __str__(self) -> str:
        who = ", ".join(filter(None, (self.owner, self.due_date and f"due {self.due_date}")))
        where = f"promised in {self.title}" + (f", {self.day}" if self.day else "")
        return f"{self.text.rstrip('. ')} ({f'{who}; ' if who else ''}{where})"


@dataclass(frozen=True, slots=True)
class Brief:
    """The facts, from which a model or the rules write. `past` and `pending` have the latest meeting first.

    `name` is never "": it is the address where no name is known. `role`,
    `company` and `when` (the meeting's time as its wall shows it) may be.
    """

    name: str
    role: str
    company: str
    title: str
    when: str
    past: tuple[PastMeeting, ...]
    pending: tuple[PendingItem, ...]
    held: int = 0
    """Meetings held with the contact in all; `past` has the latest of them."""

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Brief:
        """What `asdict` made JSON of, or what the API answers."""
        past = tuple(
            PastMeeting(**{**one, "topics": tuple(one["topics"]), "risks": tuple(one["risks"])})
            for one in value["past"]
        )
        pending = tuple(PendingItem(**one) for one in value["pending"])
        return cls(**{**value, "past": past, "pending": pending})


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is answered; `pending_action_items` is the records' own word, never a model's."""

    contact_summary: str
    recent_interactions: str
    suggested_topics: tuple[str, ...]
    pending_action_items: tuple[str, ...]
    source: Literal["model", "rules"]
