"""How insights are scored against gold lists: stems, greedy one-to-one matching, R@10, F1@k, bootstrap."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass

NEAR_SECONDS = 60.0
MAX_SHOWN = 10

_TOKEN = re.compile(r"[a-z0-9]+")
_SUFFIXES = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "e")
_STOP_WORDS = """
        a an and are as at be been but by can could did do does for from had has have he her him his how
        i if in into is it its just me my no not of on or our out she should so some than that the their
        them then there these they this those to too up us was we were what when which who will with
        would you your about after all also am any because before being both each more most other over
        own same such through under until very where while whom why let lets ll ve re going gonna get
        need needs via per
        """
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Said:
    """A gold item or a prediction: its text and, where timed, the span in seconds."""

    text: str
    start: float | None = None
    end: float | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    gold: int
    predicted: int
    score: float


@dataclass(frozen=True, slots=True)
class Tally:
    """One meeting: how many were right among the first k, and among all shown."""

    gold: int
    shown: int
    hits: int
    shown_at_k: int
    hits_at_k: int


def stems(text: str) -> Counter[str]:
    """The multiset that two wordings are compared by."""
    tokens = _TOKEN.findall(re.sub("['\u2019]", "", text.lower()))
    return Counter(_stem(t) for t in tokens if len(t) > 1 and t not in _STOP)


def _stem(token: str) -> str:
    if len(token) < 4:
        return token
    return next(
        (token[: -len(s)] for s in _SUFFIXES if token.endswith(s) and len(token) - len(s) >= 3), token
    )


def similarity(gold: Counter[str], predicted: Counter[str]) -> float:
    """Multiset F1; 0 where fewer than two stems (all, where gold has fewer) are shared."""
    shared = (gold & predicted).total()
    if shared < min(2, gold.total()) or not shared:
        return 0.0
    return 2 * shared / (gold.total() + predicted.total())


def distance(gold: Said, predicted: Said) -> float | None:
    """Seconds from gold's time to the nearer edge of the predicted span; None when either is untimed."""
    if gold.start is None or predicted.start is None:
        return None
    end = predicted.end if predicted.end is not None else predicted.start
    return max(0.0, predicted.start - gold.start, gold.start - end)


def candidates(gold: list[Said], predicted: list[Said], least: float) -> list[tuple[float, Match]]:
    """Every pair that may match, ranked by similarity and nearness; ties by order."""
    found = []
    sides = [stems(p.text) for p in predicted]
    for g, one in enumerate(gold):
        wanted = stems(one.text)
        for p, other in enumerate(predicted):
            s, d = similarity(wanted, sides[p]), distance(one, other)
            near = d is not None and d <= NEAR_SECONDS
            if s >= least or (near and s >= 0.20):
                found.append((s + 0.2 * near, Match(g, p, s)))
    return sorted(found, key=lambda pair: (-pair[0], pair[1].gold, pair[1].predicted))


def matched(gold: list[Said], predicted: list[Said], least: float = 0.40) -> list[Match]:
    """One to one, greedily."""
    used_gold: set[int] = set()
    used_predicted: set[int] = set()
    kept = []
    for _, match in candidates(gold, predicted, least):
        if match.gold not in used_gold and match.predicted not in used_predicted:
            used_gold.add(match.gold)
            used_predicted.add(match.predicted)
            kept.append(match)
    return kept


def tally(gold: list[Said], predicted: list[Said], least: float = 0.40) -> Tally:
    """At most ten predictions count, in the order shown; k is the size of gold."""
    shown = predicted[:MAX_SHOWN]
    first = predicted[: len(gold)]
    return Tally(
        len(gold), len(shown), len(matched(gold, shown, least)), len(first), len(matched(gold, first, least))
    )


def f1(hits: int, shown: int, gold: int) -> float:
    return 2 * hits / (shown + gold) if shown + gold else 0.0


def micro(tallies: list[Tally]) -> dict[str, float]:
    """R@10, F1@k and precision, recall and F1 over all items of all meetings."""
    gold = sum(t.gold for t in tallies)
    shown, hits = sum(t.shown for t in tallies), sum(t.hits for t in tallies)
    at_k = f1(sum(t.hits_at_k for t in tallies), sum(t.shown_at_k for t in tallies), gold)
    recall = hits / gold if gold else 0.0
    return {"R@10": recall, "F1@k": at_k, "P": hits / shown if shown else 0.0, "F1": f1(hits, shown, gold)}


def interval(tallies: list[Tally], figure: str, rounds: int = 1000) -> tuple[float, float]:
    """95% of the figure's values over meetings drawn with replacement; the draw is fixed."""
    if not tallies:
        return 0.0, 0.0
    draw = random.Random(20)
    values = sorted(micro(draw.choices(tallies, k=len(tallies)))[figure] for _ in range(rounds))
    return values[rounds // 40], values[-rounds // 40 - 1]
