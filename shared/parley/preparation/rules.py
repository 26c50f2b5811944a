"""A preparation without a model: what the records say, in whole sentences, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from parley.preparation.brief import Brief, PastMeeting, Preparation

FEWEST_TOPICS, MOST_TOPICS = 3, 5
MOST_SHOWN = 3
"""Past meetings that are told."""
MOST_OWED = 2
"""Open items that become topics: the others are listed anyway."""


def by_rules(brief: Brief) -> Preparation:
    """Nothing here is guessed; `brief` is clean."""
    return Preparation(
        contact_summary=_contact(brief),
        recent_interactions=_interactions(brief),
        suggested_topics=tuple(islice(dict.fromkeys(_topics(brief)), MOST_TOPICS)),
        pending_action_items=tuple(map(str, brief.pending)),
        source="rules",
    )


def _contact(brief: Brief) -> str:
    role, company = brief.role, brief.company
    known = f"{role} at {company}" if role and company else role or (f"with {company}" if company else "")
    who = f"{brief.name} is {known}." if known else f"Of {brief.name} no role or company is on record."
    if not brief.past:
        return f"{who} You have not met before."
    times = "once" if brief.held == 1 else f"{brief.held} times"
    last = brief.past[0]
    return f"{who} You have met {times}; the last time was {_named(last)}."


def _interactions(brief: Brief) -> str:
    if not brief.past:
        return f"This is the first meeting with {brief.name}: there is nothing to look back on."
    return " ".join(_told(one) for one in brief.past[:MOST_SHOWN])


def _told(one: PastMeeting) -> str:
    said = one.summary or (f"it was about {', '.join(one.topics)}" if one.topics else "no summary is kept")
    mood = f" (mood: {one.mood})" if one.mood else ""
    return f"{_named(one)}: {said.rstrip('.')}{mood}."


def _named(one: PastMeeting) -> str:
    return f"{one.title} on {one.day}" if one.day else one.title


def _topics(brief: Brief) -> Iterator[str]:
    """The most pressing first; the last three are always there."""
    for item in brief.pending[:MOST_OWED]:
        yield f"Where this stands: {item.text.rstrip('.')}"
    for one in brief.past[:1]:
        yield from (f"The risk named last time: {risk.rstrip('.')}" for risk in one.risks[:1])
        yield from (f"What came of: {topic.rstrip('.')}" for topic in one.topics[:1])
        if one.mood in {"negative", "mixed"}:
            yield f"What would have to change for {brief.name} to be content"
    whose = brief.company or brief.name
    yield f"What {whose} wants to get out of {brief.title}"
    where = f"at {brief.company}" if brief.company else f"for {brief.name}"
    yield f"What has changed {where}" + (f" since {_named(brief.past[0])}" if brief.past else " lately")
    yield "The next steps, who takes them and by when"
