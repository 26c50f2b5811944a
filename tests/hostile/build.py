"""Small builders of hostile mail: bytes are put together by hand, since no library would write them."""

from __future__ import annotations

import base64
import io
import zipfile

CRLF = b"\r\n"
BOX = "meetings@acme.test"
SENDER = "sarah@acme.test"
WORDS = b"Please see the attached transcript."
VTT = (
    "WEBVTT\r\n\r\n1\r\n00:00:05.000 --> 00:00:09.000\r\n"
    "Ann Berg: I will send the pricing sheet to Bo by Friday.\r\n\r\n"
    "2\r\n00:00:09.500 --> 00:00:14.000\r\nBo Lind: Great, and we decided to start the pilot in May.\r\n"
)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def head(**headers: str | bytes | None) -> bytes:
    """An honest header block, with what is given instead; None leaves a header out."""
    wanted: dict[str, str | bytes | None] = {
        "From": f"Sarah Chen <{SENDER}>",
        "To": BOX,
        "Subject": "Pilot call",
        "Message-ID": "<m1@acme.test>",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0000",
    }
    wanted |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = (name.encode() + b": " + _bytes(value) for name, value in wanted.items() if value is not None)
    return CRLF.join(lines) + CRLF


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def mail(
    body: bytes = WORDS, *, content_type: str = "text/plain; charset=utf-8", **headers: str | bytes | None
) -> bytes:
    """One part."""
    return head(**headers) + b"Content-Type: " + content_type.encode() + CRLF + CRLF + body + CRLF


def part(content: bytes, content_type: str, *, name: str | bytes | None = None) -> bytes:
    """One attachment in base64; `name` goes into the file name unescaped."""
    named = b'; filename="' + _bytes(name) + b'"' if name is not None else b""
    return (
        b"Content-Type: " + content_type.encode() + CRLF
        + b"Content-Transfer-Encoding: base64" + CRLF
        + b"Content-Disposition: attachment" + named + CRLF + CRLF
        + base64.encodebytes(content).replace(b"\n", CRLF)
    )  # fmt: skip


def parts(*inner: bytes, boundary: str = "b1", **headers: str | bytes | None) -> bytes:
    """A multipart/mixed of what `part` makes, after a line of text."""
    text = b"Content-Type: text/plain" + CRLF + CRLF + WORDS + CRLF
    mark = b"--" + boundary.encode()
    joined = b"".join(mark + CRLF + one for one in (text, *inner))
    opening = f'Content-Type: multipart/mixed; boundary="{boundary}"'.encode()
    return head(**headers) + opening + CRLF + CRLF + joined + mark + b"--" + CRLF


def with_transcript(vtt: str = VTT, **headers: str | bytes | None) -> bytes:
    """The mail that Parley is for, with hostile content somewhere in it."""
    return parts(part(vtt.encode(), "text/vtt", name="call.vtt"), **headers)


def vtt(*said: tuple[str, str]) -> str:
    """A transcript of (speaker, words), a second each."""
    cues = (
        f"{n}\r\n{_clock(n)}.000 --> {_clock(n)}.900\r\n{who}: {words}\r\n\r\n"
        for n, (who, words) in enumerate(said, 1)
    )
    return "WEBVTT\r\n\r\n" + "".join(cues)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def docx(document: bytes, *, packing: int = zipfile.ZIP_DEFLATED, **others: bytes) -> bytes:
    """A Word file around a document part that Word would never write."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("word/document.xml", document)
        for name, content in others.items():
            archive.writestr(name, content)
    return held.getvalue()


def document(words: str, *, before: str = "") -> bytes:
    """A document part with one paragraph, `before` standing in front of the root element."""
    paragraph = f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"
    return f'<?xml version="1.0"?>{before}<w:document {_W}><w:body>{paragraph}</w:body></w:document>'.encode()


def word_file(content: bytes) -> bytes:
    """A mail with it."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return parts(part(content, kind, name="meeting transcript.docx"))
