"""Action items: those that say so themselves, then the likeliest of what people take on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.insight import ActionItem
from parley.analysis.rules import dates
from parley.analysis.rules import phrasing as wording
from parley.analysis.rules.patterns import lazy
from parley.analysis.rules.reading import Reading, once
from parley.analysis.rules.tasks import tasks, told
from parley.analysis.rules.words import STOP, VERBS

if TYPE_CHECKING:
    from datetime import date

    from parley.analysis.rules.context import Context
    from parley.analysis.rules.explicit import Line
    from parley.analysis.rules.tasks import Task
    from parley.transcripts.transcript import Transcript

MAX_ITEMS = 10
_ENOUGH, _WEAKEST = 0.52, 0.2
_MAX_TRIED = 100
_MINUTES_AN_ITEM = 4.0
_SAME = 0.6
_MIN_WORDS = 2

_OWNER_FIRST = lazy(
    r"^(?:on\s+)?(?P<name>@?[\w.'\-]+(?: [A-Z][\w.'\-]+){0,2})(?P<link>\s+(?:to|will|shall|should)\s+"
    r"|\s*[:\-\u2013—]\s+)(?P<task>\S.*)$",
    re.IGNORECASE,
)
_OWNER_LAST = lazy(
    r"^(?P<task>.*\S)\s*(?:\(|\[|[-\u2013—]+\s+|\b(?:owner|assigned to"
    r"|assignee)\s*[:=]?\s*)@?(?P<name>[A-Za-z][\w.'\- ]{1,40}?)\s*[)\]]?$",
    re.IGNORECASE,
)
_SEVERAL = lazy(r"\s(?:and|&|or|,)\s|^[^:]{1,30},", re.IGNORECASE)


def action_items(transcript: Transcript, context: Context) -> tuple[ActionItem, ...]:
    """At most ten. What is marked as an action comes first, then speech by its weight.

    `owner` is a speaker's or participant's full name where one is meant, a
    name as an explicit line spells it, or None.
    """
    return from_reading(Reading.of(transcript, context))


@once
def from_reading(reading: Reading) -> tuple[ActionItem, ...]:
    marked = [_marked(reading, line) for line in reading.explicit if line.kind == "action"]
    kept = _Distinct(marked[:MAX_ITEMS])
    found = (t for t in tasks(reading) if t.score >= _WEAKEST)
    spoken = sorted(found, key=lambda t: -t.score)[:_MAX_TRIED]
    # Who marks actions marks them all: there the weaker guesses would be noise.
    room = 0 if marked else int(reading.working_minutes() / _MINUTES_AN_ITEM)
    taken: set[int] = set()
    for task in spoken:
        weak = task.score < _ENOUGH
        if len(kept.items) == MAX_ITEMS or (weak and len(kept.items) >= room):
            break
        text = None if weak and task.position in taken else told(reading, task)
        if text and len(wording.words(task.text)) >= _MIN_WORDS and wording.stems(text):
            kept.add(_item(reading, task, text))
            taken.add(task.position)
    return tuple(kept.items)


def _item(reading: Reading, task: Task, text: str) -> ActionItem:
    evidence = reading.sentences[task.position].evidence(task.at)
    return ActionItem(text, task.owner, _iso(task.due), evidence, "rules")


def _iso(due: dates.Due | None) -> str | None:
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
        known = wording.stems(item.text)
        bare = (item.owner, item.text.partition(" (")[0])
        if bare in self._bare or any(wording.alike(known, other) >= _SAME for other in self._seen):
            return
        self.items.append(item)
        self._seen.append(known)
        self._bare.add(bare)


def _marked(reading: Reading, line: Line) -> ActionItem:
    owner, text = _split_owner(reading, line.text)
    due = dates.find(line.text, _today(reading))
    return ActionItem(_capital(text.rstrip(".")), owner, _iso(due), line.evidence, "rules")


def _today(reading: Reading) -> date | None:
    return reading.context.date


def _split_owner(reading: Reading, text: str) -> tuple[str | None, str]:
    """Who an explicit line names, and the task without the name; several names are nobody's."""
    first = _OWNER_FIRST.match(text)
    if first:
        owner = _name(reading, first["name"], stated=first["link"].strip().lower() in {"to", "will", "shall"})
        if owner:
            return owner, first["task"]
    last = _OWNER_LAST.match(text)
    owner = reading.people.find(last["name"]) if last else None
    return (owner, last["task"].rstrip(" -\u2013—([")) if last and owner else (None, text)


def _name(reading: Reading, name: str, *, stated: bool) -> str | None:
    """A participant; or, before "to" or "will", any word that can only be a name."""
    known = reading.people.find(name)
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
