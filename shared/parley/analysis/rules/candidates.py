"""What was heard of one possible task, and how much it weighs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.rules import commitments, dates
from parley.analysis.rules import phrasing as wording
from parley.analysis.rules.patterns import lazy
from parley.analysis.rules.words import (
    ARTEFACTS,
    MONTHS,
    NO_WORK,
    PHRASES,
    PRONOUNS,
    STOP,
    VERBS,
    WEEKDAYS,
    listed,
)

if TYPE_CHECKING:
    from datetime import date

    from parley.analysis.rules.cues import Cue

_VERB = lazy(r"[A-Za-z]+(?:-[a-z]+)?")
_NO_OBJECT = ("is ", "was ", "that the ")
_EMPTY = ("back", "care", "look", "action", "item")
_WEAK, _WITH_OBJECT, _UNKNOWN = 0.25, 0.45, 0.3
_SPECIFIC = lazy(r"\b(?:[A-Z]{2,}|[A-Za-z]*\d)[\w\-]*|(?<=[a-z] )[A-Z][a-z]+")
_ENOUGH_OBJECTS = 2
_FIRM = 0.85
_MIN_VERB = 4
# An unknown word is a verb when a thing follows.
_TAKES_OBJECT = listed("the a an this that these those our your my their it them all some")
# What "let me" opens in the call itself.
_TALK = listed("""
    share summarize summarise address present introduce start review add read give provide respond reply raise
    pull post open check try look see bring outline clarify demo recap rephrase frame quote reiterate paste
    """)
_NO_VERB = ("ly", "ing", "ed", "s")


class Heard(NamedTuple):
    """A cue in a sentence with the verb and the object behind it; `said` begins with the verb."""

    cue: Cue
    text: str
    start: int
    end: int
    lemma: str
    strength: float
    said: str
    objects: list[str]
    due: dates.Due | None

    @property
    def thin(self) -> bool:
        """Nothing to recognise the task by: the object stands in a neighbouring sentence."""
        return PRONOUNS.union(_EMPTY).issuperset(self.objects)

    @property
    def due_words(self) -> str:
        """The due phrase as it was said, or ""."""
        return self.text[self.start :][self.due.start : self.due.end] if self.due else ""


def hear(text: str, cue: Cue, match: re.Match[str], today: date | None) -> Heard | None:
    """The task that a cue opens; None where no known verb follows, or it is no work."""
    verb = _verb(text, match.end())
    if verb is None or _denied(text, match):
        return None
    start, lemma, strength = verb
    said = wording.clause(text[start:])
    if _no_task(text, cue, match) or commitments.MECHANICS.search(said) or _wondered(text, cue, start, said):
        return None
    due = _due(text, match, start + len(said), today)
    heard = Heard(cue, text, match.start(), match.end(), lemma, strength, said, [], due)
    rest = said.partition(" ")[2].replace(heard.due_words or "\n", "")
    rest = commitments.LATER.sub("", rest)
    if rest.startswith(_NO_OBJECT) or _done_at_once(heard):
        return None
    return heard._replace(objects=[w for w in wording.content(rest) if w not in WEEKDAYS and w not in MONTHS])


def _due(text: str, match: re.Match[str], end: int, today: date | None) -> dates.Due | None:
    """The day named in the clause, else behind it as far as the next promise."""
    begin = match.start()
    found = dates.find(text[begin:end], today)
    if found:
        return found
    following = commitments.NEXT.search(text, end)
    return dates.find(text[begin : following.start() if following else len(text)], today)


def _denied(text: str, match: re.Match[str]) -> bool:
    """Whether the cue is negated, or stands inside somebody else's quoted words."""
    before = text[: match.start()]
    quoted = before.count('"') % 2 == 1
    return quoted or bool(
        commitments.NEGATED.match(text[match.end() :]) or commitments.DENIED.search(before[-40:])
    )


def _no_task(text: str, cue: Cue, match: re.Match[str]) -> bool:
    """An answer is wanted, no deed; or leave to speak ("if I may")."""
    before = text[: match.start()]
    if cue.giver == "asked":
        return _asks(text, match)
    leave = cue.giver == "self" and commitments.LEAVE.search(f"{before[-10:]}{match.group()}")
    return bool(leave or (cue.giver in {"self", "team"} and commitments.INVERTED.search(before[-16:])))


def _wondered(text: str, cue: Cue, start: int, said: str) -> bool:
    """`We roll it out in June?`: a plan that ends as a question. An offer ("should I") is still one."""
    last = start + len(said) >= len(text.rstrip(" ?!."))
    return last and text.endswith("?") and cue.giver in {"team", "someone"}


def _done_at_once(heard: Heard) -> bool:
    """`Let me address one point`: said in the same breath, unless a later time is named."""
    if heard.due or commitments.LATER.search(heard.said):
        return False
    opens = heard.text[heard.start : heard.end].lower().startswith("let me")
    return bool((opens and heard.lemma in _TALK) or commitments.SPOKEN.search(heard.said))


def _asks(text: str, match: re.Match[str]) -> bool:
    """`What would you ...` wants an answer, no deed."""
    return bool(commitments.ASIDE.search(text[: match.start()]))


def _verb(text: str, at: int) -> tuple[int, str, float] | None:
    """Where the verb after a cue begins, its plain form, and how strong it is."""
    between = commitments.BETWEEN.match(text, at)
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


def weigh(heard: Heard) -> float:
    """How likely this is a task that somebody has, about 0 to 1.3."""
    later = bool(commitments.LATER.search(heard.said))
    promised = _promised(heard)
    score = max(heard.cue.weight, _FIRM if promised else 0.0) * heard.strength
    score += 0.2 * bool(heard.due) + 0.2 * promised + 0.12 * later
    score += 0.12 * (not ARTEFACTS.isdisjoint(heard.objects))
    score += 0.08 * (len(heard.objects) >= _ENOUGH_OBJECTS) - 0.15 * (not heard.objects)
    score += 0.1 * bool(_SPECIFIC.search(heard.said))
    return score * _doubt(heard, later=later)


def _in_passing(heard: Heard) -> bool:
    """`I'll quickly ...`, or the running meeting's own agenda."""
    between = heard.text[heard.end : heard.end + 20]
    return heard.cue.giver == "self" and bool(
        commitments.QUICKLY.match(between) or commitments.AGENDA.search(heard.said)
    )


def _promised(heard: Heard) -> bool:
    """`By Friday` is a promise of a day, whatever verb opens it; `this week` may only tell when."""
    return heard.cue.giver == "self" and heard.due_words.lower().startswith(
        ("by ", "before ", "until ", "no later")
    )


def _doubt(heard: Heard, *, later: bool) -> float:
    """Conditions, hedges, talk about talk: each makes it less a promise."""
    before = heard.text[max(0, heard.start - 60) : heard.start]
    after = heard.text[heard.end : heard.end + len(heard.said) + 60]
    shown = not (heard.due or later or " you" in heard.said) and commitments.SHOWN.search(heard.said)
    doubts = (
        (
            0.9 if _promised(heard) else 0.7,
            commitments.CONDITION.search(before) or commitments.CONDITION.search(after),
        ),
        (0.8, commitments.HEDGE.search(before[-25:]) or commitments.HEDGE.search(after[:25])),
        (0.5, commitments.REPORTED.search(before)),
        (0.6, commitments.ASIDE.search(before)),
        (0.6, shown),
        (0.4, heard.cue.giver == "self" and not later and commitments.IN_CHAT.search(heard.said)),
        (0.5, not (heard.due or later) and _in_passing(heard)),
        (0.5, heard.text.endswith("?") and heard.cue.giver != "asked"),
    )
    factor = 1.0
    for weight, doubt in doubts:
        factor *= weight if doubt else 1.0
    return factor
