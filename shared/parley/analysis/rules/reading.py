"""One transcript, read once: what every rule starts from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from parley.analysis.rules import explicit, sentences
from parley.analysis.rules.noun_phrases import Surroundings, names_of
from parley.analysis.rules.patterns import lazy
from parley.analysis.rules.people import People, is_person, merged, same
from parley.analysis.rules.words import ARTEFACTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.analysis.rules.context import Context
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

_SCRIBED = lazy(r"^\s*(?P<name>[A-Za-z@][\w.\-]{1,29}(?: [A-Z][\w.\-]+){0,2}):\s+\S")
_ENOUGH_SCRIBED = 5
_A_PAIR, _A_ROUND = 2, 4
_WORDS_A_MINUTE, _MADE_A_WORD = 130.0, 0.008


Found = TypeVar("Found")


def once(rule: Callable[[Reading], Found]) -> Callable[[Reading], Found]:
    """Work a rule out once a reading: the summary and the follow-ups look at the same actions again."""

    def shared(reading: Reading) -> Found:
        if rule not in reading.worked_out:
            reading.worked_out[rule] = rule(reading)
        found: Found = reading.worked_out[rule]
        return found

    return shared


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences without the explicit lines, the explicit lines, and who is who."""

    transcript: Transcript
    context: Context
    people: People
    sentences: tuple[Sentence, ...]
    explicit: tuple[explicit.Line, ...]
    speakers: tuple[str, ...]
    scribes: frozenset[str]
    surroundings: Surroundings
    worked_out: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, transcript: Transcript, context: Context) -> Reading:
        lines = explicit.lines(transcript)
        taken = {line.evidence.segment for line in lines}
        spoken = tuple(s for s in sentences.sentences(transcript) if s.segment not in taken)
        people = People([*transcript.speakers, *context.participants])
        speakers = merged(transcript.speakers)
        around = Surroundings(spoken, names_of(people.names))
        return cls(transcript, context, people, spoken, lines, speakers, _scribes(transcript), around)

    def voice(self, sentence: Sentence) -> str | None:
        """Whose words these are, when that is a person: in minutes not the scribe's."""
        text = sentence.pieces[0].segment.text
        match = _SCRIBED.match(text[:100])
        if match and (sentence.speaker in self.scribes or self.people.find(match["name"])):
            return self.people.find(match["name"]) or match["name"]
        if sentence.speaker in self.scribes or not is_person(sentence.speaker):
            return None
        return self.people.find(sentence.speaker or "") or sentence.speaker

    def working_minutes(self) -> float:
        """How long the talk is, when it is of things that are made; half in any other round of four, else 0.

        A podcast of an hour says "we need to" as often as a team does, but speaks of no drafts and tickets.
        """
        counts = self.surroundings.counts
        words, made = counts.total(), sum(counts[word] for word in ARTEFACTS)
        if made >= _MADE_A_WORD * words:
            return words / _WORDS_A_MINUTE
        return words / _WORDS_A_MINUTE / 2 if len(self.speakers) >= _A_ROUND else 0.0

    def other(self, speaker: str | None) -> str | None:
        """The one other person, in a conversation of two."""
        if not speaker or len(self.speakers) > _A_PAIR:
            return None
        names = [name for name in self.speakers if same(name) != same(speaker)]
        return names[0] if len(names) == 1 and is_person(names[0]) else None


def _scribes(transcript: Transcript) -> frozenset[str]:
    """Those who write down what others say: `scribe> alice: we should ship`."""
    counted = Counter(s.speaker for s in transcript.segments if s.speaker and _is_reported(s.text, s.speaker))
    return frozenset(name for name, count in counted.items() if count >= _ENOUGH_SCRIBED)


def _is_reported(text: str, speaker: str) -> bool:
    match = _SCRIBED.match(text[:100])
    return match is not None and match["name"].lower() not in {
        "http",
        "https",
        "topic",
        "subtopic",
        speaker.lower(),
    }
