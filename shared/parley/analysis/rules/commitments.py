"""What people take on: sentences that the classifier takes for one task, and who is to do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from parley.analysis.rules import phrasing
from parley.analysis.rules.sentence_acts import is_working_talk, judged

if TYPE_CHECKING:
    from parley.analysis.acts.classifier import Judged
    from parley.analysis.rules.parsed_transcript import ParsedTranscript

ENOUGH, CERTAIN = 0.6, 0.85
"""So likely a sentence takes something on that is listed, and in talk that is no meeting."""
_ANSWERS_WITHIN = 3
_CLEAR = 0.4
_FEW_WORDS = 3
_EDGE = 3

Giver = Literal["self", "asked", "assigned"]


@dataclass(frozen=True, slots=True)
class Commitment:
    """`position` is the sentence that says most of it; `positions` are all, in order."""

    position: int
    positions: tuple[int, ...]
    giver: Giver
    owner: str | None
    likelihood: float


def find_commitments(parsed: ParsedTranscript) -> list[Commitment]:
    """In the order in which they are said. A request and its answer are one."""
    told = judged(parsed)
    enough = ENOUGH if is_working_talk(told) else CERTAIN
    likely = [position for position, one in enumerate(told) if one.task >= enough]
    return [_commitment(parsed, told, group) for group in grouped(parsed, told, likely)]


def grouped(parsed: ParsedTranscript, told: list[Judged], positions: list[int]) -> list[list[int]]:
    """The sentences of one matter together: what is proposed or asked, and the answers to it."""
    groups: list[list[int]] = []
    for position in positions:
        if groups and _goes_on(parsed, told, groups[-1], position):
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def is_thin(text: str) -> bool:
    """Whether it says next to nothing of its own: `sure, I'll do that`."""
    return len(phrasing.content_words(text)) < _FEW_WORDS


def _goes_on(parsed: ParsedTranscript, told: list[Judged], group: list[int], position: int) -> bool:
    """Whether the sentence answers, or says the rest of, what was said right before."""
    if position - group[-1] > _ANSWERS_WITHIN:
        return False
    acts = told[position].acts
    return (
        max(acts["accept"], acts["agree"]) > _CLEAR
        or is_thin(parsed.sentences[position].text)
        or is_thin(parsed.sentences[group[-1]].text)
    )


def _commitment(parsed: ParsedTranscript, told: list[Judged], group: list[int]) -> Commitment:
    position = max(
        group,
        key=lambda at: (not is_thin(parsed.sentences[at].text), told[at].task - told[at].acts["accept"]),
    )
    giver, owner = _owner(parsed, told, position)
    return Commitment(position, tuple(group), giver, owner, max(told[at].task for at in group))


def _owner(parsed: ParsedTranscript, told: list[Judged], position: int) -> tuple[Giver, str | None]:
    """Who promises or offers; of a request who says yes, or is asked; of an assignment who is named."""
    acts = told[position].acts
    own = max(acts["commit"], acts["offer"], acts["accept"])
    sentence = parsed.sentences[position]
    speaker = parsed.speaker_name(sentence)
    if own >= max(acts["request"], acts["assign"]):
        return "self", speaker
    if acts["assign"] > acts["request"]:
        named = parsed.people.named_in(sentence.text)
        return "assigned", named[0] if len(named) == 1 else None
    return "asked", _asked(parsed, position, _who_answers(parsed, told, position))


def _asked(parsed: ParsedTranscript, position: int, answers: str | None) -> str | None:
    """Whom a request is put to: who is called at an edge of it, else who answers, else the only other."""
    sentence = parsed.sentences[position]
    speaker = parsed.speaker_name(sentence)
    called = [name for name in parsed.people.named_in(sentence.text) if name != speaker]
    words = sentence.text.split()
    edges = parsed.people.named_in(" ".join((*words[:_EDGE], "-", *words[-_EDGE:])))
    outer = [name for name in called if name in edges]
    if len(outer) == 1 and answers in (None, outer[0]):
        return outer[0]
    return answers or (called[0] if len(called) == 1 else parsed.other_speaker(speaker))


def _who_answers(parsed: ParsedTranscript, told: list[Judged], position: int) -> str | None:
    """The next to take something on, of those who did not ask."""
    asker = parsed.sentences[position].speaker
    for at in range(position + 1, min(position + 1 + _ANSWERS_WITHIN, len(told))):
        acts = told[at].acts
        if parsed.sentences[at].speaker != asker and max(acts["accept"], acts["commit"]) > _CLEAR:
            return parsed.speaker_name(parsed.sentences[at])
    return None
