"""Action items: lines marked as such first, then the likeliest of the tasks that people take on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.insight import ActionItem
from parley.analysis.rules import due_dates, phrasing
from parley.analysis.rules.parsed_transcript import ParsedTranscript, cached_per_transcript
from parley.analysis.rules.spoken_tasks import tasks, with_topic
from parley.analysis.rules.word_lists import STOP, VERBS
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from datetime import date

    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.explicit_lines import ExplicitLine
    from parley.analysis.rules.spoken_tasks import Task
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_ENOUGH, _WEAKEST = 0.52, 0.2
_MAX_TRIED = 100
_MINUTES_AN_ITEM = 4.0
_SAME = 0.6
_MIN_WORDS = 2

_OWNER_FIRST = lazy_compile(
    r"^(?:on\s+)?(?P<name>@?[\w.'\-]+(?: [A-Z][\w.'\-]+){0,2})(?P<link>\s+(?:to|will|shall|should)\s+"
    r"|\s*[:\-\u2013—]\s+)(?P<task>\S.*)$",
    re.IGNORECASE,
)
_OWNER_LAST = lazy_compile(
    r"^(?P<task>.*\S)\s*(?:\(|\[|[-\u2013—]+\s+|\b(?:owner|assigned to"
    r"|assignee)\s*[:=]?\s*)@?(?P<name>[A-Za-z][\w.'\- ]{1,40}?)\s*[)\]]?$",
    re.IGNORECASE,
)
_SEVERAL = lazy_compile(r"\s(?:and|&|or|,)\s|^[^:]{1,30},", re.IGNORECASE)


def action_items(transcript: Transcript, context: MeetingContext) -> tuple[ActionItem, ...]:
    """At most ten. What is marked as an action comes first, then speech by its weight.

    `owner` is a speaker's or participant's full name where one is meant, a
    name as an explicit line spells it, or None.
    """
    return find_action_items(ParsedTranscript.parse(transcript, context))


@cached_per_transcript
def find_action_items(parsed: ParsedTranscript) -> tuple[ActionItem, ...]:
    marked = [_marked(parsed, line) for line in parsed.explicit if line.kind == "action"]
    kept = _Distinct(marked[:MAX_ITEMS])
    found = (t for t in tasks(parsed) if t.score >= _WEAKEST)
    spoken = sorted(found, key=lambda t: -t.score)[:_MAX_TRIED]
    # Who marks actions marks them all: there the weaker guesses would be noise.
    room = 0 if marked else int(parsed.working_minutes() / _MINUTES_AN_ITEM)
    taken: set[int] = set()
    for task in spoken:
        weak = task.score < _ENOUGH
        if len(kept.items) == MAX_ITEMS or (weak and len(kept.items) >= room):
            break
        text = None if weak and task.position in taken else with_topic(parsed, task)
        if text and len(phrasing.words(task.text)) >= _MIN_WORDS and phrasing.stems(text):
            kept.add(_item(parsed, task, text))
            taken.add(task.position)
    return tuple(kept.items)


def _item(parsed: ParsedTranscript, task: Task, text: str) -> ActionItem:
    evidence = parsed.sentences[task.position].evidence(task.at)
    return ActionItem(text, task.owner, _iso(task.due), evidence, "rules")


def _iso(due: due_dates.DueDate | None) -> str | None:
    return due.day.isoformat() if due and due.day else None


class _Distinct:
    """One wording a task: a chair restates what somebody took on."""

    def __init__(self, items: list[ActionItem]) -> None:
        self.items: list[ActionItem] = []
        self._seen: list[frozenset[str]] = []
        self._bare: set[tuple[str | None, str]] = set()
        for item in items:
            self.add(item)

    def add(self, item: ActionItem) -> None:
        known = phrasing.stems(item.text)
        bare = (item.owner, item.text.partition(" (")[0])
        if bare in self._bare or any(phrasing.stem_overlap(known, other) >= _SAME for other in self._seen):
            return
        self.items.append(item)
        self._seen.append(known)
        self._bare.add(bare)


def _marked(parsed: ParsedTranscript, line: ExplicitLine) -> ActionItem:
    owner, text = _split_owner(parsed, line.text)
    due = due_dates.find_due_date(line.text, _today(parsed))
    return ActionItem(_capital(text.rstrip(".")), owner, _iso(due), line.evidence, "rules")


def _today(parsed: ParsedTranscript) -> date | None:
    return parsed.context.date


def _split_owner(parsed: ParsedTranscript, text: str) -> tuple[str | None, str]:
    """Who an explicit line names, and the task without the name; several names are nobody's."""
    first = _OWNER_FIRST.match(text)
    if first:
        owner = _name(parsed, first["name"], stated=first["link"].strip().lower() in {"to", "will", "shall"})
        if owner:
            return owner, first["task"]
    last = _OWNER_LAST.match(text)
    owner = parsed.people.find(last["name"]) if last else None
    return (owner, last["task"].rstrip(" -\u2013—([")) if last and owner else (None, text)


def _name(parsed: ParsedTranscript, name: str, *, stated: bool) -> str | None:
    """A participant; or, before "to" or "will", any word that can only be a name."""
    known = parsed.people.find(name)
    if known or not stated:
        return known
    bare = name.lstrip("@")
    word = bare.split()[0].lower()
    if word in VERBS or word in STOP or _SEVERAL.search(name):
        return None
    return bare if name.startswith("@") or bare[:1].isupper() or name.isalnum() else None


def _capital(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:]
