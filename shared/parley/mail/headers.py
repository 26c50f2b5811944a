"""Parses header blocks: names and values, encoded words (RFC 2047), parameters (RFC 2231). Never fails."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from parley.mail import charsets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.mail.limits import Budget

RawHeaders = list[tuple[str, bytes]]

# At most two CRs belong to a line end: mail that passed two careless gateways has CR CR LF.
EOL = re.compile(rb"\r{0,2}\n|\r")
_HEADER = re.compile(rb"[ \t]*([!-,.-9;-~][!-9;-~]{0,126})[ \t]*:")
_USUAL = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|in-reply-to|references|reply-to|sender|return-path|received"
    rb"|mime-version|content-[a-z-]{1,40}|x-[a-z-]{1,60}|dkim-signature|list-[a-z-]{1,20}|delivered-to"
    rb"|envelope-to|received-spf|authentication-results|arc-[a-z-]{1,40}|domainkey-signature|errors-to"
    rb"|auto-submitted|precedence|importance|priority|thread-[a-z]{1,10}|user-agent|autocrypt"
    rb"|feedback-id)[ \t]*:",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(rb"(?:[ \t]{0,500}(?:\r{0,2}\n|\r)){1,10}")
_PARAMETER = re.compile(rb"[a-z*]{2,20}[0-9*]*=", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]+")
_LONGEST_LOOKAHEAD = 200


@dataclass(slots=True)
class _Block:
    headers: RawHeaders = field(default_factory=list)
    open_value: list[bytes] = field(default_factory=list)
    open_name: str = ""

    def close(self) -> None:
        if self.open_name:
            self.headers.append((self.open_name, b" ".join(self.open_value)))
        self.open_name, self.open_value = "", []


def read_block(data: bytes, start: int, end: int, budget: Budget) -> tuple[RawHeaders, int]:
    """The headers that begin at `start`, unfolded, and where the body begins.

    Names are lower-cased; values are raw bytes without line ends. A line that
    is no header ends the block, as does an empty one; a stray line between
    two usual headers is skipped, and so are blank lines above a message's
    first. Raises SenderError over the header limits.
    """
    block, pos, after_bare_cr = _Block(), _first_header(data, start, end), False
    bare_cr_mail = _ends_lines_with_cr(data, start, end)
    while pos < end:
        eol = EOL.search(data, pos, end)
        stop, after = (eol.start(), eol.end()) if eol else (end, end)
        line = data[pos : min(stop, pos + budget.limits.header_bytes + 1)]
        if not line.strip() and not _goes_on(data, line, after, end):
            pos = after
            break
        budget.header(len(line))
        if not _take(block, line, joined=after_bare_cr) and not _skippable(
            data, line, pos == start, after, end
        ):
            break
        after_bare_cr = eol is not None and eol[0] == b"\r" and not bare_cr_mail
        pos = after
    block.close()
    return block.headers, pos


def _first_header(data: bytes, start: int, end: int) -> int:
    """Where a message begins: behind the blank lines that copying its source may leave above it."""
    blank = _BLANK_LINES.match(data, start, end) if start == 0 else None
    return blank.end() if blank and _USUAL.match(data, blank.end(), end) else start


def _ends_lines_with_cr(data: bytes, start: int, end: int) -> bool:
    first = EOL.search(data, start, end)
    return first is not None and first[0] == b"\r"


def _goes_on(data: bytes, blank: bytes, after: int, end: int) -> bool:
    """A line of blanks alone is a folding only where usual headers go on behind it."""
    return bool(blank) and bool(_USUAL.match(data, after, min(end, after + _LONGEST_LOOKAHEAD)))


def _take(block: _Block, line: bytes, *, joined: bool) -> bool:
    """Whether the line was a header or a part of one."""
    if line[:1] in (b" ", b"\t") and block.open_name:
        block.open_value.append(line.strip())
        return True
    match = None if line.startswith(b"--") else _HEADER.match(line)
    if match:
        block.close()
        block.open_name = match[1].decode("ascii").lower()
        block.open_value = [line[match.end() :].strip()]
        return True
    # A parameter that was not indented belongs to the value that ends with its semicolon.
    lost = bool(block.open_value) and block.open_value[-1].endswith(b";") and _PARAMETER.match(line)
    if (joined or lost) and block.open_name:
        block.open_value.append(line.strip())
        return True
    return False


def _skippable(data: bytes, line: bytes, first: bool, after: int, end: int) -> bool:
    """The envelope line of an mbox, or a stray line before another usual header."""
    if line.startswith((b"From ", b">From ")):
        return True
    if line.startswith(b"--") or (first and not line.strip()):
        return False
    return bool(_USUAL.match(data, after, min(end, after + _LONGEST_LOOKAHEAD)))


def first(headers: RawHeaders, name: str) -> bytes | None:
    """The first header of that (lower-case) name, raw."""
    return next((value for key, value in headers if key == name), None)


def as_text(value: bytes, charset: str | None = None) -> str:
    """A raw value as text with its encoded words left as they are."""
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        return charsets.decode(value, charset or "windows-1252")


def decoded(value: bytes | str, charset: str | None = None) -> str:
    """A value as a person reads it: encoded words decoded, no line end, no control character."""
    text = as_text(value, charset) if isinstance(value, bytes) else value
    return _UNPRINTABLE.sub(" ", decode_words(text)).replace("\t", " ").strip()


@dataclass(slots=True)
class _Word:
    charset: str
    data: bytes


def decode_words(text: str) -> str:
    """RFC 2047 words decoded wherever they stand; what is none stays as it is.

    Neighbours of one charset are joined as bytes first: senders cut words in
    the middle of a character. A charset that is a lie never costs the text.
    """
    if "=?" not in text:
        return text
    return "".join(_joined(_split_words(text)))


def _split_words(text: str) -> Iterable[str | _Word]:
    pos = 0
    while (start := text.find("=?", pos)) >= 0:
        closing = _closing(text, start)
        if closing is None:
            break
        word, end = closing
        if word is None:
            yield text[pos : start + 2]
            pos = start + 2
            continue
        if text[pos:start]:
            yield text[pos:start]
        yield word
        pos = end
    yield text[pos:]


def _closing(text: str, start: int) -> tuple[_Word | None, int] | None:
    """The word that starts here and its end; a None word where there is none; None where none can follow."""
    mark = text.find("?", start + 2)
    if mark < 0:
        return None
    charset = text[start + 2 : mark] if mark - start <= 80 else ""  # noqa: PLR2004 (no charset is longer)
    kind = text[mark + 1 : mark + 2].lower()
    if (
        not charset
        or any(c.isspace() for c in charset)
        or kind not in ("b", "q")
        or text[mark + 2 : mark + 3] != "?"
    ):
        return None, start + 2
    end = text.find("?=", mark + 3)
    if end < 0:
        return None
    if kind == "q" and end == mark + 3 and text[end + 2 : end + 3] and "?=" in text[end + 2 : end + 80]:
        end = text.find("?=", end + 1)  # `?q?=41?=`: the first "?=" belongs to an escape
    return _Word(charset.split("*")[0], _word_bytes(text[mark + 3 : end], kind)), end + 2


def _word_bytes(payload: str, kind: str) -> bytes:
    raw = payload.encode("utf-8", "surrogatepass")
    return unbase64(raw) if kind == "b" else binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)


def _joined(pieces: Iterable[str | _Word]) -> Iterable[str]:
    held: _Word | None = None
    blank = ""
    for piece in pieces:
        if isinstance(piece, _Word):
            if held and held.charset.lower() == piece.charset.lower():
                held.data += piece.data
            else:
                if held:
                    yield charsets.decode(held.data, held.charset)
                else:
                    yield blank
                held = _Word(piece.charset, piece.data)
            blank = ""
        elif held and not piece.strip():
            blank = piece  # blanks between two words are no text
        else:
            if held:
                yield charsets.decode(held.data, held.charset)
                held = None
            yield blank + piece
            blank = ""
    if held:
        yield charsets.decode(held.data, held.charset)
    yield blank


def unbase64(data: bytes) -> bytes:
    """Base64, whatever is wrong with it: foreign characters are skipped, a missing end is missing."""
    try:
        return binascii.a2b_base64(data)
    except (binascii.Error, ValueError):
        kept = data.translate(None, _NOT_BASE64)
        kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(_BASE64)))


@dataclass(frozen=True, slots=True)
class ContentValue:
    """`text/plain; charset=x`: the lower-cased value before the first `;`, and its parameters."""

    value: str
    params: dict[str, str]


_MAX_PARAMS = 200


def content_value(raw: bytes | None) -> ContentValue:
    """A Content-Type or Content-Disposition, parsed leniently; RFC 2231 and 2047 names decoded."""
    if raw is None:
        return ContentValue("", {})
    pieces = _split_params(as_text(raw))
    found: dict[str, str] = {}
    for piece in pieces[1:]:
        name, equals, value = piece.partition("=")
        key = name.strip().lower()
        if equals and key and key not in found:
            found[key] = _unquote(value)
    return ContentValue(_bare_value(pieces[0]), _join_sections(found))


def _bare_value(piece: str) -> str:
    return "".join(_unquote(piece.partition("(")[0]).lower().split())


def _split_params(text: str) -> list[str]:
    """Split at the `;` outside quotes; an unclosed quote ends with the value."""
    pieces: list[str] = []
    start, quoted, pos = 0, False, 0
    while pos < len(text) and len(pieces) < _MAX_PARAMS:
        char = text[pos]
        if char == "\\" and quoted:
            pos += 1
        elif char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            pieces.append(text[start:pos])
            start = pos + 1
        pos += 1
    pieces.append(text[start:])
    return pieces


def _unquote(value: str) -> str:
    value = value.strip()
    if not value.startswith('"'):
        return value.strip("'\"")
    inner, pos = [], 1
    while pos < len(value) and value[pos] != '"':
        if value[pos] == "\\" and value[pos + 1 : pos + 2] in ('"', "\\"):
            pos += 1
        inner.append(value[pos])
        pos += 1
    return "".join(inner)


_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


def _join_sections(found: dict[str, str]) -> dict[str, str]:
    """RFC 2231: `name*0*=utf-8''a%20` and `name*1=b` are one value."""
    joined: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for key, value in found.items():
        match = _SECTION.fullmatch(key)
        if not match:
            joined.setdefault(key, decode_words(value))
            continue
        extended = match[3] is not None or match[2] is None
        sections.setdefault(match[1], {})[int(match[2] or 0)] = (value, extended)
    for name, numbered in sections.items():
        joined[name] = _join_one(numbered)
    return joined


def _join_one(numbered: dict[int, tuple[str, bool]]) -> str:
    charset, data = "", b""
    for number in sorted(numbered):
        value, extended = numbered[number]
        if extended and not charset and value.count("'") >= 2:  # noqa: PLR2004 (charset'language'text)
            charset, _, value = value.split("'", 2)
        data += unquote_to_bytes(value) if extended else value.encode("utf-8", "surrogatepass")
    return decode_words(charsets.decode(data, charset))
