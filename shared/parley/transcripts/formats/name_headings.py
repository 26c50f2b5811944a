"""Talk under headings that are names: `#### Ann Lee`, `**Ann Lee**`, or the name alone above a paragraph."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from parley.transcripts.speaker_headings import Heading, Matcher, statements
from parley.transcripts.speaker_names import could_be_name, is_speech
from parley.transcripts.turn_taking import takes_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parley.transcripts.input_file import InputFile
    from parley.transcripts.transcript import Statement

_MARKDOWN = re.compile(r"#{1,6}\s+(\S.{0,79}?)\s*#*")
_BOLD = re.compile(r"(\*\*|__)(\S.{0,79}?):?\1:?")
_LONGEST_NAME = 40
_LEAST = 3
_ITEMS = ("-", "*", "•", "|", "[")


def sniff(file: InputFile) -> bool:
    return file.is_text and bool(find_statements(file.lines))


def read(file: InputFile) -> Iterable[Statement]:
    return find_statements(file.lines)


def find_statements(lines: Sequence[str]) -> list[Statement]:
    """The statements where most of the headings are names that take turns; else an empty list."""
    for name_of in (_markdown, _bold, _bare):
        found = _spoken(lines, name_of)
        if found:
            return found
    return []


def _spoken(lines: Sequence[str], name_of: Callable[[Sequence[str], int], str | None]) -> list[Statement]:
    counts = Counter(name for n in range(len(lines)) if (name := name_of(lines, n)))
    # A title or a section stands there once; who speaks comes again.
    if not any(count > 1 for count in counts.values()):
        return []
    said = [one for one in statements(lines, _matcher(name_of)) if one.text.strip()]
    names = [one.speaker or "" for one in said]
    covered = name_of is not _bare or _covers(lines, len(said))
    spoken = sum(1 for one in said if _is_spoken(one.text))
    talk = len(said) >= _LEAST and takes_turns(names) and spoken * 3 >= len(said) * 2
    return said if talk and covered else []


def _is_spoken(text: str) -> bool:
    """Speech may be written down in a list; then its items are sentences."""
    listed = text.lstrip().startswith(_ITEMS)
    return is_speech(text) if not listed else text.rstrip().endswith((".", "?", "!"))


def _matcher(name_of: Callable[[Sequence[str], int], str | None]) -> Matcher:
    def match(lines: Sequence[str], number: int) -> Heading | None:
        name = name_of(lines, number)
        return Heading(name, None) if name else None

    return match


def _covers(lines: Sequence[str], headings: int) -> bool:
    """Whether at least two in three paragraphs open with a name."""
    paragraphs = sum(
        1 for n, line in enumerate(lines) if line.strip() and (n == 0 or not lines[n - 1].strip())
    )
    return headings * 3 >= paragraphs * 2


def _markdown(lines: Sequence[str], number: int) -> str | None:
    match = _MARKDOWN.fullmatch(lines[number].strip())
    return _name(match[1]) if match else None


def _bold(lines: Sequence[str], number: int) -> str | None:
    match = _BOLD.fullmatch(lines[number].strip())
    return _name(match[2]) if match else None


def _bare(lines: Sequence[str], number: int) -> str | None:
    """A name on the first line of a paragraph, with text right below."""
    if (number and lines[number - 1].strip()) or not lines[number + 1 : number + 2]:
        return None
    line = lines[number].strip()
    return _name(line) if lines[number + 1].strip() and len(line) <= _LONGEST_NAME else None


def _name(text: str) -> str | None:
    text = text.strip().strip("*_").rstrip(":")
    return text if could_be_name(text) and text[:1].isupper() else None
