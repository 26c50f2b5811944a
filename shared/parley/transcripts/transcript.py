"""What was said: the same shape whatever the file format was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One statement. `index` is 0-based; `start` and `end` are seconds or None.

    `speaker` is None where the source names none: it is never guessed.
    `text` is what evidence is quoted from, byte for byte; it has no line breaks.
    """

    index: int
    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """`format` is the name of the row in `transcripts.FORMATS` that read it."""

    format: str
    segments: tuple[Segment, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers' names, in the order in which they first speak."""
        return tuple(dict.fromkeys(s.speaker for s in self.segments if s.speaker))

    @property
    def seconds(self) -> float | None:
        """The time of the last segment's end (or start); None without times."""
        times = [t for s in self.segments for t in (s.start, s.end) if t is not None]
        return max(times, default=None)

    @property
    def text(self) -> str:
        """One line a segment, `Speaker: text`, as a model is shown it."""
        return "\n".join(f"{s.speaker}: {s.text}" if s.speaker else s.text for s in self.segments)
