"""Due dates that the sentences around a task give or change.

    I'll send the quote by Friday.  - Could you make it Thursday? - Okay, Thursday.    Thursday
    I'll send the quote.            - By when?                    - By Friday.         Friday
    I'll send the quote by Friday.  - Can it be Thursday?         - Let me see.        open: no day

Only sentences that say little beside a day count: what names another task has a day of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parley.analysis.rules import phrasing
from parley.analysis.rules.due_dates import DueDate, find_due_date
from parley.analysis.rules.word_lists import word_set
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from parley.analysis.rules.parsed_transcript import ParsedTranscript
    from parley.analysis.rules.sentences import Sentence

LOOK_AHEAD = 5
_BESIDE_A_DAY = word_set("""
    a about actually afternoon ahead also and any are as at be better by can can't chance could day
    deadline do doable does done earlier easier end enough evening fine for get good great have
    hopefully how i i'd i'll i'm if in instead is it it's later latest let's make makes maybe mean
    morning move much need no not of ok okay on one or perfect please possible prefer probably push
    rather realistic right say sense so sooner sorry sure than thank thanks that that's the then there
    this to too aye gimme give me let uh um until we we'd we're well what what's will with work works
    would yeah yep yes you your did didn't cannot won't even still hmm
    """)
_YES = lazy_compile(
    r"^\W*(?:(?:um|uh|well|oh)\W+)?(?:yes|yeah|yep|sure|ok|okay|fine|deal|done|absolutely|of course"
    r"|certainly|agreed"
    r"|no problem|that works|works for me|sounds good|will do|perfect|great|all right|alright"
    r"|i can do that|can do)\b",
    re.IGNORECASE,
)
_NO = lazy_compile(
    r"\b(?:no|nope|can't|cannot|won't|not possible|impossible|unfortunately|afraid not|too (?:soon"
    r"|early|tight)|not)\b",
    re.IGNORECASE,
)
_CANNOT = lazy_compile(r"n't\b|\b(?:cannot|unable)\b", re.IGNORECASE)
_WHEN = lazy_compile(
    r"^\W*(?:(?:and|so|okay|great|by|until)\W+)*(?:when|what(?:'s| is) (?:the|your) (?:deadline"
    r"|due date|eta)|how soon"
    r"|which day|what day)\b.{0,40}\?",
    re.IGNORECASE,
)
# Asks for another day, or gives the reason why.
_SOONER = lazy_compile(
    r"\b(?:sooner|earlier|quicker|faster|later|too late|tight|possible|instead)\b", re.IGNORECASE
)
# The task is told of by what it brings.
_DELIVERS = lazy_compile(
    r"\b(?:you|they|we|she|he)(?:'ll| will| should)(?: all)? (?:get|have|find|see|receive) (?:it|them"
    r"|one|that|those|this)\b"
    r"|\b(?:it|they|that|those)(?:'ll| will| should)(?: \w+)? (?:be|come|go|land)\b"
    r"|^\W*(?:(?:um|uh|well|oh)\W+)?(?:yes|yeah|yep|sure|ok|okay|no problem|will do)\b",
    re.IGNORECASE,
)
_SHORT, _BRIEF = 10, 60
_THE = lazy_compile(r"\b(?:(?:on|by) )?the (?=[^\W_]+(?:st|nd|rd|th)\b)", re.IGNORECASE)
_BARE_ORDINAL = lazy_compile(r"(?<!\S)(?=[^\W_]+(?:st|nd|rd|th)\b)", re.IGNORECASE)


def settled_due_date(
    parsed: ParsedTranscript, position: int, due: DueDate | None, *, asked: bool
) -> DueDate | None:
    """The due date of the task in sentence `position`, after what is said right before and after it.

    `due` is what its own sentence says. `asked`: the task is another's, whose word counts.
    """
    asker = parsed.sentences[position].speaker
    if asker is None:
        return due
    talk = _Negotiation(parsed, due or _said_before(parsed, position))
    for sentence in parsed.sentences[position + 1 : position + 1 + LOOK_AHEAD]:
        if not talk.hear(sentence, owner=(sentence.speaker == asker) != asked):
            break
    return talk.due()


def _said_before(parsed: ParsedTranscript, position: int) -> DueDate | None:
    """`On Friday`, in a cue of its own, before `I'll send it`."""
    before = parsed.sentences[position - 1] if position else None
    if before is None or before.text.endswith((".", "!", "?")):
        return None
    same = before.speaker == parsed.sentences[position].speaker
    return _day_alone(before, parsed) if same else None


def _day_alone(sentence: Sentence, parsed: ParsedTranscript) -> DueDate | None:
    """The day of a sentence that says little else."""
    # "Thirtieth then", "the fourth is okay": between two people who speak of a day, a number is one.
    text = (
        _BARE_ORDINAL.sub("by the ", _THE.sub("", sentence.text))
        if len(sentence.text) < _BRIEF
        else sentence.text
    )
    due = find_due_date(text, parsed.context.date)
    if due is None or due.day is None:
        return None
    rest = phrasing.words(text[: due.start] + " " + text[due.end :])
    return due if _BESIDE_A_DAY.issuperset(rest) else None


class _Negotiation:
    """The day that stands, and the one that a side has proposed and the other has not answered yet."""

    def __init__(self, parsed: ParsedTranscript, due: DueDate | None) -> None:
        self._parsed = parsed
        self._due = due
        self._proposed: DueDate | None = None
        self._owner_proposed = False

    def due(self) -> DueDate | None:
        """A proposal that nobody has answered leaves the day open."""
        if self._proposed is None:
            return self._due
        return self._due._replace(day=None) if self._due else None

    def hear(self, sentence: Sentence, *, owner: bool) -> bool:
        """Take a sentence in; False where the talk has gone on to something else."""
        text = sentence.text
        day = _day_alone(sentence, self._parsed)
        if day:
            self._hear_day(day, text, owner=owner)
        elif self._proposed and owner != self._owner_proposed:
            self._hear_answer(text)
        elif owner and self._due is None and _DELIVERS.search(text) and not text.endswith("?"):
            self._due = find_due_date(text, self._parsed.context.date)
        elif text.endswith("?"):
            return bool(_WHEN.search(text) or _SOONER.search(text))
        else:
            return len(phrasing.words(text)) <= _SHORT
        return True

    def _hear_day(self, day: DueDate, text: str, *, owner: bool) -> None:
        answers = self._proposed is not None and owner != self._owner_proposed
        if text.endswith("?") or not (owner or answers):
            self._proposed = None if self._due and self._due.day == day.day else day
            self._owner_proposed = owner
        elif not _CANNOT.search(text[: day.start]):
            self._due, self._proposed = day, None
        else:
            self._proposed = None

    def _hear_answer(self, text: str) -> None:
        if _NO.search(text):
            self._proposed = None
        elif _YES.search(text):
            self._due, self._proposed = self._proposed, None
