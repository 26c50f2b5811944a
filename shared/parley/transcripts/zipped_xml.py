"""Read one XML part of a zip file, with limits against files made to unpack to too much."""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib

from parley.errors import TranscriptError

MAX_PARTS = 2_000
MAX_TOTAL = 200 * 1024 * 1024
MAX_PART = 16 * 1024 * 1024
MAX_RATIO = 200
_SMALL = 1024 * 1024
_HEAD_BYTES = 200_000
_WORDS = re.compile(rb"<w:t(?: [^>]*)?>[^<]*</w:t>|<w:(?:br|cr)\b[^>]*>")
_BREAK = re.compile(rb"<w:(?:br|cr)\b[^>]*>")
_TAG = re.compile(rb"<[^>]*>")


def xml_part(content: bytes, name: str) -> bytes:
    """The bytes of the part `name`, unpacked in memory.

    Raises TranscriptError for what is no zip, has no such part, is encrypted,
    declares a document type, or is larger than the limits above.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard(archive.infolist(), name)
            part = archive.read(name)
    except TranscriptError:
        raise
    except KeyError as error:
        raise TranscriptError(
            "The file is not a Word document: save it as .docx and send it again."
        ) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        OSError,
        ValueError,
        EOFError,
    ) as error:
        raise TranscriptError(
            "The .docx file is damaged or encrypted: save it again and send that."
        ) from error
    _no_document_type(part)
    return part


def first_paragraphs(content: bytes, most: int) -> tuple[str, ...]:
    """The text of a Word file's first paragraphs, one or more lines each; empty where it cannot be read."""
    try:
        part = xml_part(content, "word/document.xml")[:_HEAD_BYTES]
    except TranscriptError:
        return ()
    paragraphs = (b"".join(_WORDS.findall(one)) for one in part.split(b"</w:p>")[:most])
    texts = (
        html.unescape(_TAG.sub(b"", _BREAK.sub(b"\n", one)).decode("utf-8", "replace")) for one in paragraphs
    )
    return tuple(line for text in texts for line in text.split("\n") if line.strip())


def _guard(parts: list[zipfile.ZipInfo], wanted: str) -> None:
    total = sum(part.file_size for part in parts)
    bomb = any(p.file_size > max(_SMALL, p.compress_size * MAX_RATIO) for p in parts)
    large = any(p.file_size > MAX_PART for p in parts if p.filename == wanted)
    if len(parts) > MAX_PARTS or total > MAX_TOTAL or bomb or large:
        raise TranscriptError("The .docx file unpacks to far more than a transcript: send it as plain text.")


def _no_document_type(part: bytes) -> None:
    """Word writes none; entities and outside files are reached only through one."""
    if any("<!DOCTYPE".encode(codec) in part for codec in ("ascii", "utf-16-le", "utf-16-be")):
        raise TranscriptError(
            "The .docx file declares a document type, which Word never does: it is not read."
        )
