"""Remove the tags of cue text (WebVTT's, and SubRip's HTML) and find its `<v Name>` voices."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_MAX_TAG = 300
# `</?name`, classes, an annotation; a time; an empty `<>` or `</>`. `<ann@example.com>` and `a < b` are text.
_TAG = re.compile(r"</?(?:([A-Za-z][A-Za-z0-9]{0,20})((?:\.[^\s<>.]{1,60})*)(?:[\s/]([^<>]*))?)?>")
_TIME = re.compile(r"<[\d:.,]{4,16}>")
_OVERRIDE = re.compile(r"\{\\[^{}\n]{1,200}\}")


class Voice(NamedTuple):
    """A run of text by one voice; line breaks are kept."""

    speaker: str | None
    text: str


def voices(lines: list[str]) -> list[Voice]:
    """Split the text of a cue where a `<v Name>` begins or ends; empty runs are left out."""
    found: list[Voice] = []
    speaker: str | None = None
    gathered: list[str] = []
    for piece in _pieces("\n".join(lines)):
        if isinstance(piece, str):
            gathered.append(piece)
            continue
        _flush(found, speaker, gathered)
        speaker = piece.speaker
    _flush(found, speaker, gathered)
    return found


def _flush(found: list[Voice], speaker: str | None, gathered: list[str]) -> None:
    text = html.unescape("".join(gathered)).strip()
    gathered.clear()
    if not text:
        return
    if found and found[-1].speaker == speaker:
        found[-1] = Voice(speaker, f"{found[-1].text} {text}")
    else:
        found.append(Voice(speaker, text))


class _Turn(NamedTuple):
    speaker: str | None


def _pieces(text: str) -> Iterator[str | _Turn]:
    """Text and turns, in order; linear, since a tag is sought only within `_MAX_TAG`."""
    text = _OVERRIDE.sub("", text)
    at = 0
    while True:
        opening = text.find("<", at)
        if opening < 0:
            yield text[at:]
            return
        yield text[at:opening]
        window = text[opening : opening + _MAX_TAG]
        match = _TAG.match(window) or _TIME.match(window)
        if match is None:
            yield "<"
            at = opening + 1
            continue
        yield from _meaning(match)
        at = opening + match.end()


def _meaning(match: re.Match[str]) -> Iterator[str | _Turn]:
    name = (match.group(1) or "").lower() if match.re is _TAG else ""
    if name == "v":
        closing = match.group().startswith("</")
        yield _Turn(None if closing else " ".join(html.unescape(match.group(3) or "").split()) or None)
    elif name in {"br", "p", "div"}:
        yield "\n"
