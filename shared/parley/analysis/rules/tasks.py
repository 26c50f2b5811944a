"""Tasks found in speech: each a cue, a verb and an object, weighed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parley.analysis.rules import commitments, dates, wording
from parley.analysis.rules.people import could_be_verb
from parley.analysis.rules.sentences import plain
from parley.analysis.rules.words import ARTEFACTS, MONTHS, PHRASES, PRONOUNS, VERBS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley.analysis.rules.commitments import Cue, Giver
    from parley.analysis.rules.reading import Reading
    from parley.analysis.rules.sentences import Sentence

_VERB = re.compile(r"[A-Za-z]+(?:-[a-z]+)?")
_ACCEPTS = re.compile(
    r"^(?:\W*(?:yes|yeah|yep|sure|okay|ok|absolutely|of course|will do|definitely|happy to|no problem|i can|i will|i'll))\b",
    re.IGNORECASE,
)
_LOOK_BACK = 3
_WEAK = 0.35
_MAX_CALLED = 1_000
_GENERIC = ("take", "do", "handle", "own")
_MIN_ABOUT, _MAX_ABOUT = 3, 16


@dataclass(frozen=True, slots=True)
class Task:
    """`position` counts sentences; `at` is where in its sentence the cue stands."""

    position: int
    at: int
    giver: Giver
    text: str
    owner: str | None
    score: float
    due: dates.Due | None
    thin: bool


def tasks(reading: Reading) -> Iterator[Task]:
    """Every candidate of the spoken sentences, thin ones filled from their neighbours."""
    for position, sentence in enumerate(reading.sentences):
        for task in _of(reading, position, sentence):
            filled = _filled(reading, task) if task.thin else task
            if filled:
                yield filled


def _of(reading: Reading, position: int, sentence: Sentence) -> Iterator[Task]:
    taken = -1
    for cue, match in _matches(sentence.text):
        if match.start() <= taken:
            continue
        task = _task(reading, position, sentence, cue, match)
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


def _task(reading: Reading, position: int, sentence: Sentence, cue: Cue, match: re.Match[str]) -> Task | None:
    verb = _verb(sentence.text, match.end())
    owner, settled = _owner(reading, position, sentence, cue, match)
    if verb is None or not settled:
        return None
    start, lemma, strength = verb
    said = wording.clause(sentence.text[start:])
    if _denied(sentence.text, match) or commitments.MECHANICS.search(said):
        return None
    due = dates.find(sentence.text[match.start() :], reading.context.date)
    rest = _object(said, sentence.text[match.start() + due.start : match.start() + due.end] if due else "")
    objects = [w for w in wording.content(rest) if w not in WEEKDAYS and w not in MONTHS]
    if rest.startswith(("is ", "was ", "that the ")) or (
        cue.giver == "asked" and _asks(sentence.text, match)
    ):
        return None
    score = _score(cue, strength, objects, sentence.text, match, due, said)
    text = _worded(reading, sentence, cue, lemma, said, due, match.start())
    return Task(position, match.start(), cue.giver, text, owner, score, due, _thin(objects))


def _denied(text: str, match: re.Match[str]) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    before = text[: match.start()]
    quoted = before.count('"') % 2 == 1
    return quoted or bool(
        commitments.NEGATED.match(text[match.end() :]) or commitments.DENIED.search(before[-40:])
    )


def _object(said: str, due: str) -> str:
    """What follows the verb, without the words of the due date."""
    rest = said.partition(" ")[2]
    return rest.replace(due, "") if due else rest


def _asks(text: str, match: re.Match[str]) -> bool:
    """ "What would you ..." wants an answer, no deed."""
    return bool(commitments.ASIDE.search(text[: match.start()]))


def _thin(objects: list[str]) -> bool:
    """Nothing to recognise the task by: the object stands in a neighbouring sentence."""
    return not [
        w for w in objects if w not in PRONOUNS and w not in {"back", "care", "look", "action", "item"}
    ]


def _verb(text: str, at: int) -> tuple[int, str, float] | None:
    """Where the verb after a cue begins, its plain form, and how strong it is."""
    between = commitments.BETWEEN.match(text, at)
    match = _VERB.match(text, between.end()) if between else None
    if match is None:
        return None
    lemma = _lemma(match.group().lower())
    if lemma is None:
        return None
    following = _VERB.match(text, match.end() + 1)
    strength = VERBS[lemma]
    if lemma in PHRASES:
        strength = PHRASES[lemma].get(following.group().lower() if following else "", _WEAK)
    return match.start(), lemma, strength


def _lemma(word: str) -> str | None:
    if word in VERBS:
        return word
    if not word.endswith("ing"):
        return None
    base = word[:-3]
    return next((w for w in (base, base + "e", base[:-1]) if w in VERBS), None)


def _score(
    cue: Cue,
    strength: float,
    objects: list[str],
    text: str,
    match: re.Match[str],
    due: dates.Due | None,
    said: str,
) -> float:
    score = cue.weight * strength
    score += (
        0.2 * bool(due)
        + 0.12 * bool(ARTEFACTS.intersection(objects))
        + 0.12 * bool(commitments.LATER.search(said))
    )
    score += 0.08 * (len(objects) >= 2) - 0.15 * (not objects)
    before = text[max(0, match.start() - 60) : match.start()]
    after = text[match.end() : match.end() + len(said) + 60]
    if commitments.CONDITION.search(before) or commitments.CONDITION.search(after):
        score *= 0.7
    if commitments.HEDGE.search(before[-25:]) or commitments.HEDGE.search(after[:25]):
        score *= 0.8
    if commitments.REPORTED.search(before):
        score *= 0.5
    if commitments.ASIDE.search(before):
        score *= 0.6
    if commitments.SHOWN.search(said) and not (due or commitments.LATER.search(said) or " you" in said):
        score *= 0.6
    if text.endswith("?") and cue.giver != "asked":
        score *= 0.5
    return score


def _owner(
    reading: Reading, position: int, sentence: Sentence, cue: Cue, match: re.Match[str]
) -> tuple[str | None, bool]:
    """Who is to do it, and whether the cue holds at all (a name that nobody bears is no name)."""
    if cue.giver == "self":
        return reading.voice(sentence), True
    if cue.giver == "asked":
        return _addressee(reading, position, sentence, match), True
    if cue.giver == "named":
        return _named(reading, match["name"])
    return None, True


def _named(reading: Reading, name: str) -> tuple[str | None, bool]:
    words = name.split()
    for call in (name, words[-1]) if len(words) > 1 else (name,):
        if reading.people.known(call) and not could_be_verb(call):
            return reading.people.find(call), True
    return None, False


def _addressee(reading: Reading, position: int, sentence: Sentence, match: re.Match[str]) -> str | None:
    """The name called before or after the request, else who says yes to it, else the only other person."""
    calls = re.findall(
        r"@?[A-Z][\w\-]+(?: [A-Z][\w\-]+)?", sentence.text[max(0, match.start() - 30) : match.start()]
    )
    tail = re.search(r",\s+(@?[A-Z][\w\-]+)\s*\W*$", sentence.text[match.end() :])
    for name in [*reversed(calls), *([tail[1]] if tail else [])]:
        if reading.people.known(name):
            return reading.people.find(name)
    return _accepting(reading, position, sentence) or reading.other(reading.voice(sentence))


def _accepting(reading: Reading, position: int, sentence: Sentence) -> str | None:
    for after in reading.sentences[position + 1 : position + 1 + _LOOK_BACK]:
        if after.speaker != sentence.speaker:
            return reading.voice(after) if _ACCEPTS.match(after.text) else None
    return None


def _worded(
    reading: Reading, sentence: Sentence, cue: Cue, lemma: str, said: str, due: dates.Due | None, offset: int
) -> str:
    match = _VERB.match(said)
    text = (
        lemma
        + (
            said[match.end() :].replace(",", "", 1)
            if said[match.end() : match.end() + 1] == ","
            else said[match.end() :]
        )
        if match
        else lemma
    )
    if due and due.day:
        text = _without_due(text, sentence.text[offset + due.start : offset + due.end])
    return wording.tidy(_persons(reading, sentence, cue, text))


def _without_due(text: str, phrase: str) -> str:
    """A due date is shown beside the item: its words are left out where they end it."""
    head = text.rstrip(" .!?,")
    return head[: -len(phrase)] if head.endswith(phrase) and len(wording.words(head)) > 3 else text


def _persons(reading: Reading, sentence: Sentence, cue: Cue, text: str) -> str:
    """ "Me" and "you" mean nobody in a list: names where they are settled."""
    speaker = reading.voice(sentence)
    if cue.giver == "self":
        other = reading.other(speaker) or _called(reading, sentence, speaker)
        text = re.sub(r"\bmy\b", "their", text)
        text = re.sub(r"\b(?:you guys|you all|y'all|you folks)\b", "everyone", text)
        return (
            re.sub(r"\byou\b(?! (?:know|can|could|want|need|have|are|guys))", other.split()[0], text)
            if other
            else text
        )
    if speaker:
        first = speaker.split()[0]
        text = re.sub(r"\bme\b", first, re.sub(r"\bmy\b", f"{first}'s", text))
    return re.sub(r"\byour\b", "their", text)


def _called(reading: Reading, sentence: Sentence, speaker: str | None) -> str | None:
    """The one person who is called by name in what the speaker says: "Sorry, Tom. I'll ..."."""
    calls = re.findall(
        r"(?:^|[,.!?] )([A-Z][\w\-]+)(?=[,.!?])", plain(sentence.pieces[0].segment.text)[:_MAX_CALLED]
    )
    names = {name for name in map(reading.people.find, calls) if name and name != speaker}
    return names.pop() if len(names) == 1 else None


def _filled(reading: Reading, task: Task) -> Task | None:
    """A task that is only pronouns, told by the sentences before it."""
    verb = task.text.split(" ", 1)[0].lower()
    for position in range(task.position - 1, max(-1, task.position - 1 - _LOOK_BACK), -1):
        asked = [t for t in _of(reading, position, reading.sentences[position]) if _takes_on(t, task, verb)]
        if asked:
            best = max(asked, key=lambda t: t.score)
            score = max(task.score, best.score) + 0.2
            return replace(task, text=best.text, due=task.due or best.due, score=score, thin=False)
    return None if verb in _GENERIC else _with_neighbour(reading, task)


def _takes_on(earlier: Task, task: Task, verb: str) -> bool:
    """ "I can take that" answers what was asked of somebody, not what the speaker promised before."""
    if earlier.thin or earlier.giver == "self" or task.giver != "self":
        return False
    return verb in _GENERIC or earlier.text.lower().startswith(verb)


def _with_neighbour(reading: Reading, task: Task) -> Task | None:
    """The task's words and, in brackets, the sentence that its pronoun points back to."""
    for position in range(task.position - 1, max(-1, task.position - 1 - _LOOK_BACK), -1):
        about = wording.tidy(reading.sentences[position].text)
        if _MIN_ABOUT <= len(wording.content(about)) and len(wording.words(about)) <= _MAX_ABOUT:
            return replace(task, text=f"{task.text} ({about})", score=task.score - 0.12, thin=False)
    return None
