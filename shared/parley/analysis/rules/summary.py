"""The summary: counted and quoted from what was found, never invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.analysis.insight import Summary
from parley.analysis.rules import action_items, decisions, key_topics
from parley.analysis.rules.parsed_transcript import ParsedTranscript
from parley.analysis.rules.participants import is_person_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from parley.analysis.meeting_context import MeetingContext
    from parley.transcripts.transcript import Transcript

_NAMED = 4
# A recording that begins after more than this is a log with wall-clock times.
_TIME_OF_DAY = 3_600.0
_TOPICS = 4


def summary(transcript: Transcript, context: MeetingContext) -> Summary:
    """Who met and for how long, what about, and what came of it."""
    return write_summary(ParsedTranscript.parse(transcript, context))


def write_summary(parsed: ParsedTranscript) -> Summary:
    return Summary(" ".join(_sentences(parsed)))


def _sentences(parsed: ParsedTranscript) -> Iterator[str]:
    yield _who(parsed)
    found = key_topics.find_key_topics(parsed)
    if found:
        yield f"Main topics: {_listed([topic.topic for topic in found[:_TOPICS]])}."
    yield from _outcome("decision", "decisions", [d.text for d in decisions.find_decisions(parsed)])
    yield from _outcome(
        "action item", "action items", [a.text for a in action_items.find_action_items(parsed)]
    )


def _who(parsed: ParsedTranscript) -> str:
    if parsed.transcript.kind == "notes":
        present = parsed.transcript.present
        return f"Notes of a meeting{f' of {_listed(present)}' if present else ''}."
    names = [name for name in map(_fuller(parsed), parsed.speakers) if is_person_name(name)]
    length = _length(_lasted(parsed.transcript))
    if not names:
        return (
            f"A conversation{f' of {length}' if length else ''}; the transcript does not name its speakers."
        )
    if len(names) == 1:
        return f"{names[0]} spoke{f' for {length}' if length else ''}."
    shown = names if len(names) <= _NAMED + 1 else [*names[:_NAMED], f"{len(names) - _NAMED} others"]
    return f"{_listed(shown)} met{f' for {length}' if length else ''}."


def _fuller(parsed: ParsedTranscript) -> Callable[[str], str]:
    """A speaker's name as whoever invited them spells it, where that is fuller."""
    return lambda name: parsed.people.find(name) or name


def _lasted(transcript: Transcript) -> float | None:
    """Seconds from the start to the end. A log has the time of day: it counts from its first line."""
    end = transcript.seconds
    first = next((s.start for s in transcript.segments if s.start is not None), None)
    if end is None or first is None:
        return end
    return end - first if first >= _TIME_OF_DAY else end


def _length(seconds: float | None) -> str:
    if seconds is None or seconds <= 0:
        return ""
    minutes = round(seconds / 60)
    return f"{minutes} minute{'s' * (minutes != 1)}" if minutes else "less than a minute"


def _outcome(one: str, many: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        counted = f"1 {one} was" if len(texts) == 1 else f"{len(texts)} {many} were"
        yield f"{counted} found{', among them' if len(texts) > 1 else ''}: {texts[0].rstrip('.')}."


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
