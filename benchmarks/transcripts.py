"""Reading speed, and how time grows with size on hostile text: `python -m benchmarks.transcripts`."""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import TYPE_CHECKING

from parley.errors import TranscriptError
from parley.transcripts import find_in_text, parse_transcript

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 1024 * 1024
SAID = "We could ship this in May, I think."
ORDINARY = {
    "webvtt": ("WEBVTT\n\n", f"{{n}}\n00:00:{{s:02}}.000 --> 00:00:{{s:02}}.900\n{{who}}: {SAID}\n\n"),
    "plain": ("", f"{{who}}: {SAID}\n"),
    "irc": ("", f"10:00:{{s:02}} <{{who}}> {SAID}\n"),
    "zoom chat": ("", f"10:00:{{s:02}}\t{{who}}:\t{SAID}\n"),
}
HOSTILE = {
    "<": "<",
    "<v a": "<v a ",
    "&": "&",
    "a : ": "a : ",
    "[": "[",
    "00:00:01 ": "00:00:01 ",
    "spaces": " ",
    "stars": "**",
    "arrows": "00:00:01.000 --> 00:00:02.000\n<v a>b\n",
    "corrections": "<ann> s/a/b/g\n",
    "new names": "A{n}: hi\n",
    "blank lines": "\n",
    "headings": "Ann  0:03\n",
    "[[": '{"a":[',
    "brackets": "[a] 00:00:01\n",
    "to to": "00:00:01 From a to a to ",
    "dashes": "-- \n",
    "dots": "<ann> ... a\n",
    "{\\": "{\\",
}


def main() -> None:
    print(f"{'format':<12} {'statements':>10} {'MB':>6} {'statements/s':>13}")
    for name in ORDINARY:
        content = _ordinary(name, 2 * MEGABYTE)
        count = len(parse_transcript(content).segments)
        spent = _median(partial(parse_transcript, content))
        print(f"{name:<12} {count:>10} {len(content) / MEGABYTE:>6.1f} {count / spent:>13,.0f}")
    print(f"\n{'hostile':<12} {'250 KB':>9} {'1 MB':>9} {'ratio (4 is a straight line)':>30}")
    for name, unit in HOSTILE.items():
        small, large = (_hostile(unit, size) for size in (MEGABYTE // 4, MEGABYTE))
        print(f"{name:<12} {small:>8.3f}s {large:>8.3f}s {large / max(small, 1e-9):>30.1f}")


def _ordinary(name: str, size: int) -> bytes:
    head, unit = ORDINARY[name]
    lines = (unit.format(n=n, s=n % 60, who=("Ann", "Bob", "Carla")[n % 3]) for n in range(size // len(unit)))
    return (head + "".join(lines)).encode()


def _hostile(unit: str, size: int) -> float:
    text = "".join(unit.replace("{n}", str(n)) for n in range(size // len(unit)))
    return _median(partial(_both, text))


def _both(text: str) -> None:
    find_in_text(text)
    try:
        parse_transcript(text.encode())
    except TranscriptError:
        return


def _median(run: Callable[[], object], rounds: int = 3) -> float:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
