"""The text of a PDF, read in the text format that it holds. Scanned pages hold no text."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from parley.errors import TranscriptError
from parley.transcripts.formats import text_formats
from parley.transcripts.input_file import MAX_BYTES, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

MAX_PAGES = 500
MAX_CHARACTERS = 5_000_000


def sniff(file: InputFile) -> bool:
    return file.content[:1024].lstrip().startswith(b"%PDF-")


def read(file: InputFile) -> Iterable[Statement]:
    if len(file.content) > MAX_BYTES:
        raise TranscriptError("The PDF is too large: send the transcript as text.")
    lines = split_lines(_text(file.content))
    if not any(line.strip() for line in lines):
        raise TranscriptError("The PDF holds no text (scanned pages?): send the transcript as text.")
    return text_formats.statements(lines)


def _text(content: bytes) -> str:
    """Pages up to the limits. Whatever the library trips over makes one clear refusal."""
    from pypdf import PdfReader

    pages: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise TranscriptError("The PDF needs a password: send it without one.")  # noqa: TRY301 - one boundary
        for page in reader.pages[:MAX_PAGES]:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > MAX_CHARACTERS:
                break
    except TranscriptError:
        raise
    except Exception as error:
        raise TranscriptError("The PDF is damaged: send the transcript as text.") from error
    return "\n".join(pages)
