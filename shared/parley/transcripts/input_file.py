"""A file that may hold a transcript: its bytes, its name and type, its text, lines and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from parley.errors import TranscriptError
from parley.transcripts.decode import decode
from parley.transcripts.zipped_xml import first_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 40
"""Lines in which a transcript says what it is of."""
MAX_LINES = 300_000
MAX_BYTES = 20 * 1024 * 1024
MAX_VALUES = 2_000_000
"""The most values that JSON may hold: three bytes of `{},` take seventy in memory."""
_BLANKS = 3
_BINARY = (b"PK\x03\x04", b"%PDF-")


@dataclass(frozen=True)
class InputFile:
    """The bytes of a file and what its sender declared about them.

    `charset` is the declared one; it is used only where the bytes allow it.
    """

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
        """The decoded text. Raises TranscriptError for binary content and for more than MAX_BYTES."""
        if len(self.content) > MAX_BYTES:
            limit = MAX_BYTES // (1024 * 1024)
            raise TranscriptError(f"The transcript is larger than {limit} MB: send it in parts.")
        return decode(self.content, self.charset)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text. Raises TranscriptError for more than MAX_LINES."""
        found = limit_blank_lines(split_lines(self.text))
        if len(found) > MAX_LINES:
            raise TranscriptError(f"The transcript has more than {MAX_LINES:,} lines: send it in parts.")
        return tuple(found)

    @property
    def head(self) -> tuple[str, ...]:
        """The first lines of the text, or paragraphs of a Word file; none of another binary one."""
        if self.is_text:
            return self.lines[:HEAD]
        if self.suffix == ".docx" or b"word/document.xml" in self.content:
            return first_paragraphs(self.content, HEAD)
        return ()

    @cached_property
    def json(self) -> Any:
        """The parsed JSON; None where the text is no JSON or is nested too deep to parse.

        Raises TranscriptError for more than MAX_VALUES values.
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
    """Split at LF, CR LF and CR, and at no other character."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def limit_blank_lines(lines: Iterable[str]) -> list[str]:
    """Keep at most three empty lines in a row: a million of them would cost time."""
    kept: list[str] = []
    blanks = 0
    for line in lines:
        blanks = 0 if line.strip() else blanks + 1
        if blanks <= _BLANKS:
            kept.append(line)
    return kept
