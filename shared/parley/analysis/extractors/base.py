"""What an extractor is, and what they share in distrusting a model's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from parley.analysis.evidence import verify_quote
from parley.analysis.insight import Evidence
from parley.llm.schema import strict_schema, type_adapter, validated
from parley.transcripts.transcript import Transcript

MOST_ITEMS = 10
LONGEST_TEXT = 500

Answer = TypeVar("Answer")
Insight = TypeVar("Insight")


@dataclass(frozen=True, slots=True)
class Extractor(Generic[Answer, Insight]):
    """One question: `name` is the insight's key and the prompt's file.

    `answer` is the class `Answer` itself, which the model's JSON must fit, and
    `insight` the type of what is kept; `build` turns one into the other, checked.
    """

    name: str
    answer: Any
    insight: Any
    build: Callable[[Answer, Transcript], Insight]

    def schema(self) -> dict[str, Any]:
        """The JSON schema of `answer`, in the strict form that providers take."""
        return strict_schema(self.answer)

    def accept(self, data: Any, transcript: Transcript) -> Insight:
        """Checked insights from the model's JSON. Raises LLMResponseError when it does not fit."""
        return self.build(validated(self.answer, data, what=self.name), transcript)

    def load(self, value: Any) -> Insight:
        """The insight from the JSON in which it was recorded."""
        insight: Insight = type_adapter(self.insight).validate_python(value)
        return insight


def clean(text: str, transcript: Transcript, *, limit: int = LONGEST_TEXT) -> str:
    """One line of at most `limit` characters, without control characters and without a model's own links.

    Mail programs make a link of whatever looks like one; only what somebody in
    the meeting said may be that.
    """
    words = "".join(c if c.isprintable() else " " for c in text).split()
    line = " ".join(
        "[link]" if _is_link(word) and not _was_said(word, transcript) else word for word in words
    )
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _is_link(word: str) -> bool:
    return "://" in word or "www." in word.lower()


def _was_said(word: str, transcript: Transcript) -> bool:
    bare = word.strip(".,;:!?()<>[]\"'")
    return any(bare in segment.text for segment in transcript.segments)


def proof(quote: str, segment: int | None, transcript: Transcript) -> Evidence:
    """The model's quote, checked against the transcript."""
    return verify_quote(quote, transcript, segment=segment)


def known_owner(owner: str | None, transcript: Transcript) -> str | None:
    """The owner, when the transcript knows such a name; a model may not invent people."""
    if not owner or not owner.strip():
        return None
    name = clean(owner, transcript)
    folded = name.casefold()
    if any(folded in speaker.casefold() for speaker in transcript.speakers):
        return name
    return name if any(folded in s.text.casefold() for s in transcript.segments) else None


def real_date(value: str | None) -> str | None:
    """YYYY-MM-DD, or None for anything that is no date."""
    try:
        return date.fromisoformat(value.strip()).isoformat() if value else None
    except ValueError:
        return None
