"""HTML to text: inscriptis where it is safe, a linear scanner where it is not or loses text."""

from __future__ import annotations

import html as entities
import re
from typing import Any

# libxml2 gives up at 256 open elements, silently; a counted one opens at most four (table, tbody, tr, td).
_DEEPEST = 60
_MOST_RENDERED = 30_000  # inscriptis takes 20 us a tag
MOST_TAGS = 500_000
"""Tags that are looked at; what follows is left out."""
_FEWEST = 0.6
_FEWEST_SEEN = 0.05  # with hidden elements much text may rightly be missing
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_VOID_WORDS = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_WORDS.split())
# HTML closes these by itself, or nests them only by way of an element that counts.
_UNCOUNTED = _VOID | frozenset(("p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"))
_BLOCK_WORDS = """
address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul
"""
_BLOCK = frozenset(_BLOCK_WORDS.split())
_SILENT = frozenset(("script", "style", "title", "template", "noscript"))
_BLANKS = re.compile(r"[ \t\f\v\r\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060\ufeff]+")


def html_to_text(source: str) -> str:
    """The readable text of an HTML document, right-stripped lines, linear in time and memory.

    Nothing is fetched. Hidden elements are left out where inscriptis runs;
    the scanner takes over for input of over 30,000 tags, nested deeper than
    60, or where inscriptis answers with much less text than there is. Of more
    than `MOST_TAGS` tags the rest is left out.
    """
    plain = _tidied(_scanned(source))
    if source.count("<") > _MOST_RENDERED or deepest(source) > _DEEPEST:
        return plain
    rendered = _tidied(_rendered(source))
    enough = _FEWEST if not _hides(source) else _FEWEST_SEEN
    return rendered if _weight(rendered) >= enough * _weight(plain) else plain


def deepest(source: str) -> int:
    """How deep the elements nest, not counting those that HTML closes by itself."""
    depth = highest = 0
    for match in _TAG.finditer(source):
        name = match[2].lower()
        if name in _UNCOUNTED:
            continue
        depth = max(depth - 1, 0) if match[1] else depth + 1
        highest = max(highest, depth)
    return highest


def _weight(text: str) -> int:
    return len(text) - text.count(" ") - text.count("\n")


def _hides(source: str) -> bool:
    return "display:none" in source.replace(" ", "").lower()


def _rendered(source: str) -> str:
    """Inscriptis with tables as plain blocks: padded columns grow with rows times width."""
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping
    from lxml.etree import LxmlError
    from lxml.html import HTMLParser, document_fromstring

    block, cell = (
        HtmlElement(display=Display.block),
        HtmlElement(display=Display.inline, prefix=" ", suffix=" "),
    )
    styles = {**CSS_PROFILES["strict"], "tr": block, "table": block, "td": cell, "th": cell}
    idle: dict[str, Any] = dict.fromkeys(("table", "tr", "td", "th"))
    mapping = CustomHtmlTagHandlerMapping(start_tag_mapping=idle, end_tag_mapping=idle)
    try:
        tree = document_fromstring(_without_controls(source).encode(), parser=HTMLParser(encoding="utf-8"))
        text = Inscriptis(tree, ParserConfig(css=styles, custom_html_tag_handler_mapping=mapping)).get_text()
        return str(text)
    except (LxmlError, ValueError, RecursionError, AttributeError, IndexError, TypeError, KeyError):
        return ""  # inscriptis has no error type of its own; the scanner's text stands


def _without_controls(source: str) -> str:
    return source.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _scanned(source: str) -> str:
    """Tags dropped, blocks on lines of their own, entities decoded. One pass."""
    out: list[str] = []
    pos = tags = 0
    while (start := source.find("<", pos)) >= 0:
        tags += 1
        if tags > MOST_TAGS:
            break
        out.append(_BLANKS.sub(" ", source[pos:start]))
        if source.startswith("<!--", start):
            pos = _after(source, "-->", start + 4)
            continue
        match = _TAG.match(source, start)
        if not match and source[start + 1 : start + 2] not in ("!", "?", "/"):
            out.append("<")
            pos = start + 1
            continue
        pos = _after(source, ">", start + 1)
        if match:
            name = match[2].lower()
            out.append(_break_for(name))
            if name in _SILENT and not match[1]:
                pos = _after_element(source, name, pos)
    if tags <= MOST_TAGS:
        out.append(_BLANKS.sub(" ", source[pos:]))
    return entities.unescape("".join(out))


def _break_for(name: str) -> str:
    if name in ("td", "th"):
        return " "
    return "\n" if name in _BLOCK else ""


def _after(source: str, end: str, pos: int) -> int:
    """Behind the next `end`; an element that never ends swallows only its own mark."""
    found = source.find(end, pos)
    return found + len(end) if found >= 0 else len(source)


def _after_element(source: str, name: str, pos: int) -> int:
    found = re.compile(f"</{name}(?![a-z])", re.IGNORECASE).search(source, pos)
    return _after(source, ">", found.start()) if found else len(source)


def _tidied(text: str) -> str:
    """Lines stripped on the right, blanks that show nothing dropped, at most one empty line in a row."""
    lines = (_INVISIBLE.sub("", line).replace("\xa0", " ").rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
