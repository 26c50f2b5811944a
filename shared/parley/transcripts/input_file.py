"""A file that may be a transcript: its bytes, what was said of them, its text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from parley.errors import TranscriptError
from parley.transcripts.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LINES = 300_000
MAX_BYTES = 20 * 1024 * 1024
MAX_VALUES = 2_000_000
"""What JSON may hold: three bytes of `{},` become seventy of memory."""
_BLANKS = 3
_BINARY = (b"PK\x03\x04", b"%PDF-")


@dataclass(frozen=True)
class Source:
    """`charset` is the declared one; it is believed only where the bytes allow it."""

    content: bytes
    filename: str | None = None
    content_type: str | None = None
    charset: str | None = None

    @property
    def suffix(self) -> str:
        """The last extension of the file name, lower-cased, with its dot; "" without one."""
        stem, dot, extension = (self.filename or "").strip().rpartition(".")
        return f".{extension.lower()}" if dot and stem else ""

    @property
    def is_text(self) -> bool:
        return not self.content.startswith(_BINARY)

    @cached_property
    def text(self) -> str:
        """Decoded. Raises TranscriptError for what is no text, or too much of it."""
        if len(self.content) > MAX_BYTES:
            limit = MAX_BYTES // (1024 * 1024)
            raise TranscriptError(f"The transcript is larger than {limit} MB: send it in parts.")
        return decode(self.content, self.charset)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """At most MAX_LINES; raises TranscriptError for more."""
        found = few_blanks(split_lines(self.text))
        if len(found) > MAX_LINES:
            raise TranscriptError(f"The transcript has more than {MAX_LINES:,} lines: send it in parts.")
        return tuple(found)

    @cached_property
    def json(self) -> Any:
        """The file as JSON; None where it is none, or one too deep to be anybody's transcript.

        Raises TranscriptError where it holds more values than any transcript.
        """
        if not self.is_text or not self.text.lstrip().startswith(("{", "[")):
            return None
        if sum(self.text.count(mark) for mark in "{[,") > MAX_VALUES:
            raise TranscriptError(f"The JSON holds more than {MAX_VALUES:,} values: send it in parts.")
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


def split_lines(text: str) -> list[str]:
    """Lines ended by LF, CR LF or CR, and by nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def few_blanks(lines: Iterable[str]) -> list[str]:
    """At most three empty lines in a row: a fourth says nothing, and a million cost time."""
    kept: list[str] = []
    blanks = 0
    for line in lines:
        blanks = 0 if line.strip() else blanks + 1
        if blanks <= _BLANKS:
            kept.append(line)
    return kept
