"""Which attachments are worth reading as a transcript at all."""

from __future__ import annotations

_SUFFIXES = frozenset(
    {".vtt", ".srt", ".sbv", ".txt", ".text", ".json", ".docx", ".pdf", ".log", ".md", ".irc", ".transcript"}
)
_TYPES = frozenset(
    {
        "text/vtt",
        "text/srt",
        "text/plain",
        "text/markdown",
        "application/x-subrip",
        "application/srt",
        "application/json",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)


def is_transcript_file(filename: str | None, content_type: str | None) -> bool:
    """Judged by name, else by type: `.vtt`, `text/vtt`, a Word file. The bytes may still be none."""
    name = (filename or "").strip().lower()
    if "." in name[1:]:
        return name[name.rindex(".") :] in _SUFFIXES
    return (content_type or "").partition(";")[0].strip().lower() in _TYPES
