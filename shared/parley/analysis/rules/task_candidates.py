"""A possible task in one sentence: its cue, verb, object and due date, and how likely it is a task."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import due_dates, phrasing, task_context
from parley.analysis.rules.word_lists import ARTEFACTS, NO_WORK, PHRASES, PRONOUNS, STOP, VERBS, word_set
from parley.core.day_names import MONTHS, WEEKDAYS
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from datetime import date

    from parley.analysis.rules.task_cues import Cue

_VERB = lazy_compile(r"[A-Za-z]+(?:-[a-z]+)?")
_NO_OBJECT = ("is ", "was ", "that the ")
_EMPTY = ("back", "care", "look", "action", "item")
_WEAK, _WITH_OBJECT, _UNKNOWN = 0.25, 0.45, 0.3
_SPECIFIC = lazy_compile(r"\b(?:[A-Z]{2,}|[A-Za-z]*\d)[\w\-]*|(?<=[a-z] )[A-Z][a-z]+")
_ENOUGH_OBJECTS = 2
_FIRM = 0.85
_LEAD = 60
_LEADS_UP = lazy_compile(r"[\s,]*(?:(?:then|so|at the latest)[\s,]+)?", re.IGNORECASE)
_MIN_VERB = 4
# An unknown word is a verb when a thing follows.
_TAKES_OBJECT = word_set("the a an this that these those our your my their it them all some")
# What "let me" opens in the call itself.
_TALK = word_set("""
    share summarize summarise address present introduce start review add read give provide respond reply raise
    pull post open check try look see bring outline clarify demo recap rephrase frame quote reiterate paste
    """)
_NO_VERB = ("ly", "ing", "ed", "s")


class TaskCandidate(NamedTuple):
    """A cue in a sentence with the verb and the object behind it; `said` begins with the verb."""

    cue: Cue
    text: str
    start: int
    end: int
    lemma: str
    strength: float
    said: str
    objects: list[str]
    due: due_dates.DueDate | None

    @property
    def thin(self) -> bool:
        """Nothing to recognise the task by: the object stands in a neighbouring sentence."""
        return PRONOUNS.union(_EMPTY).issuperset(self.objects)

    @property
    def due_words(self) -> str:
        """The due phrase as it was said, or ""."""
        return self.text[self.due.start : self.due.end] if self.due else ""


def parse_candidate(text: str, cue: Cue, match: re.Match[str], today: date | None) -> TaskCandidate | None:
    """The task that a cue opens; None where no known verb follows, or it is no work."""
    verb = _verb(text, match.end())
    if verb is None or _denied(text, match):
        return None
    start, lemma, strength = verb
    said = phrasing.clause(text[start:])
    if _no_task(text, cue, match) or task_context.MECHANICS.search(said) or _wondered(text, cue, start, said):
        return None
    due = _due(text, match, start + len(said), today)
    candidate = TaskCandidate(cue, text, match.start(), match.end(), lemma, strength, said, [], due)
    rest = said.partition(" ")[2].replace(candidate.due_words or "\n", "")
    rest = task_context.LATER.sub("", rest)
    if rest.startswith(_NO_OBJECT) or _done_at_once(candidate):
        return None
    return candidate._replace(
        objects=[w for w in phrasing.content_words(rest) if w not in WEEKDAYS and w not in MONTHS]
    )


def _due(text: str, match: re.Match[str], end: int, today: date | None) -> due_dates.DueDate | None:
    """The day named in the clause, else behind it as far as the next promise, else right before the cue."""
    found = due_dates.find_due_date(text, today, match.start(), end)
    if found:
        return found
    following = task_context.NEXT.search(text, end)
    stop = following.start() if following else len(text)
    return due_dates.find_due_date(text, today, end, stop) or _due_before(text, match.start(), today)


def _due_before(text: str, at: int, today: date | None) -> due_dates.DueDate | None:
    """`Tomorrow by noon I'll call`: a day that leads up to the cue."""
    found = due_dates.find_due_date(text, today, max(0, at - _LEAD), at)
    if found is None or task_context.NEXT.search(text, 0, found.start):
        return None  # it is of the promise before
    return found if _LEADS_UP.fullmatch(text[found.end : at]) else None


def _denied(text: str, match: re.Match[str]) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    before = text[: match.start()]
    quoted = before.count('"') % 2 == 1
    return quoted or bool(
        task_context.NEGATED.match(text[match.end() :]) or task_context.DENIED.search(before[-40:])
    )


def _no_task(text: str, cue: Cue, match: re.Match[str]) -> bool:
    """An answer is wanted, no deed; or leave to speak ("if I may")."""
    before = text[: match.start()]
    if cue.giver == "asked":
        return _asks(text, match)
    leave = cue.giver == "self" and task_context.LEAVE.search(f"{before[-10:]}{match.group()}")
    return bool(leave or (cue.giver in {"self", "team"} and task_context.INVERTED.search(before[-16:])))


def _wondered(text: str, cue: Cue, start: int, said: str) -> bool:
    """`We roll it out in June?`: a plan that ends as a question. An offer ("should I") is still one."""
    last = start + len(said) >= len(text.rstrip(" ?!."))
    return last and text.endswith("?") and cue.giver in {"team", "someone"}


def _done_at_once(candidate: TaskCandidate) -> bool:
    """`Let me address one point`: said in the same breath, unless a later time is named."""
    if candidate.due or task_context.LATER.search(candidate.said):
        return False
    opens = candidate.text[candidate.start : candidate.end].lower().startswith("let me")
    return bool((opens and candidate.lemma in _TALK) or task_context.SPOKEN.search(candidate.said))


def _asks(text: str, match: re.Match[str]) -> bool:
    """`What would you ...` wants an answer, no deed."""
    return bool(task_context.ASIDE.search(text[: match.start()]))


def _verb(text: str, at: int) -> tuple[int, str, float] | None:
    """Where the verb after a cue begins, its plain form, and how strong it is."""
    between = task_context.BETWEEN.match(text, at)
    match = _VERB.match(text, between.end()) if between else None
    lemma = _lemma(match.group().lower()) if match else None
    if match is None or lemma is None:
        return None
    after = _VERB.match(text, match.end() + 1)
    following = after.group().lower() if after else ""
    if lemma not in VERBS and following not in _TAKES_OBJECT:
        return None
    return match.start(), lemma, _strength(lemma, following)


def _strength(lemma: str, following: str) -> float:
    if lemma not in PHRASES:
        return VERBS.get(lemma, _UNKNOWN)
    return PHRASES[lemma].get(following, _WEAK if following in STOP else _WITH_OBJECT)


def _lemma(word: str) -> str | None:
    """The plain form of a known verb; another word as it is where it can be one."""
    if word in VERBS:
        return word
    base = word[:-3] if word.endswith("ing") else ""
    known = next((w for w in (base, base + "e", base[:-1]) if w in VERBS), None)
    if known or word in NO_WORK or word in STOP or len(word) < _MIN_VERB:
        return known
    return None if word.endswith(_NO_VERB) else word


def score_candidate(candidate: TaskCandidate) -> float:
    """How likely this is a task that somebody has, about 0 to 1.3."""
    later = bool(task_context.LATER.search(candidate.said))
    promised = _promised(candidate)
    score = max(candidate.cue.weight, _FIRM if promised else 0.0) * candidate.strength
    score += 0.2 * bool(candidate.due) + 0.2 * promised + 0.12 * later
    score += 0.12 * (not ARTEFACTS.isdisjoint(candidate.objects))
    score += 0.08 * (len(candidate.objects) >= _ENOUGH_OBJECTS) - 0.15 * (not candidate.objects)
    score += 0.1 * bool(_SPECIFIC.search(candidate.said))
    return score * _doubt(candidate, later=later)


def _in_passing(candidate: TaskCandidate) -> bool:
    """`I'll quickly ...`, or the running meeting's own agenda."""
    between = candidate.text[candidate.end : candidate.end + 20]
    return candidate.cue.giver == "self" and bool(
        task_context.QUICKLY.match(between) or task_context.AGENDA.search(candidate.said)
    )


def _promised(candidate: TaskCandidate) -> bool:
    """`By Friday` is a promise of a day, whatever verb opens it; `this week` may only tell when."""
    return candidate.cue.giver == "self" and bool(candidate.due and candidate.due.hard)


def _doubt(candidate: TaskCandidate, *, later: bool) -> float:
    """Conditions, hedges, talk about talk: each makes it less a promise."""
    before = candidate.text[max(0, candidate.start - 60) : candidate.start]
    after = candidate.text[candidate.end : candidate.end + len(candidate.said) + 60]
    shown = not (candidate.due or later or " you" in candidate.said) and task_context.SHOWN.search(
        candidate.said
    )
    doubts = (
        (
            0.9 if _promised(candidate) else 0.7,
            task_context.CONDITION.search(before) or task_context.CONDITION.search(after),
        ),
        (0.8, task_context.HEDGE.search(before[-25:]) or task_context.HEDGE.search(after[:25])),
        (0.5, task_context.REPORTED.search(before)),
        (0.6, task_context.ASIDE.search(before)),
        (0.6, shown),
        (0.4, candidate.cue.giver == "self" and not later and task_context.IN_CHAT.search(candidate.said)),
        (0.5, not (candidate.due or later) and _in_passing(candidate)),
        (0.5, candidate.text.endswith("?") and candidate.cue.giver != "asked"),
    )
    factor = 1.0
    for weight, doubt in doubts:
        factor *= weight if doubt else 1.0
    return factor
