"""Word and PDF files, and what hostile ones may not do."""

from __future__ import annotations

import contextlib
import io
import zipfile

import docx
import pytest

from parley.errors import TranscriptError
from parley.transcripts import parse_transcript, zipped_xml
from parley.transcripts.formats.docx import MAX_NODES

HEAD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
TAIL = "</w:body></w:document>"


def word(*paragraphs, table=()):
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def pdf(*lines):
    text = "BT /F1 12 Tf 14 TL 50 750 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return f"{out}xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF".encode()


def rows(content, **named):
    found = parse_transcript(content, **named)
    return found.format, [(s.speaker, s.text, s.start) for s in found.segments]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (word("Ann Lee   0:03\nHello.", "Bob   0:09\nHi.", "Ann Lee   1:02:03\nBye."), [("Ann Lee", "Hello.", 3.0), ("Bob", "Hi.", 9.0), ("Ann Lee", "Bye.", 3723.0)]),
        (word("0:0:0.0 --> 0:0:2.400\nAnn Lee\nHello.", "0:0:2.500 --> 0:0:3.0\nBob\nHi.", "0:0:4.0 --> 0:0:5.0\nAnn Lee\nBye."), [("Ann Lee", "Hello.", 0.0), ("Bob", "Hi.", 2.5), ("Ann Lee", "Bye.", 4.0)]),
        (word("Ann: Hello.", "Bob: Hi.", "Ann: Bye."), [("Ann", "Hello.", None), ("Bob", "Hi.", None), ("Ann", "Bye.", None)]),
        (word("Report", table=[("Start", "Dur.", "Speaker", "", "Transcription"), ("0:00:00.4", "5.0s", "Agent", "", "[Topic 1] Hello.")]), [("Agent", "Hello.", 0.4)]),
        (pdf("Ann: Hello there.", "Bob: Hi.", "Ann: Bye."), [("Ann", "Hello there.", None), ("Bob", "Hi.", None), ("Ann", "Bye.", None)]),
    ],
    ids=["teams", "older teams", "names", "table", "pdf"],
)  # fmt: skip
def test_documents(content, expected):
    assert rows(content, filename=None)[1] == expected


def test_the_name_is_not_needed_and_does_not_mislead():
    assert rows(word("Ann: a", "Bob: b", "Ann: c"), filename="meeting.vtt")[0] == "docx"


BOMB = HEAD + "<w:p/>" * 2_000_000 + TAIL
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(word__document_xml=BOMB), "unpacks"),
        (zipped(word__document_xml=HEAD + TAIL, **{f"p{n}_xml": "" for n in range(zipped_xml.MAX_PARTS)}), "unpacks"),
        (zipped(word__document_xml=EXTERNAL + HEAD + "<w:p><w:r><w:t>Ann: &e;</w:t></w:r></w:p>" + TAIL), "document type"),
        (zipped(word__document_xml=(EXTERNAL + HEAD + TAIL).encode("utf-16")), "document type"),
        (zipped(word__document_xml="<w:document"), "damaged"),
        (zipped(word__document_xml=HEAD + TAIL), "no statements"),
        (zipped(other_xml=HEAD + TAIL), "Word document"),
        (word("Ann: a")[:-200], "damaged"),
        (b"PK\x03\x04" + b"\x00" * 400, "damaged"),
        (word("Dear Ann,", "this is a letter."), "no statements"),
        (pdf(), "no text"),
        (b"%PDF-1.4\nnothing\n", "damaged"),
        (pdf("a", "b").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"), "PDF"),
    ],
    ids=["bomb", "many parts", "entity", "entity in utf-16", "broken xml", "empty", "no document", "cut off", "zeros", "letter", "scan", "broken pdf", "looping pdf"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(content, says):
    with pytest.raises(TranscriptError, match=says):
        parse_transcript(content, filename="minutes.pdf" if content.startswith(b"%PDF") else "minutes.docx")


@pytest.mark.parametrize("unit", ["<a/>", "<a b=''/>", "<w:p/>"])
def test_a_document_of_countless_tags_is_refused_before_it_is_read(unit):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("word/document.xml", HEAD + unit * MAX_NODES + TAIL)
    with pytest.raises(TranscriptError, match="far more"):
        parse_transcript(stream.getvalue(), filename="call.docx")


def test_a_part_with_a_path_is_never_written(tmp_path):
    stream = io.BytesIO(word("Ann: a", "Bob: b", "Ann: c"))
    with zipfile.ZipFile(stream, "a") as packed:
        packed.writestr("../../escaped.txt", "x")
    with contextlib.chdir(tmp_path):
        assert rows(stream.getvalue())[0] == "docx"
    assert list(tmp_path.iterdir()) == []
