"""A transcript as sentences, explicit lines and participants: what every rule starts from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from parley.analysis.rules import explicit_lines, sentences
from parley.analysis.rules.noun_phrases import NearbyTopics, names_of
from parley.analysis.rules.participants import Participants, is_person_name, merge_spellings, name_key
from parley.analysis.rules.word_lists import ARTEFACTS
from parley.core.lazy_regex import lazy_compile

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.explicit_lines import ExplicitLine
    from parley.analysis.rules.sentences import Sentence
    from parley.transcripts.transcript import Transcript

_SCRIBED = lazy_compile(r"^\s*(?P<name>[A-Za-z@][\w.\-]{1,29}(?: [A-Z][\w.\-]+){0,2}):\s+\S")
_ENOUGH_SCRIBED = 5
_A_PAIR, _A_ROUND = 2, 4
_WORDS_A_MINUTE, _MADE_A_WORD = 130.0, 0.008


Found = TypeVar("Found")


def cached_per_transcript(rule: Callable[[ParsedTranscript], Found]) -> Callable[[ParsedTranscript], Found]:
    """Work a rule out once a reading: the summary and the follow-ups look at the same actions again."""

    def shared(parsed: ParsedTranscript) -> Found:
        if shared not in parsed.worked_out:
            parsed.worked_out[shared] = rule(parsed)
        found: Found = parsed.worked_out[shared]
        return found

    return shared


@dataclass(frozen=True, slots=True)
class ParsedTranscript:
    """Sentences without the explicit lines, the explicit lines, and who is who."""

    transcript: Transcript
    context: MeetingContext
    people: Participants
    sentences: tuple[Sentence, ...]
    explicit: tuple[ExplicitLine, ...]
    speakers: tuple[str, ...]
    scribes: frozenset[str]
    nearby_topics: NearbyTopics
    worked_out: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, transcript: Transcript, context: MeetingContext) -> ParsedTranscript:
        lines = explicit_lines.find_explicit_lines(transcript)
        taken = {line.evidence.segment for line in lines}
        spoken = tuple(s for s in sentences.sentences(transcript) if s.segment not in taken)
        people = Participants([*transcript.speakers, *transcript.present, *context.participants])
        speakers = merge_spellings(transcript.speakers)
        around = NearbyTopics(spoken, names_of(people.names))
        return cls(transcript, context, people, spoken, lines, speakers, _scribes(transcript), around)

    def speaker_name(self, sentence: Sentence) -> str | None:
        """Whose words these are, when that is a person: in minutes not the scribe's."""
        text = sentence.pieces[0].segment.text
        match = _SCRIBED.match(text[:100])
        if match and (sentence.speaker in self.scribes or self.people.find(match["name"])):
            return self.people.find(match["name"]) or match["name"]
        if sentence.speaker in self.scribes or not is_person_name(sentence.speaker):
            return None
        return self.people.find(sentence.speaker or "") or sentence.speaker

    def working_minutes(self) -> float:
        """How long the talk is, when it is of things that are made; half in any other round of four, else 0.

        A podcast of an hour says "we need to" as often as a team does, but speaks of no drafts and tickets.
        """
        counts = self.nearby_topics.counts
        words, made = counts.total(), sum(counts[word] for word in ARTEFACTS)
        if made >= _MADE_A_WORD * words:
            return words / _WORDS_A_MINUTE
        return words / _WORDS_A_MINUTE / 2 if len(self.speakers) >= _A_ROUND else 0.0

    def other_speaker(self, speaker: str | None) -> str | None:
        """The one other person, in a conversation of two."""
        if not speaker or len(self.speakers) > _A_PAIR:
            return None
        names = [name for name in self.speakers if name_key(name) != name_key(speaker)]
        return names[0] if len(names) == 1 and is_person_name(names[0]) else None


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
