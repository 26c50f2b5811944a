"""Finds what the sender typed: removes quotes, forwarded mail and signatures.

A line scanner: each line is looked at a bounded number of times, so the time
is a straight line against the size, whatever the body holds. When in doubt a
line is kept: a quoted line too many costs less than a typed line too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.mail.forwarded import find_forwarded
from parley.mail.quote_headers import (
    closes_address,
    header_block,
    is_frame,
    is_label,
    is_rule,
    may_end_attribution,
    reply_header,
    separator,
    split_one_line_header,
)
from parley.mail.quote_words import DASHES
from parley.mail.signatures import strip_signature

__all__ = ["find_forwarded", "typed_from_html", "typed_text"]

MAX_CANDIDATES = 6000
"""Lines of one body that are examined as a possible header; the rest are taken as typed."""
LONG_LINE = 60
"""A quoted line that a transport may have wrapped."""
HALF_LINE = 30
"""One that a narrow transport may have wrapped, where the rest ends a sentence."""
MAX_SIGNED = 500
"""More stretches than this between quotes, and only the last is searched for a signature."""
MAX_CHARS = 8_000_000
"""Longer bodies are cut: 30 hours of talk fit in."""
_BLANKS = re.compile(r"\n[ \t\n]{3,}\n")
_ENDS = ":\uff1a\u200e\u200f\u202c\u2069"
_QUOTE_MARKS = (
    "<blockquote",
    "gmail_quote",
    "divrplyfwdmsg",
    "olk_src_body",
    "moz-cite",
    "yahoo_quoted",
    "appendonsend",
)


def typed_text(body: str, *, html: str | None = None) -> str:
    """What the sender typed in `body`, without quotes and signature; "" when nothing was.

    `html` is the HTML form of the same mail, when it has one: where it marks
    its quotes and the body does not, the HTML decides.
    """
    if html and not body.strip():
        return typed_from_html(html)
    lines = _lines(body)
    if html and _marks_quotes(html) and not any(line.lstrip().startswith(">") for line in lines):
        from_html = typed_from_html(html)
        if from_html and _words(from_html) <= _words(body):
            return from_html
    return _typed(lines)


def typed_from_html(html: str) -> str:
    """What the sender typed in an HTML body; quotes are known by their mark-up first."""
    from parley.mail.html_quotes import MAX_DEPTH, lines_from_html
    from parley.mail.html_to_text import deepest, html_to_text

    html = html[:MAX_CHARS]
    if deepest(html) > MAX_DEPTH:
        return _typed(_lines(html_to_text(html)))
    # Some people type inside the element that their client calls the signature.
    typed = _typed(lines_from_html(html))
    if not typed and "signature" in html.lower():
        return _typed(lines_from_html(html, signatures=True))
    return typed


def _marks_quotes(html: str) -> bool:
    lowered = html[:MAX_CHARS].lower()
    return any(mark in lowered for mark in _QUOTE_MARKS)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text[:MAX_CHARS].casefold()))


def _lines(body: str) -> list[str]:
    text = body[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    return split_one_line_header(_BLANKS.sub(_fewer_blanks, text).split("\n"))


def _fewer_blanks(found: re.Match[str]) -> str:
    """Three blank lines stand for any number of them."""
    return "\n\n\n\n" if found[0].count("\n") > len("\n\n\n\n") else found[0]


def _typed(lines: list[str]) -> str:
    stretches = _Scanner(lines).typed_stretches()
    parts: list[str] = []
    for start, end, last in stretches:
        typed = lines[start:end]
        if last or len(stretches) <= MAX_SIGNED:
            typed = strip_signature(typed, last=last)
        text = "\n".join(typed).strip("\n")
        if text and not text.isspace():
            parts.append(text)
    return "\n\n".join(parts).strip()


class _Scanner:
    """One pass over the lines of one body; `typed_stretches` is its only answer."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._left = MAX_CANDIDATES
        self._typed_from = 0
        self._found: list[tuple[int, int]] = []
        self._captions = _has_caption_marks(lines)

    def typed_stretches(self) -> list[tuple[int, int, bool]]:
        """(first line, line after the last, does the typed part end there) of each stretch."""
        end = self._scan()
        self._close(end)
        used = [(a, b) for a, b in self._found if any(map(str.strip, self._lines[a:b]))]
        return [(a, b, b == used[-1][1]) for a, b in used]

    def _scan(self) -> int:
        i, lines = 0, self._lines
        while i < len(lines):
            text = lines[i].strip()
            if not text:
                i += 1
                continue
            quote = text[0] == ">" and not closes_address(lines, i)
            step = self._quote(i, text) if quote else self._header(i, text)
            if step is None:
                i += 1
                continue
            if step < 0:
                return self._typed_from
            i = step
        return i

    def _close(self, end: int) -> None:
        if end > self._typed_from:
            self._found.append((self._typed_from, end))

    def _skip(self, start: int, end: int) -> int:
        self._close(start)
        self._typed_from = end
        return end

    def _cut(self, start: int) -> int:
        """Everything from `start` on was not typed now."""
        while start > self._typed_from and (
            not self._lines[start - 1].strip()
            or is_rule(self._lines[start - 1])
            or is_frame(self._lines[start - 1])
        ):
            start -= 1
        self._close(start)
        self._typed_from = len(self._lines)
        return -1

    def _quote(self, i: int, text: str) -> int | None:
        if self._captions and text.startswith(">>"):
            return None
        if text.startswith(">From ") and not _quoted(self._lines, i + 1) and not _quoted(self._lines, i - 1):
            return None
        return self._skip(i, self._end_of_quote(i + 1))

    def _end_of_quote(self, i: int) -> int:
        """The line after a run of `>` lines, wrapped remains of their ends included."""
        lines = self._lines
        while i < len(lines):
            if lines[i].lstrip().startswith(">") or (
                _quoted(lines, i + 1) and _is_wrapped_rest(lines[i - 1], lines[i])
            ):
                i += 1
            else:
                break
        return i

    def _header(self, i: int, text: str) -> int | None:
        ends = text[-1] in DASHES or text[-1] in _ENDS
        if self._left <= 0:
            return None
        if not ends and (text[-1].isalpha() and may_end_attribution(self._lines, i)):
            ends = True
        if not ends and ":" not in text and "\uff1a" not in text:
            return None
        if ends:
            step = self._separator(i, text)
            if step is not None:
                return step
        return self._block(i) if text[-1] not in "-_=" else None

    def _separator(self, i: int, text: str) -> int | None:
        self._left -= 1
        if separator(text):
            return self._cut_or_quote(i, i + 1)
        if not may_end_attribution(self._lines, i):
            return None
        below = _next_used(self._lines, i + 1)
        start = reply_header(self._lines, i, quoted_below=_quoted(self._lines, below))
        if start is None or start < self._typed_from:
            return None
        return self._cut_or_quote(start, i + 1)

    def _block(self, i: int) -> int | None:
        if not is_label(self._lines[i]):
            return None
        self._left -= 1
        block = header_block(self._lines, i)
        return self._cut_or_quote(i, block.end) if block else None

    def _cut_or_quote(self, start: int, end: int) -> int:
        """Below a header: a run of `>` lines that may be answered, or the rest of the mail."""
        below = _next_used(self._lines, end)
        return self._skip(start, below) if _quoted(self._lines, below) else self._cut(start)


def _quoted(lines: Sequence[str], i: int) -> bool:
    return 0 <= i < len(lines) and lines[i].lstrip().startswith(">")


def _next_used(lines: Sequence[str], i: int) -> int:
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i


def _is_wrapped_rest(above: str, line: str) -> bool:
    """A transport wrapped a long quoted line: its end stands below, without a mark."""
    text, above = line.strip(), above.strip()
    return (
        bool(text)
        and text[0].islower()
        and len(text) < len(above)
        and above[-1] not in ".?!:;"
        and (len(above) >= LONG_LINE or (len(above) >= HALF_LINE and " " in text and text[-1] in ".?!"))
    )


def _has_caption_marks(lines: Sequence[str]) -> bool:
    """In captions `>>` says that another person speaks: `>> ANN: Good morning.`"""
    marked = [line for line in lines if line.lstrip().startswith(">")]
    if not marked or any(
        not line.lstrip().startswith(">>") or line.lstrip().startswith(">>>") for line in marked
    ):
        return False
    return len(marked) * 4 < sum(1 for line in lines if line.strip()) * 3 or all(
        ":" in line for line in marked
    )
