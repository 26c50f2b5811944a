"""Tasks in speech: each is a cue, a verb and an object, worded for a list."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from parley.analysis.rules import due_dates, owners, phrasing, task_cues
from parley.analysis.rules.commitments import find_commitments, is_thin
from parley.analysis.rules.due_date_changes import settled_due_date
from parley.analysis.rules.task_candidates import parse_candidate, score_candidate
from parley.analysis.rules.word_lists import ARTEFACTS
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parley.analysis.rules.commitments import Commitment
    from parley.analysis.rules.due_dates import DueDate
    from parley.analysis.rules.parsed_transcript import ParsedTranscript
    from parley.analysis.rules.task_candidates import TaskCandidate
    from parley.analysis.rules.task_cues import Cue, Giver

_LOOK_BACK = 3
_MAX_HERE, _MAX_HEARD = 6, 3_000
_GENERIC = ("take", "do", "handle", "own")
_POINTING = ("that", "it", "this", "them", "those", "care", "one")
_FEW, _ENOUGH_KNOWN = 3, 4
# "Take a look at it" is about something that stands elsewhere; "fix it" cannot do without.
_POINTED = lazy_compile(r"(?<= )(?:at|into|on|to|of|with|for|about) (?:it|this|that|them|those|these)$")
_ENOUGH_WORDS = 2
# Letters of a due phrase by which its beginning is found: the clause may have cut its end.
_LEAD = 6
_DOUBTED = 0.25
_TAKEN_ON, _LEAST, _DUE_LATER = 0.2, 0.1, 0.2
_HAS_OWNER = ("self", "asked", "named")
_YOU = lazy_compile(r"\byou\b(?! (?:know|can|could|want|need|have|are|guys))")
# What one can call one's own in a list. Anything else may be misheard, and a name in it would be made up.
_OWNED = (
    *("team", "teams", "boss", "manager", "lead", "colleague", "colleagues", "company", "office", "lawyer"),
    *("lawyers", "calendar", "address", "number", "code", "client", "clients", "customer", "customers"),
    *("presentation", "talk", "paper", "article", "comments", "changes", "work", "website", "contact"),
    *("department", "group", "fork", "questions", "suggestion", "suggestions", "availability", "details"),
)
_EVERYONE = lazy_compile(r"\b(?:you guys|you all|y'all|you folks)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """`position` counts sentences; `at` is where in its sentence the cue stands."""

    position: int
    at: int
    giver: Giver
    text: str
    owner: str | None
    score: float
    due: DueDate | None
    thin: bool


def tasks(parsed: ParsedTranscript) -> Iterator[Task]:
    """What the rules find, and what the classifier finds beside it; what both find the rules tell."""
    known = list(_by_rules(parsed))
    here: dict[int, list[int]] = {}
    for number, task in enumerate(known):
        here.setdefault(task.position, []).append(number)
    for commitment in find_commitments(parsed):
        numbers = [number for at in commitment.positions for number in here.get(at, ())]
        if not numbers:
            known.append(_agreed(parsed, _as_said(parsed, commitment), commitment))
        for number in numbers:
            task = known[number]
            if task.score >= _DOUBTED:
                task = replace(task, score=max(task.score, commitment.likelihood))
            known[number] = _agreed(parsed, task, commitment) if len(numbers) == 1 else task
    yield from known


def _agreed(parsed: ParsedTranscript, task: Task, commitment: Commitment) -> Task:
    """With the owner and the day that the other sentences of it give, where its own gives none."""
    asked = commitment.giver != "self"
    due = task.due or settled_due_date(parsed, task.position, task.due, asked=asked)
    for position in reversed(commitment.positions) if due is None else ():
        text = parsed.sentences[position].text
        limit = due_dates.find_due_date(text, parsed.context.date, 0, len(text))
        due = due or (limit if limit and limit.hard else None)
    return replace(task, owner=task.owner or commitment.owner, due=due)


def _by_rules(parsed: ParsedTranscript) -> Iterator[Task]:
    """Every candidate of the spoken sentences; what was asked and then promised is one task."""
    found = _all(parsed)
    answered: set[int] = set()
    kept = []
    for task in chain.from_iterable(found):
        request = _request(parsed, found, task)
        if request:
            answered.add(id(request))
        kept.append((task, _taken_on(task, request) if request else task))
    yield from (_dated(parsed, settled) for task, settled in kept if id(task) not in answered)


def _dated(parsed: ParsedTranscript, task: Task) -> Task:
    """With the day that is agreed on in the sentences around it."""
    if task.giver not in _HAS_OWNER:
        return task
    due = settled_due_date(parsed, task.position, task.due, asked=task.giver != "self")
    return replace(task, due=due, score=task.score + (_DUE_LATER if due and not task.due else 0.0))


def _as_said(parsed: ParsedTranscript, commitment: Commitment) -> Task:
    """A task in the words of its sentence, from where somebody begins to take it on."""
    text = parsed.sentences[commitment.position].text
    due = due_dates.find_due_date(text, parsed.context.date, 0, len(text))
    at, said = phrasing.from_verb(text)
    if due and due.day:
        said = _without_due(said, text[due.start : due.end])
    giver: Giver = "self" if commitment.giver == "self" else "asked"
    worded = phrasing.tidy(_persons(parsed, commitment.position, giver, said))
    return Task(
        commitment.position, at, giver, worded, commitment.owner, commitment.likelihood, due, is_thin(worded)
    )


def _all(parsed: ParsedTranscript) -> list[tuple[Task, ...]]:
    """The candidates of each sentence, up to a bound that no meeting of a day comes near."""
    found: list[tuple[Task, ...]] = []
    count = 0
    for position in range(len(parsed.sentences)):
        here = tuple(islice(_of(parsed, position), _MAX_HERE))
        found.append(here)
        count += len(here)
        if count >= _MAX_HEARD:
            break
    return found


def _of(parsed: ParsedTranscript, position: int) -> Iterator[Task]:
    text = parsed.sentences[position].text
    taken = -1
    for cue, match in task_cues.find_cues(text, named=parsed.people.mentioned_in(text)):
        task = _task(parsed, position, cue, match) if match.start() > taken else None
        if task:
            taken = match.end()
            yield task


def _task(parsed: ParsedTranscript, position: int, cue: Cue, match: re.Match[str]) -> Task | None:
    sentence = parsed.sentences[position]
    candidate = parse_candidate(sentence.text, cue, match, parsed.context.date)
    if candidate is None:
        return None
    score = score_candidate(candidate)
    owner, settled = owners.owner(parsed, position, cue, match) if score >= _LEAST else (None, False)
    if not settled:
        return None
    text = _worded(parsed, position, candidate)
    return Task(position, match.start(), cue.giver, text, owner, score, candidate.due, candidate.thin)


def _worded(parsed: ParsedTranscript, position: int, candidate: TaskCandidate) -> str:
    rest = candidate.said.partition(" ")[2]
    text = f"{candidate.lemma} {rest}".rstrip()
    if candidate.due and candidate.due.day:
        text = _without_due(text, candidate.due_words)
    return phrasing.tidy(_persons(parsed, position, candidate.cue.giver, text))


def _without_due(text: str, phrase: str) -> str:
    """A due date is shown beside the item: its words are left out where they end it."""
    at = text.rfind(phrase[:_LEAD])
    said = text[at:].rstrip(" .!?,") if at > 0 else ""
    rest = text[:at] if said and phrase.startswith(said) else text
    return rest if len(phrasing.words(rest)) >= _ENOUGH_WORDS else text


def _persons(parsed: ParsedTranscript, position: int, giver: Giver, text: str) -> str:
    """`Me` and `you` mean nobody in a list: names where they are settled."""
    if giver == "self":
        text = _EVERYONE.sub("everyone", re.sub(r"\bmy\b", "their", text))
        other = owners.listener(parsed, position) if "you" in text else None
        if not other:
            return text
        first = other.split()[0]
        return _belongs("your").sub(lambda _: f"{first}'s", _YOU.sub(lambda _: first, text))
    speaker = parsed.speaker_name(parsed.sentences[position])
    if speaker:
        first = speaker.split()[0]
        text = _belongs("my").sub(lambda _: f"{first}'s", re.sub(r"\bme\b", lambda _: first, text))
    return re.sub(r"\byour\b", "their", text)


@cache
def _belongs(whose: str) -> re.Pattern[str]:
    """`my` or `your` before a possession, with at most one word between."""
    owned = "|".join(sorted(ARTEFACTS.union(_OWNED)))
    return re.compile(rf"\b{whose}\b(?= (?:[\w\-]+ )?(?:{owned})\b)", re.IGNORECASE)


def _before(position: int) -> range:
    return range(position - 1, max(-1, position - 1 - _LOOK_BACK), -1)


def _request(parsed: ParsedTranscript, found: Sequence[tuple[Task, ...]], task: Task) -> Task | None:
    """What somebody else wanted right before, when this promise answers it."""
    if task.giver != "self":
        return None
    speaker = parsed.sentences[task.position].speaker
    for position in _before(task.position):
        if parsed.sentences[position].speaker == speaker:
            continue
        asked = [t for t in found[position] if _answers(task, t)]
        if asked:
            return max(asked, key=lambda t: t.score)
    return None


def _answers(task: Task, earlier: Task) -> bool:
    """`I can take that`, or the same deed with the same thing in it."""
    if earlier.thin or earlier.giver == "self":
        return False
    verb, _, rest = task.text.lower().partition(" ")
    if task.thin and verb in _GENERIC and rest.startswith(_POINTING):
        return True
    same = earlier.text.lower().partition(" ")[0] == verb
    return same and (task.thin or bool(phrasing.stems(rest) & phrasing.stems(earlier.text.partition(" ")[2])))


def _taken_on(task: Task, request: Task) -> Task:
    """The promise; where it only points, in the words of the request."""
    score = max(task.score, request.score) + _TAKEN_ON
    text = request.text if task.thin else task.text
    return replace(task, text=text, due=task.due or request.due, score=score, thin=False)


def with_topic(parsed: ParsedTranscript, task: Task) -> str | None:
    """The task's text with what it is about; None where nothing tells that of a pronoun, nor by when."""
    known = phrasing.stems(task.text)
    few = len(known) < _FEW or task.thin
    most = 2 if few else int(len(known) < _ENOUGH_KNOWN)
    about = parsed.nearby_topics.about(task.position, task.at, known, most, own=not few)
    if not about:
        dated = task.due is not None and task.due.day is not None
        return None if task.thin and not dated else task.text
    if len(about) == 1:
        named = phrasing.replace_pronoun(task.text, about[0])
        if named:
            return named
    text = _POINTED.sub("", task.text).rstrip() if task.thin else task.text
    return f"{text} ({', '.join(about)})"
