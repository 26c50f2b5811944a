"""The file extensions and media types that a transcript may have."""

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
    """Whether a file may hold a transcript: by its extension, or by its media type where it has none.

    The content is not read, and may turn out to be something else.
    """
    name = (filename or "").strip().lower()
    if "." in name[1:]:
        return name[name.rindex(".") :] in _SUFFIXES
    return (content_type or "").partition(";")[0].strip().lower() in _TYPES
