"""Tell a conversation from a form: people take turns, the labels of a form do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from parley.transcripts.line_parser import MARKED_LINE
from parley.transcripts.speaker_names import is_speech
from parley.transcripts.transcript import Statement

_FIELDS = 3
_WORDS = 3
# A question, or a first or second person in English, German, French or Spanish.
_ADDRESSES = re.compile(
    r"[?？]|\b(?:i|we|you|me|us|my|our|your|let's|ich|wir|sie|du|ihr|je|j'|nous|vous|tu|yo|nosotros|usted|ustedes)\b",  # noqa: RUF001
    re.IGNORECASE,
)


def takes_turns(names: Sequence[str]) -> bool:
    """Whether several names alternate and at least a quarter of the turns are somebody's second or later."""
    turns = [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]
    distinct = len(set(turns))
    # Many labels of which few come again are a form or a list of headers.
    return distinct > 1 and (len(turns) - distinct) * 3 >= distinct


def is_form(said: Sequence[Statement]) -> bool:
    """Whether three or more labels always repeat in the same order: a form filled in several times.

    People can speak in turn too: then most of what they say are sentences, and
    somebody asks, or says I, we or you.
    """
    names = [one.speaker for one in said if one.speaker]
    cycle = len(set(names))
    if cycle < _FIELDS or any(count * cycle != len(names) for count in Counter(names).values()):
        return False
    if any(name != names[n % cycle] for n, name in enumerate(names)):
        return False
    spoken = sum(1 for one in said if is_speech(one.text))
    addressed = sum(1 for one in said if _ADDRESSES.search(one.text))
    return spoken * 4 < len(said) * 3 or addressed * 4 < len(said)


def is_conversation(said: Sequence[Statement]) -> bool:
    """Whether the statements of a file are speech: times, names that come again, or sentences.

    A mail body needs more proof (see `mail_body`): a file is seldom sent by chance.
    """
    said = [one for one in said if one.speaker or not MARKED_LINE.match(one.text)]
    owned = [one for one in said if one.speaker or one.start is not None]
    if len(owned) <= 1:
        return False
    if sum(1 for one in owned if one.start is not None) > 1:
        return True
    names = [one.speaker for one in owned if one.speaker]
    if (len(names) - len(set(names))) * 3 >= len(set(names)):
        return not is_form(owned)
    people = all(name.replace(" ", "").isalpha() and name.istitle() for name in names)
    return (
        people
        and len(owned) == len(said)
        and sum(len(one.text.split()) for one in owned) >= _WORDS * len(owned)
    )
