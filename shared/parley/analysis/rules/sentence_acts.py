"""A parsed transcript as the classifier takes it, and what it says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.analysis.acts.classifier import judge
from parley.analysis.acts.features import Spoken, tokens
from parley.analysis.rules.parsed_transcript import cached_per_transcript

if TYPE_CHECKING:
    from parley.analysis.acts.classifier import Judged
    from parley.analysis.rules.parsed_transcript import ParsedTranscript

_PAIR = 2
_LONG, _ACCEPTED = 30, 0.02


def spoken(parsed: ParsedTranscript) -> tuple[Spoken, ...]:
    """The spoken sentences, each as its words; names of participants are not told apart."""
    names = {part.lower() for name in parsed.people.names for part in name.split()}
    return tuple(Spoken(one.speaker, tokens(one.text, names)) for one in parsed.sentences)


@cached_per_transcript
def judged(parsed: ParsedTranscript) -> list[Judged]:
    """What each spoken sentence does, in their order."""
    return judge(spoken(parsed), pair=len(parsed.speakers) <= _PAIR)


def is_working_talk(told: list[Judged]) -> bool:
    """Whether people ask things of each other and say yes, as in a meeting; few sentences may be part of one.

    In a lecture or a show hardly anybody accepts anything.
    """
    accepted = sum(one.acts["accept"] for one in told)
    return len(told) < _LONG or accepted >= _ACCEPTED * len(told)
