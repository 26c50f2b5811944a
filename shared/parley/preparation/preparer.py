"""From the facts to a preparation: by a model, or by rules.

The facts are the records' own. A model writes prose from them and suggests
topics; what is still owed it never lists, for that is known. Whatever either
writes leaves without links, passcodes and dial-in codes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from parley.core.ids import digest
from parley.errors import LLMAPIError, LLMResponseError, ProviderConfigError
from parley.llm import prompts
from parley.llm.budget import Budget, BudgetExceeded
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMRequest
from parley.llm.schema import strict_schema, validated
from parley.preparation.brief import Brief, PastMeeting, PendingItem, Preparation
from parley.preparation.rules import FEWEST_TOPICS, MOST_TOPICS, by_rules

log = logging.getLogger("parley.preparation")

NAME = "preparation"
MAX_RETRIES = 3
LONGEST_PROSE = 1_500
LONGEST_TOPIC = 200
LONGEST_FACT = 1_000
MOST_PENDING = 50
"""Open items that a model is told of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model is asked for."""

    contact_summary: str
    recent_interactions: str
    suggested_topics: list[str]


class Preparer:
    """`gateway` None is the rules alone; with `fallback` they step in where a model fails."""

    def __init__(self, gateway: Gateway | None, *, fallback: bool = True) -> None:
        self._gateway = gateway
        self._fallback = fallback

    async def prepare(self, brief: Brief, *, budget: Budget, attempts: int) -> Preparation:
        """Raises LLMAPIError when every attempt failed, be it that the model's answer was malformed."""
        facts = cleaned(brief)
        if self._gateway is None:
            return by_rules(facts)
        answer: Answer = await self._gateway.complete(
            build_request(facts), budget=budget, accept=_accepted, attempts=attempts
        )
        return Preparation(
            contact_summary=answer.contact_summary,
            recent_interactions=answer.recent_interactions,
            suggested_topics=tuple(answer.suggested_topics),
            pending_action_items=tuple(map(str, facts.pending)),
            source="model",
        )

    async def prepare_or_fall_back(self, brief: Brief, *, budget: Budget) -> Preparation:
        """The same with all retries, and by the rules where these are allowed and the model fails.

        Raises LLMAPIError where they are not.
        """
        try:
            return await self.prepare(brief, budget=budget, attempts=MAX_RETRIES)
        except (LLMAPIError, ProviderConfigError, BudgetExceeded) as error:
            if self._fallback:
                log.warning("preparation by rules", extra={"error": type(error).__name__})
                return by_rules(cleaned(brief))
            if isinstance(error, LLMAPIError | ProviderConfigError):
                raise
            raise LLMAPIError(str(error)) from error


def cleaned(brief: Brief) -> Brief:
    """The facts without join details, each a line of bearable length."""
    return Brief(
        name=_line(brief.name) or "the contact",
        role=_line(brief.role),
        company=_line(brief.company),
        title=_line(brief.title) or "Meeting",
        when=brief.when,
        past=tuple(_past(one) for one in brief.past),
        pending=tuple(_pending(one) for one in brief.pending),
        held=brief.held,
    )


def _past(one: PastMeeting) -> PastMeeting:
    return PastMeeting(
        title=_line(one.title) or "Meeting",
        day=one.day,
        summary=_line(one.summary),
        mood=_line(one.mood),
        topics=tuple(filter(None, map(_line, one.topics))),
        risks=tuple(filter(None, map(_line, one.risks))),
    )


def _pending(one: PendingItem) -> PendingItem:
    owner = _line(one.owner) if one.owner else None
    title = _line(one.title) or "Meeting"
    return PendingItem(_line(one.text) or "(without words)", owner or None, one.due_date, title, one.day)


def _line(text: str, *, limit: int = LONGEST_FACT) -> str:
    # Its tables take as long to load as the rest of this package.
    from parley.preparation.join_details import without_join_details

    shown = "".join(c if c.isprintable() else " " for c in without_join_details(text))
    line = " ".join(shown.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _accepted(data: Any) -> Answer:
    """The model's answer as it may be shown. Raises LLMResponseError when it is not what was asked for."""
    if isinstance(data, dict) and isinstance(told := data.get("recent_interactions"), list):
        # Some models make a list of what was asked for as prose.
        data = {**data, "recent_interactions": " ".join(map(str, told))}
    answer = validated(Answer, data, what=NAME)
    topics = [topic for one in answer.suggested_topics if (topic := _line(one, limit=LONGEST_TOPIC))]
    shown = Answer(
        _line(answer.contact_summary, limit=LONGEST_PROSE),
        _line(answer.recent_interactions, limit=LONGEST_PROSE),
        list(dict.fromkeys(topics))[:MOST_TOPICS],
    )
    if not shown.contact_summary or not shown.recent_interactions:
        raise LLMResponseError("the model's preparation leaves out a part")
    if len(shown.suggested_topics) < FEWEST_TOPICS:
        raise LLMResponseError(f"the model suggests fewer than {FEWEST_TOPICS} topics")
    return shown


def build_request(brief: Brief) -> LLMRequest:
    """The question as the model gets it; the fence is a hash, so that no text can close it."""
    facts = "\n".join(_facts(brief))
    fence = digest(facts)[:16]
    user = f"{prompts.load(NAME).text}\n\nBEGIN RECORDS {fence}\n{facts}\nEND RECORDS {fence}"
    system = prompts.load("preparer").text.replace("{fence}", fence)
    return LLMRequest(NAME, system, user, strict_schema(Answer))


def _facts(brief: Brief) -> list[str]:
    lines = [
        f"Contact: {brief.name}",
        f"Role: {brief.role or 'not known'}",
        f"Company: {brief.company or 'not known'}",
        f"Upcoming meeting: {brief.title}" + (f", {brief.when}" if brief.when else ""),
        f"Meetings held with the contact: {brief.held}",
    ]
    for one in brief.past:
        lines.append(f"Past meeting: {one.title}, {one.day or 'day not known'}")
        lines += [f"  Summary: {one.summary}"] if one.summary else []
        lines += [f"  Mood: {one.mood}"] if one.mood else []
        lines += [f"  Topic: {topic}" for topic in one.topics]
        lines += [f"  Risk: {risk}" for risk in one.risks]
    return lines + [f"Still open: {item}" for item in brief.pending[:MOST_PENDING]]
