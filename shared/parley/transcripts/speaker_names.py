"""Decide which words before a colon are speakers, over the whole file and never from one line.

A colon in ordinary speech ("so: here") must not become a speaker, while a
person who says one sentence in a file where every line is prefixed must. So
the lines are counted first (`accepted_names`), then split (`split_prefix`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from parley.transcripts.label_words import HEADERS, LABELS, NEVER_FIRST, ORDINARY, REPORTING

MAX_NAME = 80
_MAX_WORDS = 6
_TELEPHONE = 6
_NEVER_IN = ":;<>={}\t"
_NEVER_OPENS = "<*#-•|>=~`"
_NUMBERED = re.compile(r"([A-Za-z]+) #?\d{1,3}", re.ASCII)
_ROLES = "speaker participant user guest caller person voice spk agent customer attendee member"
_ANYBODY = frozenset(_ROLES.split())
_MOSTLY = 0.8
_OFTEN = 0.3
_DECORATED = re.compile(r"[|/()\[\]{}\d@_#&+•·]|[^\x00-\u024f]")
_TITLES = re.compile(r"\b(?:dr|mr|mrs|ms|prof|st|jr|sr|ph\.d|[a-z])\.", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?;,…\"“”](?:\s|$)")


def split_prefix(line: str) -> tuple[str, str] | None:
    """Split `Name: text` at the first colon that is followed by white space or nothing; else None."""
    line = line.strip()
    colon = line.find(":", 0, MAX_NAME + 2)
    wide = line.find("\uff1a", 0, MAX_NAME + 2)
    if wide > 0 and (colon < 0 or wide < colon):
        return _named(line[:wide], line[wide + 1 :])
    if colon <= 0 or line[colon + 1 : colon + 2].strip():
        return None
    return _named(line[:colon], line[colon + 1 :])


def _named(name: str, text: str) -> tuple[str, str] | None:
    name = " ".join(name.split())
    return (name, text.strip()) if could_be_name(name) else None


def could_be_name(name: str) -> bool:
    """Whether this may be a name: short, with a letter, no sentence, no known label."""
    if not name or len(name) > MAX_NAME or is_label(name) or "://" in name:
        return False
    if not _has_letters(name) or name[0] in _NEVER_OPENS or any(char in name for char in _NEVER_IN):
        return False
    if name.count("(") != name.count(")") or name.count("[") != name.count("]"):
        return False
    words = name.split()
    if words[-1].lower() in REPORTING or (len(words) > _MAX_WORDS and not _DECORATED.search(name)):
        return False
    return not _is_sentence(name)


def _is_header(name: str) -> bool:
    """A mail header, as forwarded and returned mail quotes them: `X-Mailer`, `Content-Type`."""
    first, hyphen, rest = name.partition("-")
    return bool(hyphen) and " " not in name and (first in HEADERS or rest in HEADERS)


def _has_letters(name: str) -> bool:
    """Or an emoji; or a telephone number, which is how dialled-in people are named."""
    digits = sum(1 for char in name if char.isdigit())
    return any(char.isalpha() or char > "\u2000" for char in name) or digits >= _TELEPHONE


def is_label(name: str) -> bool:
    """Whether this is a heading of minutes, a mail header or a field of a form."""
    bare = name.strip(" *_#-").lower()
    return _is_header(bare) or bare.rstrip(" 0123456789#.-") in LABELS


def _is_sentence(name: str) -> bool:
    bare = _TITLES.sub("", name)
    comma_only = bare.count(",") == 1 and not re.search(r"[.!?;…\"“”](?:\s|$)", bare)
    if comma_only and all(_capital(word) for word in bare.replace(",", " ").split()):
        return False  # `Smith, John (ACME)`
    return _SENTENCE.search(bare) is not None


def _capital(word: str) -> bool:
    """Begins as names do: with a capital, or in a script that has none."""
    first = next((char for char in word if char.isalnum()), "")
    return not first or not first.islower()


def _is_ordinary(name: str) -> bool:
    """Reads like the beginning of a sentence rather than like a name."""
    words = name.lower().replace("\u2019", "'").split()
    if words[0].partition("'")[0] in NEVER_FIRST:
        return True
    capitals = len(words) > 1 and all(_capital(word) for word in name.split())
    return words[0] in ORDINARY and not capitals


def _is_phrase(name: str) -> bool:
    """Several lower-case words and nothing that only names have; or `Step 2`."""
    words = name.split()
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        return numbered[1].lower() not in _ANYBODY
    return len(words) > 1 and not _DECORATED.search(name) and not any(_capital(word) for word in words[1:])


def accepted_names(names: Iterable[str], lines: int) -> frozenset[str]:
    """Which of the candidates, found in `lines` lines, are speakers: by how often each stands there."""
    counts = Counter(names)
    share = counts.total() / max(lines, 1)
    return frozenset(name for name, count in counts.items() if _accept(name, count, share))


def _accept(name: str, count: int, share: float) -> bool:
    if _is_ordinary(name):
        return share >= _MOSTLY and count >= 3 and _capital(name)  # noqa: PLR2004 - "So" as a name, thrice
    if share >= _MOSTLY:
        return count > 1 or not _is_phrase(name)
    if not all(_capital(word) for word in name.split() if word.isalpha() and len(word) > 3):  # noqa: PLR2004 - van, de
        return count >= 3 and not _is_phrase(name)  # noqa: PLR2004 - a nickname recurs
    return count > 1 or share >= _OFTEN
