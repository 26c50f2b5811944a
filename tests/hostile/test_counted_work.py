"""Twice the mail is at most about twice the work: lines of Python run, not seconds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from benchmarks.mime import SHAPES
from parley.mail.mailbox import Mailbox, Purpose
from tests.hostile.build import BOX, vtt, with_transcript
from tests.inbound.test_pipeline import World
from tests.support import DEMO

OPEN = Mailbox(BOX, DEMO, Purpose.MEETINGS, members=("*",), require_auth=False, answer_unauthenticated=True)
SMALL = 8_000
DOUBLE = 2.5

SAID = {
    "cues": ("Ann", "I will send the sheet to Bo by Friday, and we decided to go."),
    "one word": ("Ann", "I"),
    "no speaker": ("", "so we decided to send it"),
    "stars": ("Ann", "*" * 40),
    "brackets": ("[Ann] (x)", "[" * 40),
}


def talk(name: str) -> Callable[[int], bytes]:
    who, words = SAID[name]
    return lambda size: with_transcript(vtt(*[(who, words)] * (size // (len(who) + len(words) + 40))))


MAKERS = {**SHAPES, **{f"transcript: {name}": talk(name) for name in SAID}}


class Counter:
    """Counts the lines that run while it is on."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, frame: FrameType, event: str, arg: object) -> Any:
        self.lines += event == "line"
        return self


def lines_run(raw: bytes) -> int:
    world, counter = World(OPEN), Counter()
    before = sys.gettrace()
    sys.settrace(counter)
    try:
        asyncio.run(world.deliver(raw))
    finally:
        sys.settrace(before)
    assert world.record()["states"][-1] == "done"
    return counter.lines


def test_the_count_tells_a_square_from_a_line():
    def work(rounds: int) -> int:
        counter, before = Counter(), sys.gettrace()
        sys.settrace(counter)
        try:
            sum_up(rounds)
        finally:
            sys.settrace(before)
        return counter.lines

    def sum_up(rounds: int) -> None:
        for one in range(rounds):
            for _ in range(one):
                pass

    assert work(200) / work(100) > 3.5


@pytest.mark.parametrize("name", MAKERS)
def test_twice_the_mail_is_twice_the_work(name):
    lines_run(MAKERS[name](1_000))  # what is loaded and compiled once
    small, double = (lines_run(MAKERS[name](size)) for size in (SMALL, 2 * SMALL))
    assert double <= DOUBLE * small, (small, double)
