"""Parses address headers strictly: what could be read in two ways is dropped, never guessed.

`parseaddr('alice@gov <bob@evil>')` answers alice on Python 3.11
(CVE-2023-27043). Here the address in angle brackets is the only one that
counts, and structure is read before encoded words are decoded, so that a
name can never turn into an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.mail import headers as hd
from parley.mail.email import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_HEADER = 256 * 1024
_MOST_ADDRESSES = 2_000
_LONGEST_LOCAL = 128
_LONGEST_DOMAIN = 253
_LOCAL = re.compile(r"[^\s()<>\[\]:;@\\,\"\x00-\x1f\x7f]+")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])+"')
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_FOREIGN_DOTS = "\u3002\uff0e\uff61"  # IDNA would read them as dots; what a person sees is one label
_LITERAL = re.compile(r"\[(?:IPv6:)?[0-9a-fA-F.:]{2,45}\]")
_LINE_BREAK = re.compile(
    r"[\r\n](?![ \t\n])"
)  # a folded line goes on with a blank; else it is an injected header
_LOOSE_DOT = re.compile(r"[ \t]{0,20}([.@])[ \t]{0,20}")
_CLOSERS = {"(": ")", "[": "]", "<": ">", '"': '"'}


def extract_email_address(header: str) -> str | None:
    """The one bare address in a From-like value, or None (name: seed 003).

    `"Rep, Brand" <Rep@Brand.COM>` gives `Rep@brand.com`. None for no address,
    for two different ones, and for anything that could be read in two ways.
    """
    found = dict.fromkeys(item.address for item in parse_addresses([header]))
    return next(iter(found)) if len(found) == 1 else None


def parse_addresses(header_values: Iterable[str]) -> tuple[Address, ...]:
    """All addresses of the given raw header values, in order, each once.

    Groups are opened, comments dropped, names decoded (RFC 2047). Domains are
    lower-cased and in ASCII form (`xn--`). Never raises; an entry that is
    malformed or ambiguous is left out.
    """
    seen: dict[str, Address] = {}
    for value in header_values:
        if _LINE_BREAK.search(value):
            continue
        for entry in _entries(value[:_LONGEST_HEADER]):
            address = _address(entry)
            if address:
                seen.setdefault(_key(address.address), address)
            if len(seen) >= _MOST_ADDRESSES:
                return tuple(seen.values())
    return tuple(seen.values())


def same_address(a: str, b: str) -> bool:
    """Whether two bare addresses are one mailbox for us: case and IDN form do not count."""
    return bool(a) and _key(a) == _key(b)


def domain_of(address: str) -> str:
    """The domain of a bare address, lower-cased, in ASCII form; "" when there is none."""
    domain = address.strip().rpartition("@")[2] if "@" in address else ""
    return ascii_domain(domain) or domain.lower()


def ascii_domain(domain: str) -> str | None:
    """A valid host name or address literal in ASCII, lower-cased; None for anything else."""
    if _LITERAL.fullmatch(domain):
        return domain.lower()
    name = domain.lower().removesuffix(".")
    if any(dot in name for dot in _FOREIGN_DOTS):
        return None
    if not name.isascii():
        name = _punycode(name)
    if not name or len(name) > _LONGEST_DOMAIN or not all(map(_LABEL.fullmatch, name.split("."))):
        return None
    return name


def _punycode(name: str) -> str:
    import idna  # only for domains outside ASCII

    try:
        return idna.encode(name).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return ""


def _key(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    return f"{local.lower()}@{ascii_domain(domain) or domain.lower()}"


@dataclass(slots=True)
class _Entry:
    """What stands between two separators: plain text outside of brackets, and the bracketed pieces."""

    plain: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    after_angle: bool = False
    broken: bool = False

    @property
    def text(self) -> str:
        return "".join(self.plain).strip()


def _entries(value: str) -> list[_Entry]:
    """Split at the separators that stand outside quotes, comments and brackets."""
    entries, entry, pos = [], _Entry(), 0
    while pos < len(value):
        char = value[pos]
        if char in ",;":
            entries.append(entry)
            entry = _Entry()
        elif char == ":" and not entry.angles:
            entry = _Entry(broken="@" in entry.text)  # the name of a group: its members follow
        elif char in _CLOSERS:
            pos = _bracketed(value, pos, entry)
            continue
        elif char in ")]>\\":
            entry.broken = True
        else:
            entry.plain.append(char)
            entry.after_angle = entry.after_angle or (bool(entry.angles) and not char.isspace())
        pos += 1
    return _with_split_names([*entries, entry])


def _bracketed(value: str, start: int, entry: _Entry) -> int:
    """Take one quoted string, comment, domain literal or angle address; answers the position behind it."""
    opener = value[start]
    inner, end = _until(value, start + 1, opener)
    if end is None:
        entry.broken = True
        return len(value)
    if opener == "(":
        entry.comments.append(inner)
        entry.plain.append(" ")
    elif opener == "<":
        entry.broken = entry.broken or bool(
            entry.plain and not entry.plain[-1].isspace() and "@" in entry.text
        )
        entry.angles.append(inner)
    elif opener == '"':
        entry.quoted.append(inner)
        entry.plain.append(value[start:end])
        entry.after_angle = entry.after_angle or bool(entry.angles)
    else:
        entry.plain.append(value[start:end])
    return end


def _until(value: str, pos: int, opener: str) -> tuple[str, int | None]:
    """The text up to the closing mark (escapes undone, comments nested) and the position behind it."""
    closer, out, depth = _CLOSERS[opener], [], 1
    quoted = False
    while pos < len(value):
        char = value[pos]
        if char == "\\" and opener != "<" and pos + 1 < len(value):
            out.append(value[pos + 1])
            pos += 2
            continue
        if opener == "<" and char == '"':
            quoted = not quoted
        elif opener == "(" and char == "(":
            depth += 1
        elif char == closer and not quoted:
            depth -= 1
            if depth == 0:
                return "".join(out), pos + 1
        elif opener == "<" and char == "<":
            return "", None
        out.append(char)
        pos += 1
    return "", None


def _with_split_names(entries: list[_Entry]) -> list[_Entry]:
    """`Doe, John <j@x>`: a piece without any address before one with brackets is the front of its name."""
    out: list[_Entry] = []
    for entry in entries:
        front = out[-1] if out else None
        if (
            entry.angles
            and front
            and not front.angles
            and not front.broken
            and front.text
            and "@" not in front.text
        ):
            entry.plain = [*front.plain, ", ", *entry.plain]
            out.pop()
        out.append(entry)
    return out


def _address(entry: _Entry) -> Address | None:
    if entry.broken or len(entry.angles) > 1 or entry.after_angle:
        return None
    if entry.angles:
        bare = _spec(entry.angles[0])
        return Address(_name(entry, bare), bare) if bare else None
    bare = _spec(entry.text)
    return Address(_name_of_comment(entry), bare) if bare else None


def _spec(text: str) -> str | None:
    """`local@domain`, checked; an old source route before a `:` is dropped."""
    text = text.strip()
    if "(" in text and '"' not in text:
        text = _without_comments(text)
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2].strip()
    local, at, domain = text.rpartition("@")
    if (
        not at
        or len(local) > _LONGEST_LOCAL
        or not (_LOCAL.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local))
        # An encoded word has no place in an address: some read it, line breaks and all, some do not.
        or "=?" in local
        or not local.isprintable()
    ):
        return None
    host = ascii_domain(domain)
    return f"{local}@{host}" if host else None


def _without_comments(text: str) -> str:
    """`pete(home)@silly(host) . test`, as old mail has it: comments and blanks at a dot do not count."""
    out, depth = [], 0
    for char in text:
        depth += char == "("
        if not depth:
            out.append(char)
        depth -= char == ")" and depth > 0
    return _LOOSE_DOT.sub(r"\1", "".join(out)).strip()


def _name(entry: _Entry, bare: str) -> str:
    """The display name, decoded; "" where it is itself an address: another's would only mislead."""
    text = entry.text
    if entry.quoted and text.startswith('"'):
        whole = f'"{entry.quoted[0]}"'
        text = (
            entry.quoted[0] if len(entry.quoted) == 1 and len(text) <= len(whole) + text.count("\\") else text
        )
    name = " ".join(hd.decoded(text.replace('"', "")).split()) or _name_of_comment(entry)
    looks_like_address = "@" in name and " " not in name
    return "" if looks_like_address or name == bare else name


def _name_of_comment(entry: _Entry) -> str:
    name = " ".join(hd.decoded(" ".join(entry.comments)).split())
    return "" if "@" in name else name
