"""A file that may be a transcript: its bytes, what was said of them, its text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from parley.errors import TranscriptError
from parley.transcripts.decode import decode

MAX_BYTES = 20 * 1024 * 1024
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
        return tuple(split_lines(self.text))

    @cached_property
    def json(self) -> Any:
        """The file as JSON; None where it is none, or one too deep to be anybody's transcript."""
        if not self.is_text or not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


def split_lines(text: str) -> list[str]:
    """Lines ended by LF, CR LF or CR, and by nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
