"""Decodes the MIME parts of an email: the body as text, the HTML, and the attachments."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.mail import charsets
from parley.mail import headers as hd
from parley.mail.email import Attachment
from parley.mail.html_to_text import MOST_TAGS, html_to_text
from parley.mail.sealed_files import why_sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.mail.limits import Budget
    from parley.mail.parts import Part

_READABLE = ("text/plain", "text/html")
EMBEDDED = ("message/rfc822", "message/global")
_STUB_CHARS = 200
_BARE_CR = re.compile(rb"\r(?!\n)")
_LINE_END = re.compile(r"\r{0,2}\n|\r")
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_LONGEST_NAME = 200


@dataclass(slots=True)
class Content:
    """What the leaves come to. `sealed` names the files that cannot be opened, and what to do."""

    body: str = ""
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    """One readable leaf: `kind` is plain or html."""

    kind: str
    text: str
    alternatives: tuple[int, ...]


def read_content(data: bytes, leaves: Sequence[Part], budget: Budget) -> Content:
    """Decode every leaf once, choose the body, keep the rest as attachments. Never raises but over limits."""
    content = Content()
    texts: list[_Text] = []
    for part in leaves:
        body = unpacked(data, part, content.problems)
        budget.decoded(len(body))
        if _is_readable(part):
            texts.append(_readable(part, body, budget, content.problems))
        elif part.content_type.startswith("multipart/"):
            texts.append(_readable(part, body, budget, content.problems))
            content.problems.append(f"a {part.content_type} without any part was read as text")
        elif body or part.filename:
            content.attachments.append(_attachment(part, body))
            if why := why_sealed(content.attachments[-1]):
                content.sealed.append(why)
    content.html = _joined([t.text for t in texts if t.kind == "html"]) or None
    content.body = _body(texts)
    return content


def _readable(part: Part, body: bytes, budget: Budget, problems: list[str]) -> _Text:
    """One text leaf, as much of it as the limits allow; no text is left out silently."""
    kept = _cut(body, budget.text(len(body)))
    if len(kept) < len(body):
        problems.append(f"only the first {len(kept)} bytes of a {part.content_type} part were read")
    text = _text_of(kept, part)
    kind = "html" if part.content_type == "text/html" else "plain"
    if kind == "html" and text.count("<") > MOST_TAGS:
        problems.append(f"only the first {MOST_TAGS} tags of an HTML part were read")
    return _Text(kind, text, part.alternatives)


def _cut(body: bytes, size: int) -> bytes:
    """At most `size` bytes, no UTF-8 character cut in two: the whole would count as another charset."""
    if size >= len(body):
        return body
    while size and body[size] & 0xC0 == 0x80:  # noqa: PLR2004 (a continuation byte)
        size -= 1
    return body[:size]


def _is_readable(part: Part) -> bool:
    """A text part that is no attachment: the first may carry a file name, later ones not."""
    if part.content_type not in _READABLE or part.disposition.value == "attachment":
        return False
    return not part.filename or part.first or (bool(part.alternatives) and part.parent == "alternative")


def unpacked(data: bytes, part: Part, problems: list[str]) -> bytes:
    """The part's bytes, its transfer encoding undone; line ends are left alone."""
    body = data[part.start : part.end]
    encoding = part.transfer_encoding
    if encoding.startswith("base64"):
        return _from_base64(body, part, problems)
    if encoding.startswith("quoted"):
        # The decoder takes CRLF and LF, and drops all that follows a soft break before a bare CR.
        return binascii.a2b_qp(hd.EOL.sub(b"\n", body) if _BARE_CR.search(body) else body)
    if encoding.startswith(("x-uu", "uu")):
        problems.append(f"uuencoded content is kept as it came: {_label(part)}")
    return body


def _from_base64(body: bytes, part: Part, problems: list[str]) -> bytes:
    if part.content_type.startswith("text/") and _is_prose(body):
        problems.append(f"declared base64 but is plain text: {_label(part)}")
        return body
    decoded = hd.unbase64(body)
    if len(decoded) * 4 < len(body.translate(None, b"\r\n \t=")) * 3 - 8:
        problems.append(f"base64 is damaged: {_label(part)}")
    return decoded


def _is_prose(body: bytes) -> bool:
    """Plain text under a wrong label: short words where base64 has none."""
    words = body[:4096].split()
    return len(words) > 3 and sum(map(len, words)) / len(words) < 16  # noqa: PLR2004 (base64 lines are ~76)


def _text_of(body: bytes, part: Part) -> str:
    text = charsets.decode(body, part.params.get("charset") or _charset_of_html(body, part))
    text = _LINE_END.sub("\n", text) if "\r" in text else text
    if part.params.get("format", "").lower() == "flowed":
        text = _unflowed(text, delsp=part.params.get("delsp", "").lower() == "yes")
    return text


def _charset_of_html(body: bytes, part: Part) -> str | None:
    """What the document's own `<meta>` says, where the header is silent."""
    match = _META_CHARSET.search(body, 0, 2048) if part.content_type == "text/html" else None
    return match[1].decode("ascii") if match else None


def _unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676 soft line breaks undone for unquoted lines; `-- ` stays a line."""
    paragraphs: list[list[str]] = []
    flowing = False
    for raw in text.split("\n"):
        quoted = raw.startswith(">")
        line = raw if quoted else raw.removeprefix(" ")
        if not (flowing and not quoted and line.rstrip() != "--"):
            paragraphs.append([])
        flowing = line.endswith(" ") and not quoted and line != "-- "
        paragraphs[-1].append(line[:-1] if flowing and delsp else line)
    return "\n".join("".join(pieces) for pieces in paragraphs)


def _joined(texts: Sequence[str]) -> str:
    return "\n".join(text.strip("\n") for text in texts if text.strip())


def _body(texts: Sequence[_Text]) -> str:
    """text/plain first; HTML only where no plain twin says the same."""
    twins = _twins(texts)
    rendered = {
        i: html_to_text(t.text) for i, t in enumerate(texts) if t.kind == "html" and _wanted(t, twins)
    }
    stubs = _stub_groups(twins, texts, rendered)
    pieces: list[str] = []
    said: set[int] = set()
    for index, text in enumerate(texts):
        piece = rendered.get(index, "") if text.kind == "html" else text.text
        if text.kind == "plain" and stubs.intersection(text.alternatives):
            continue
        words = hash("".join(piece.split()))
        if text.kind == "plain" or words not in said:
            pieces.append(piece)
            said.add(words)
    return _joined(pieces)


def _twins(texts: Sequence[_Text]) -> dict[int, str]:
    """The plain text within each outermost multipart/alternative: gathered once, however many ask."""
    found: dict[int, list[str]] = {}
    for text in texts:
        if text.kind == "plain" and text.alternatives and text.text.strip():
            found.setdefault(text.alternatives[0], []).append(text.text.strip())
    return {group: "\n".join(pieces) for group, pieces in found.items()}


def _twin(text: _Text, twins: dict[int, str]) -> str:
    return twins.get(text.alternatives[0], "") if text.alternatives else ""


def _wanted(text: _Text, twins: dict[int, str]) -> bool:
    """Whether this HTML must be rendered: no plain twin, or one so short that it may be a stub."""
    return len(_twin(text, twins)) < _STUB_CHARS


def _stub_groups(twins: dict[int, str], texts: Sequence[_Text], rendered: dict[int, str]) -> set[int]:
    """The multipart/alternatives whose plain text is a stub; the others' HTML is dropped from `rendered`."""
    stubs: set[int] = set()
    for index, said in rendered.items():
        twin = _twin(texts[index], twins)
        if twin and _is_stub(twin, said):
            stubs.update(texts[index].alternatives)
        elif twin:
            rendered[index] = ""
    return stubs


def _is_stub(plain: str, html_text: str) -> bool:
    """`Your mail program cannot show HTML`: short, and the HTML says much more."""
    mine, theirs = set(plain.lower().split()), set(html_text.lower().split())
    return len(html_text) > 1.5 * len(plain) and len(mine & theirs) * 2 < len(mine)


def text_among(attachments: Sequence[Attachment]) -> str:
    """For an email without a body of its own: the first text part that has no file name, or ""."""
    for attachment in attachments:
        if attachment.filename is None and _is_other_text(attachment.content_type):
            text = _LINE_END.sub("\n", charsets.decode(attachment.content, attachment.charset))
            return _MARKUP.sub("", text) if "rich" in attachment.content_type else text
    return ""


def _is_other_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0]
    return kind in ("text/enriched", "text/richtext", "message/delivery-status", "text/rfc822-headers") or (
        kind.startswith("text/") and kind not in ("text/calendar", "text/vtt", "text/x-vcard", "text/vcard")
    )


def _attachment(part: Part, body: bytes) -> Attachment:
    method = part.params.get("method", "")
    kind = part.content_type
    if kind == "text/calendar" and re.fullmatch(r"[A-Za-z-]{1,40}", method):
        kind = f"{kind}; method={method.upper()}"
    return Attachment(safe_filename(part.filename), kind, body, part.params.get("charset"))


def safe_filename(name: str | None) -> str | None:
    """The sender's file name without folder and control characters; None when nothing is left."""
    if name is None:
        return None
    cleaned = _UNSAFE.sub("", hd.decode_words(name)).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(cleaned) > _LONGEST_NAME:
        stem, dot, extension = cleaned.rpartition(".")
        keep = extension if dot and len(extension) <= 20 else ""  # noqa: PLR2004 (no extension is longer)
        cleaned = (stem if keep else cleaned)[: _LONGEST_NAME - len(keep) - 1] + (f".{keep}" if keep else "")
    return cleaned or None


def _label(part: Part) -> str:
    return safe_filename(part.filename) or part.content_type
