"""Follow-ups: when these people mean to meet, talk or write again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.insight import FollowUp
from parley.analysis.rules import action_items, due_dates, phrasing
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_SAME = 0.6
_MIN_WORDS, _MIN_CONTENT = 3, 2

_AGAIN = lazy_compile(
    r"\b(?:circle back|touch base|reconvene|regroup|get back to you|follow[- ]up (?:call|meeting"
    r"|session|email|next|on|with|in)|"
    r"(?:talk|speak|meet|chat|connect|sync|check in|catch up|discuss (?:it|this|that)|revisit (?:it"
    r"|this|that)?|pick (?:it|this|that) up)"
    r" (?:again |back )?(?:up )?(?:on |at |in |by |this |early )?(?:the )?(?:next|tomorrow|monday"
    r"|tuesday|wednesday|thursday|friday|later this)|"
    r"(?:schedule|book|set up|arrange|put) (?:a|another|the next|the|some)? ?(?:[\w-]+ ){0,3}(?:call"
    r"|meeting|session|sync|time|demo)|"
    r"(?:the|our) next (?:meeting|call|session|sync)(?: (?:is|will be|would be|on|in|at))|"
    r"(?:meeting|call|session|sync) (?:is |will be )?(?:scheduled|planned) (?:for|on)|"
    r"let's (?:talk|meet|connect|reconnect|follow up|revisit|catch up))\b",
    re.IGNORECASE,
)
_PAST = lazy_compile(
    r"\b(?:we (?:met|talked|discussed|had)|last (?:week|time|meeting|call)|yesterday|I've|was|were)\b",
    re.IGNORECASE,
)
_NOW = lazy_compile(
    r"\blet's (?:talk|meet|revisit) (?:about|through|a bit|that|this|it)\b|\bnext (?:item|slide|topic"
    r"|question)\b",
    re.IGNORECASE,
)
_GOODBYE = lazy_compile(
    r"\bsee you\b.*\b(?:next|tomorrow|monday|tuesday|wednesday|thursday|friday)\b", re.IGNORECASE
)


def follow_ups(transcript: Transcript, context: MeetingContext) -> tuple[FollowUp, ...]:
    """At most ten, in the order in which they were said; what is an action item already is left out."""
    return find_follow_ups(ParsedTranscript.parse(transcript, context))


def find_follow_ups(parsed: ParsedTranscript) -> tuple[FollowUp, ...]:
    known = [phrasing.stems(item.text) for item in action_items.find_action_items(parsed)]
    kept: list[FollowUp] = []
    for found in _all(parsed):
        stems = phrasing.stems(found.text)
        if not any(phrasing.stem_overlap(stems, other) >= _SAME for other in known):
            kept.append(found)
            known.append(stems)
        if len(kept) == MAX_ITEMS:
            break
    return tuple(kept)


def _all(parsed: ParsedTranscript) -> Iterator[FollowUp]:
    for position, sentence in enumerate(parsed.sentences):
        yield from _found(parsed, position, sentence)


def _found(parsed: ParsedTranscript, position: int, sentence: Sentence) -> Iterator[FollowUp]:
    text = sentence.text
    match = _AGAIN.search(text) or _late_goodbye(parsed, position, text)
    if match is None or text.endswith("?") or _PAST.search(text) or _NOW.search(text):
        return
    due = due_dates.find_due_date(text, parsed.context.date)
    worded = phrasing.tidy(_around(text, match))
    if len(phrasing.words(worded)) >= _MIN_WORDS and (
        due or len(phrasing.content_words(worded)) >= _MIN_CONTENT
    ):
        day = due.day.isoformat() if due and due.day else None
        yield FollowUp(worded, day, sentence.evidence(match.start()), "rules")


def _late_goodbye(parsed: ParsedTranscript, position: int, text: str) -> re.Match[str] | None:
    """`See you next week` says something at the end of a meeting only."""
    last = len(parsed.sentences) - position <= max(5, len(parsed.sentences) // 20)
    return _GOODBYE.search(text) if last else None


def _around(text: str, match: re.Match[str]) -> str:
    """The clause that holds the match: from the last comma before it to the next cut."""
    head = text[: match.start()]
    start = max(head.rfind(", ") + 2 if ", " in head else 0, head.rfind("… ") + 2 if "… " in head else 0)
    return text[start : match.end()] + phrasing.clause(text[match.end() :])
