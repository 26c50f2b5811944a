"""The messages that one body holds: what was typed now, and each mail that is quoted or forwarded below it.

Thanks, adding Parley.                  ◀─ the first message: nobody's header stands above it
On 2 Oct 2025, Bo <bo@x.org> wrote:
> Looks good.                           ◀─ the second
> From: Ann <ann@x.org>
> Sent: 1 Oct 2025 ...
> Ann: Good morning.                    ◀─ the third, and the innermost
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from parley.core.lazy_regex import lazy_compile
from parley.mail.email import Address
from parley.mail.forwarded import parse_date, parse_sender
from parley.mail.quote_headers import (
    Kind,
    clean,
    header_block,
    is_label,
    may_end_attribution,
    reply_header,
    separator,
    split_one_line_header,
    without_wrote,
)
from parley.mail.quote_words import DASHES

MAX_LINES = 300_000
MAX_MESSAGES = 300
MAX_CANDIDATES = 6000
"""Lines that are examined as a possible header; the rest are text."""
_MARKS = lazy_compile(r"(?:\s{0,3}>)+ ?")
_ADDRESS = lazy_compile(r"<?(?:mailto:)?([\w.+%'=&/~!#$-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})>?")
_CLOCK = lazy_compile(r"\d{1,2}[:.h]\d\d(?::\d\d)?(?:[\s\u202f]?[aApP]\.?[mM]\.?)?(?: ?[+-]\d{4})?")
_YEAR = lazy_compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_AROUND_NAME = " ,;:<>()\"'\xa0"
_CAPTION = lazy_compile(r"\s*>>(?!\s*>)\s*\S")


@dataclass(slots=True)
class QuotedMessage:
    """One message of a body. `header` is what a mail program wrote above it; "" for what was typed now.

    `sent` is the header's own date, as text. `depth` counts the quote marks of its lines.
    """

    header: str = ""
    sender: Address | None = None
    sent: str = ""
    depth: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own words, without quote marks and without the messages inside it."""
        return "\n".join(self.lines).strip("\n")

    def sent_before(self, arrived: date | None) -> datetime | None:
        """When it was sent; naive where its header names no offset, None where it says no date.

        `arrived` is the day of the mail that holds it: of a date in numbers that can be read
        in two ways, the way that lies nearest before it.
        """
        return parse_date(self.sent, arrived=arrived) if self.sent else None


def messages_in(body: str) -> list[QuotedMessage]:
    """The messages of a body, outermost first; the first is what was typed now, and may be empty.

    Captions that mark a change of speaker with `>>` are no quotes. Linear in the body.
    """
    raw = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MAX_LINES]
    return _Splitter(split_one_line_header(raw)).messages()


def _attribution(head: str) -> tuple[str, str]:
    """Who and when of `On 2 Oct 2025 at 3:02 PM, Bo <bo@x.org> wrote:`, in whichever order they stand."""
    address = _ADDRESS.search(head)
    before, after = (head[: address.start()], head[address.end() :]) if address else (head, "")
    dated = before if any(char.isdigit() for char in before) else after
    times = list(_CLOCK.finditer(dated))
    end = times[-1].end() if times else max((m.end() for m in _YEAR.finditer(dated)), default=0)
    name = before[end:] if dated is before else before
    who = without_wrote(name).strip(_AROUND_NAME)
    return f"{who} <{address[1]}>" if address else who, without_wrote(dated[:end]).strip(_AROUND_NAME)


class _Splitter:
    def __init__(self, raw: Sequence[str]) -> None:
        captions = sum(1 for line in raw if _CAPTION.match(line)) > sum(
            1 for line in raw if line.lstrip().startswith(">") and not _CAPTION.match(line)
        )
        marks = [None if captions else _MARKS.match(line) for line in raw]
        self._texts = [line[mark.end() :] if mark else line for line, mark in zip(raw, marks, strict=True)]
        self._depths = [mark[0].count(">") if mark else 0 for mark in marks]
        self._left = MAX_CANDIDATES
        self._found = [QuotedMessage()]
        self._open = [self._found[0]]

    def messages(self) -> list[QuotedMessage]:
        i = 0
        while i < len(self._texts):
            text = self._texts[i].strip()
            i = self._header(i, text) if text else self._text(i)
        return self._found

    def _header(self, i: int, text: str) -> int:
        """The line behind the header that ends or begins at line `i`; behind the line where there is none."""
        wrote = text[-1].isalpha() and may_end_attribution(self._texts, i)
        if self._left <= 0 or not (wrote or ":" in text or "\uff1a" in text or text[-1] in DASHES):
            return self._text(i)
        self._left -= 1
        if is_label(text) and (block := header_block(self._texts, i)):
            head = "\n".join(self._texts[i : block.end])
            self._begin(i, block.end, head, block.fields.get(Kind.FROM, ""), block.fields.get(Kind.SENT, ""))
            return block.end
        if text[-1] in DASHES and separator(text):
            self._begin(i, i + 1, text, "", "")
            return i + 1
        if not may_end_attribution(self._texts, i):
            return self._text(i)
        below = self._next_used(i + 1)
        start = reply_header(
            self._texts, i, quoted_below=below is not None and self._depths[below] > self._depths[i]
        )
        if start is None:
            return self._text(i)
        del self._open[-1].lines[len(self._open[-1].lines) - (i - start) :]
        head = " ".join(map(clean, self._texts[start : i + 1]))
        self._begin(i, i + 1, head, *_attribution(head))
        return i + 1

    def _text(self, i: int) -> int:
        if self._texts[i].strip():
            self._return_to(self._depths[i])
        self._open[-1].lines.append(self._texts[i])
        return i + 1

    def _return_to(self, depth: int) -> None:
        """Text with fewer marks goes on where the outer message broke off; with more, it is another's."""
        while len(self._open) > 1 and self._open[-1].depth > depth:
            self._open.pop()
        if depth > self._open[-1].depth:
            self._push(QuotedMessage(header=">", depth=depth))

    def _begin(self, i: int, end: int, head: str, sender: str, sent: str) -> None:
        below = self._next_used(end)
        depth = max(self._depths[i], self._depths[below] if below is not None else 0)
        while len(self._open) > 1 and self._open[-1].depth > self._depths[i]:
            self._open.pop()
        self._push(QuotedMessage(head, parse_sender(sender), sent, depth))

    def _push(self, message: QuotedMessage) -> None:
        if len(self._found) >= MAX_MESSAGES:
            return  # its lines stay with the message around it
        self._found.append(message)
        self._open.append(message)

    def _next_used(self, i: int) -> int | None:
        return next((n for n in range(i, min(i + 6, len(self._texts))) if self._texts[n].strip()), None)
