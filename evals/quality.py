"""How good the analysis is on labelled meetings whose authors the classifier has not seen.

    python -m evals.quality [--shown]

Each author is left out in turn. Needs evals/requirements.txt.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from typing import Any

from evals.labelled import Meeting, read_meetings
from evals.train import table, train
from parley.analysis.acts.classifier import judge, unpack_weights
from parley.analysis.rules.action_items import find_action_items
from parley.analysis.rules.decisions import find_decisions
from parley.analysis.rules.sentence_acts import judged

LEFT_OUT = (("a1", "b1"), ("a2", "b2"), ("a3", "b3"), ("a4", "b4"), ("a5",), ("b5",))
_PAIR = 2


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower().strip()


def matched(predictions: Any, gold: list[dict[str, Any]]) -> tuple[list[Any], list[Any], list[Any]]:
    """(prediction, entry) pairs; predictions in no entry's turns; entries not found. One finds one."""
    left, hits, false = list(gold), [], []
    for item in predictions:
        turn = item.evidence.segment
        entry = next((g for g in left if turn in g["turns"]), None)
        if entry is not None:
            left.remove(entry)
            hits.append((item, entry))
        elif not any(turn in g["turns"] for g in gold):
            false.append(item)
    return hits, false, left


def count(meeting: Meeting, tally: Counter[str], *, shown: bool = False) -> None:
    """Add one meeting's hits and misses to the tally."""
    end = meeting.end
    hits, false, missed = matched(find_action_items(meeting.parsed), end["items"])
    found, wrong, unfound = matched(find_decisions(meeting.parsed), end["decisions"])
    tally.update(
        tp=len(hits), fp=len(false), fn=len(missed), dtp=len(found), dfp=len(wrong), dfn=len(unfound)
    )
    if not meeting.head["meeting"]:
        tally.update(alarms=len(false) + len(wrong), seconds=int(meeting.turns[-1]["t"]))
    for item, entry in hits:
        tally[
            "owner right"
            if item.owner == entry["owner"]
            else "owner open"
            if item.owner is None
            else "owner wrong"
        ] += 1
        if entry["due"]:
            tally[
                "due right"
                if item.due_date == entry["due"]
                else "due missing"
                if item.due_date is None
                else "due wrong"
            ] += 1
        else:
            tally["undated right" if item.due_date is None else "undated wrong"] += 1
        if shown:
            print(
                f"  {item.owner} [{item.due_date}] {item.text}    <- {entry['owner']} [{entry['due']}] {entry['text']} ({entry['how']})"
            )
    for item in false if shown else ():
        print(f"  false: {item.owner}: {item.text} | {item.evidence.quote}")


def line(name: str, t: Counter[str]) -> str:
    """One row of figures."""

    def share(a: int, b: int) -> str:
        return f"{a / b if b else 0:.3f}"

    named = t["owner right"] + t["owner wrong"]
    dated = t["due right"] + t["due missing"] + t["due wrong"]
    alarms = t["alarms"] * 3600 / t["seconds"] if t["seconds"] else 0
    return (
        f"{name:10} actions P {share(t['tp'], t['tp'] + t['fp'])} R {share(t['tp'], t['tp'] + t['fn'])}"
        f"  owners right {share(t['owner right'], named)} of {named} named, {t['owner open']} open"
        f"  due right {share(t['due right'], dated)} wrong {share(t['due wrong'], dated)} undated wrong {t['undated wrong']}/{t['undated wrong'] + t['undated right']}"
        f"  decisions P {share(t['dtp'], t['dtp'] + t['dfp'])} R {share(t['dtp'], t['dtp'] + t['dfn'])}"
        f"  alarms an hour {alarms:.1f}"
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shown", action="store_true")
    given = options.parse_args()
    meetings = read_meetings()
    by_language: dict[str, Counter[str]] = {}
    for authors in LEFT_OUT:
        weights = unpack_weights(train(table([m for m in meetings if m.author not in authors])))
        for meeting in (m for m in meetings if m.author in authors):
            pair = len(meeting.parsed.speakers) <= _PAIR
            meeting.parsed.worked_out.clear()
            meeting.parsed.worked_out[judged] = judge(meeting.talk, pair=pair, weights=weights)
            count(meeting, by_language.setdefault(meeting.head["language"], Counter()), shown=given.shown)
    for language, tally in sorted(by_language.items()):
        print(line(language, tally))


if __name__ == "__main__":
    main()
