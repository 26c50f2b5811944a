"""The text of a PDF, read as whatever text format it holds. Scanned pages have none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from parley.errors import TranscriptError
from parley.transcripts.formats import text_formats
from parley.transcripts.input_file import MAX_BYTES, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.transcripts.input_file import Source
    from parley.transcripts.statement import Statement

MAX_PAGES = 500
MAX_CHARACTERS = 5_000_000


def sniff(source: Source) -> bool:
    return source.content[:1024].lstrip().startswith(b"%PDF-")


def read(source: Source) -> Iterable[Statement]:
    if len(source.content) > MAX_BYTES:
        raise TranscriptError("The PDF is too large: send the transcript as text.")
    lines = split_lines(_text(source.content))
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
