"""The MIME tree as a flat list of leaves: one linear scan, no recursion, no copy of the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.mail import headers as hd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parley.mail.limits import Budget

_LONGEST_BOUNDARY = 250
_LONGEST_LINE = 500
_PREFIX = 4
_NOTHING = re.compile(rb"(?!)")
_GUESSED_BOUNDARY = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-])[ \t]*(?:\r|\n)")
# What declares no type that exists (`text`, `plain/text`) is read as text, which it mostly is.
_KNOWN_TYPE = re.compile(r"(?:text|multipart|message|application|image|audio|video|font|model|x-[^/]*)/.")
TEXT_PLAIN = "text/plain"


@dataclass(slots=True)
class Part:
    """A node of the tree; `start` and `end` bound its body in the bytes scanned.

    `alternatives` numbers the multipart/alternative nodes around it, outermost
    first; `parent` is the subtype of the nearest multipart.
    """

    headers: hd.RawHeaders
    content_type: str
    params: dict[str, str]
    disposition: hd.ContentValue
    start: int
    end: int
    parent: str = ""
    alternatives: tuple[int, ...] = ()
    first: bool = True
    children: int = 0

    @property
    def transfer_encoding(self) -> str:
        raw = hd.first(self.headers, "content-transfer-encoding") or b""
        return hd.as_text(raw).strip(" \t\"';").lower()

    @property
    def filename(self) -> str | None:
        return self.disposition.params.get("filename") or self.params.get("name")


@dataclass(slots=True)
class Scan:
    """The state of one scan: `leaves` grow, `delimiters` counts the lines that were looked at."""

    data: bytes
    end: int
    budget: Budget
    leaves: list[Part] = field(default_factory=list)
    stack: list[tuple[bytes, Part]] = field(default_factory=list)
    open_leaf: Part | None = None
    names: frozenset[bytes] = frozenset()
    numbered: int = 0
    delimiters: int = 0
    opened: list[Part] = field(default_factory=list)

    @property
    def root(self) -> Part:
        return self.opened[0]


def read_parts(data: bytes, budget: Budget, *, depth: int = 0) -> tuple[Part, list[Part]]:
    """The root part and all leaves, in order. A multipart without any part is a leaf itself.

    `depth` is where this message itself stands (an embedded one: deeper).
    Raises SenderError and QuarantineError over the limits.
    """
    scan = scan_parts(data, budget, depth=depth)
    return scan.root, scan.leaves


def scan_parts(data: bytes, budget: Budget, *, depth: int = 0) -> Scan:
    """The one pass behind `read_parts`."""
    scan = Scan(data, len(data), budget)
    root = _open(scan, 0, "message", depth)
    scan.opened.append(root)
    pos = max(root.start - 1, 0)
    names: frozenset[bytes] = frozenset()
    delimiter = _NOTHING
    while scan.stack:
        if names != scan.names:
            names = scan.names
            delimiter = _delimiter(names)
        match = delimiter.search(data, pos)
        if match is None:
            break
        scan.delimiters += 1
        pos = _at_delimiter(scan, match.start(), match.end(), depth)
    _close_to(scan, 0, scan.end)
    return scan


def _at_delimiter(scan: Scan, edge: int, name_start: int, depth: int) -> int:
    """Handle one delimiter line, whose line end before it is at `edge`; answers where the scan goes on."""
    eol = hd.EOL.search(scan.data, name_start, min(scan.end, name_start + _LONGEST_LINE))
    stop = eol.start() if eol else min(scan.end, name_start + _LONGEST_LINE)
    index, closing = _matching(scan, scan.data[name_start:stop].rstrip())
    if index is None:
        return name_start
    _close_to(scan, index if closing else index + 1, edge)
    after = eol.end() if eol else scan.end
    if closing:
        # The line end stays in view: the next delimiter may follow at once.
        return eol.start() if eol else scan.end
    part = _open(scan, after, scan.stack[index][1].content_type.partition("/")[2], depth)
    return max(part.start - 1, after - 1)


def _matching(scan: Scan, line: bytes) -> tuple[int | None, bool]:
    """Which open boundary this line is, innermost first, and whether it closes it."""
    bare = line.removesuffix(b"--").rstrip()
    if line not in scan.names and bare not in scan.names:
        return None, False  # a look-alike costs one look-up
    for index in range(len(scan.stack) - 1, -1, -1):
        name = scan.stack[index][0]
        if name in (line, bare):
            return index, name != line
    return None, False


def _delimiter(names: Iterable[bytes]) -> re.Pattern[bytes]:
    """Stops only at lines that begin as an open boundary does: a body of dashes costs nothing."""
    # Short prefixes: this is compiled anew for nearly each multipart.
    starts = b"|".join(sorted({re.escape(name[:_PREFIX]) for name in names}))
    return re.compile(rb"(?:\r{0,2}\n|\r)--(?=" + starts + rb")")


def _close_to(scan: Scan, level: int, edge: int) -> None:
    """End the open leaf, and every multipart above `level`, at `edge`."""
    if scan.open_leaf is not None:
        scan.open_leaf.end = max(edge, scan.open_leaf.start)
        scan.leaves.append(scan.open_leaf)
        scan.open_leaf = None
    if len(scan.stack) == level:
        return
    while len(scan.stack) > level:
        _, part = scan.stack.pop()
        if not part.children:
            part.end = max(edge, part.start)
            scan.leaves.append(part)
    scan.names = frozenset(name for name, _ in scan.stack)


def _open(scan: Scan, pos: int, parent: str, depth: int) -> Part:
    scan.budget.part()
    headers, start = hd.read_block(scan.data, pos, scan.end, scan.budget)
    declared = hd.content_value(hd.first(headers, "content-type"))
    content_type = declared.value if _KNOWN_TYPE.match(declared.value) else _default_type(parent)
    around = scan.stack[-1][1] if scan.stack else None
    part = Part(
        headers=headers,
        content_type=content_type,
        params=declared.params,
        disposition=hd.content_value(hd.first(headers, "content-disposition")),
        start=start,
        end=scan.end,
        parent=parent,
        alternatives=around.alternatives if around else (),
        first=around is None or (around.children == 0 and around.first),
    )
    if around:
        around.children += 1
    if not content_type.startswith("multipart/") or not _enter(scan, part, depth):
        scan.open_leaf = part
    return part


def _enter(scan: Scan, part: Part, depth: int) -> bool:
    boundary = part.params.get("boundary", "").rstrip().encode("utf-8", "surrogatepass")[:_LONGEST_BOUNDARY]
    if not scan.stack and (not boundary or scan.data.find(b"--" + boundary, part.start) < 0):
        boundary = _guess_boundary(scan.data, part.start)
    if not boundary:
        return False
    scan.budget.depth(depth + len(scan.stack) + 1)
    if part.content_type == "multipart/alternative":
        scan.numbered += 1
        part.alternatives = (*part.alternatives, scan.numbered)
    scan.stack.append((boundary, part))
    scan.names |= {boundary}
    return True


def _guess_boundary(data: bytes, start: int) -> bytes:
    """A multipart that lost its boundary: the first line of it that looks like one."""
    pos = start
    for _ in range(20):
        match = _GUESSED_BOUNDARY.match(data, pos)
        if match and data.find(b"--" + match[1], match.end()) >= 0:
            return match[1]
        eol = hd.EOL.search(data, pos)
        if not eol:
            break
        pos = eol.end()
    return b""


def _default_type(parent: str) -> str:
    return "message/rfc822" if parent == "digest" else TEXT_PLAIN
