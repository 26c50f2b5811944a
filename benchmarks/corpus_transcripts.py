"""Transcripts against counts that are made without Parley's parsers: statements, speakers, times."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from parley.errors import TranscriptError
from parley.transcripts import parse_transcript

Row = tuple[str | None, str, float | None, float | None]
_STAMP = r"(?:(\d+):)?(\d\d?):(\d\d)[.,](\d{3})"
_WORDS = r"[^\n]*\n((?:(?!\d+\n\d\d:)[^\n]+\n?)*)"
_CUE = re.compile(rf"^{_STAMP}[ \t]*(?:-->|,)[ \t]*{_STAMP}{_WORDS}", re.MULTILINE)
_ZOOM = re.compile(r"^([^:]{1,60}): (.*)$", re.DOTALL)


def compare(root: Path) -> dict[str, tuple[int, int, list[str]]]:
    """By kind of file: how many are read exactly, of how many, and the others' names."""
    return {kind: _exact(sorted(root.glob(pattern)), expected) for kind, pattern, expected in KINDS}


def _exact(files: list[Path], expected: Callable[[Path], list[Row]]) -> tuple[int, int, list[str]]:
    wrong = [path.name for path in files if _read(path) != expected(path)]
    return len(files) - len(wrong), len(files), wrong


def _read(path: Path) -> list[Row]:
    try:
        found = parse_transcript(path.read_bytes(), filename=path.name)
    except TranscriptError:
        return []
    return [(s.speaker, s.text, s.start, s.end) for s in found.segments]


def zoom(path: Path) -> list[Row]:
    """Zoom's WebVTT: one line a cue, with or without `Name: ` before the words."""
    return [
        row for row in _cues(path.read_text(encoding="utf-8-sig", errors="replace"), named=True) if row[1]
    ]


def plain_cues(path: Path) -> list[Row]:
    """Captions without speakers."""
    content = path.read_bytes()
    encoding = "gb2312" if "gb2312" in path.name else "utf-8-sig"
    return [row for row in _cues(content.decode(encoding, "replace"), named=False) if row[1]]


def _cues(text: str, *, named: bool) -> Iterator[Row]:
    for match in _CUE.finditer(text.replace("\r\n", "\n") + "\n"):
        words = " ".join(match[9].split())
        who = _ZOOM.match(words) if named else None
        start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:8])
        yield (who[1], who[2].strip(), start, end) if who else (None, words, start, end)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + thousandths) / 1000


def turns(path: Path) -> list[Row]:
    """QMSum's JSON."""
    said = json.loads(path.read_text(encoding="utf-8"))["meeting_transcripts"]
    rows = ((" ".join(t["speaker"].split()), " ".join(t["content"].split())) for t in said)
    return [(who, words, None, None) for who, words in rows if words]


def chat_messages(root: Path) -> tuple[int, int]:
    """Zoom chats: how many have as many statements as messages that are words, of how many."""
    files = sorted(root.glob("ethereum-pm/**/chat.txt"))
    return sum(
        len(_read(path)) == _messages(path.read_text(encoding="utf-8", errors="replace")) for path in files
    ), len(files)


def _messages(text: str) -> int:
    opened = [line for line in text.split("\n") if re.match(r"\d\d:\d\d:\d\d\t", line)]
    return sum(not re.search(r":\t(?:Reacted to|Removed a)|:\t\s*$", line) for line in opened)


KINDS: tuple[tuple[str, str, Callable[[Path], list[Row]]], ...] = (
    ("Zoom WebVTT", "ethereum-pm/**/transcript*.vtt", zoom),
    ("QMSum JSON", "qmsum/**/*.json", turns),
    ("SubRip", "cdown-srt/**/*.srt", plain_cues),
)
