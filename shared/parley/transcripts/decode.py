"""Decode bytes of unknown encoding: byte order mark, UTF-8, declared charset, then a guess."""

from __future__ import annotations

import codecs

from parley.errors import TranscriptError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that a declared name can reach, but that are no text of a meeting.
_REFUSED = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SURE = 0.08
_SAMPLE = 65_536
_MAX_UNREADABLE = 0.02
_MAX_BAD_UTF8 = 0.01


def decode(content: bytes, charset: str | None = None) -> str:
    """Decode to text without a byte order mark. Raises TranscriptError where the bytes are no text."""
    text = _by_mark(content) or _by_shape(content) or _strictly(content, charset) or _guessed(content)
    if _unreadable(text[:_SAMPLE]) > _MAX_UNREADABLE:
        raise TranscriptError(
            "The file is not text: send the transcript as .vtt, .srt, .txt, .json or .docx."
        )
    return text.replace("\x00", "\ufffd").removeprefix("\ufeff")


def _by_mark(content: bytes) -> str | None:
    for mark, codec in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace")
    return None


def _by_shape(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a Latin text is zero."""
    sample = content[:1024]
    if b"\x00" not in sample:
        return None
    for offset, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = sample[offset::2].count(0), sample[1 - offset :: 2].count(0)
        if zeros > len(sample) // 3 and not others:
            return content.decode(codec, "replace")
    return None


def _strictly(content: bytes, charset: str | None) -> str | None:
    # ISO-2022 is ASCII to look at: only its declaration or its escapes tell it apart.
    names = ["iso2022_jp_2"] if b"\x1b$" in content else []
    for name in (*names, "utf-8", charset):
        text = _attempt(content, name)
        if text is not None:
            return text
    return None


def _attempt(content: bytes, name: str | None) -> str | None:
    try:
        codec = codecs.lookup((name or "").strip().strip("\"'"))
        if codec.name.replace("-", "_") in _REFUSED:
            return None
        return content.decode(codec.name)
    except (LookupError, ValueError, UnicodeError):
        return None


def _guessed(content: bytes) -> str:
    damaged = content.decode("utf-8", "replace")
    wide = sum(1 for char in damaged[:_SAMPLE] if char > "\x7f" and char != "\ufffd")
    bad = damaged[:_SAMPLE].count("\ufffd")
    if bad * 2 <= wide and bad <= _MAX_BAD_UTF8 * len(damaged[:_SAMPLE]):
        return damaged  # UTF-8 with a scratch, a cut-off last character for one
    import chardet

    found = chardet.detect(content[:_SAMPLE])
    # Too little text to tell: then what Western offices write is the better guess.
    name = found["encoding"] if found["confidence"] >= _SURE else None
    return _attempt(content, name) or _attempt(content, "cp1252") or content.decode("latin-1")


def _unreadable(text: str) -> float:
    bad = sum(1 for char in text if char == "\ufffd" or (char < " " and char not in "\t\n\r\f\x1b"))
    return bad / len(text) if text else 0.0
