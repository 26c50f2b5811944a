"""Trains the classifier of what a sentence does, and writes its weights.

    python -m evals.train [--out FILE]

The same data gives the same bytes. Needs evals/requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from evals.labelled import Meeting, read_meetings
from parley.analysis.acts.classifier import AROUND, WEIGHTS
from parley.analysis.acts.features import features

_ACTS = (
    *("commit", "offer", "request", "assign", "accept", "refuse", "cancel", "reassign", "redate", "done"),
    *("report", "propose", "decide", "agree", "against", "defer", "hypothetical", "during", "habit", "joke"),
    *("idiom", "wish", "opinion", "recap"),
)
_SEEN = 3
"""A feature counts that so many sentences have."""
_WORDS_C, _CONTEXT_C = 0.5, 0.1
_CONTEXT_WEIGHT = 3.0
_FOLDS = 4
_LARGEST, _SMALLEST = 3.0, 0.02
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Table:
    """All sentences of some meetings: features by row, what each does, whose meeting it is of."""

    names: list[list[str]]
    acts: Any
    task: Any
    decision: Any
    authors: Any
    around: list[list[tuple[int, int]]]
    """For each row the (block of the context, row) of the sentences around."""


_PIECE = 3
"""Sentences of the short pieces that each meeting is read in too: much mail holds no more."""


def table(meetings: list[Meeting]) -> Table:
    """The sentences of the meetings, one under the other; then those of their pieces."""
    names, around, at = [], [], 0
    told: list[tuple[frozenset[str], bool, bool, str]] = []
    for talk, labels, pair in [*map(_whole, meetings), *(p for m in meetings for p in _pieces(m))]:
        told += labels
        for here in range(len(talk)):
            names.append(features(talk, here, pair=pair))
            blocks = [(0, at + here)]
            for number, step in enumerate(AROUND):
                there = here + step
                if 0 <= there < len(talk):
                    other = talk[there].speaker != talk[here].speaker
                    blocks.append((1 + 2 * number + other, at + there))
            around.append(blocks)
        at += len(talk)
    return Table(
        names,
        np.array([[act in acts for act in _ACTS] for acts, _, _, _ in told]),
        np.array([task for _, task, _, _ in told]),
        np.array([decision for _, _, decision, _ in told]),
        np.array([author for _, _, _, author in told]),
        around,
    )


_Piece = tuple[tuple[Any, ...], list[tuple[frozenset[str], bool, bool, str]], bool]


def _whole(meeting: Meeting) -> _Piece:
    labels = [
        (*told, meeting.author) for told in zip(meeting.acts, meeting.task, meeting.decision, strict=True)
    ]
    return meeting.talk, labels, len(meeting.parsed.speakers) <= _PAIR


def _pieces(meeting: Meeting) -> list[_Piece]:
    talk, labels, pair = _whole(meeting)
    return [(talk[at : at + _PIECE], labels[at : at + _PIECE], pair) for at in range(0, len(talk), _PIECE)]


def train(data: Table) -> bytes:
    """The weights of a classifier of these sentences, as the file holds them."""
    counted = Counter(name for row in data.names for name in row)
    columns = {name: n for n, name in enumerate(sorted(n for n, seen in counted.items() if seen >= _SEEN))}
    words = _matrix(data.names, columns)
    unseen = _unseen(words, data)
    models = [_fit(words, data.acts[:, n], _WORDS_C) for n in range(len(_ACTS))]
    both = sparse.hstack([words, sparse.csr_matrix(_context(unseen, data) * _CONTEXT_WEIGHT)]).tocsr()
    ends = [_fit(both, told, _CONTEXT_C) for told in (data.task, data.decision)]
    weights = np.array([m.coef_[0] for m in models] + [m.coef_[0][: len(columns)] for m in ends]).T
    bias = [float(m.intercept_[0]) for m in (*models, *ends)]
    context = [[round(float(v) * _CONTEXT_WEIGHT, 4) for v in m.coef_[0][len(columns) :]] for m in ends]
    return _packed(list(columns), weights, bias, context)


def _fit(rows: Any, told: Any, c: float) -> Any:
    return LogisticRegression(C=c, solver="liblinear", max_iter=300, random_state=0).fit(rows, told)


def _matrix(names: list[list[str]], columns: dict[str, int]) -> Any:
    hits = [[columns[name] for name in row if name in columns] for row in names]
    ends = np.cumsum([0, *map(len, hits)])
    flat = np.concatenate([np.array(row, dtype=np.int64) for row in hits])
    return sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(names), len(columns)))


def _unseen(words: Any, data: Table) -> Any:
    """The likelihood of each act by a model that has not seen the sentence's author."""
    authors = sorted(set(data.authors))
    found = np.zeros((len(data.names), len(_ACTS)))
    for fold in range(_FOLDS):
        held = np.isin(data.authors, authors[fold::_FOLDS])
        for n in range(len(_ACTS)):
            found[held, n] = _fit(words[~held], data.acts[~held, n], _WORDS_C).predict_proba(words[held])[
                :, 1
            ]
    return found


def _context(acts: Any, data: Table) -> Any:
    width = len(_ACTS)
    found = np.zeros((len(data.names), width * (1 + 2 * len(AROUND))))
    for row, blocks in enumerate(data.around):
        for block, there in blocks:
            found[row, block * width : (block + 1) * width] = acts[there]
    return found


def _packed(names: list[str], weights: Any, bias: list[float], context: list[list[float]]) -> bytes:
    """One byte a weight; features that weigh next to nothing are left out."""
    kept = np.abs(weights).max(axis=1) >= _SMALLEST
    scale = _LARGEST / 127
    rows = np.clip(np.rint(weights[kept] / scale), -127, 127).astype(int) + 128
    head = {"acts": _ACTS, "scale": scale, "bias": [round(b, 4) for b in bias], "context": context}
    known = "\n".join(name for name, keep in zip(names, kept, strict=True) if keep)
    parts = (json.dumps(head).encode(), known.encode(), rows.astype(np.uint8).tobytes())
    return zlib.compress(b"\0".join(parts), 9)


def main() -> None:
    """Write the weights."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=WEIGHTS)
    given = options.parse_args()
    packed = train(table(read_meetings()))
    given.out.write_bytes(packed)
    print(f"{given.out.name}: {len(packed):,} bytes")


if __name__ == "__main__":
    main()
