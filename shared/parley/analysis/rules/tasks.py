"""Tasks found in speech: each a cue, a verb and an object, worded for a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from parley.analysis.rules import commitments, owners, wording
from parley.analysis.rules.heard import hear, weigh
from parley.analysis.rules.patterns import lazy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parley.analysis.rules.commitments import Cue, Giver
    from parley.analysis.rules.dates import Due
    from parley.analysis.rules.heard import Heard
    from parley.analysis.rules.reading import Reading
    from parley.analysis.rules.sentences import Sentence

_LOOK_BACK = 3
_MAX_HERE = 6
_GENERIC = ("take", "do", "handle", "own")
_POINTING = ("that", "it", "this", "them", "those", "care", "one")
_MIN_ABOUT, _MAX_ABOUT = 3, 16
_ENOUGH_WORDS = 3
_TAKEN_ON, _GUESSED = 0.2, -0.12
_YOU = lazy(r"\byou\b(?! (?:know|can|could|want|need|have|are|guys))")
_EVERYONE = lazy(r"\b(?:you guys|you all|y'all|you folks)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """`position` counts sentences; `at` is where in its sentence the cue stands."""

    position: int
    at: int
    giver: Giver
    text: str
    owner: str | None
    score: float
    due: Due | None
    thin: bool


def tasks(reading: Reading) -> Iterator[Task]:
    """Every candidate of the spoken sentences, thin ones filled from their neighbours."""
    found = [tuple(islice(_of(reading, position), _MAX_HERE)) for position in range(len(reading.sentences))]
    for task in chain.from_iterable(found):
        filled = _filled(reading, found, task) if task.thin else task
        if filled:
            yield filled


def _of(reading: Reading, position: int) -> Iterator[Task]:
    taken = -1
    for cue, match in _matches(reading.sentences[position].text):
        task = _task(reading, position, cue, match) if match.start() > taken else None
        if task:
            taken = match.end()
            yield task


def _matches(text: str) -> list[tuple[Cue, re.Match[str]]]:
    found = [
        (cue, match)
        for cue, pattern in commitments.compiled()
        if cue.hint in text
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda pair: (pair[1].start(), -pair[0].weight))


def _task(reading: Reading, position: int, cue: Cue, match: re.Match[str]) -> Task | None:
    sentence = reading.sentences[position]
    heard = hear(sentence.text, cue, match, reading.context.date)
    if heard is None:
        return None
    owner, settled = owners.owner(reading, position, cue, match)
    if not settled:
        return None
    text = _worded(reading, sentence, heard)
    return Task(position, match.start(), cue.giver, text, owner, weigh(heard), heard.due, heard.thin)


def _worded(reading: Reading, sentence: Sentence, heard: Heard) -> str:
    rest = heard.said.partition(" ")[2]
    text = f"{heard.lemma} {rest}".rstrip()
    if heard.due and heard.due.day:
        text = _without_due(text, heard.due_words)
    return wording.tidy(_persons(reading, sentence, heard.cue, text))


def _without_due(text: str, phrase: str) -> str:
    """A due date is shown beside the item: its words are left out where they end it."""
    head = text.rstrip(" .!?,")
    ends = head.endswith(phrase) and len(wording.words(head)) > _ENOUGH_WORDS
    return head[: -len(phrase)] if ends else text


def _persons(reading: Reading, sentence: Sentence, cue: Cue, text: str) -> str:
    """`Me` and `you` mean nobody in a list: names where they are settled."""
    if cue.giver == "self":
        text = _EVERYONE.sub("everyone", re.sub(r"\bmy\b", "their", text))
        other = owners.listener(reading, sentence)
        return _YOU.sub(lambda _: other.split()[0], text) if other else text
    speaker = reading.voice(sentence)
    if speaker:
        first = speaker.split()[0]
        text = re.sub(r"\bmy\b", lambda _: f"{first}'s", re.sub(r"\bme\b", lambda _: first, text))
    return re.sub(r"\byour\b", "their", text)


def _before(position: int) -> range:
    return range(position - 1, max(-1, position - 1 - _LOOK_BACK), -1)


def _filled(reading: Reading, found: Sequence[tuple[Task, ...]], task: Task) -> Task | None:
    """A task that is only pronouns, told by the sentences before it."""
    verb, _, rest = task.text.lower().partition(" ")
    generic = verb in _GENERIC and rest.startswith(_POINTING)
    for position in _before(task.position):
        asked = [t for t in found[position] if _takes_on(t, task, verb, generic=generic)]
        if asked:
            best = max(asked, key=lambda t: t.score)
            score = max(task.score, best.score) + _TAKEN_ON
            return replace(task, text=best.text, due=task.due or best.due, score=score, thin=False)
    return None if generic else _with_neighbour(reading, task)


def _takes_on(earlier: Task, task: Task, verb: str, *, generic: bool) -> bool:
    """`I can take that` answers what was asked of somebody, not what the speaker promised before."""
    if earlier.thin or earlier.giver == "self" or task.giver != "self":
        return False
    return generic or earlier.text.lower().startswith(verb)


def _with_neighbour(reading: Reading, task: Task) -> Task | None:
    """The task's words and, in brackets, the sentence that its pronoun points back to."""
    for position in _before(task.position):
        about = wording.tidy(reading.sentences[position].text)
        if len(wording.content(about)) >= _MIN_ABOUT and len(wording.words(about)) <= _MAX_ABOUT:
            return replace(task, text=f"{task.text} ({about})", score=task.score + _GUESSED, thin=False)
    return None
