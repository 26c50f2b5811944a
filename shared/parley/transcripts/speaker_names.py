"""Decide which words before a colon are speakers, over the whole file and never from one line.

A colon in ordinary speech ("so: here") must not become a speaker, while a
person who says one sentence in a file where every line is prefixed must. So
the lines are counted first (`accepted_names`), then split (`split_prefix`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parley.transcripts.label_words import HEADERS, LABELS, NEVER_FIRST, ORDINARY, REPORTING, ROLES
from parley.transcripts.transcript import Statement

MAX_NAME = 80
_MAX_WORDS = 6
_TELEPHONE = 6
_NEVER_IN = ":;<>={}\t"
_NEVER_OPENS = "<*#-•|>=~`"
_NUMBERED = re.compile(r"([A-Za-z]+) #?\d{1,3}", re.ASCII)
_ROLES = "speaker participant user guest caller person voice spk agent customer attendee member"
_ANYBODY = frozenset(_ROLES.split())
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")  # noqa: RUF001 - Japanese and Chinese
_SPOKEN_WORDS = 5
_BADGE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*\Z")
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


def without_badge(name: str) -> str:
    """The name without what a meeting tool or a scribe puts behind it in brackets: `Ann Lee (Guest)`."""
    return _BADGE.sub("", name) or name


def merge_badges(said: Iterable[Statement]) -> list[Statement]:
    """Give `Ann Lee (Sales)` and `Ann Lee` one name where both speak, and no other badge stands behind it."""
    said = list(said)
    names = {one.speaker for one in said if one.speaker}
    badged: dict[str, list[str]] = {}
    for name in names:
        if (bare := without_badge(name)) != name:
            badged.setdefault(bare, []).append(name)
    same = {forms[0]: bare for bare, forms in badged.items() if len(forms) == 1 and bare in names}
    return [one._replace(speaker=same.get(one.speaker or "", one.speaker)) for one in said]


def is_speech(text: str) -> bool:
    """Whether this reads like something said: a whole sentence, or at least five words."""
    return (
        text.strip().rstrip("\"'\u201d\u2019) ").endswith(_SENTENCE_ENDS)
        or len(text.split()) >= _SPOKEN_WORDS
    )


def accepted_names(candidates: Iterable[tuple[str, str]], lines: int) -> frozenset[str]:
    """Which names are speakers, of the candidates (name, text behind it) that were found in `lines` lines.

    A name counts by how often it stands there; a role (`Customer`, `You`) only where it speaks.
    """
    texts: dict[str, list[str]] = {}
    for name, text in candidates:
        texts.setdefault(name, []).append(text)
    share = sum(map(len, texts.values())) / max(lines, 1)
    return frozenset(name for name, said in texts.items() if _accept(name, said, share))


def _accept(name: str, said: Sequence[str], share: float) -> bool:
    count = len(said)
    if name.lower() in ROLES:
        spoken = sum(1 for text in said if not text or is_speech(text))
        return _capital(name) and spoken * 2 > count and (count > 1 or share >= _MOSTLY)
    if _is_ordinary(name):
        return share >= _MOSTLY and count >= 3 and _capital(name)  # noqa: PLR2004 - "So" as a name, thrice
    if share >= _MOSTLY:
        return count > 1 or not _is_phrase(name)
    if not all(_capital(word) for word in name.split() if word.isalpha() and len(word) > 3):  # noqa: PLR2004 - van, de
        return count >= 3 and not _is_phrase(name)  # noqa: PLR2004 - a nickname recurs
    return count > 1 or share >= _OFTEN
