"""What an extractor is, and what they share in distrusting a model's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Generic, TypeVar

from parley.analysis.evidence import check
from parley.errors import LLMResponseError
from parley.models.insight import Evidence
from parley.models.transcript import Transcript

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
        return _strict_schema(self.answer)

    def accept(self, data: Any, transcript: Transcript) -> Insight:
        """Checked insights from the model's JSON. Raises LLMResponseError when it does not fit."""
        from pydantic import ValidationError

        try:
            answer = _adapter(self.answer).validate_python(data)
        except ValidationError as error:
            raise LLMResponseError(
                f"the model's {self.name} do not fit the schema: {error.error_count()} errors"
            ) from error
        return self.build(answer, transcript)

    def load(self, value: Any) -> Insight:
        """The insight from the JSON in which it was recorded."""
        insight: Insight = _adapter(self.insight).validate_python(value)
        return insight


@cache
def _adapter(kind: Any) -> Any:
    """Pydantic is imported only where a model or a record is read: never by the rules analyser."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


@cache
def _strict_schema(kind: Any) -> dict[str, Any]:
    schema: dict[str, Any] = _adapter(kind).json_schema()
    _tighten(schema)
    return schema


def _tighten(node: Any) -> None:
    """Strict mode wants every property required and no other allowed."""
    if isinstance(node, dict):
        node.pop("default", None)
        node.pop("title", None)
        if "properties" in node:
            node["required"] = list(node["properties"])
            node["additionalProperties"] = False
        for child in list(node.values()):
            _tighten(child)
    elif isinstance(node, list):
        for child in node:
            _tighten(child)


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
    return check(quote, transcript, segment=segment)


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
