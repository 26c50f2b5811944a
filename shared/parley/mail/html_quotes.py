"""Converts HTML bodies to lines of text in which quotes begin with `> `.

Quotes that are marked as elements are written as quoted lines; where a client
marks only the beginning (`divRplyFwdMsg`), a separator line is written. The
scanner for plain text does the rest, so that answers between quotes survive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.mail.quote_headers import is_rule, reply_header
from parley.mail.quote_words import COLONS

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "head",
        "style",
        "script",
        "title",
        "meta",
        "link",
        "noscript",
        "template",
        "object",
        "svg",
        "math",
        "xml",
    ]
)
_CONTAINERS = (
    "olk_src_body_section",
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "moz-forward-container",
    "isforwardcontent",
    "ydp-yahoo-quoted",
)
_BEGINNINGS = (
    "divrplyfwdmsg",
    "divrpllfwdmsg",
    "appendonsend",
    "stopspelling",
    "replysplit",
    "mail-editor-reference-message-container",
)
_SIGNATURES = (
    "gmail_signature",
    "moz-signature",
    "ms-outlook-mobile-signature",
    "gmail_signature_prefix",
    "applemailsignature",
    "protonmail_signature_block",
    "x_signature",
)
MAX_DEPTH = 1000
"""Elements within elements; libxml2 drops what is twice as deep without a word."""
_SEPARATOR = "-----Original Message-----"


def lines_from_html(html: str, *, signatures: bool = False) -> list[str]:
    """The readable lines of `html`, quotes marked; [] when it cannot be parsed.

    Marked signatures are written as quotes too, unless `signatures` asks for them.
    """
    root = _parse(html)
    if root is None:
        return []
    writer = _Writer(signatures=signatures)
    _walk(root, writer)
    return writer.finished()


def _parse(html: str) -> _Element | None:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


class _Writer:
    def __init__(self, *, signatures: bool) -> None:
        self.signatures = signatures
        self.lines: list[str] = []
        self.depth = 0
        self.preformatted = 0
        self._run: list[str] = []

    def text(self, text: str | None) -> None:
        if not text:
            return
        first, *others = text.split("\n") if self.preformatted else [text]
        self._run.append(first)
        for line in others:
            self.end_line(force=True)
            self._run.append(line)

    def end_line(self, *, force: bool = False) -> None:
        line = "".join(self._run).replace("\u200b", "")
        line = line.rstrip() if self.preformatted else " ".join(line.split())
        self._run.clear()
        if line or force:
            self.lines.append(f"{'> ' * self.depth}{line}" if self.depth else line)

    def paragraph(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * self.depth)

    def finished(self) -> list[str]:
        self.end_line()
        return self.lines


def _walk(root: _Element, writer: _Writer) -> None:
    """Depth first without recursion: a hostile mail nests deeper than the stack."""
    stack: list[tuple[_Element, bool, bool]] = [(root, False, False)]
    while stack:
        element, leaving, quoted = stack.pop()
        if leaving:
            _leave(element, writer, quoted=quoted)
            continue
        if element.tag == "br":
            writer.end_line(force=True)
            writer.text(element.tail)
            continue
        if not isinstance(element.tag, str) or element.tag in _SILENT or _hidden(element):
            writer.text(element.tail)
            continue
        quoted = _enter(element, writer)
        stack.append((element, True, quoted))
        stack.extend((child, False, False) for child in reversed(element))


def _enter(element: _Element, writer: _Writer) -> bool:
    tag, marks = str(element.tag), _marks(element)
    if tag in _BLOCKS:
        writer.end_line()
    if tag in ("p", "blockquote", "table", "pre") or (tag[:1] == "h" and tag[1:].isdigit()):
        writer.paragraph()
    if not writer.depth:
        _mark_beginning(element, marks, writer)
    quoted = _is_quote(element, tag, marks, writer)
    writer.depth += quoted
    writer.preformatted += _preformatted(element)
    if tag == "li":
        writer.text("- ")
    writer.text(element.text)
    return quoted


def _leave(element: _Element, writer: _Writer, *, quoted: bool) -> None:
    tag = str(element.tag)
    if tag in _BLOCKS:
        writer.end_line()
    writer.depth -= quoted
    writer.preformatted -= _preformatted(element)
    if tag in ("p", "blockquote", "table", "pre"):
        writer.paragraph()
    writer.text(element.tail)


def _marks(element: _Element) -> str:
    name, kind = element.get("id"), element.get("class")
    return f"{name or ''} {kind or ''}".lower() if name or kind else ""


def _style(element: _Element) -> str:
    style = element.get("style")
    return style.replace(" ", "").lower() if style else ""


def _hidden(element: _Element) -> bool:
    style = _style(element)
    return bool(style) and ("display:none" in style or "mso-hide:all" in style)


def _preformatted(element: _Element) -> bool:
    return element.tag == "pre" or "white-space:pre" in _style(element)


def _mark_beginning(element: _Element, marks: str, writer: _Writer) -> None:
    if marks and any(mark in marks for mark in _BEGINNINGS) and (element.tag != "div" or _has_more(element)):
        writer.paragraph()
        writer.lines.append(_SEPARATOR)


def _has_more(element: _Element) -> bool:
    return "appendonsend" not in _marks(element) or element.getnext() is not None


def _is_quote(element: _Element, tag: str, marks: str, writer: _Writer) -> bool:
    if marks and any(mark in marks for mark in _CONTAINERS):
        return True
    if (
        marks
        and not writer.signatures
        and (any(mark in marks for mark in _SIGNATURES) or "signature" in marks.split())
    ):
        return True
    if tag != "blockquote":
        return False
    style = _style(element)
    return (
        "cite" in (element.get("type") or "").lower()
        or element.get("cite") is not None
        or "quote" in marks
        or "border-left" in style
        or _below_header(writer)
    )


def _below_header(writer: _Writer) -> bool:
    lines = writer.lines
    end = len(lines) - 1
    while end >= 0 and (not lines[end].strip("> ") or is_rule(lines[end])):
        end -= 1
    return (
        end >= 0
        and lines[end].rstrip().endswith(COLONS)
        and reply_header(lines, end, quoted_below=True) is not None
    )
