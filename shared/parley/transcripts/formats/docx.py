"""Word files: Teams' transcript, Amazon Transcribe's table, or any text format inside one.

The one XML part that holds the words is read by itself: python-docx would
parse every part of a file that a stranger sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.errors import TranscriptError
from parley.transcripts.formats import text_formats
from parley.transcripts.formats.table import columns_of
from parley.transcripts.formats.teams_docx import statements as teams
from parley.transcripts.timestamps import parse_seconds
from parley.transcripts.transcript import Statement
from parley.transcripts.zipped_xml import xml_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parley.transcripts.input_file import InputFile

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PART = "word/document.xml"
MAX_NODES = 1_200_000
"""Tags and attributes: each takes a hundred bytes of memory or two, and may be four bytes long."""
_TOPIC_MARK = "[Topic "


def sniff(file: InputFile) -> bool:
    return file.content.startswith(b"PK") and (file.suffix == ".docx" or _PART.encode() in file.content)


def read(file: InputFile) -> Iterable[Statement]:
    body = _body(xml_part(file.content, _PART))
    tables = (
        table for table in body.iter(f"{_W}tbl") if not any(True for _ in table.iterancestors(f"{_W}tbl"))
    )
    tabled = [said for table in tables for said in _table(table)]
    if tabled:
        return tabled
    lines = [line for paragraph in body.iter(f"{_W}p") for line in _text(paragraph).split("\n")]
    return teams(lines) or text_formats.statements(lines)


def _body(part: bytes) -> Any:
    from lxml import etree

    if part.count(b"<") + part.count(b"=") > MAX_NODES:
        raise TranscriptError("The .docx file holds far more than a transcript: send it as plain text.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise TranscriptError("The .docx file is damaged: save it again and send that.") from error


def _text(element: Any) -> str:
    """The words of a paragraph: line breaks and tabs kept, what `Fallback` repeats left out."""
    nodes = element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr")
    return "".join(_piece(node) for node in nodes if not any(True for _ in node.iterancestors(_FALLBACK)))


def _piece(node: Any) -> str:
    if node.tag == f"{_W}t":
        return str(node.text or "")
    # A tab inside a list of tab stops is a setting, not a character.
    if node.tag == f"{_W}tab":
        return "\t" if node.getparent().tag == f"{_W}r" else ""
    return "\n"


def _table(table: Any) -> Iterator[Statement]:
    """A table whose heading names a speaker and a text column; every other one is skipped."""
    rows = table.iterchildren(f"{_W}tr")
    heading = _cells(next(rows, None))
    columns = columns_of(heading)
    if columns is None:
        return
    for row in rows:
        cells = _cells(row)
        if len(cells) == len(heading):
            time = parse_seconds(cells[columns.start]) if columns.start is not None else None
            yield Statement(_unmarked(cells[columns.words]), cells[columns.speaker], time)


def _cells(row: Any) -> list[str]:
    if row is None:
        return []
    return ["\n".join(_text(p) for p in cell.iter(f"{_W}p")) for cell in row.iterchildren(f"{_W}tc")]


def _unmarked(text: str) -> str:
    """Without the `[Topic 3] ` that the sample report of Bedrock puts before a turn."""
    text = text.strip()
    mark, closing, rest = text.partition("]")
    return rest if closing and mark.startswith(_TOPIC_MARK) and mark[len(_TOPIC_MARK) :].isdecimal() else text
