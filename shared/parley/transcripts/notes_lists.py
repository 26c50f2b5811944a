"""Find what written notes and recaps of a meeting list: next steps, actions, decisions.

Next steps                              a heading of its own
- Sarah to send the quote by Friday     an item: read, word for word
DECISION: the pilot goes on             a line that says what it is
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from parley.core.lazy_regex import lazy_compile
from parley.transcripts.input_file import split_lines
from parley.transcripts.speaker_names import could_be_name
from parley.transcripts.transcript import Segment, Transcript, one_line

if TYPE_CHECKING:
    from parley.transcripts.transcript import Listed

_MAX_LINES = 20_000
_MAX_ITEMS = 200
_LONGEST = 400
_FEWEST_MARKED = 3
"""Words behind `ACTION:`; a report of delivery has `Action: failed`, a calendar `ACTION:AUDIO`."""
# English, German, French and Spanish.
_ACTIONS = (
    r"action(?: item| point)?s?|next steps?|to-?\s?dos?|tasks?|follow-?\s?ups?|"
    r"aufgaben|nächste schritte|maßnahmen|prochaines étapes|actions? à mener|"
    r"tâches|próximos pasos|acciones|tareas"
)
_DECISIONS = (
    r"decisions?|resolutions?|resolved|agreed|agreements?|beschl[uü]ss(?:e)?|entscheidung(?:en)?|"
    r"décisions?|decisi[oó]n(?:es)?|acuerdos?"
)
_QUALIFIERS = r"(?:(?:suggested|proposed|key|main|open|your|our|agreed)\s+)?"
_EDGES = r"[\s#*_>=\-\u2013\u2014•:.\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]*"
_LABEL = rf"{_QUALIFIERS}(?:(?P<action>{_ACTIONS})|(?P<decision>{_DECISIONS}))(?: (?:made|taken|agreed))?"
_HEADING = lazy_compile(rf"{_EDGES}{_LABEL}{_EDGES}", re.IGNORECASE)
_MARKED = lazy_compile(
    rf"[\s>*•\-]*[\[(*_]*{_LABEL}(?:\s*#?\d+)?[\])*_]*\s*[:\uff1a][*_]*\s*(?P<text>\S.*)", re.IGNORECASE
)
_BULLET = lazy_compile(r"\s*(?:[-*•·▪◦\u2013\u2610☐]|\d{1,2}[.)]|\[[ xX]?\])\s*(?:\[[ xX]?\]\s*)?(?=\S)")
_PRESENT = lazy_compile(
    r"[\s*_\-•]*(?:present|attendees|participants|attending|invited|teilnehmer|anwesend|présents|asistentes)"
    r"[*_]*\s*[:\uff1a]\s*(?P<names>\S.*)",
    re.IGNORECASE,
)
_OWNER = lazy_compile(
    r"(?P<name>[^\W\d][\w.'\u2019-]*(?: [^\W\d][\w.'\u2019-]*){0,2})(?:\s*[:\u2013\u2014]|\s+-)\s"
)
_NAMES = lazy_compile(r"[,;/&]|\band\b|\bund\b|\bet\b|\by\b")


class _Item(NamedTuple):
    kind: Listed
    text: str


def find_notes(text: str) -> Transcript | None:
    """The listed items of notes as a transcript of kind `notes`; None where the text lists none.

    Its segments are the items alone, without bullets. What the notes tell beside
    them is somebody's summary, and no evidence of what was said.
    """
    lines = split_lines(text)[:_MAX_LINES]
    items = list(dict.fromkeys(item for item in _items(lines) if not item.text.rstrip().endswith("?")))[
        :_MAX_ITEMS
    ]
    if not items:
        return None
    return Transcript(
        format="notes",
        segments=tuple(Segment(n, item.text) for n, item in enumerate(items)),
        kind="notes",
        listed=tuple(item.kind for item in items),
        present=_present(lines, items),
    )


def _items(lines: Iterable[str]) -> Iterator[_Item]:
    section: Listed | None = None
    bulleted: bool | None = None
    for line in lines:
        marked, heading = _MARKED.fullmatch(line), _HEADING.fullmatch(line)
        if heading or marked:
            section, bulleted = (_kind(heading), None) if heading else (None, None)
            if marked and not heading:
                yield from _item(_kind(marked), marked["text"], words=_FEWEST_MARKED)
            continue
        bullet = _BULLET.match(line)
        if section is None or not line.strip():
            # Items without bullets end at a blank line, but for the one below the heading.
            section = None if bulleted is False else section
            continue
        bulleted = bool(bullet) if bulleted is None else bulleted
        if bulleted and not bullet:
            section = None
            continue
        yield from _item(section, line[bullet.end() :] if bullet else line)


def _kind(match: re.Match[str]) -> Listed:
    return "action" if match["action"] else "decision"


def _item(kind: Listed, text: str, words: int = 1) -> Iterator[_Item]:
    text = one_line(text.strip().strip("*_"))
    if (
        any(char.isalpha() for char in text)
        and len(text.split()) >= words
        and len(text) <= _LONGEST
        and text.lower().strip(" .-") not in {"none", "n/a"}
    ):
        yield _Item(kind, text)


def _present(lines: list[str], items: list[_Item]) -> tuple[str, ...]:
    """Who took part: whom the notes name so, and who stands before an item and once more elsewhere."""
    named = [match["names"] for line in lines if (match := _PRESENT.fullmatch(line))]
    people = [
        name.strip(" .*_") for names in named for name in _NAMES.split(re.sub(r"\([^()]*\)", "", names))
    ]
    owners = [match["name"] for item in items if (match := _OWNER.match(item.text))]
    text = "\n".join(lines)
    people += [name for name in owners if len(re.findall(rf"\b{re.escape(name)}\b", text)) > 1]
    return tuple(dict.fromkeys(name for name in people if name[:1].isupper() and could_be_name(name)))
