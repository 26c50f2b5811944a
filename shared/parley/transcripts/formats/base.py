"""What a format is: a name, a test and a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from parley.transcripts.input_file import InputFile
from parley.transcripts.transcript import Statement


@dataclass(frozen=True, slots=True)
class Format:
    """One transcript format.

    `name` is what `--format` and `Transcript.format` say. `sniff` tells whether a
    file is of this format; it raises TranscriptError only for a file over the limits.
    `read` yields the statements in order and may raise TranscriptError.
    """

    name: str
    sniff: Callable[[InputFile], bool]
    read: Callable[[InputFile], Iterable[Statement]]
