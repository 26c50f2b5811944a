"""The sample mails with something broken in them, as hypothesis draws it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

SAMPLES = {
    path.name: path.read_bytes()
    for path in sorted((Path(__file__).resolve().parents[2] / "events" / "emails").glob("*.eml"))
}
CHARSETS = (
    b"utf-8",
    b"uft-8",
    b"us-askey",
    b"utf-16",
    b"utf-7",
    b"iso-2022-jp",
    b"cp1252",
    b"idna",
    b"zlib",
    b"hz",
    b"",
)
TOKENS = (
    b"\r", b"\n\n", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"=?utf-8?q?=0D=0ABcc:_eve@evil.test?=", b"<script>", b"--",
    b"Content-Type: message/rfc822\n\n", b"From: eve@evil.test\n", b"WEBVTT\n", b"00:00:01.000 --> 99:99:99.999\n", b"BEGIN:VCALENDAR\n",
)  # fmt: skip
MOST = 40_000


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """One of the samples after one to five accidents."""
    raw = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]
    for _ in range(draw(st.integers(1, 5))):
        raw = draw(st.sampled_from(ACCIDENTS))(draw, raw)
    return raw[:MOST]


def _place(draw: st.DrawFn, raw: bytes) -> int:
    # Most of what decides stands on top.
    return draw(st.integers(0, min(len(raw), draw(st.sampled_from((200, 1_500, MOST))))))


def flip(draw: st.DrawFn, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]


def insert(draw: st.DrawFn, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + draw(st.sampled_from(TOKENS)) + raw[at:]


def truncate(draw: st.DrawFn, raw: bytes) -> bytes:
    return raw[: _place(draw, raw)]


def drop_line(draw: st.DrawFn, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    del lines[draw(st.integers(0, len(lines) - 1))]
    return b"\n".join(lines)


def double_line(draw: st.DrawFn, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    return b"\n".join([*lines[: at + 1], *lines[at:]])


def swap_lines(draw: st.DrawFn, raw: bytes) -> bytes:
    """Two header lines change places, the blank line among them perhaps."""
    lines = raw.split(b"\n")
    top = min(len(lines), 25) - 1
    one, two = draw(st.integers(0, top)), draw(st.integers(0, top))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def swap_values(draw: st.DrawFn, raw: bytes) -> bytes:
    """Two headers change their values: a date for a sender, a boundary for a subject."""
    head, blank, body = raw.partition(b"\n\n")
    pairs = [line.partition(b":") for line in head.split(b"\n")]
    one, two = draw(st.integers(0, len(pairs) - 1)), draw(st.integers(0, len(pairs) - 1))
    pairs[one], pairs[two] = (*pairs[one][:2], pairs[two][2]), (*pairs[two][:2], pairs[one][2])
    return b"\n".join(b"".join(pair) for pair in pairs) + blank + body


def swap_charset(draw: st.DrawFn, raw: bytes) -> bytes:
    old, new = draw(st.sampled_from(CHARSETS[:1])), draw(st.sampled_from(CHARSETS))
    return raw.replace(b"charset=" + old, b"charset=" + new).replace(b'charset="' + old, b'charset="' + new)


def line_ends(draw: st.DrawFn, raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(
        b"\n", draw(st.sampled_from((b"\r", b"\r\n", b"\n\r", b"\r\r\n")))
    )


ACCIDENTS = (flip, insert, truncate, drop_line, double_line, swap_lines, swap_values, swap_charset, line_ends)
