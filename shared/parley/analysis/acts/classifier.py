"""The trained weights, and what they say of a talk: which sentences take something on, or settle it.

`evals/train.py` writes `weights.bin` from `evals/data`. Two steps, both
logistic regressions: one an act over the words (`features`), then one for
"takes a task on" and one for "settles something" over the words and the acts
of the sentences around.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import exp
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from parley.analysis.acts.features import features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.analysis.acts.features import Spoken

WEIGHTS = Path(__file__).with_name("weights.bin")
AROUND = (-3, -2, -1, 1, 2, 3)
"""The sentences whose acts count, by how far they stand from the one in question."""
# A weight is one byte; a row of them is one integer with two bytes for each, so that rows add up at once.
_LANE, _BIAS = 2, 128


class Judged(NamedTuple):
    """What one sentence does. `acts` are likelihoods by name, each 0 to 1, as the other two are."""

    acts: dict[str, float]
    task: float
    decision: float


@dataclass(frozen=True, slots=True)
class Weights:
    """`rows` by feature: one lane an act, then one for a task and one for a decision.

    `context` has two rows of one weight an act for the sentence itself, and two
    for each of AROUND: said by the same speaker, by another.
    """

    acts: tuple[str, ...]
    scale: float
    bias: tuple[float, ...]
    context: tuple[tuple[float, ...], ...]
    rows: dict[str, int]


@cache
def load_weights() -> Weights:
    """Read the file once a process: some 20 ms."""
    return unpack_weights(WEIGHTS.read_bytes())


def unpack_weights(packed: bytes) -> Weights:
    """The weights from the bytes of their file."""
    head, names, table = zlib.decompress(packed).split(b"\0", 2)
    told = json.loads(head)
    width = len(told["acts"]) + 2
    spread = bytearray(len(table) * _LANE)
    spread[::_LANE] = table
    step = width * _LANE
    rows = {
        name: int.from_bytes(spread[at : at + step], "little")
        for name, at in zip(names.decode().split("\n"), range(0, len(spread), step), strict=True)
    }
    return Weights(
        tuple(told["acts"]), told["scale"], tuple(told["bias"]), tuple(map(tuple, told["context"])), rows
    )


def judge(talk: Sequence[Spoken], *, pair: bool, weights: Weights | None = None) -> list[Judged]:
    """What each sentence of the talk does, in its order. `pair`: two people speak."""
    known = weights or load_weights()
    words = [_sums(features(talk, at, pair=pair), known) for at in range(len(talk))]
    acts = [[_likelihood(value) for value in sums[:-2]] for sums in words]
    found = []
    for at, sums in enumerate(words):
        around = _around(talk, acts, at)
        task, decision = (
            _likelihood(told + sum(map(mul, around, by)))
            for told, by in zip(sums[-2:], known.context, strict=True)
        )
        found.append(Judged(dict(zip(known.acts, acts[at], strict=True)), task, decision))
    return found


def _sums(found: Sequence[str], weights: Weights) -> list[float]:
    """The summed weights of the features, one value a lane."""
    rows = weights.rows
    hit = [rows[name] for name in found if name in rows]
    lanes = len(weights.bias)
    packed = sum(hit).to_bytes(lanes * _LANE, "little")
    zero, scale = _BIAS * len(hit), weights.scale
    return [
        ((packed[2 * lane] | packed[2 * lane + 1] << 8) - zero) * scale + weights.bias[lane]
        for lane in range(lanes)
    ]


def _around(talk: Sequence[Spoken], acts: list[list[float]], at: int) -> list[float]:
    """The acts of the sentence, then of those around it: by the same speaker, by another (else zeros)."""
    nothing = [0.0] * len(acts[at])
    rows = [acts[at]]
    for step in AROUND:
        there = at + step
        known = acts[there] if 0 <= there < len(acts) else nothing
        same = known is not nothing and talk[there].speaker == talk[at].speaker
        rows += [known, nothing] if same else [nothing, known]
    return list(chain.from_iterable(rows))


def _likelihood(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -700 else 0.0  # noqa: PLR2004  # exp() of more is no float
