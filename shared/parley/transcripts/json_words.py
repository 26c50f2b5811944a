"""Join the words of a transcription service to statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from parley.transcripts.transcript import Statement

SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - what Japanese and Chinese jobs write


class Word(NamedTuple):
    """A word or a mark; times are seconds. `turn` changes where the service begins a new statement.

    `attached` marks punctuation, which stands behind the word before it without a space.
    """

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    attached: bool = False
    turn: object = None


def join_words(words: Iterable[Word]) -> Iterator[Statement]:
    """One statement for each run of a speaker's words; where nobody is named, one for each sentence."""
    run: list[Word] = []
    for word in words:
        if run and not word.attached and _ends(run, word):
            yield _statement(run)
            run = []
        run.append(word)
    if run:
        yield _statement(run)


def merge_channels(channels: Iterable[tuple[str, Iterable[Word]]]) -> list[Statement]:
    """What was said on each channel (its name, its words), by sentences in the order of their times."""
    said = [
        one._replace(speaker=name)
        for name, words in channels
        for one in join_words(word._replace(speaker=None, turn=None) for word in words)
    ]
    merged: list[Statement] = []
    for one in sorted(said, key=lambda one: one.start or 0.0):
        if merged and merged[-1].speaker == one.speaker:
            merged[-1] = merged[-1]._replace(text=f"{merged[-1].text} {one.text}", end=one.end)
        else:
            merged.append(one)
    return merged


def _ends(run: list[Word], word: Word) -> bool:
    last = next((one for one in reversed(run) if not one.attached), word)
    if (last.speaker, last.turn) != (word.speaker, word.turn):
        return True
    return word.speaker is None and word.turn is None and run[-1].text.endswith(SENTENCE_ENDS)


def _statement(run: list[Word]) -> Statement:
    text = "".join(word.text if word.attached else f" {word.text}" for word in run)
    spoken = [word for word in run if not word.attached] or run
    return Statement(text, spoken[0].speaker, spoken[0].start, spoken[-1].end)
